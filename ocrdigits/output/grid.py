"""Tables of a reading as CSV: a line for each row, a column for each column."""

from __future__ import annotations

import csv
import io
from itertools import groupby

from ocrdigits.names import single_line_name
from ocrdigits.records import FieldReading, PhotoReading


def format_grid(reading: PhotoReading, *, with_name: bool) -> str:
    """Write one photo's tables as CSV.

    Args:
        reading: What was read.
        with_name: Whether each line starts with the file's name.

    Returns:
        Lines, each with its end; an empty one between tables; "" if there is no table. Texts stand
        verbatim; a blank cell is empty.
    """
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    name = [single_line_name(reading.file)] if with_name else []
    cells = [string for string in reading.strings if string.table is not None]
    for table, rows in groupby(cells, key=_table_of):
        if table:
            lines.write("\n")
        for _, row in groupby(rows, key=_row_of):
            writer.writerow([*name, *(cell.text for cell in row)])
    return lines.getvalue()


def _table_of(cell: FieldReading) -> int:
    return cell.table or 0


def _row_of(cell: FieldReading) -> int:
    return cell.row or 0
