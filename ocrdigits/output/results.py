"""The choice among result formats, so that callers need not know them one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ocrdigits.names import printable_name
from ocrdigits.output.csv import format_csv, format_csv_header
from ocrdigits.output.fields import format_fields, format_fields_header
from ocrdigits.output.formats import ResultFormat
from ocrdigits.output.grid import format_grid
from ocrdigits.output.json import format_json
from ocrdigits.output.text import format_text
from ocrdigits.records import PhotoReading


def format_header(
    result_format: ResultFormat, field_names: Sequence[str] = (), *, of_job: bool = False
) -> str:
    """What comes before the first result: the column names of CSV, else nothing.

    Args:
        result_format: How results are written.
        field_names: Of the template, if there is one.
        of_job: As for `format_reading`.
    """
    if result_format is ResultFormat.FIELDS:
        return format_fields_header(field_names)
    return format_csv_header(sourced=of_job) if result_format is ResultFormat.CSV else ""


def shown_reading(reading: PhotoReading, result_format: ResultFormat) -> PhotoReading:
    """The reading for a terminal, which its name could steer; JSON escapes names by itself."""
    if result_format is ResultFormat.JSON:
        return reading
    return replace(reading, file=printable_name(reading.file))


def format_reading(
    reading: PhotoReading,
    result_format: ResultFormat,
    *,
    several_photos: bool,
    field_names: Sequence[str] = (),
    of_job: bool = False,
) -> str:
    """Write one photo's reading.

    Args:
        reading: What was read.
        result_format: How to write it.
        several_photos: Whether text lines need the file's name.
        field_names: Of the template, if there is one.
        of_job: Whether CSV and JSON say where each text comes from, and no times, so that two runs
            of a job give the same bytes.

    Returns:
        Whole lines.
    """
    if result_format is ResultFormat.FIELDS:
        return format_fields(reading, field_names)
    if result_format is ResultFormat.CSV:
        return format_csv(reading, sourced=of_job)
    if result_format is ResultFormat.JSON:
        return format_json(reading, timed=not of_job, sourced=of_job)
    if result_format is ResultFormat.GRID:
        return format_grid(reading, with_name=several_photos)
    return format_text(reading, with_name=several_photos)
