"""Photos of a report's mistakes come through the same gate as those that are read."""

from __future__ import annotations

import numpy as np
from hostile import bomb
from pictures import encoded, gradient_image, number_image
from PIL import EpsImagePlugin, Image

from ocrdigits.model.mistakes import open_photo


def test_a_photo_is_turned_as_a_viewer_shows_it(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    (tmp_path / "a.png").write_bytes(encoded(gradient_image(), "PNG", exif=exif))
    photo = open_photo(tmp_path / "a.png")
    turned = gradient_image().transpose(Image.Transpose.ROTATE_270)
    np.testing.assert_array_equal(np.asarray(photo), np.asarray(turned))


def test_what_reading_refuses_is_not_opened_for_a_report_either(tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", lambda *_, **__: started.append("gs"))
    (tmp_path / "eps.jpg").write_bytes(encoded(number_image(), "EPS"))
    (tmp_path / "bomb.png").write_bytes(bomb("PNG", 120))
    for name in ("eps.jpg", "bomb.png", "none.jpg"):
        assert open_photo(tmp_path / name) is None
    assert started == []
