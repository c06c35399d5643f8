"""A photo and its reading in, a picture with every string outlined and labelled out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocrdigits.errors import OutputError
from ocrdigits.names import printable_name
from ocrdigits.records import Box, ColorImage, FieldReading, Photo, PhotoReading, TableGrid

Color = tuple[int, int, int]

# BGR; each dark enough for white letters (contrast at least 4.5 : 1).
_ACCEPTED: Color = (50, 125, 30)
_DOUBTFUL: Color = (0, 95, 180)
_UNLIKELY: Color = (40, 40, 200)
_GRID: Color = (190, 120, 30)
_DOUBTFUL_FROM = 0.5

_MIN_SIDE_PX = 640
_MAX_ENLARGEMENT = 12
_MIN_FONT_PX = 16
_MIN_CELL_FONT_PX = 10
_PNG_BELOW_PIXELS = 2_000_000
_JPEG_QUALITY = 88


@dataclass(frozen=True, slots=True)
class _Style:
    """Sizes on the finished picture."""

    font_px: int
    line_px: int


def draw_reading(photo: Photo, reading: PhotoReading) -> ColorImage:
    """Outline and label every string of a photo.

    Green is accepted; amber and red are not and also carry a question mark, so that the picture
    does without colour. Small photos are enlarged and get a margin, so that no label hides ink.

    Args:
        photo: The photo.
        reading: What was read from it.

    Returns:
        (H, W, 3) BGR, at least as large as the photo.
    """
    enlargement = _enlargement(photo)
    style = _style(photo, reading, enlargement)
    margin = _label_height_px(style.font_px) + 2 * style.line_px if enlargement > 1 else 0
    size = (photo.width * enlargement, photo.height * enlargement)
    picture = np.asarray(cv2.resize(photo.image, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    strings = [string for string in reading.strings if string.table is None]
    labels = [_draw_labels(string, style) for string in strings]
    widest = max((choices[0].shape[1] for choices in labels), default=0)
    right = max(margin, widest - size[0] - margin) if margin else 0
    picture = _framed(picture, margin, right)
    outlines = [_outline(string, enlargement, margin) for string in strings]
    for string, outline in zip(strings, outlines, strict=True):
        _draw_outline(picture, outline, _color(string), style)
    _place_labels(picture, labels, outlines, style.line_px)
    for grid in reading.tables:
        _draw_grid(picture, grid, enlargement, margin)
    for string in reading.strings:
        if string.table is not None and string.text:
            _draw_cell(picture, string, _outline(string, enlargement, margin), style)
    return picture


def save_annotated(
    photo: Photo, reading: PhotoReading, folder: Path, slug: str, photos: Iterable[Path] = ()
) -> Path:
    """Write the annotated photo: PNG up to two megapixels, else JPEG.

    Args:
        photo: The photo.
        reading: What was read from it.
        folder: Where to write; made if it is missing.
        slug: Start of the file's name.
        photos: Files that must not be overwritten.

    Returns:
        The new file.

    Raises:
        OutputError: If it cannot be written, or would replace one of `photos`.
    """
    picture = draw_reading(photo, reading)
    suffix = ".png" if picture.shape[0] * picture.shape[1] < _PNG_BELOW_PIXELS else ".jpg"
    page = f"-page{photo.page}" if photo.page > 1 else ""
    path = folder / f"{slug}{page}-annotated{suffix}"
    shown = printable_name(str(path))
    if any(path.absolute() == other.absolute() for other in photos):
        raise OutputError(f"{shown}: would replace a photo; give another --annotate folder")
    done, encoded = cv2.imencode(suffix, picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not done:
        raise ValueError(f"a picture of shape {picture.shape} cannot be encoded")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded.tobytes())
    except OSError as error:
        fact = f"{shown}: cannot be written ({error.strerror})"
        raise OutputError(f"{fact}; give another --annotate folder") from error
    return path


def _enlargement(photo: Photo) -> int:
    return min(_MAX_ENLARGEMENT, math.ceil(_MIN_SIDE_PX / max(photo.width, photo.height)))


def _style(photo: Photo, reading: PhotoReading, enlargement: int) -> _Style:
    """Letters as tall as the strings, within what suits the size of the picture."""
    side = max(photo.width, photo.height) * enlargement
    heights = [string.box.height * enlargement for string in reading.strings]
    wanted = 0.7 * float(np.median(heights)) if heights else 0.0
    font_px = round(min(max(wanted, _MIN_FONT_PX, side / 90), max(_MIN_FONT_PX, side / 32)))
    return _Style(font_px=font_px, line_px=max(2, round(font_px / 10)))


def _label_height_px(font_px: int) -> int:
    return round(1.45 * font_px)


def _color(string: FieldReading) -> Color:
    if string.accepted:
        return _ACCEPTED
    return _DOUBTFUL if string.confidence >= _DOUBTFUL_FROM else _UNLIKELY


def _framed(picture: ColorImage, margin: int, right: int) -> ColorImage:
    if not margin:
        return picture
    white = (255, 255, 255)
    border = cv2.BORDER_CONSTANT
    framed = cv2.copyMakeBorder(picture, margin, margin, margin, right, border, value=white)
    return np.asarray(framed, dtype=np.uint8)


def _outline(string: FieldReading, enlargement: int, margin: int) -> np.ndarray:
    """(4, 2) int32 corners on the picture."""
    return np.asarray(string.polygon, dtype=np.int32) * enlargement + margin


def _draw_grid(picture: ColorImage, grid: TableGrid, enlargement: int, margin: int) -> None:
    points = np.asarray(grid.crossings, np.int32) * enlargement + margin
    width = max(1, max(picture.shape) // 800)
    for curves in (points, points.transpose(1, 0, 2)):
        lines = [np.ascontiguousarray(curve) for curve in curves]
        cv2.polylines(picture, lines, False, _GRID, width, cv2.LINE_AA)


def _draw_cell(
    picture: ColorImage, string: FieldReading, outline: np.ndarray, style: _Style
) -> None:
    """A cell's text as small as can be read, right below its ink: cells are many and close."""
    doubt = "" if string.accepted else "?"
    font_px = max(_MIN_CELL_FONT_PX, round(0.7 * style.font_px))
    label = _draw_label(f"{string.text}{doubt}", _color(string), font_px)
    box = _bounds(outline)
    place = _inside(picture, Box(box.right, box.bottom - label.shape[0] // 2, *label.shape[1::-1]))
    height, width = picture.shape[0] - place.y, picture.shape[1] - place.x
    picture[place.y : place.bottom, place.x : place.right] = label[:height, :width]


def _draw_outline(picture: ColorImage, outline: np.ndarray, color: Color, style: _Style) -> None:
    cv2.polylines(picture, [outline], True, color, style.line_px, cv2.LINE_AA)


def _draw_labels(string: FieldReading, style: _Style) -> list[ColorImage]:
    """Labels from best to least room needed: with the confidence, without, and at half size."""
    percent = math.floor(100 * string.confidence + 1e-6)  # 99.6 % must not look certain
    doubt = "" if string.accepted else " ?"
    text = ": ".join(part for part in (string.field, string.text) if part)
    full = f"{text}   {percent} %{doubt}" if string.text else f"{text}{doubt}"
    short = f"{text}{doubt}"
    color, font_px = _color(string), style.font_px
    return [
        _draw_label(full, color, font_px),
        _draw_label(short, color, font_px),
        _draw_label(short, color, round(0.5 * font_px)),
    ]


def _draw_label(text: str, color: Color, font_px: int) -> ColorImage:
    """(h, w, 3) white letters on `color`."""
    font = ImageFont.load_default(font_px)
    pad, height = round(0.3 * font_px), _label_height_px(font_px)
    width = math.ceil(font.getlength(text)) + 2 * pad
    label = Image.new("RGB", (width, height), color[::-1])
    ImageDraw.Draw(label).text((pad, height / 2), text, fill="white", font=font, anchor="lm")
    return np.ascontiguousarray(np.asarray(label)[:, :, ::-1])


def _place_labels(
    picture: ColorImage, labels: list[list[ColorImage]], outlines: list[np.ndarray], gap: int
) -> None:
    """Paste beside each outline the best label that has room, else where it covers least."""
    taken = [_bounds(outline) for outline in outlines]
    for choices, outline in zip(labels, outlines, strict=True):
        spots = [
            (label, _inside(picture, Box(x, y, label.shape[1], label.shape[0])))
            for label in choices
            for x, y in _corners_beside(_bounds(outline), label, gap)
        ]
        label, best = min(spots, key=lambda spot: sum(_overlap(spot[1], box) for box in taken))
        taken.append(best)
        height, width = picture.shape[0] - best.y, picture.shape[1] - best.x
        picture[best.y : best.bottom, best.x : best.right] = label[:height, :width]


def _corners_beside(box: Box, label: ColorImage, gap: int) -> list[tuple[int, int]]:
    """Top left corners of a label above, below, right and left of a box; best first."""
    height, width = label.shape[:2]
    above, below = box.y - height - gap, box.bottom + gap
    middle = box.y + (box.height - height) // 2
    return [
        *((box.x, above), (box.x, below), (box.right + gap, middle), (box.x - width - gap, middle)),
        *((box.right - width, above), (box.right - width, below)),
    ]


def _inside(picture: ColorImage, box: Box) -> Box:
    x = max(0, min(box.x, picture.shape[1] - box.width))
    y = max(0, min(box.y, picture.shape[0] - box.height))
    return Box(x, y, box.width, box.height)


def _bounds(outline: np.ndarray) -> Box:
    left, top = (int(value) for value in outline.min(axis=0))
    right, bottom = (int(value) for value in outline.max(axis=0))
    return Box(left, top, right - left, bottom - top)


def _overlap(one: Box, other: Box) -> int:
    width = min(one.right, other.right) - max(one.x, other.x)
    height = min(one.bottom, other.bottom) - max(one.y, other.y)
    return max(0, width) * max(0, height)
