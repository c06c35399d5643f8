from __future__ import annotations

import cv2
import numpy as np
import pytest
from readings import field_reading, photo_reading

from ocrdigits.errors import OutputError
from ocrdigits.output.annotate import draw_reading, save_annotated
from ocrdigits.records import Box, Photo


def white_photo(width: int, height: int, name: str = "a.jpg") -> Photo:
    return Photo(name, 1, np.full((height, width, 3), 255, np.uint8))


def string_at(box: Box, text: str = "157", **changes):
    corners = ((box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom))
    return field_reading(text, box=box, polygon=corners, **changes)


def picture_of(photo: Photo, *strings):
    return draw_reading(photo, photo_reading(strings=strings))


def coloured_share(picture, channel: int) -> float:
    """Share of the coloured pixels in which this channel is the strongest."""
    values = picture.astype(int)
    coloured = values.max(axis=2) - values.min(axis=2) > 40
    return float((values.argmax(axis=2) == channel)[coloured].mean())


def test_the_photo_itself_is_not_changed():
    photo = white_photo(800, 600)
    picture_of(photo, string_at(Box(300, 300, 100, 40)))
    assert (photo.image == 255).all()


def test_a_large_photo_keeps_its_size():
    assert picture_of(white_photo(800, 600)).shape == (600, 800, 3)


def test_a_small_crop_is_enlarged():
    picture = picture_of(white_photo(60, 34), string_at(Box(5, 5, 40, 20)))
    assert picture.shape[1] >= 640


@pytest.mark.parametrize("size", [(1, 1), (1, 10_000), (10_000, 1)])
def test_extreme_shapes_are_drawn(size):
    photo = white_photo(*size)
    assert picture_of(photo).ndim == 3
    assert picture_of(photo, string_at(Box(0, 0, 1, 1))).ndim == 3


@pytest.mark.parametrize(
    ("confidence", "accepted", "channel"), [(0.95, True, 1), (0.7, False, 2), (0.2, False, 2)]
)
def test_accepted_is_green_and_doubtful_is_reddish(confidence, accepted, channel):
    string = string_at(Box(300, 300, 100, 40), confidence=confidence, accepted=accepted)
    picture = picture_of(white_photo(800, 600), string)
    assert coloured_share(picture, channel) > 0.95


def test_labels_leave_the_strings_free():
    boxes = [
        Box(150 + 260 * column, 100 + 80 * row, 100, 30) for row in range(4) for column in (0, 1)
    ]
    picture = picture_of(white_photo(800, 600), *(string_at(box) for box in boxes))
    for box in boxes:
        inside = picture[box.y + 4 : box.bottom - 4, box.x + 4 : box.right - 4]
        assert (inside == 255).all()


@pytest.mark.parametrize("x", [0, 700])
@pytest.mark.parametrize("y", [0, 560])
def test_labels_stay_within_the_picture(x, y):
    picture = picture_of(white_photo(800, 600), string_at(Box(x, y, 100, 40), "12,345,678.90"))
    dark_green = (picture == (50, 125, 30)).all(axis=2)
    assert dark_green.sum() > 1500


def test_small_pictures_are_png_and_large_ones_jpeg(tmp_path):
    for size, suffix in (((300, 200), ".png"), ((2000, 1500), ".jpg")):
        path = save_annotated(white_photo(*size), photo_reading(), tmp_path / "new", "photo")
        assert path.name == f"photo-annotated{suffix}"
        assert cv2.imread(str(path)) is not None


def test_a_photo_is_never_overwritten(tmp_path):
    photo = tmp_path / "a-annotated.png"
    photo.write_bytes(b"mine")
    with pytest.raises(OutputError, match="would replace a photo"):
        save_annotated(white_photo(300, 200), photo_reading(), tmp_path, "a", [photo])
    assert photo.read_bytes() == b"mine"


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="--annotate"):
        save_annotated(white_photo(300, 200), photo_reading(), tmp_path / "file" / "x", "a")
