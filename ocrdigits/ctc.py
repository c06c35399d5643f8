"""Per-frame log-probabilities of a line in; texts, their probabilities and their frames out.

Connectionist temporal classification: a network says for each frame (a narrow column of the line)
which character stands there, or none (the blank). A path is one answer per frame; repeats without
a blank between them are one character. Here: the best texts, the probability of a given text, and
where its characters lie. numpy only: `decode` reads with it, the training measures with it.

Reference:
    Graves et al. 2006, "Connectionist Temporal Classification"; Hannun et al. 2014, "First-Pass
    Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent DNNs" (search).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import ALPHABET, LineImage

BLANK = 0
"""The class that says: no character in this frame. Character k of the alphabet is class k + 1."""
CLASS_COUNT = len(ALPHABET) + 1

FrameScores = NDArray[np.float32]
"""(T, 15) float32: log-probabilities of the classes in each frame, left to right."""
Look = tuple[FrameScores, ...]
"""Scores of one line as it stands, and as it leans to either side if that was asked."""
StringReader = Callable[[Sequence[LineImage]], list[FrameScores]]
"""The string reader as the pipeline sees it: lines in, the scores of their frames out."""


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How the prefix beam search prunes.

    Attributes:
        beam_width: Prefixes kept after each frame.
        least_probability: Characters less likely than this in a frame are not tried there; where
            all are, the frame is a blank.
        least_share: Prefixes and paths less likely than this, against the best, are dropped.
    """

    beam_width: int = 12
    least_probability: float = 1e-3
    least_share: float = 1e-5

    def __post_init__(self) -> None:
        shares = (self.least_probability, self.least_share)
        if self.beam_width < 1 or not 0 <= min(shares) <= max(shares) < 1:
            raise ValueError("beam_width must be at least 1 and the least probabilities in 0 … 1")


@dataclass(frozen=True, slots=True)
class TextHypothesis:
    """One text a line may hold.

    Attributes:
        text: Of `ALPHABET`; empty where the line holds no string.
        log_probability: Natural logarithm of the summed probability of all its paths.
    """

    text: str
    log_probability: float


@dataclass(frozen=True, slots=True)
class CharacterFrames:
    """Where one character of a text lies.

    Attributes:
        text: The character.
        start: First frame that says so …
        stop: … and the first past the last.
        probability: Of the character in its surest frame.
    """

    text: str
    start: int
    stop: int
    probability: float


def encode_text(text: str) -> list[int]:
    """The classes of a text.

    Args:
        text: Of `ALPHABET`.

    Returns:
        One class from 1 to 14 a character.

    Raises:
        ValueError: If a character is not in the alphabet.
    """
    classes = [ALPHABET.find(character) + 1 for character in text]
    if BLANK in classes:
        raise ValueError(f"{text!r}: not of {ALPHABET!r}")
    return classes


def least_frames(text: str) -> int:
    """Frames that a text needs: one a character, and one between equal neighbours."""
    return len(text) + sum(a == b for a, b in pairwise(text))


def read_greedily(scores: FrameScores) -> str:
    """The text of the single most probable path.

    Args:
        scores: (T, 15).

    Returns:
        The text; nearly always that of `search_texts`, and much faster.
    """
    return collapse_path(scores.argmax(axis=1))


def collapse_path(path: NDArray[np.int64]) -> str:
    """The text of a path: repeats are one character, then blanks go.

    Args:
        path: (T,) one class a frame.

    Returns:
        The text.
    """
    starts = np.flatnonzero(np.diff(path, prepend=BLANK))
    return "".join(ALPHABET[path[frame] - 1] for frame in starts if path[frame] != BLANK)


def search_texts(
    scores: FrameScores,
    count: int,
    settings: SearchSettings | None = None,
    *,
    admits: Callable[[str], bool] | None = None,
) -> list[TextHypothesis]:
    """Find the most probable texts by prefix beam search.

    Args:
        scores: (T, 15).
        count: How many texts to return at most.
        settings: How to prune.
        admits: Whether a prefix can still become a text that is wanted; asked once a prefix, and
            never for the empty one. What comes back may be such a prefix: keep the complete ones.

    Returns:
        Best first. Each probability lacks what was pruned, so it is a lower bound.
    """
    settings = settings or SearchSettings()
    table = np.exp(scores.astype(np.float64))  # (T, 15)
    is_likely = table >= max(settings.least_probability, 1e-300)
    is_likely[:, BLANK] = False
    admitted = {"": True}
    beam: _Beam = {"": (1.0, 0.0)}
    quiet = np.logical_not(is_likely.any(axis=1))  # seven frames of eight
    log_scale = float(scores[quiet, BLANK].sum())
    for frame in np.flatnonzero(_break_silence(quiet)).tolist():
        if quiet[frame]:
            beam = {text: (ways[0] + ways[1], 0.0) for text, ways in beam.items()}
            continue
        row = table[frame].tolist()
        candidates = [(ALPHABET[k - 1], row[k]) for k in np.flatnonzero(is_likely[frame])]
        grown = _grow_beam(beam, row[BLANK], candidates, settings.least_share)
        if admits is not None:
            grown = {text: ways for text, ways in grown.items() if _admit(text, admitted, admits)}
        beam, total = _strongest(grown, settings)
        if total <= 0:
            return []
        log_scale += math.log(total)
    order = sorted(beam.items(), key=lambda item: -sum(item[1]))
    return [
        TextHypothesis(text, log_scale + math.log(sum(ways)))
        for text, ways in order[:count]
        if sum(ways) > 0
    ]


