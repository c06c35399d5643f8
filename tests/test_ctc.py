import math
from itertools import product

import numpy as np
import pytest

from ocrdigits.ctc import (
    ALPHABET,
    CLASS_COUNT,
    FrameScores,
    SearchSettings,
    align_text,
    collapse_path,
    encode_text,
    least_frames,
    read_greedily,
    search_texts,
    text_log_probabilities,
    text_log_probability,
)

EXACT = SearchSettings(beam_width=10_000, least_probability=0.0, least_share=0.0)
USED = (0, 1, 2, 13)  # the blank, "0", "1" and "-": few enough for all paths


def frames_of(*answers: dict[str, float]) -> FrameScores:
    """Frames from probabilities by character; "" is the blank, the rest is shared out."""
    table = np.zeros((len(answers), CLASS_COUNT))
    for row, answer in zip(table, answers, strict=True):
        row[:] = (1 - sum(answer.values())) / CLASS_COUNT
        for character, probability in answer.items():
            row[encode_text(character)[0] if character else 0] += probability
    with np.errstate(divide="ignore"):
        return np.log(table).astype(np.float32)


def frames_as_trained(count: int, seed: int) -> FrameScores:
    """Blanks, a sure character every fifth frame, and three frames of doubt."""
    draw = np.random.default_rng(seed)
    sure = draw.integers(1, CLASS_COUNT, count) * (np.arange(count) % 5 == 2)
    noise = draw.dirichlet(np.full(CLASS_COUNT, 0.1), count)
    table = 0.9995 * np.eye(CLASS_COUNT)[sure] + 0.0005 * noise + 1e-12
    doubts = draw.choice(count, 3, replace=False)
    table[doubts] = draw.dirichlet(np.full(CLASS_COUNT, 0.2), 3) + 1e-12
    return np.log(table).astype(np.float32)


def random_frames(count: int, seed: int) -> FrameScores:
    """Random answers that only know a few classes."""
    draw = np.random.default_rng(seed)
    table = np.zeros((count, CLASS_COUNT))
    table[:, USED] = draw.dirichlet(np.full(len(USED), 0.7), count)
    with np.errstate(divide="ignore"):
        return np.log(table).astype(np.float32)


def all_texts(scores: FrameScores) -> dict[str, float]:
    """Probability of every text, by adding up every path."""
    found: dict[str, float] = {}
    for path in product(USED, repeat=len(scores)):
        probability = math.exp(sum(float(row[k]) for row, k in zip(scores, path, strict=True)))
        text = collapse_path(np.asarray(path))
        found[text] = found.get(text, 0.0) + probability
    return found


def test_repeats_are_one_character_unless_a_blank_parts_them():
    one, two = encode_text("12")
    assert collapse_path(np.asarray([0, one, one, 0, one, two, two, 0])) == "112"
    assert collapse_path(np.asarray([0, 0])) == ""
    assert collapse_path(np.zeros(0, int)) == ""


def test_every_character_of_the_alphabet_has_a_class_and_others_have_none():
    assert encode_text(ALPHABET) == list(range(1, CLASS_COUNT))
    with pytest.raises(ValueError, match="not of"):
        encode_text("1a")


def test_equal_neighbours_need_a_frame_between_them():
    assert [least_frames(text) for text in ("", "7", "12", "11", "1001")] == [0, 1, 2, 3, 5]


def test_greedy_reading_follows_the_most_probable_path():
    scores = frames_of({"": 0.9}, {"4": 0.8}, {"4": 0.7}, {"": 0.6}, {"4": 0.9}, {",": 0.5})
    assert read_greedily(scores) == "44,"
    assert read_greedily(np.zeros((0, CLASS_COUNT), np.float32)) == ""


@pytest.mark.parametrize("seed", range(8))
def test_the_probability_of_a_text_is_the_sum_over_all_its_paths(seed: int):
    scores = random_frames(5, seed)
    for text, probability in all_texts(scores).items():
        if probability > 0:
            assert text_log_probability(scores, text) == pytest.approx(math.log(probability))


def test_texts_of_many_lines_are_as_probable_together_as_each_alone():
    lines = [random_frames(frames, frames) for frames in (5, 1, 30, 12)]
    texts = [["12", "", "1001"], [], ["4", "4,5"], ["0123456789"]]
    together = text_log_probabilities(lines, texts)
    for scores, some, found in zip(lines, texts, together, strict=True):
        alone = [text_log_probability(scores, text) for text in some]
        assert found.tolist() == pytest.approx(alone)


