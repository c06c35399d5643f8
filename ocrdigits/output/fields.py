"""Readings of forms as CSV: one row for each photo, a column for each field of the template."""

from __future__ import annotations

from collections.abc import Sequence

from ocrdigits.output.csv import csv_line, no_formula, shown_file
from ocrdigits.records import PhotoReading
from ocrdigits.template.document import COLUMNS_AFTER, COLUMNS_BEFORE, CONFIDENCE


def format_fields_header(names: Sequence[str]) -> str:
    """The first line: the names of the columns.

    Args:
        names: Of the template's fields, in its order.
    """
    confidences = (name + CONFIDENCE for name in names)
    return csv_line((*COLUMNS_BEFORE, *names, *confidences, *COLUMNS_AFTER))


def format_fields(reading: PhotoReading, names: Sequence[str]) -> str:
    """Write one photo's fields as a row.

    Args:
        reading: What was read, a string for each field.
        names: Of the template's fields, in its order.

    Returns:
        The row with its end. Texts stand verbatim, "" for a blank field; a photo with an error has
        no fields and needs review. `file`, `reason` and `error` cannot be taken for formulas.
    """
    strings = {string.field: string for string in reading.strings}
    texts = [strings[name].text if name in strings else "" for name in names]
    confidences = [
        round(float(strings[name].confidence), 4) if name in strings else "" for name in names
    ]
    needs_review = bool(reading.review or reading.error)
    reason = no_formula("; ".join(reading.review))
    end = ("true" if needs_review else "false", reason, no_formula(reading.error or ""))
    return csv_line((shown_file(reading), reading.page, *texts, *confidences, *end))
