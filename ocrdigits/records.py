"""The records that stages hand each other, and the conventions they all keep.

Conventions
-----------
- True / 1 is ink, False / 0 is paper, whatever the photo's colours.
- Arrays are indexed (row, column). Points and boxes are (x, y).
- A box is half-open: it covers columns x ≤ c < x + width and rows y ≤ r < y + height.
- Frames: *photo* is the EXIF-turned image as a viewer shows it; *page* is the upright, rectified
  sheet the stages work on; *field* is the upright patch of one string, `scale` times the page.
- Transforms read right to left: `photo_from_page` takes page points to the photo.
- BGR colour exists only inside `Photo`; all later stages are grey.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

ColorImage = NDArray[np.uint8]
"""(H, W, 3) uint8, BGR."""
GrayImage = NDArray[np.uint8]
"""(H, W) uint8, 0 black to 255 white."""
Coverage = NDArray[np.float32]
"""(H, W) float32 in [0, 1]: how much of a pixel the pen covered."""
InkMask = NDArray[np.bool_]
"""(H, W) bool, True where there is ink."""
Cell = NDArray[np.float32]
"""(28, 28) float32 in [0, 1]: one centred digit, the input of `DigitNet`."""
Cells = NDArray[np.float32]
"""(N, 28, 28) float32 in [0, 1]."""
LineImage = NDArray[np.float32]
"""(32, W) float32 in [0, 1], W a multiple of 4: one string, paper 0, ink up to 1."""
DigitScores = NDArray[np.float32]
"""(N, 11) float32: probabilities of the digits 0 to 9 and, last, of "not a digit"."""
Homography = NDArray[np.float64]
"""(3, 3) float64, acting on homogeneous column points (x, y, 1)."""

NOT_A_DIGIT = 10
"""Column of `DigitScores` that stands for "not a digit"."""
CELL_PX = 28
"""Side of a `Cell`."""
LINE_PX = 32
"""Height of a `LineImage`."""
SEPARATORS = ".,-/"
ALPHABET = "0123456789" + SEPARATORS
"""What `StringNet` tells apart; its blank comes besides."""


def digits_of(text: str) -> str:
    """The digits of a text alone."""
    return "".join(character for character in text if character.isdecimal())


DigitClassifier = Callable[[Cells], DigitScores]
"""The digit reader as the pipeline sees it: cells in, probabilities out."""


class Layout(Enum):
    """What the image is known to show."""

    AUTO = "auto"
    PAGE = "page"
    LINE = "line"
    DIGIT = "digit"
    TABLE = "table"


class ReaderChoice(Enum):
    """Which of the two readers are asked."""

    BOTH = "both"
    SEGMENTS = "segments"
    STRINGS = "strings"


class Kind(Enum):
    """The geometry of a field."""

    LINE = "line"
    COMB = "comb"
    CELL = "cell"
    DIGIT = "digit"


class Origin(Enum):
    """Where a string's text comes from: the reader, or a person who looked at it."""

    READ = "read"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    UNREADABLE = "unreadable"


def _require_array(value: NDArray[Any], name: str, dtype: type, ndim: int) -> None:
    if value.dtype != dtype or value.ndim != ndim:
        raise ValueError(
            f"{name} must have {ndim} dimensions of {dtype.__name__}, "
            f"not {value.ndim} of {value.dtype}"
        )


@dataclass(frozen=True, slots=True)
class Box:
    """A half-open, axis-aligned rectangle in pixels of the frame that the owner names."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """First column past the box."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """First row past the box."""
        return self.y + self.height

    def union(self, other: Box) -> Box:
        """The smallest box that covers both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Box(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)


