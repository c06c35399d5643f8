"""A picture in, its line out, and the line's place as the picture shows it: two looks at a string.

`normalize_line` decides what is ink, erases the rest and scales by what is left. Where that goes
wrong, the photo's own greys in a window around the line still show the string: the window alone
decides the scale, nothing is erased or straightened.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import LINE_PX, Box, Field, GrayImage, Homography, InkMask
from ocrdigits.settings import EnhanceSettings
from ocrdigits.vision.enhance import estimate_paper
from ocrdigits.vision.geometry import map_points
from ocrdigits.vision.glare import hides_digit
from ocrdigits.vision.line_crop import CROP_ENHANCE, LineCrop, normalize_line
from ocrdigits.vision.line_stand import DIGIT_PX
from ocrdigits.vision.rank import rank_value

_STRETCH = 2.0  # digits are low in their window; frames of 2 px then still tell them apart
_NARROWEST_PX, _WIDEST_PX = 32, 1600
_LEAST_CONTRAST = 12.0  # grey levels; less is noise
_AROUND_CROP = (1.1, 2.0)  # heights of a digit above and below the line's middle, and beside it
_AROUND_PLACE = (0.8, 0.3)  # other numbers stand near
_SHADOW_PX = 21  # neighbourhood that holds some paper
_SHADE = 0.7  # of the paper's usual grey; what is lighter is no shadow …
_DEEPEST = 0.25  # … and what is darker no paper
_PAPER = 230  # grey of the paper under a comb's writing
_COMB_GAP = 0.15  # widest gap left between its characters, of the height


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A line and the picture it was found in.

    Attributes:
        gray: (H, W) the picture.
        line: Its line, in the picture's frame.
        is_alone: Whether the picture is a crop of this string, not a page with others.
        outer_from_gray: Where the picture was cut from.
    """

    gray: GrayImage
    line: LineCrop
    is_alone: bool
    outer_from_gray: Homography = field(default_factory=lambda: np.eye(3))

    @property
    def ink(self) -> LineCrop:
        """The line, in the outer frame."""
        return self._placed(self.line)

    @property
    def plain(self) -> LineCrop:
        """Its place with nothing erased, in the outer frame."""
        return self._placed(plain_line(self.gray, self.line, is_alone=self.is_alone))

    @property
    def is_hidden(self) -> bool:
        """Whether it is a crop's line, of which glare may hide a part."""
        return self.is_alone and hides_digit(self.gray, self.line)

    def _placed(self, line: LineCrop) -> LineCrop:
        return replace(line, crop_from_line=self.outer_from_gray @ line.crop_from_line)


def find_line(
    gray: GrayImage, near: Box | None = None, settings: EnhanceSettings = CROP_ENHANCE
) -> FoundLine:
    """Find the line of a picture; arguments as of `normalize_line`."""
    return FoundLine(gray, normalize_line(gray, near, settings), near is None)


def find_comb_line(field: Field, settings: EnhanceSettings) -> FoundLine:
    """The line of what is written in a comb.

    Its ink alone, on paper without the print that stood around it, and with gaps as narrow as
    people leave them. Where cells were seen, nothing else is there, as in a crop; characters at
    one pitch may also be magnetic ones with signs among them.

    Args:
        field: A comb.
        settings: Thresholds of the ink.

    Returns:
        The line; where a character of it stands on the page is only nearly right.
    """
    margin = field.ink.shape[0] // 2
    kept = _narrow_gaps(field.ink, round(_COMB_GAP * field.ink.shape[0]))
    written = cv2.copyMakeBorder(
        field.coverage[:, kept], margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=0
    )
    gray = np.asarray(np.rint(_PAPER * (1 - written)), np.uint8)
    wide, high = field.box.width / kept.sum(), 1 / field.scale
    page_from_gray = np.array([
        [wide, 0.0, field.box.x - margin * wide],
        [0.0, high, field.box.y - margin * high],
        [0.0, 0.0, 1.0],
    ])  # fmt: skip
    line = normalize_line(gray, None, settings)
    return FoundLine(gray, line, field.has_cells, page_from_gray)


def _narrow_gaps(ink: InkMask, most_px: int) -> NDArray[np.bool_]:
    """Columns without those that make gaps wider than so many pixels."""
    inked = np.asarray(ink.any(axis=0))
    columns = np.arange(len(inked))
    last = np.maximum.accumulate(np.where(inked, columns, -1))  # inked column so far
    return np.asarray(columns - last <= most_px)


def plain_line(gray: GrayImage, line: LineCrop, *, is_alone: bool) -> LineCrop:
    """Look at a line's place with nothing erased.

    Args:
        gray: (H, W) the picture that the line was found in.
        line: From `normalize_line`.
        is_alone: Whether the picture is a crop of this string, not a page with others.

    Returns:
        The place at standard height; where no line was found, what was given.
    """
    if line.is_blank:
        return line
    width = line.image.shape[1]
    corners = np.array([[0.0, 0.0], [width, 0.0], [width, LINE_PX], [0.0, LINE_PX]])
    found = map_points(corners, line.crop_from_line)
    digit = DIGIT_PX * float(np.linalg.norm(found[3] - found[0])) / LINE_PX
    above, beside = _AROUND_CROP if is_alone else _AROUND_PLACE
    middle = float(found[:, 1].mean())
    rows = _clipped(middle - above * digit, middle + above * digit, gray.shape[0])
    columns = _clipped(
        float(found[:, 0].min()) - beside * digit,
        float(found[:, 0].max()) + beside * digit,
        gray.shape[1],
    )
    window = gray[rows, columns]
    height, length = window.shape
    wide = 4 * round(_STRETCH * LINE_PX * length / height / 4)
    wide = min(max(wide, _NARROWEST_PX), _WIDEST_PX)
    method = cv2.INTER_AREA if height > LINE_PX else cv2.INTER_CUBIC
    small = np.asarray(cv2.resize(window, (wide, LINE_PX), interpolation=method), np.float32)
    small = _even_out(255 - small if line.is_light else small)
    paper, ink = rank_value(small, 0.7), rank_value(small, 0.01)
    image = np.clip((paper - small) / np.float32(max(paper - ink, _LEAST_CONTRAST)), 0, 1)
    crop_from_line = np.array([
        [length / wide, 0, columns.start], [0, height / LINE_PX, rows.start], [0, 0, 1.0]
    ])  # fmt: skip
    return LineCrop(np.asarray(image, np.float32), crop_from_line)


def _even_out(window: NDArray[np.float32]) -> NDArray[np.float32]:
    """(32, W) dark on light, with a shadow that falls across it taken away."""
    paper = estimate_paper(np.clip(window, 0, 255).astype(np.uint8), _SHADOW_PX)
    usual = rank_value(paper, 0.7)
    if rank_value(paper, 0.1) > _SHADE * usual:
        return window
    light = np.maximum(paper, np.float32(_DEEPEST * usual))
    return np.asarray(window * (np.float32(usual) / light), np.float32)


def _clipped(first: float, last: float, size: int) -> slice:
    """Whole rows or columns within a picture, at least one."""
    start = min(max(0, math.floor(first)), size - 1)
    return slice(start, max(start + 1, min(size, math.ceil(last))))
