import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from known_digits import classify
from lattices import answers, lattice_of, tall
from pages import written

from ocrdigits.errors import InputError
from ocrdigits.model.align import (
    AlignSettings,
    align_string,
    harvest_folder,
    is_held_out,
    rejected_glyphs,
)
from ocrdigits.records import NOT_A_DIGIT, Box

SETTINGS = AlignSettings()
ROWS = {"a.png": "2735", "b.png": "90.61", "c.png": "538"}
EVERY_PICTURE = AlignSettings(held_out_share=0)


def spans(lattice, alignment):
    return [(lattice.glyphs[index].start, lattice.glyphs[index].stop) for index in alignment.glyphs]


def test_the_alignment_spells_the_label():
    lattice = lattice_of([tall(0), tall(30), tall(60)])
    found = align_string(lattice, answers("4", "0", "7"), "407", SETTINGS)
    assert spans(lattice, found) == [(0, 1), (1, 2), (2, 3)]
    assert found.mean_confidence > 0.9


def test_the_label_decides_where_the_network_is_wrong():
    lattice = lattice_of([tall(0), tall(30)])
    scores = answers("4", ("1", 0.6))
    scores[1, 7] = 0.3
    found = align_string(lattice, scores, "47", SETTINGS)
    assert spans(lattice, found) == [(0, 1), (1, 2)]
    agreed = align_string(lattice, answers("4", "7"), "47", SETTINGS)
    assert found.score < agreed.score and found.mean_confidence < agreed.mean_confidence < 1.001


def test_the_number_of_digits_decides_which_atoms_are_joined():
    lattice = lattice_of([tall(0, 10), tall(12, 10), tall(40)], joined=2)
    # Glyphs in order: 0, 0–1, 1, 1–2, 2.
    scores = answers(("1", 0.9), ("8", 0.9), ("1", 0.9), "x", "5")
    assert spans(lattice, align_string(lattice, scores, "85", SETTINGS)) == [(0, 2), (2, 3)]
    assert spans(lattice, align_string(lattice, scores, "115", SETTINGS)) == [
        *((0, 1), (1, 2), (2, 3))
    ]


def test_marks_between_the_digits_are_left_over():
    comma = Box(22, 32, 6, 12)
    lattice = lattice_of([tall(0), comma, tall(30)])
    found = align_string(lattice, answers("1", "x", "2"), "12", SETTINGS)
    assert spans(lattice, found) == [(0, 1), (2, 3)]


def test_tall_ink_left_over_costs_and_a_comma_does_not():
    comma = Box(22, 35, 4, 5)
    scores = answers("1", "x", "2")
    with_comma = align_string(lattice_of([tall(0), comma, tall(30)]), scores, "12", SETTINGS)
    with_letter = align_string(lattice_of([tall(0), tall(22), tall(60)]), scores, "12", SETTINGS)
    assert with_comma.score > with_letter.score + 1


def test_a_cut_through_ink_costs():
    atoms = [tall(0), tall(20)]
    scores = answers("1", "2")
    free = align_string(lattice_of(atoms), scores, "12", SETTINGS)
    dear = align_string(lattice_of(atoms, prices={1: 8.0}), scores, "12", SETTINGS)
    assert dear.score < free.score


def test_a_label_with_more_digits_than_atoms_cannot_be_aligned():
    lattice = lattice_of([tall(0), tall(30)])
    assert align_string(lattice, answers("1", "2"), "123", SETTINGS) is None
    assert align_string(lattice_of([]), answers(), "1", SETTINGS) is None


def test_an_empty_label_leaves_everything_over():
    lattice = lattice_of([tall(0), tall(30)])
    found = align_string(lattice, answers("x", "x"), "", SETTINGS)
    assert found.glyphs == ()