@dataclass(frozen=True, slots=True)
class Photo:
    """One decoded picture (one page of a multi-page file).

    Attributes:
        name: The file's name as the user gave it; `-` for standard input.
        page: Page number within the file, from 1.
        image: (H, W, 3) BGR, turned as EXIF says; (H, W) grey where no colours were asked for.
        gray: (H, W) the same in grey, where the file keeps that apart; None to go by `image`.
    """

    name: str
    page: int
    image: ColorImage | GrayImage
    gray: GrayImage | None = None

    def __post_init__(self) -> None:
        _require_array(self.image, "Photo.image", np.uint8, 2 if self.image.ndim == 2 else 3)

    @property
    def width(self) -> int:
        """Columns of the image."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Rows of the image."""
        return int(self.image.shape[0])


@dataclass(frozen=True, slots=True)
class Page:
    """The sheet: upright, flat, grey.

    Attributes:
        gray: (H, W) grey image in the page frame.
        photo_from_page: Takes page points to the photo.
        turn_deg: Quarter turn, clockwise, that made the photo upright: 0, 90, 180 or 270.
        photo_gray: The photo in grey, where the page is only a scaled copy of it.
        tinted: Rows of boxes, left to right, that were tinted; they are as light as the paper now.
    """

    gray: GrayImage
    photo_from_page: Homography
    turn_deg: int
    photo_gray: GrayImage | None = None
    tinted: tuple[tuple[Box, ...], ...] = ()

    def __post_init__(self) -> None:
        _require_array(self.gray, "Page.gray", np.uint8, 2)


@dataclass(frozen=True, slots=True)
class InkPage:
    """What the pen left on a page.

    Attributes:
        ink: (H, W) True where there is ink.
        coverage: (H, W) how dark that ink is, from 0 (paper) to 1 (the darkest ink around); of
            the faint ink too.
        pale: (H, W) straight lines, level and upright, that are paler than ink, or parts of it;
            None where they were not looked for.
        faint: (H, W) what would be ink if there were no dark lines beside it, of a picture so
            small that it may as well be stains; no part of `ink`. Else None.
        faded: (H, W) how dark what is that is paler than ink, as a pen leaves it that runs dry, on
            the scale of `coverage`; 0 elsewhere. None where nothing says that it is writing, as
            boxes do.
    """

    ink: InkMask
    coverage: Coverage
    pale: InkMask | None = None
    faint: InkMask | None = None
    faded: Coverage | None = None

    def __post_init__(self) -> None:
        _require_array(self.ink, "InkPage.ink", np.bool_, 2)
        _require_array(self.coverage, "InkPage.coverage", np.float32, 2)
        if self.ink.shape != self.coverage.shape:
            raise ValueError("InkPage.ink and InkPage.coverage differ in shape")
        for name in ("pale", "faint"):
            mask = getattr(self, name)
            if mask is not None:
                _require_array(mask, f"InkPage.{name}", np.bool_, 2)
        if self.faded is not None:
            _require_array(self.faded, "InkPage.faded", np.float32, 2)

    @property
    def lined(self) -> InkMask:
        """(H, W) ink and pale lines."""
        return self.ink if self.pale is None else np.asarray(self.ink | self.pale)


@dataclass(frozen=True, slots=True)
class Room:
    """Columns of a page around a string, as far as upright rules beside it let it go.

    Attributes:
        start: The first …
        stop: … and the one past the last.
        walls: On how many of the two sides a rule ends them.
    """

    start: int
    stop: int
    walls: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """A place on the page that may hold one string.

    Attributes:
        kind: Its geometry.
        box: Where it is, page frame.
        ink: (h, w) the string's own ink, rules and frames removed, field frame.
        coverage: (h, w) darkness of that ink, field frame.
        scale: Field pixels per page pixel.
        room: Columns of the page that belong to it; None where nobody looked for rules.
        has_cells: Whether print of a comb's cells was seen, not only their pitch.
    """

    kind: Kind
    box: Box
    ink: InkMask
    coverage: Coverage
    scale: float
    room: Room | None = None
    has_cells: bool = False

    def __post_init__(self) -> None:
        _require_array(self.ink, "Field.ink", np.bool_, 2)
        _require_array(self.coverage, "Field.coverage", np.float32, 2)


