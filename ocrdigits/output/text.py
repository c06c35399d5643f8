"""Readings as plain lines: one for each string, or for each row of a table."""

from __future__ import annotations

from itertools import groupby

from ocrdigits.names import single_line_name
from ocrdigits.records import PhotoReading


def format_text(reading: PhotoReading, *, with_name: bool) -> str:
    r"""Write one photo's strings as lines.

    Args:
        reading: What was read.
        with_name: Whether each line starts with the file's name and a tab.

    Returns:
        Lines, each with its end; "" if nothing was found. Control characters of the name are
        escaped, so that each line stays one; bytes that are not UTF-8 stay what they were.
    """
    prefix = f"{single_line_name(reading.file)}\t" if with_name else ""
    return "".join(f"{prefix}{line}\n" for line in _lines(reading))


def _lines(reading: PhotoReading) -> list[str]:
    rows = groupby(
        enumerate(reading.strings),
        key=lambda item: item[0] if item[1].table is None else (item[1].table, item[1].row),
    )
    return ["\t".join(string.text for _, string in row) for _, row in rows]