def test_halves_and_joined_pairs_are_rejected_and_the_digits_are_not():
    lattice = lattice_of([tall(0, 10), tall(10, 10), tall(40)], joined=3)
    scores = np.zeros((len(lattice.glyphs), 11), np.float32)
    scores[:, NOT_A_DIGIT] = 1
    by_span = {(glyph.start, glyph.stop): k for k, glyph in enumerate(lattice.glyphs)}
    for span, digit in {(0, 2): 8, (2, 3): 5}.items():
        scores[by_span[span]] = 0
        scores[by_span[span], digit] = 1
    path = align_string(lattice, scores, "85", SETTINGS).glyphs
    rejected = {
        (lattice.glyphs[k].start, lattice.glyphs[k].stop)
        for k in rejected_glyphs(lattice, path, 0.7)
    }
    assert rejected == {(0, 1), (1, 2), (0, 3), (1, 3)}


def test_a_glyph_that_differs_only_by_a_speck_is_not_rejected():
    lattice = lattice_of([tall(0, 20), Box(21, 30, 2, 3), tall(40)], joined=2)
    by_span = {(glyph.start, glyph.stop): k for k, glyph in enumerate(lattice.glyphs)}
    rejected = rejected_glyphs(lattice, [by_span[0, 1], by_span[2, 3]], 0.7)
    assert by_span[0, 2] not in rejected and by_span[1, 2] in rejected


@pytest.fixture
def labelled(tmp_path):
    folder = tmp_path / "register_rows" / "train"
    folder.mkdir(parents=True)
    for name, text in ROWS.items():
        cv2.imwrite(str(folder / name), written(text, 70, 25, 4))
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", "text"), *ROWS.items()])
    return folder


def test_the_digits_of_labelled_strings_are_cut_out(labelled):
    steps = []
    harvest = harvest_folder(
        labelled, classify, EVERY_PICTURE, progress=lambda *step: steps.append(step)
    )
    digits = harvest.labels[harvest.labels != NOT_A_DIGIT]
    assert sorted(digits.tolist()) == sorted(int(c) for c in "2735" + "9061" + "538")
    looks_like = classify(harvest.cells)[:, :NOT_A_DIGIT].argmax(1)
    assert (looks_like == harvest.labels)[harvest.labels != NOT_A_DIGIT].mean() >= 0.9
    assert harvest.cells.dtype == np.float32 and harvest.cells.shape[1:] == (28, 28)
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_the_name_alone_decides_which_pictures_are_held_out():
    names = [f"{number}.png" for number in range(600)]
    held = [name for name in names if is_held_out(Path("here") / name, 0.2)]
    assert held == [name for name in names if is_held_out(Path("there/also") / name, 0.2)]
    assert 0.12 < len(held) / len(names) < 0.28
    assert all(is_held_out(Path(name), 0.5) for name in held)
    assert not any(is_held_out(Path(name), 0) for name in names)


def test_pictures_held_out_train_nothing(labelled):
    share = 0.4
    kept = [path for path in labelled.glob("?.png") if not is_held_out(path, share)]
    wanted = sorted("".join(ROWS[path.name].replace(".", "") for path in kept))
    assert 0 < len(kept) < 3
    harvest = harvest_folder(labelled, classify, AlignSettings(held_out_share=share))
    digits = harvest.labels[harvest.labels != NOT_A_DIGIT]
    assert sorted(map(str, digits.tolist())) == wanted


def test_the_harvest_names_its_folder_and_its_files(labelled):
    harvest = harvest_folder(labelled, classify, EVERY_PICTURE)
    assert harvest.name == "register_rows/train"
    assert [path.name for path in harvest.files] == ["labels.csv", "a.png", "b.png", "c.png"]


def test_pictures_that_do_not_show_their_label_are_left_out(labelled):
    cv2.imwrite(str(labelled / "c.png"), written("0", 70, 25, 4))
    (labelled / "b.png").write_bytes(b"not a picture")
    harvest = harvest_folder(labelled, classify, EVERY_PICTURE)
    digits = harvest.labels[harvest.labels != NOT_A_DIGIT]
    assert sorted(digits.tolist()) == [2, 3, 5, 7]


def test_a_folder_without_one_usable_string_is_an_input_error(labelled):
    for name in ("a.png", "b.png", "c.png"):
        cv2.imwrite(str(labelled / name), np.full((80, 200), 235, np.uint8))
    with pytest.raises(InputError, match="--init") as refusal:
        harvest_folder(labelled, classify, EVERY_PICTURE)
    assert "train" in str(refusal.value) and "\n" not in str(refusal.value)