@dataclass(frozen=True, slots=True)
class Glyph:
    """One segmentation hypothesis: the ink between two cuts.

    Attributes:
        start: Index of its first atom in the lattice.
        stop: Index after its last atom.
        box: Bounding box of its ink, field frame.
        cell: (28, 28) the ink, centred for the network.
        lean: If the glyph is one straight thin stroke, the tangent by which it leans right of
            the string's own slant; else None.
    """

    start: int
    stop: int
    box: Box
    cell: Cell
    lean: float | None = None

    def __post_init__(self) -> None:
        _require_array(self.cell, "Glyph.cell", np.float32, 2)


@dataclass(frozen=True, slots=True)
class Lattice:
    """All ways to divide one field into glyphs.

    Attributes:
        atom_count: Number of atoms, left to right; a path covers 0 … atom_count.
        glyphs: Hypotheses, each an edge from `start` to `stop`.
        cut_prices: (atom_count + 1,) ink that the cut before each atom goes through, in fully
            inked pixels; 0 where there is a gap, and at both ends.
        line_height_px: Height of the string's tall characters, field frame.
        line_box: Box of the tall characters, field frame.
    """

    atom_count: int
    glyphs: tuple[Glyph, ...]
    cut_prices: tuple[float, ...]
    line_height_px: float
    line_box: Box


NO_LATTICE = Lattice(0, (), (0.0,), 1.0, Box(0, 0, 0, 0))
"""Of a field that was not divided."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a field shows at first glance.

    Attributes:
        is_word: Whether it is no number.
        numbers: Where digits stand in it, page frame, as high as the field.
    """

    is_word: bool = False
    numbers: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentedPage:
    """A page on the way: everything but the network's answers.

    Attributes:
        page: Flat, level, one way up.
        layout: What it shows; never `AUTO`.
        fields: Places that may hold a string.
        lattices: Glyph hypotheses of each field; they may still be on the way (`ahead.Ahead`).
        glimpses: What each field shows at first glance; lattices of words are empty.
    """

    page: Page
    layout: Layout
    fields: tuple[Field, ...]
    lattices: Sequence[Lattice]
    glimpses: Sequence[Glimpse]


