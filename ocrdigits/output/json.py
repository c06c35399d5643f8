"""Readings as JSON Lines: one object for each photo, or for each page of a multi-page file."""

from __future__ import annotations

import json
from typing import Any

from ocrdigits.output.numbers import plain_number
from ocrdigits.records import Box, FieldReading, PhotoReading, TableGrid


def format_json(reading: PhotoReading, *, timed: bool = True, sourced: bool = False) -> str:
    r"""Write one photo's reading as one line.

    Args:
        reading: What was read.
        timed: Whether it says how long that took; else `seconds` is null, so that two runs give
            the same bytes.
        sourced: Whether each string's `source` says where its text comes from.

    Returns:
        A JSON object in pure ASCII and a line end; bytes of the name that are not UTF-8 are lone
        surrogates (`\udcff`), as Python's `os.fsencode` takes them back.
    """
    return json.dumps(_photo(reading, timed, sourced), ensure_ascii=True, allow_nan=False) + "\n"


def _photo(reading: PhotoReading, timed: bool, sourced: bool) -> dict[str, Any]:
    return {
        "file": reading.file,
        "page": reading.page,
        "width": reading.width,
        "height": reading.height,
        "turn_deg": reading.turn_deg,
        "error": reading.error,
        "review": list(reading.review),
        "seconds": round(reading.seconds, 4) if timed else None,
        "strings": [
            _string(string) | ({"source": string.source.value} if sourced else {})
            for string in reading.strings
        ],
        "tables": [_table(grid) for grid in reading.tables],
    }


def _table(grid: TableGrid) -> dict[str, Any]:
    return {
        "rows": grid.row_count,
        "columns": grid.column_count,
        "polygon": [list(point) for point in grid.polygon],
    }


def _string(string: FieldReading) -> dict[str, Any]:
    return {
        "text": string.text,
        "digits": string.digits,
        "value": None if string.value is None else plain_number(string.value),
        "confidence": _probability(string.confidence),
        "accepted": bool(string.accepted),
        "kind": string.kind.value,
        "field": string.field,
        "table": string.table,
        "row": string.row,
        "column": string.column,
        "box": _box(string.box),
        "polygon": [list(point) for point in string.polygon],
        "characters": [
            {
                "text": character.text,
                "confidence": _probability(character.confidence),
                "box": _box(character.box),
            }
            for character in string.characters
        ],
        "alternatives": [
            {"text": other.text, "confidence": _probability(other.confidence)}
            for other in string.alternatives
        ],
    }


def _probability(confidence: float) -> float:
    return round(float(confidence), 4)  # NumPy's numbers are not JSON's


def _box(box: Box) -> list[int]:
    return [box.x, box.y, box.width, box.height]
