"""A registered photo and a field's place in, the field as a crop of its own out."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ocrdigits.records import Box, GrayImage, Homography, InkMask
from ocrdigits.vision.components import find_components
from ocrdigits.vision.geometry import map_points
from ocrdigits.vision.register import Registration, local_map

_MARGIN = 0.08  # people write over the edge: so much of the height is cut with it
_MAX_HEIGHT_PX = 176
_LEAST_MARK = 0.22  # of the field's height: smaller marks are specks and remains of print


@dataclass(frozen=True, slots=True)
class FieldCut:
    """A field cut out of a photo.

    Attributes:
        gray: (H, W) the field, upright, with a margin.
        preprint: (H, W) where the form's print should be.
        photo_from_cut: Takes its points to the photo.
        inside: Share of it that lies in the photo, 0 to 1.
    """

    gray: GrayImage
    preprint: InkMask
    photo_from_cut: Homography
    inside: float


def cut_field(
    gray: GrayImage, registration: Registration, preprint: InkMask, box: Box
) -> FieldCut:
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
        [[1 / scale, 0, 0.5 / scale + left - 0.5], [0, 1 / scale, 0.5 / scale + top - 0.5], [0, 0, 1]]
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
        np.asarray(seen, np.uint8),
        np.asarray(printed > 0.3),
        photo_from_cut,
        _share_inside(photo_from_cut, (width, height), gray.shape),
    )


def ink_darkness(gray: GrayImage, registration: Registration) -> float:
    """How much darker than its paper the form's print is in this photo, grey levels."""
    places = map_points(
        registration.places[registration.agrees], registration.photo_from_reference
    ).round()
    height, width = gray.shape
    reach = max(4, round(0.006 * max(gray.shape)))
    depths = []
    for x, y in places.astype(int).tolist():
        near = gray[max(0, y - reach) : y + reach, max(0, x - reach) : x + reach]
        if near.size and 0 <= x < width and 0 <= y < height:
            depths.append(float(near.max()) - float(near.min()))
    return float(np.median(depths)) if depths else 255.0


def has_mark(gray: GrayImage, darkness: float) -> bool:
    """Tell a blank field from one that something was written into.

    Args:
        gray: (H, W) the field without the form's print.
        darkness: Of the form's print, grey levels.

    Returns:
        Whether there is anything clearly larger than a speck, at least a quarter as dark as print.
    """
    height, width = gray.shape
    window = max(9, height // 2) | 1
    soft = cv2.GaussianBlur(gray, (0, 0), max(0.6, 0.008 * height))
    closed = cv2.morphologyEx(soft, cv2.MORPH_CLOSE, np.ones((window, window), np.uint8))
    marks = find_components(np.asarray(cv2.subtract(closed, soft) > 0.25 * darkness))
    x, y, w, h = marks.boxes.T
    rim = round(_MARGIN / (1 + 2 * _MARGIN) * height)  # the margin belongs to the neighbours
    inside = (x + w > rim) & (x < width - rim) & (y + h > rim) & (y < height - rim)
    large = np.maximum(w, h) >= _LEAST_MARK * height
    return bool((inside & large).any())


def _pixels_across(photo_from_reference: Homography, box: Box) -> float:
    """Photo pixels per reference pixel at the field."""
    middle = np.array([box.x + box.width / 2, box.y + box.height / 2])
    seen = map_points(
        np.array([middle, middle + (1.0, 0.0), middle + (0.0, 1.0)]), photo_from_reference
    )
    return float(np.linalg.norm(seen[1:] - seen[0], axis=1).max())


def _share_inside(
    photo_from_cut: Homography, size: tuple[int, int], shape: tuple[int, ...]
) -> float:
    x, y = np.meshgrid(np.linspace(0, size[0] - 1, 24), np.linspace(0, size[1] - 1, 8))
    seen = map_points(np.column_stack([x.ravel(), y.ravel()]), photo_from_cut)
    inside = (seen >= 0).all(axis=1) & (seen[:, 0] < shape[1]) & (seen[:, 1] < shape[0])
    return float(inside.mean())