def test_a_text_that_does_not_fit_is_impossible():
    scores = random_frames(2, 0)
    assert text_log_probability(scores, "00") == -math.inf
    assert text_log_probability(scores[:0], "0") == -math.inf
    assert text_log_probability(scores[:0], "") == 0
    with pytest.raises(ValueError, match="does not fit"):
        align_text(scores, "00")


@pytest.mark.parametrize("seed", range(8))
def test_the_unpruned_search_finds_all_texts_in_order(seed: int):
    scores = random_frames(5, seed)
    expected = sorted(all_texts(scores).items(), key=lambda item: -item[1])
    found = search_texts(scores, 10, EXACT)
    assert [hypothesis.text for hypothesis in found] == [text for text, _ in expected[:10]]
    for hypothesis, (_, probability) in zip(found, expected, strict=False):
        assert math.exp(hypothesis.log_probability) == pytest.approx(probability)


@pytest.mark.parametrize("seed", range(8))
def test_pruning_keeps_the_best_texts_and_never_overstates_them(seed: int):
    scores = frames_as_trained(40, seed)
    wide = search_texts(scores, 3, SearchSettings(200, 0.0, 0.0))
    for found, exact in zip(search_texts(scores, 3), wide, strict=True):
        assert found.text == exact.text
        assert found.log_probability <= text_log_probability(scores, found.text) + 1e-5
        assert found.log_probability == pytest.approx(exact.log_probability, abs=0.01)


def test_the_search_prefers_a_text_with_many_paths_to_the_best_single_path():
    scores = frames_of({"": 0.55, "1": 0.45}, {"": 0.55, "1": 0.45})
    assert read_greedily(scores) == ""
    assert search_texts(scores, 1)[0].text == "1"


def test_long_lines_do_not_underflow():
    scores = np.full((2000, CLASS_COUNT), -math.log(CLASS_COUNT), np.float32)
    best = search_texts(scores, 1)[0]
    assert np.isfinite(best.log_probability)
    assert np.isfinite(text_log_probability(scores, "0123456789"))


def test_without_frames_the_only_text_is_empty():
    assert search_texts(np.zeros((0, CLASS_COUNT), np.float32), 3)[0].text == ""


def test_a_constraint_steers_the_search_instead_of_filtering_it():
    surely = {"": 0.98}
    scores = frames_of({"7": 0.98}, surely, {"1": 0.9, "7": 0.05}, surely, {"9": 0.98})
    wanted = "779"
    narrow = SearchSettings(beam_width=1)
    assert search_texts(scores, 1, narrow)[0].text == "719"
    steered = search_texts(scores, 1, narrow, admits=wanted.startswith)
    assert steered[0].text == wanted
    assert [found.text for found in search_texts(scores, 3, admits=lambda text: not text)] == [""]


def test_a_constraint_is_asked_once_a_prefix():
    asked: list[str] = []

    def admits(prefix: str) -> bool:
        asked.append(prefix)
        return True

    search_texts(random_frames(12, 3), 3, admits=admits)
    assert len(asked) == len(set(asked))


def test_each_character_gets_its_frames():
    quiet = {"": 0.9}
    scores = frames_of(quiet, {"1": 0.9}, {"1": 0.6, "": 0.3}, quiet, {"1": 0.7}, {"2": 0.8}, quiet)
    frames = align_text(scores, "112")
    assert [(part.text, part.start, part.stop) for part in frames] == [
        ("1", 1, 3),
        ("1", 4, 5),
        ("2", 5, 6),
    ]
    assert [round(part.probability, 1) for part in frames] == [0.9, 0.7, 0.8]
    assert align_text(scores, "") == ()


@pytest.mark.parametrize("seed", range(8))
def test_the_alignment_is_the_most_probable_path_of_its_text(seed: int):
    scores = random_frames(5, seed)
    paths = {path: sum(scores[range(5), path]) for path in product(USED, repeat=5)}
    text = collapse_path(np.asarray(max(paths, key=paths.__getitem__)))
    mine = np.zeros(5, int)
    for part in align_text(scores, text):
        mine[part.start : part.stop] = encode_text(part.text)[0]
    assert collapse_path(mine) == text
    assert sum(scores[range(5), mine]) == pytest.approx(max(paths.values()))


@pytest.mark.parametrize("options", [{"beam_width": 0}, {"least_probability": 1.0}])
def test_impossible_search_settings_are_a_programmers_mistake(options: dict[str, float]):
    with pytest.raises(ValueError, match="beam_width"):
        SearchSettings(**options)
