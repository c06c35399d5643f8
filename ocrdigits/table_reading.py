"""A photo's tables in, the reading of every cell out: the order of the stages for tables.

GrayImage → TableMesh* → FlatTable → ink → turn → Field* → texts → FieldReading*, row by row. Each
cell is a small page of its own, so that what reads fields and lines reads cells too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ocrdigits.asking import Readers, fuse_place, lean_doubtful, share_out, show_lines
from ocrdigits.assemble import ScoredLine, StringPlace, assemble_reading
from ocrdigits.calibration import accept_from
from ocrdigits.cell_evidence import add_whole_digits, weigh_by_others, weigh_emptiness
from ocrdigits.constraint import Constraint, make_constraint
from ocrdigits.decode import digit_confidence, expect_non_digits
from ocrdigits.fusion import Fusion
from ocrdigits.propose import find_strings
from ocrdigits.records import (
    NOT_A_DIGIT,
    Agreement,
    Box,
    Coverage,
    DigitClassifier,
    FieldReading,
    Glimpse,
    GrayImage,
    Kind,
    Layout,
    Page,
    ReaderChoice,
    SegmentedPage,
    TableGrid,
)
from ocrdigits.settings import DecodeSettings, Settings, TableSettings
from ocrdigits.stage_pictures import draw_cells, draw_lines, draw_mesh
from ocrdigits.trace import Trace
from ocrdigits.vision.cells import (
    FlatTable,
    MeshPoints,
    TableInk,
    find_table_ink,
    find_writing,
    flatten_table,
    measure_darkness,
    tone_writing,
)
from ocrdigits.vision.components import Components
from ocrdigits.vision.fields import cut_field
from ocrdigits.vision.geometry import map_box, map_corners
from ocrdigits.vision.normalize import center_digit
from ocrdigits.vision.plain_line import FoundLine, find_line
from ocrdigits.vision.segment import segment_field
from ocrdigits.vision.tables import find_tables

_ALIKE = (0, 1, 8)  # digits that look alike, or like another letter, the other way up
_BLANK = 0.999
"""Confidence that a cell without any ink is blank."""


@dataclass(frozen=True, slots=True)
class TableReading:
    """One table, read.

    Attributes:
        grid: Where its rules cross in the photo.
        turn_deg: Quarter turn, clockwise, that made its digits upright.
        cells: Every cell, row by row; blank ones have no text.
    """

    grid: TableGrid
    turn_deg: int
    cells: tuple[FieldReading, ...]


@dataclass(frozen=True, slots=True)
class _Asking:
    """Who reads, how, and what every cell must be."""

    settings: Settings
    readers: Readers
    constraint: Constraint | None


@dataclass(frozen=True, slots=True)
class _Cell:
    """One cell: where it is, its ink, and what of it is writing."""

    row: int
    column: int
    box: Box
    ink: TableInk
    components: Components
    chosen: np.ndarray

    @property
    def is_blank(self) -> bool:
        return not self.chosen.any()

    def glyph_size(self) -> tuple[int, int] | None:
        """Width and height of the writing, if that is one free component and marks."""
        boxes = self.components.boxes[self.chosen]
        tall = boxes[boxes[:, 3] >= 0.5 * boxes[:, 3].max(initial=0)]
        if len(tall) != 1:
            return None
        x, y, w, h = (int(it) for it in tall[0])
        is_free = x > 1 and y > 1 and x + w < self.box.width - 1 and y + h < self.box.height - 1
        return (w, h) if is_free else None


def read_tables(
    gray: GrayImage, settings: Settings, readers: Readers, trace: Trace
) -> list[TableReading]:
    """Read every ruled table of a photo.

    Args:
        gray: (H, W) photo.
        settings: Of all stages.
        readers: Digit reader and string reader.
        trace: Takes a picture of every stage.

    Returns:
        The tables, the largest first; none if nothing is ruled.
    """
    meshes = find_tables(gray, settings.table, settings.enhance_page)
    trace.add("tables", lambda: draw_mesh(gray, meshes), f"{len(meshes)} tables")
    constraint = make_constraint(settings.pattern, settings.content)
    asking = _Asking(settings, readers, constraint)
    return [
        _read_table(gray, mesh.points, number, asking, trace) for number, mesh in enumerate(meshes)
    ]


def _read_table(
    gray: GrayImage,
    points: MeshPoints,
    number: int,
    asking: _Asking,
    trace: Trace,
) -> TableReading:
    settings = asking.settings
    table, cells = _open_table(gray, points, settings)
    turn_deg = choose_turn(_glyphs(cells), asking.readers.classify, asking.settings.decode)
    if turn_deg:
        table, cells = _open_table(gray, np.rot90(points, -turn_deg // 90), settings)
    trace.add("table", table.gray, f"table {number}: straightened, turned by {turn_deg}°")
    written = [cell for cell in cells if not cell.is_blank]
    read = _read_cells(gray, table, written, asking, trace, blank_count=len(cells) - len(written))
    blank = [
        _blank_reading(_page_of(cell, table), _BLANK, asking) for cell in cells if cell.is_blank
    ]
    placed = [
        replace(reading, table=number, row=cell.row, column=cell.column)
        for cell, reading in [
            *zip(written, read, strict=True),
            *zip([cell for cell in cells if cell.is_blank], blank, strict=True),
        ]
    ]
    placed.sort(key=lambda it: (it.row, it.column))
    rounded = np.rint(table.points + 0.5).astype(int).tolist()
    grid = TableGrid(tuple(tuple((x, y) for x, y in row) for row in rounded))
    return TableReading(grid, turn_deg, tuple(placed))


def _open_table(
    gray: GrayImage, points: MeshPoints, settings: Settings
) -> tuple[FlatTable, list[_Cell]]:
    """Straighten a table and find the writing in its cells."""
    limits = settings.table
    table = flatten_table(gray, points, least_px=limits.least_row_px, most_px=limits.most_row_px)
    written = find_table_ink(table, limits, settings.enhance_page)
    cells = []
    for row in range(len(table.tops) - 1):
        for column in range(len(table.lefts) - 1):
            box = table.cell_box(row, column, limits.rim)
            ink = written.cut(box)
            cells.append(_Cell(row, column, box, ink, *find_writing(ink.page, limits)))
    return table, cells


def _page_of(cell: _Cell, table: FlatTable) -> Page:
    """The cell as a page of its own."""
    return Page(table.cut(cell.box), table.photo_from_cell(cell.row, cell.column, cell.box), 0)


def _glyphs(cells: Sequence[_Cell]) -> list[Coverage]:
    """Every tall component of writing, cut out."""
    glyphs = []
    for cell in cells:
        heights = cell.components.boxes[:, 2:].max(axis=1, initial=0)
        tallest = heights[cell.chosen].max(initial=0)
        for index in np.flatnonzero(cell.chosen & (heights >= 0.6 * tallest)):
            x, y, w, h = (int(it) for it in cell.components.boxes[index])
            place = np.s_[y : y + h, x : x + w]
            own = cell.components.labels[place] == index + 1
            glyphs.append(np.where(own, cell.ink.page.coverage[place], np.float32(0)))
    return glyphs


def choose_turn(
    glyphs: Sequence[Coverage],
    classify: DigitClassifier,
    settings: DecodeSettings,
    *,
    least_ratio: float = 1.5,
    least_gain: float = 1.0,
) -> int:
    """Decide by the digits which way is up; in doubt, as the photo stands.

    Args:
        glyphs: (h, w) ink of one character each, as the photo stands.
        classify: The digit reader.
        settings: How many glyphs are no digit, the wrong way up.
        least_ratio: Another way up must speak for so many times as many digits …
        least_gain: … and so many more.

    Returns:
        The quarter turn, clockwise, that makes them upright: 0, 90, 180 or 270.
    """
    glyphs = [glyph for glyph in glyphs if glyph.max(initial=0) > 0]
    if not glyphs:
        return 0
    turned = [
        center_digit(np.ascontiguousarray(np.rot90(glyph, -quarter)))
        for quarter in range(4)
        for glyph in glyphs
    ]
    scores = expect_non_digits(classify(np.stack(turned)), settings.non_digit_odds)
    scores = scores[:, [digit for digit in range(NOT_A_DIGIT) if digit not in _ALIKE]]
    evidence = (scores.max(axis=1).reshape(4, -1) ** 2).sum(axis=1)
    quarter = int(evidence.argmax())
    return 90 * quarter if evidence[quarter] > least_ratio * evidence[0] + least_gain else 0


def _read_cells(  # noqa: PLR0913 - what is known of the cells, named
    gray: GrayImage,
    table: FlatTable,
    cells: Sequence[_Cell],
    asking: _Asking,
    trace: Trace,
    *,
    blank_count: int,
) -> list[FieldReading]:
    """Ask each network once for all cells with writing."""
    settings = asking.settings
    pages = [_page_of(cell, table) for cell in cells]
    fields = tuple(
        cut_field(cell.ink.page, cell.components, cell.chosen, Kind.CELL, settings.field)
        for cell in cells
    )
    lattices = tuple(segment_field(field, settings.segment) for field in fields)
    trace.add("segment", lambda: draw_cells(lattices), "glyph hypotheses, centred for the network")
    whole = Page(table.gray, np.eye(3), 0)
    segmented = SegmentedPage(whole, Layout.TABLE, fields, lattices, [Glimpse() for _ in fields])
    places = find_strings(segmented, settings, asking.readers.classify)
    if settings.reader is not ReaderChoice.STRINGS:
        tones = [tone_writing(cell.ink, cell.components, cell.chosen) for cell in cells]
        places = add_whole_digits(places, tones, asking.readers.classify, settings.decode)
    lines = _score_lines(gray, table, cells, settings, asking.readers)
    trace.add("lines", lambda: draw_lines(lines), f"{len(places)} cells with writing")
    empties = [
        _empty_share(place, scored, asking) for place, scored in zip(places, lines, strict=True)
    ]
    empties = weigh_emptiness(empties, blank_count)
    are_written = _are_written(cells, empties, settings.table)
    fusions = [
        _fuse(place, scored, asking, empty_share=0.0)
        for place, scored in zip(places, lines, strict=True)
    ]
    leaning = lean_doubtful(lines, fusions, settings.fusion, asking.readers)
    for index, scored in leaning.items():
        fusions[index] = _fuse(places[index], scored, asking, empty_share=0.0)
    if asking.constraint is None:
        fusions = weigh_by_others(fusions)
    return [
        _read_cell(place, fusion, scored, page, empty=empty, asking=asking)
        if is_written
        else _blank_reading(page, empty, asking)
        for place, fusion, scored, page, empty, is_written in zip(
            places, fusions, lines, pages, empties, are_written, strict=True
        )
    ]


def _are_written(
    cells: Sequence[_Cell], empties: Sequence[float], settings: TableSettings
) -> list[bool]:
    """Which cells hold a number: those that the readers see one in, and single glyphs as tall.

    What stands alone in its cell, as tall as the digits around, is a digit too blurred to be one;
    what is far paler than they are, a stain, unless the readers see a number in it.
    """
    darks = [measure_darkness(cell.ink, cell.components, cell.chosen) for cell in cells]
    palest = settings.stain_share * float(np.median(darks)) if darks else 0.0
    may_be = [
        dark >= palest or empty < settings.stain_blank_from
        for dark, empty in zip(darks, empties, strict=True)
    ]
    sizes = [cell.glyph_size() if may else None for cell, may in zip(cells, may_be, strict=True)]
    surely = [
        may and empty < settings.blank_from for may, empty in zip(may_be, empties, strict=True)
    ]
    heights = [size[1] for size, sure in zip(sizes, surely, strict=True) if size and sure]
    usual = float(np.median(heights)) if heights else 0.0
    return [
        sure or (size is not None and size[0] <= 1.1 * size[1] and 0.75 <= size[1] / usual <= 1.3)
        if usual
        else sure
        for size, sure in zip(sizes, surely, strict=True)
    ]


def _score_lines(
    gray: GrayImage,
    table: FlatTable,
    cells: Sequence[_Cell],
    settings: Settings,
    readers: Readers,
) -> list[ScoredLine | None]:
    """Ask the string reader about every cell; it sees no more pixels than the photo has."""
    if not readers.asks_strings(settings.reader):
        return [None for _ in cells]
    limits = settings.table
    natural = flatten_table(gray, table.points, least_px=1, most_px=limits.most_row_px)
    found: list[FoundLine] = []
    for cell in cells:
        box = natural.cell_box(cell.row, cell.column, limits.rim)
        line = find_line(natural.cut(box), None, settings.enhance_crop)
        scale = cell.box.width / box.width, cell.box.height / box.height
        grow = np.array([
            [scale[0], 0, (scale[0] - 1) / 2], [0, scale[1], (scale[1] - 1) / 2], [0, 0, 1]
        ])  # fmt: skip
        # Seen with their rules, 1 % fewer cells of drawn tables are read.
        found.append(replace(line, outer_from_gray=grow, is_alone=False))
    return show_lines(found, readers)


def _read_cell(  # noqa: PLR0913 - what is known of one cell, named
    place: StringPlace,
    fusion: Fusion,
    scored: ScoredLine | None,
    page: Page,
    *,
    empty: float,
    asking: _Asking,
) -> FieldReading:
    """Read a cell with a number; where the readers saw none, the reading is as doubtful as that."""
    if not fusion.has_digits:
        return _blank_reading(page, empty, asking)
    if empty >= asking.settings.table.blank_from:
        fusion = replace(fusion, posterior=fusion.posterior * (1 - empty))
    calibration = asking.readers.calibration
    return assemble_reading(
        place, fusion, scored, page, settings=asking.settings, calibration=calibration
    )


def _empty_share(
    place: StringPlace,
    scored: ScoredLine | None,
    asking: _Asking,
) -> float:
    """Probability that there is no number, as the readers see it who know nothing of tables."""
    if scored is None and asking.readers.read_lines is not None:  # it sees no ink there
        written = [path for path in place.paths if path.digits]
        return 1 - max(digit_confidence(written), default=0.0)
    fusion = _fuse(place, scored, asking, empty_share=1.0)
    return sum(text.probability for text in fusion.texts if not text.digits)


def _fuse(
    place: StringPlace,
    scored: ScoredLine | None,
    asking: _Asking,
    *,
    empty_share: float,
) -> Fusion:
    fusing, spread = asking.settings.fusion, 1.0
    if empty_share < 1:  # a cell is of a page
        usual = fusing.page_segments_weight
        weight = fusing.digit_segments_weight if _is_one_digit(place) else usual
        fusing, spread = share_out(fusing, weight, usual=usual)
    return fuse_place(
        place,
        scored,
        asking.settings.reader,
        fusing,
        asking.constraint,
        temperature=spread * asking.readers.calibration.temperature,
        empty_share=empty_share,
    )


def _is_one_digit(place: StringPlace) -> bool:
    """Whether the segments reader sees one digit in a cell, and no more."""
    return bool(place.paths) and len(place.paths[0].characters) == 1


def _blank_reading(page: Page, confidence: float, asking: _Asking) -> FieldReading:
    """A cell without a string; what was no digit to the readers is less sure to be blank."""
    height, width = page.gray.shape
    box = Box(0, 0, width, height)
    least = accept_from(asking.settings.decode, asking.readers.calibration, Agreement.AGREED)
    return FieldReading(
        text="",
        confidence=confidence,
        accepted=confidence >= least,
        kind=Kind.CELL,
        box=map_box(box, page.photo_from_page),
        polygon=map_corners(box, page.photo_from_page),
    )
