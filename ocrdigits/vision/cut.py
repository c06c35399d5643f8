"""A registered photo and a field's place in, the field as a crop of its own out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np

from ocrdigits.records import Box, GrayImage, Homography, InkMask
from ocrdigits.vision.components import find_components
from ocrdigits.vision.geometry import map_points
from ocrdigits.vision.light import flatten_light
from ocrdigits.vision.register import Registration, local_map

_MARGIN = 0.08  # people write over the edge: so much of the height is cut with it
_MAX_HEIGHT_PX = 176
_LEAST_MARK = 0.22  # of the field's height: smaller marks are specks and remains of print
_PEN, _PENCIL = 40.0, 12.0  # least darkness of what they leave, where paper is 255


class Mark(Enum):
    """What somebody left in a field."""

    NONE = "none"
    FAINT = "faint"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class FieldCut:
    """A field cut out of a photo.

    Attributes:
        gray: (H, W) the field, upright, under even light, with a margin.
        preprint: (H, W) where the form's print should be.
        photo_from_cut: Takes its points to the photo.
        inside: Share of it that lies in the photo, 0 to 1.
    """

    gray: GrayImage
    preprint: InkMask
    photo_from_cut: Homography
    inside: float


def cut_field(gray: GrayImage, registration: Registration, preprint: InkMask, box: Box) -> FieldCut:
    """Cut a field out of the whole photo, about as sharp as the photo is.

    Args:
        gray: (H, W) the photo.
        registration: Where the form lies in it.
        preprint: Of the whole reference picture.
        box: The field, reference pixels.

    Returns:
        The field.
    """
    photo_from_reference = local_map(registration, box)
    margin = _MARGIN * box.height
    scale = min(
        _pixels_across(photo_from_reference, box), _MAX_HEIGHT_PX / (box.height + 2 * margin)
    )
    width = max(4, round((box.width + 2 * margin) * scale))
    height = max(4, round((box.height + 2 * margin) * scale))
    # Pixel centres: reference = (cut + ½) / scale + corner − ½.
    left, top = box.x - margin, box.y - margin
    reference_from_cut = np.array(
        [
            [1 / scale, 0, 0.5 / scale + left - 0.5],
            [0, 1 / scale, 0.5 / scale + top - 0.5],
            [0, 0, 1],
        ]
    )
    photo_from_cut = photo_from_reference @ reference_from_cut
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpPerspective(
        gray, photo_from_cut, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    printed = cv2.warpAffine(
        preprint.astype(np.float32), reference_from_cut[:2], (width, height), flags=flags
    )
    return FieldCut(
        flatten_light(np.asarray(seen, np.uint8), max(9, height // 2) | 1),
        np.asarray(printed > 0.3),
        photo_from_cut,
        _share_inside(photo_from_cut, (width, height), gray.shape),
    )


def find_mark(gray: GrayImage) -> Mark:
    """Tell a blank field from one that something was written into.

    Args:
        gray: (H, W) the field without the form's print, under even light.

    Returns:
        What is larger than a speck: nothing, something faint, or something as dark as a pen.
    """
    height, width = gray.shape
    soft = cv2.GaussianBlur(gray, (0, 0), max(0.7, 0.012 * height))
    middle = float(np.median(soft))
    grain = float(np.median(np.abs(soft - np.float32(middle)))) * 1.5
    dark = middle - soft.astype(np.float32)
    if _has_large(dark > max(_PEN, 5 * grain), height, width):
        return Mark.CLEAR
    return Mark.FAINT if _has_large(dark > max(_PENCIL, 4 * grain), height, width) else Mark.NONE


def _has_large(dark: InkMask, height: int, width: int) -> bool:
    x, y, w, h = find_components(np.asarray(dark)).boxes.T
    rim = round(_MARGIN / (1 + 2 * _MARGIN) * height)  # the margin belongs to the neighbours
    inside = (x + w > rim) & (x < width - rim) & (y + h > rim) & (y < height - rim)
    return bool((inside & (np.maximum(w, h) >= _LEAST_MARK * height)).any())


def _pixels_across(photo_from_reference: Homography, box: Box) -> float:
    """Photo pixels per reference pixel at the field."""
    middle = np.array([box.x + box.width / 2, box.y + box.height / 2])
    seen = map_points(middle + np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), photo_from_reference)
    return float(np.linalg.norm(seen[1:] - seen[0], axis=1).max())


def _share_inside(
    photo_from_cut: Homography, size: tuple[int, int], shape: tuple[int, ...]
) -> float:
    x, y = np.meshgrid(np.linspace(0, size[0] - 1, 24), np.linspace(0, size[1] - 1, 8))
    seen = map_points(np.column_stack([x.ravel(), y.ravel()]), photo_from_cut)
    inside = (seen >= 0).all(axis=1) & (seen[:, 0] < shape[1]) & (seen[:, 1] < shape[0])
    return float(inside.mean())
