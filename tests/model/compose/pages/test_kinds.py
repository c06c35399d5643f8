import importlib

import numpy as np
import pytest

from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.truth import InkClass
from ocrdigits.records import Kind

DRAWERS = {
    "cheque": "draw_cheque",
    "eurocheque": "draw_eurocheque",
    "forms": "draw_form",
    "register": "draw_register",
    "envelope": "draw_envelope",
    "numbers": "draw_number_list",
    "meters": "draw_meter",
    "crops": "draw_number_crop",
    "letters": "draw_letters",
}
MODULES = {
    name: importlib.import_module(f"ocrdigits.model.compose.pages.{name}") for name in DRAWERS
}
LAYOUTS = sorted(
    {(name, layout.__name__) for name, module in MODULES.items() for layout in module.LAYOUTS}
)
WITH_DIGITS = [layout for layout in LAYOUTS if layout[0] != "letters"]
SEEDS = (0, 1)


def draw(name, layout, seed=0):
    return getattr(MODULES[name], layout)(np.random.default_rng(seed), Supplies())


@pytest.fixture(scope="module")
def sheets():
    drawn = {}

    def find(name, layout, seed):
        if (name, layout, seed) not in drawn:
            drawn[name, layout, seed] = draw(name, layout, seed)
        return drawn[name, layout, seed]

    return find


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "layout"), WITH_DIGITS)
def test_every_string_lies_on_the_sheet(sheets, name, layout, seed):
    sheet = sheets(name, layout, seed)
    assert sheet.strings
    for string in sheet.strings:
        assert all(0 <= x <= sheet.width and 0 <= y <= sheet.height for x, y in string.polygon)
        assert sum(c.isdecimal() for c in string.text) == len(string.digit_boxes)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "layout"), WITH_DIGITS)
def test_every_digit_box_holds_the_ink_of_a_digit(sheets, name, layout, seed):
    sheet = sheets(name, layout, seed)
    for string in sheet.strings:
        for box in string.digit_boxes:
            part = sheet.ink[max(0, box.y) : box.bottom, max(0, box.x) : box.right]
            assert (part == InkClass.DIGIT).mean() > 0.02, string.text


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("name", "layout"), WITH_DIGITS)
def test_nearly_all_digit_ink_lies_in_digit_boxes(sheets, name, layout, seed):
    sheet = sheets(name, layout, seed)
    ink = sheet.ink == InkClass.DIGIT
    outside = ink.copy()
    for string in sheet.strings:
        for box in string.digit_boxes:
            outside[max(0, box.y - 3) : box.bottom + 3, max(0, box.x - 3) : box.right + 3] = False
    assert outside.sum() < 0.02 * ink.sum()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("layout", [layout for name, layout in LAYOUTS if name == "letters"])
def test_pages_of_letters_hold_no_digit(sheets, layout, seed):
    sheet = sheets("letters", layout, seed)
    assert not sheet.strings
    assert not np.isin(sheet.ink, (InkClass.DIGIT, InkClass.SEPARATOR)).any()
    assert (sheet.ink == InkClass.OTHER).any()


@pytest.mark.parametrize(("name", "layout"), LAYOUTS)
def test_the_same_seed_draws_the_same_sheet(sheets, name, layout):
    first, again = sheets(name, layout, 0), draw(name, layout, 0)
    assert first.surface.tobytes() == again.surface.tobytes()
    assert first.ink.tobytes() == again.ink.tobytes()
    assert first.strings == again.strings


@pytest.mark.parametrize(("name", "layout"), LAYOUTS)
def test_colors_stay_between_black_and_a_little_above_white(sheets, name, layout):
    surface = sheets(name, layout, 0).surface
    assert surface.dtype == np.float32
    assert surface.min() >= 0
    assert np.percentile(surface, 99.9) < 1.3


@pytest.mark.parametrize("name", DRAWERS)
def test_every_layout_of_a_kind_occurs(monkeypatch, name):
    module, seen = MODULES[name], set()
    recorders = [lambda _rng, _supplies, k=k: seen.add(k) for k in range(len(module.LAYOUTS))]
    monkeypatch.setattr(module, "LAYOUTS", recorders)
    for seed in range(60):
        getattr(module, DRAWERS[name])(np.random.default_rng(seed), Supplies())
    assert len(seen) == len(recorders)


def test_what_stands_in_a_register_is_a_cell(sheets):
    sheet = sheets("register", "draw_monthly", 0)
    kinds = [string.kind for string in sheet.strings if string.is_handwritten]
    assert kinds.count(Kind.CELL) > 10
    assert kinds.count(Kind.LINE) <= 1  # the year in the head


def test_the_cents_of_a_cheque_stand_in_its_legal_line():
    texts = [string.text for string in draw("cheque", "draw_typed", 3).strings]
    amount = next(text for text in texts if text[-3] == ".")
    assert f"{amount[-2:]}/100" in texts
