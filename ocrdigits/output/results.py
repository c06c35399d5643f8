"""The choice among result formats, so that callers need not know them one by one."""

from __future__ import annotations

from collections.abc import Sequence

from ocrdigits.output.csv import format_csv, format_csv_header
from ocrdigits.output.fields import format_fields, format_fields_header
from ocrdigits.output.formats import ResultFormat
from ocrdigits.output.grid import format_grid
from ocrdigits.output.json import format_json
from ocrdigits.output.text import format_text
from ocrdigits.records import PhotoReading


def format_header(result_format: ResultFormat, field_names: Sequence[str] = ()) -> str:
    """What comes before the first result: the column names of CSV, else nothing."""
    if result_format is ResultFormat.FIELDS:
        return format_fields_header(field_names)
    return format_csv_header() if result_format is ResultFormat.CSV else ""


def format_reading(
    reading: PhotoReading,
    result_format: ResultFormat,
    *,
    several_photos: bool,
    field_names: Sequence[str] = (),
) -> str:
    """Write one photo's reading.

    Args:
        reading: What was read.
        result_format: How to write it.
        several_photos: Whether text lines need the file's name.
        field_names: Of the template, if there is one.

    Returns:
        Whole lines.
    """
    if result_format is ResultFormat.FIELDS:
        return format_fields(reading, field_names)
    if result_format is ResultFormat.CSV:
        return format_csv(reading)
    if result_format is ResultFormat.JSON:
        return format_json(reading)
    if result_format is ResultFormat.GRID:
        return format_grid(reading, with_name=several_photos)
    return format_text(reading, with_name=several_photos)
