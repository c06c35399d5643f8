"""Readings as CSV: one row for each string, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from ocrdigits.output.numbers import plain_number
from ocrdigits.records import FieldReading, PhotoReading

COLUMNS = (
    *("file", "page", "field", "table", "row", "column", "text", "value", "confidence"),
    *("accepted", "x", "y", "width", "height", "error"),
)

_FORMULA_STARTS = (*"=+-@\t\r\n", *"＝＋－＠")
"""The wide ones start a formula where spreadsheets are set to Japanese or Chinese."""


def format_csv_header(*, sourced: bool = False) -> str:
    """The first line: the names of the columns; `source` if rows are `sourced`."""
    return csv_line((*COLUMNS, "source") if sourced else COLUMNS)


def format_csv(reading: PhotoReading, *, sourced: bool = False) -> str:
    """Write one photo's strings as rows.

    Args:
        reading: What was read.
        sourced: Whether a last column says where each text comes from.

    Returns:
        Rows, each with its end: one for each string, or a single one without text if nothing was
        found or the photo could not be read. `text` stands verbatim; `file`, `field` and `error`
        cannot be taken for formulas.
    """
    strings: tuple[FieldReading | None, ...] = reading.strings or (None,)
    rows = (
        [*_cells(reading, string), *([_source(string)] if sourced else [])] for string in strings
    )
    return "".join(map(csv_line, rows))


def _source(string: FieldReading | None) -> str:
    return "" if string is None else string.source.value


def _cells(reading: PhotoReading, string: FieldReading | None) -> list[object]:
    file = shown_file(reading)
    error = no_formula(reading.error or "")
    if string is None:
        return [file, reading.page, *[""] * (len(COLUMNS) - 3), error]
    place = [string.table, string.row, string.column]
    box = string.box
    return [
        *(file, reading.page, no_formula(string.field or "")),
        *("" if index is None else index for index in place),
        *(string.text, "" if string.value is None else plain_number(string.value)),
        *(round(string.confidence, 4), "true" if string.accepted else "false"),
        *(box.x, box.y, box.width, box.height, error),
    ]


def shown_file(reading: PhotoReading) -> str:
    """The file's name, safe in a spreadsheet; `-` for standard input stays."""
    return reading.file if reading.file == "-" else no_formula(reading.file)


def no_formula(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run (OWASP, "CSV Injection")."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def csv_line(cells: Iterable[object]) -> str:
    """Write cells as one line of CSV, with its end."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)  # so that it quotes both of them
    return buffer.getvalue().removesuffix("\r\n") + "\n"
