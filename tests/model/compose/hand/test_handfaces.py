import numpy as np
import pytest

from ocrdigits.model.compose.fonts import bundled_typeface
from ocrdigits.model.compose.hand.handfaces import BUNDLED_HAND_FACES, glyph_imprint
from ocrdigits.model.compose.hand.imprint import Pose, make_imprint, shape_imprint


def test_bundled_faces_come_with_their_free_licences():
    assert len(BUNDLED_HAND_FACES) == 4
    for face in BUNDLED_HAND_FACES:
        licence = face.with_name(f"{face.stem}-LICENSE.txt").read_text(encoding="utf-8")
        assert "Version 1.1" in licence or "Apache License" in licence
        assert "with Reserved Font Name" not in licence.splitlines()[0]


@pytest.mark.parametrize("face", BUNDLED_HAND_FACES, ids=lambda face: face.stem)
def test_faces_have_all_letters_and_digits(face):
    for character in "0123456789abcxyzABCXYZ.,-/":
        assert glyph_imprint(face, character) is not None


def test_a_missing_character_has_no_imprint():
    assert glyph_imprint(BUNDLED_HAND_FACES[0], "あ") is None
    assert glyph_imprint(bundled_typeface("DejaVuSans"), " ") is None


def test_an_imprint_is_drawn_where_and_as_high_as_asked_for():
    imprint = make_imprint(np.ones((100, 50), np.float32), 100, 0, -100)
    patch = shape_imprint(np.random.default_rng(0), imprint, Pose(20, 80, 40, spread=0))
    rows, columns = np.nonzero(patch.coverage > 0.5)
    assert (rows.min() + patch.y, rows.max() + patch.y + 1) == pytest.approx((40, 80), abs=1)
    assert (columns.min() + patch.x, columns.max() + patch.x + 1) == pytest.approx((20, 40), abs=1)


def test_a_bolder_pen_makes_strokes_wider():
    bar = make_imprint(np.ones((100, 12), np.float32), 100, 0, -100)
    source = np.random.default_rng(0)
    thin, bold = (
        shape_imprint(source, bar, Pose(20, 80, 50, bolder_frac=more, spread=0)).coverage.sum()
        for more in (0.0, 0.04)
    )
    assert bold - thin == pytest.approx(2 * 0.04 * 50 * 50, rel=0.2)


def test_empty_shapes_leave_no_imprint():
    assert make_imprint(np.zeros((9, 9), np.float32), 9, 0, 0) is None
