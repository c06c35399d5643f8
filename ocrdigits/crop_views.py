"""A crop in, the same crop as it may be seen better out: rimless, dark on light, roomy, level."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ocrdigits.assemble import ScoredLine
from ocrdigits.records import Homography, Photo
from ocrdigits.settings import EnhanceSettings
from ocrdigits.vision.enhance import background_window, dark_on_light
from ocrdigits.vision.flat_rim import inside_rim
from ocrdigits.vision.paper_rim import add_paper
from ocrdigits.vision.rectify import estimate_skew, gray_of, shrink

_STEEP_DEG = 4.0
"""Writing that falls or climbs less is read as it is …"""
_STEEPEST_DEG = 15.0
"""… and so is what seems to do so by more than this."""
_SKEW_PX = 250
"""Long side at which a crop's skew is estimated."""


def without_rim(photo: Photo) -> tuple[Photo, Homography]:
    """Cut off the even rim that somebody put around a crop.

    Args:
        photo: The crop.

    Returns:
        What it surrounds, and what takes points of that to the crop; the crop without a rim.
    """
    gray = gray_of(photo)
    box = inside_rim(gray)
    if (box.width, box.height) == (photo.width, photo.height):
        return photo, np.eye(3)
    part = np.ascontiguousarray(gray[box.y : box.bottom, box.x : box.right])
    crop_from_part = np.array([[1.0, 0.0, box.x], [0.0, 1.0, box.y], [0.0, 0.0, 1.0]])
    return replace(photo, image=part, gray=part), crop_from_part


def turn_dark(photo: Photo, settings: EnhanceSettings) -> Photo:
    """Turn a crop's light writing on dark ground dark on light, so that nothing else minds it.

    Args:
        photo: A crop.
        settings: Of its ink.

    Returns:
        The photo as it was, or in inverted grey.
    """
    gray = gray_of(photo)
    turned = dark_on_light(gray, background_window(gray, settings))
    return photo if turned is gray else replace(photo, image=turned, gray=turned)


def in_paper(photo: Photo) -> tuple[Photo, Homography]:
    """Put paper around a crop.

    Args:
        photo: Dark on light.

    Returns:
        The crop in its paper, and what takes points of it to the crop as it was.
    """
    gray, rim = add_paper(gray_of(photo))
    crop_from_paper = np.array([[1.0, 0.0, -rim], [0.0, 1.0, -rim], [0.0, 0.0, 1.0]])
    return replace(photo, image=gray, gray=gray), crop_from_paper


def skew_of(photo: Photo, line: ScoredLine | None) -> float:
    """Estimate how steep the writing of a crop is: its line, or all ink where that is level.

    Args:
        photo: The crop.
        line: What was found of its line.

    Returns:
        Degrees, positive if it falls towards the right; 0 where that is no matter.
    """
    if line is not None:
        (along, _, _), (down, _, _), _ = line.line.crop_from_line
        skew_deg = math.degrees(math.atan2(down, along))
        if abs(skew_deg) >= _STEEP_DEG:
            return skew_deg
    small, _ = shrink(gray_of(photo), _SKEW_PX)
    skew_deg = estimate_skew(small, _STEEPEST_DEG)
    return skew_deg if abs(skew_deg) >= _STEEP_DEG else 0.0
