from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from readings import field_reading

from ocrdigits.errors import OutputError
from ocrdigits.model.compare import Outcome, StringResult
from ocrdigits.model.curves import plot_reliability, plot_risk_coverage

BOTH = (plot_reliability, plot_risk_coverage)


def result(confidence: float | None, right: bool = True) -> StringResult:
    reading = None if confidence is None else field_reading("12", confidence=confidence)
    if reading is None:
        return StringResult("12", None, Outcome.MISSED)
    return StringResult("12", reading, Outcome.RIGHT if right else Outcome.SUBSTITUTED)


def colors_of(path: Path) -> set[tuple[int, ...]]:
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    return {tuple(map(int, color)) for color in np.unique(pixels, axis=0)}


CURVE, ACCEPTED = (0x0B, 0x6E, 0x99), (0xD1, 0x49, 0x5B)


@pytest.mark.parametrize("plot", BOTH)
def test_strings_right_and_wrong_draw_a_curve(tmp_path: Path, plot):
    chance = np.random.default_rng(0)
    strings = [result(sure, chance.random() < sure) for sure in chance.beta(5, 1, 200)]
    plot(strings, tmp_path / "curve.png")
    assert CURVE in colors_of(tmp_path / "curve.png")


def test_the_risk_curve_marks_what_was_accepted(tmp_path: Path):
    strings = [result(0.9)] * 20 + [result(0.5, False)]
    plot_risk_coverage(strings, tmp_path / "curve.png", 0.01)
    assert ACCEPTED in colors_of(tmp_path / "curve.png")


@pytest.mark.parametrize("plot", BOTH)
@pytest.mark.parametrize(
    "strings",
    [[], [result(None)], [result(1.0)], [result(0.0, False)], [result(0.5)] * 30],
    ids=["none", "missed", "certain", "hopeless", "alike"],
)
def test_curves_are_drawn_whatever_was_read(tmp_path: Path, plot, strings):
    plot(strings, tmp_path / "curve.png")
    assert len(colors_of(tmp_path / "curve.png")) > 1


@pytest.mark.parametrize("plot", BOTH)
def test_a_curve_that_cannot_be_written_is_an_output_error(tmp_path: Path, plot):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        plot([], tmp_path / "file" / "a.png")