_RESCALED = 4
"""Frames after which sums of paths are scaled: 1e-38 to the fourth still is a number."""

_SILENT = math.log1p(-1e-5)
"""Log-probability of the blank in a frame that says nothing at all: seven frames of ten."""


def _break_silence(quiet: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(T,) which frames to look at: of quiet frames in a row the first says what all do."""
    return np.asarray(~quiet | np.diff(quiet, prepend=False))


_Beam = dict[str, tuple[float, float]]
"""Prefix → probability of its paths that end in a blank, and of those that end in its last
character; scaled, the best prefix has 1 in sum."""


def _grow_beam(
    beam: _Beam,
    blank: float,
    candidates: list[tuple[str, float]],
    least: float,
) -> dict[str, list[float]]:
    """All prefixes after one more frame."""
    grown: dict[str, list[float]] = {}
    probability_of = dict(candidates)
    for text, (after_blank, after_character) in beam.items():
        both = after_blank + after_character
        last = text[-1:]
        stays = grown.setdefault(text, [0.0, 0.0])
        stays[0] += both * blank
        stays[1] += after_character * probability_of.get(last, 0.0)
        for character, probability in candidates:
            ways = (after_blank if character == last else both) * probability
            if ways > least:
                grown.setdefault(text + character, [0.0, 0.0])[1] += ways
    return grown


def _strongest(grown: dict[str, list[float]], settings: SearchSettings) -> tuple[_Beam, float]:
    """The prefixes to go on with, scaled to the best of them, and its probability."""
    ranked = sorted(((a + b, text) for text, (a, b) in grown.items()), reverse=True)
    best = ranked[0][0] if ranked else 0.0
    if best <= 0:
        return {}, 0.0
    least = settings.least_share * best
    kept = [text for total, text in ranked[: settings.beam_width] if total >= least]
    return {text: (grown[text][0] / best, grown[text][1] / best) for text in kept}, best


def _admit(text: str, admitted: dict[str, bool], admits: Callable[[str], bool]) -> bool:
    if text not in admitted:
        admitted[text] = admits(text)
    return admitted[text]


def text_log_probability(scores: FrameScores, text: str) -> float:
    """Probability of one text of one line; as `text_log_probabilities`."""
    return float(text_log_probabilities([scores], [[text]])[0][0])


def text_log_probabilities(
    lines: Sequence[FrameScores], texts: Sequence[Sequence[str]]
) -> list[NDArray[np.float64]]:
    """Probabilities of texts: each the sum over all its paths (forward algorithm).

    All texts of all lines go through their frames together, which takes a few times as long as
    one of them.

    Args:
        lines: (T, 15) each.
        texts: Of `ALPHABET`, for each line its own; they may be empty.

    Returns:
        Natural logarithms, (N,) for the N texts of a line; −∞ where one does not fit into T
        frames, or only by characters in frames that are blank with all but 1e-5.
    """
    if not any(texts):
        return [np.zeros(0) for _ in lines]
    known = {text: _states_of(text) for text in dict.fromkeys(chain.from_iterable(texts))}
    states = [known[text] for some in texts for text in some]
    last = np.array([len(classes) - 1 for classes, _ in states], np.int64)  # after the last blank
    classes = np.full((len(states), int(last.max(initial=0)) + 1), BLANK)
    may_skip = np.zeros(classes.shape)
    for row, (own, skips) in enumerate(states):
        classes[row, : len(own)], may_skip[row, : len(own)] = own, skips
    stops = np.cumsum([0, *map(len, texts)])
    seen = [_break_silence(scores[:, BLANK] >= _SILENT) for scores in lines]
    frames = max([1, *(int(each.sum()) for each in seen)])
    table = np.empty((frames, *classes.shape))
    offset = np.empty(len(states))
    for scores, is_seen, (first, stop) in zip(lines, seen, pairwise(stops), strict=True):
        spoken = np.exp(scores[is_seen].astype(np.float64))
        table[: len(spoken), first:stop] = spoken[:, classes[first:stop]]
        table[len(spoken) :, first:stop] = classes[first:stop] == BLANK  # nothing more is said
        offset[first:stop] = scores[~is_seen, BLANK].sum()
    table *= np.arange(classes.shape[1]) <= last[:, None]
    found = offset + _sum_over_paths(table, may_skip, last)
    return np.split(found, stops[1:-1])


def _sum_over_paths(
    table: NDArray[np.float64], may_skip: NDArray[np.float64], last: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Log of the summed probability of all paths through the states of texts.

    Args:
        table: (T, N, states) probability of each state of each text, frame by frame.
        may_skip: (N, states) 1 where a state may be reached from two before.
        last: (N,) the state after each text's last character.

    Returns:
        (N,) natural logarithms.
    """
    ways = np.zeros((len(last), table.shape[2] + 2))  # two more in front, always 0
    ways[:, 2:4] = table[0, :, :2]
    scale = np.zeros(len(last))
    for frame in range(1, len(table)):
        ways[:, 2:] += ways[:, 1:-1] + may_skip * ways[:, :-2]
        ways[:, 2:] *= table[frame]
        if frame % _RESCALED == 0:
            peaks = np.maximum(ways.max(axis=1), 1e-300)
            ways /= peaks[:, None]
            scale += np.log(peaks)
    rows = np.arange(len(last))
    total = ways[rows, last + 2] + np.where(last > 0, ways[rows, last + 1], 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(scale + np.log(total))


def align_text(scores: FrameScores, text: str) -> tuple[CharacterFrames, ...]:
    """Find the frames of each character on the most probable path of a text (Viterbi).

    Args:
        scores: (T, 15).
        text: Of `ALPHABET`.

    Returns:
        One entry a character, left to right, none overlapping.

    Raises:
        ValueError: If the text does not fit into T frames.
    """
    if least_frames(text) > len(scores):
        raise ValueError(f"{text!r} does not fit into {len(scores)} frames")
    path = scores.argmax(axis=1)
    if collapse_path(path) != text:  # else no path is better: 0.02 ms instead of 0.7 ms
        path = _best_path(scores, text)
    edges = np.flatnonzero(np.diff(path, prepend=BLANK, append=BLANK))
    runs = [(start, stop) for start, stop in pairwise(edges) if path[start] != BLANK]
    return tuple(
        CharacterFrames(
            character,
            int(start),
            int(stop),
            float(np.exp(scores[start:stop, path[start]].max())),
        )
        for character, (start, stop) in zip(text, runs, strict=True)
    )


def _lattice_of(scores: FrameScores, text: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Scores of the states blank, c1, blank, c2, … blank, and which may be reached from two before.

    Returns:
        (T, 2n + 1) log-probabilities; (2n + 1,) True where no blank is needed before a character.
    """
    classes, may_skip = _states_of(text)
    return scores[:, classes].astype(np.float64), may_skip


def _states_of(text: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """(2n + 1,) the class of each state, and whether it may be reached from two before."""
    classes = np.full(2 * len(text) + 1, BLANK)
    classes[1::2] = encode_text(text)
    may_skip = np.zeros(len(classes), bool)
    may_skip[3::2] = classes[3::2] != classes[1:-2:2]
    return classes, may_skip


def _shifted(
    ways: NDArray[np.float64], may_skip: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What comes into each state from the one before it, and from two before it."""
    one = np.concatenate([[-np.inf], ways[:-1]])
    two = np.concatenate([[-np.inf, -np.inf], ways[:-2]])[: len(ways)]
    return one, np.where(may_skip, two, -np.inf)


def _best_path(scores: FrameScores, text: str) -> NDArray[np.int64]:
    """(T,) classes of the most probable path of a text."""
    lattice, may_skip = _lattice_of(scores, text)
    ways = np.full(lattice.shape[1], -np.inf)
    ways[:2] = lattice[0, :2]
    steps = np.zeros(lattice.shape, np.int64)  # by how many states each frame moved on
    for frame, row in enumerate(lattice[1:], start=1):
        options = np.stack([ways, *_shifted(ways, may_skip)])  # (3, states)
        steps[frame] = options.argmax(axis=0)
        ways = options.max(axis=0) + row
    states = np.empty(len(lattice), np.int64)
    states[-1] = len(ways) - 1
    if len(ways) > 1 and ways[-2] > ways[-1]:
        states[-1] -= 1
    for frame in range(len(lattice) - 1, 0, -1):
        states[frame - 1] = states[frame] - steps[frame, states[frame]]
    classes = np.full(len(ways), BLANK)
    classes[1::2] = encode_text(text)
    return classes[states]