@dataclass(frozen=True, slots=True)
class CharacterReading:
    """One character of a reading.

    Attributes:
        text: The character.
        confidence: Probability that it is right.
        box: Where it is, photo frame.
    """

    text: str
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another text the ink may show, with its probability."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class FieldReading:
    """One string read from a photo.

    Attributes:
        text: What it says, verbatim, separators and leading zeros included.
        confidence: Probability that all its digits are right.
        accepted: Whether the confidence is high enough to do without a check.
        kind: Its geometry.
        box: Where it is, photo frame.
        polygon: Its four corners in the photo, clockwise from the string's own top left.
        characters: Its characters, left to right.
        alternatives: Other texts, best first, none likelier than `text`.
        value: The number, or None where the separators leave it open.
        field: A template's name for the place.
        table: Index of the table on the page.
        row: Row in the table.
        column: Column in the table.
        evidence: What the confidence was worked out from, or None if nothing was.
        source: Where the text comes from.
    """

    text: str
    confidence: float
    accepted: bool
    kind: Kind
    box: Box
    polygon: tuple[tuple[int, int], ...]
    characters: tuple[CharacterReading, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    value: float | None = None
    field: str | None = None
    table: int | None = None
    row: int | None = None
    column: int | None = None
    evidence: Evidence | None = None
    source: Origin = Origin.READ

    @property
    def digits(self) -> str:
        """The digits of the text alone."""
        return digits_of(self.text)

    @property
    def number_chance(self) -> float:
        """How likely it is one of a number at all; 1 where nothing is known of that."""
        return 1.0 if self.evidence is None else self.evidence.number_chance


@dataclass(frozen=True, slots=True)
class TableGrid:
    """A ruled table of a photo.

    Attributes:
        crossings: (rows + 1) × (columns + 1) points of the photo where its rules cross, from the
            table's own top left.
    """

    crossings: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def row_count(self) -> int:
        """Number of rows."""
        return len(self.crossings) - 1

    @property
    def column_count(self) -> int:
        """Number of columns."""
        return len(self.crossings[0]) - 1

    @property
    def polygon(self) -> tuple[tuple[int, int], ...]:
        """Its four corners, clockwise from its own top left."""
        top, bottom = self.crossings[0], self.crossings[-1]
        return top[0], top[-1], bottom[-1], bottom[0]


@dataclass(frozen=True, slots=True)
class PhotoReading:
    """Everything read from one photo.

    Attributes:
        file: The file's name as the user gave it; `-` for standard input.
        page: Page number within the file, from 1.
        width: Columns of the photo; 0 if it could not be read.
        height: Rows of the photo; 0 if it could not be read.
        turn_deg: Quarter turn, clockwise, that the content asked for beyond EXIF.
        strings: The strings, in reading order; of a table every cell, blank ones with no text.
        tables: The tables that the strings' `table` counts.
        error: Why the photo could not be read, or None.
        review: With a template, what a person must look at, and why.
        seconds: Time from bytes to strings.
    """

    file: str
    page: int = 1
    width: int = 0
    height: int = 0
    turn_deg: int = 0
    strings: tuple[FieldReading, ...] = field(default=())
    tables: tuple[TableGrid, ...] = ()
    error: str | None = None
    seconds: float = 0.0
    review: tuple[str, ...] = ()


class Agreement(Enum):
    """What the two readers said of one string.

    `AGREED` and `DISPUTED`: both spoke, and their best digits were the same or were not, or ink
    beside them may be another digit.
    `LOOKS`: both would have been asked, but the string reader's two looks gave the same digits and
    were sure of them. `STRINGS` and `SEGMENTS`: only that reader was to be asked.
    """

    AGREED = "agreed"
    DISPUTED = "disputed"
    LOOKS = "looks"
    STRINGS = "strings"
    SEGMENTS = "segments"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a string of a page stands among the rest of its writing.

    Attributes:
        letters_beside: Width of what is no sure number on its line, within six heights left and
            right of it, as a share of eight heights; 0 to 1.
        letters_elsewhere: Logarithm of what there is of words on the rest of the page, by that of
            sure numbers, both as widths in their own heights; at most 3.
        height: Logarithm of its height, by that of most lines of the page.
        share: Its width, of the writing that it was found in; 0 to 1.
        column: Logarithm of 1 and the likely numbers above and below it in one column, at most six.
        walls: Of its two sides, on how many there is an upright rule near it.
        neighbour: How near the next likely number stands on its line: 1 touches it, 0 is too far
            away to be a part of it.
        gap: What its widest gap between two digits is wider than its others, heights, above what
            writers do; two numbers may have been taken for one.
    """

    letters_beside: float
    letters_elsewhere: float
    height: float
    share: float
    column: float = 0.0
    walls: int = 0
    neighbour: float = 0.0
    gap: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about a reading before its confidence is calibrated.

    Attributes:
        posterior: Probability of the best digits among all hypotheses, 0 to 1.
        agreement: What the two readers said.
        digit_count: Digits of the text.
        weakest: Lowest probability that either reader gives to any one digit, 0 to 1.
        standing: How it stands on its page; None if it is no string of a page.
        number_chance: How likely it is one of a number at all, 0 to 1.
    """

    posterior: float
    agreement: Agreement
    digit_count: int
    weakest: float
    standing: Standing | None = None
    number_chance: float = 1.0

    def __post_init__(self) -> None:
        probabilities = (self.posterior, self.weakest, self.number_chance)
        if not (all(0 <= it <= 1 for it in probabilities) and self.digit_count >= 0):
            raise ValueError(f"probabilities are 0 to 1 and digits are counted, not {self}")
