"""Photos of the form of docs/templates for tests: filled in, lying any way, with known places."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from pages import put_text

from ocrdigits.template.document import read_template
from ocrdigits.vision.geometry import map_points

TEMPLATE = Path(__file__).parents[1] / "docs" / "templates" / "form.toml"
TEXTS = {
    "customer": "480257",
    "postal_code": "20457",
    "parcels": "12",
    "date": "24.3.2026",
    "payment": "73302954",
    "goods": "922.40",
    "freight": "58.00",
    "total": "980.40",
}
_COMBS = {"customer": 66, "postal_code": 76}


def filled_form(texts=TEXTS):
    """The form, grey, with these texts in its fields."""
    template = read_template(TEMPLATE)
    gray = cv2.imread(str(template.reference.path), cv2.IMREAD_GRAYSCALE)
    for field in template.fields:
        text, box = texts.get(field.name, ""), field.box
        baseline = box.bottom - 18
        if field.name in _COMBS:
            for index, digit in enumerate(text):
                put_text(
                    gray, digit, (box.x + 16 + index * _COMBS[field.name], baseline), 46, pen_px=4
                )
        elif text:
            put_text(gray, text, (box.x + 24, baseline), 44, pen_px=4)
    return gray


def photographed(gray, *, turns=0, long_side_px=1600, tilt=0.06, shadow=0.0, quality=85):
    """A photo of a sheet on a dark table, and the map from the sheet to it."""
    height, width = gray.shape
    scale = long_side_px / (1.12 * height)
    size = round(1.15 * width * scale), long_side_px
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    nudge = np.array([[tilt, 0.4 * tilt], [0, 0], [-0.3 * tilt, -0.5 * tilt], [0.7 * tilt, 0]])
    seen = corners * scale + nudge * size + (0.04 * size[0], 0.05 * size[1])
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), seen.astype(np.float32))
    soft = cv2.GaussianBlur(gray, (0, 0), max(0.4, 0.4 / scale))
    photo = cv2.warpPerspective(soft, matrix, size, borderValue=70).astype(np.float32)
    photo *= np.linspace(1, 1 - shadow, size[0], dtype=np.float32)
    photo = np.rot90(photo, -turns)
    for _ in range(turns):  # clockwise
        matrix = np.array([[0.0, -1, size[1] - 1], [1, 0, 0], [0, 0, 1]]) @ matrix
        size = size[::-1]
    pixels = cv2.cvtColor(np.clip(photo, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR)
    jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return jpeg.tobytes(), matrix


def corner_error(box, found, true):
    """Longest way between the corners of a box through two maps, photo pixels."""
    corners = np.array(
        [[box.x, box.y], [box.right, box.y], [box.right, box.bottom], [box.x, box.bottom]], float
    )
    away = map_points(corners, found) - map_points(corners, true)
    return float(np.linalg.norm(away, axis=1).max())
