"""Readings ↔ rows: what a worker sends, the store keeps and an export writes.

A row is a dict of JSON's plain types, with the store's columns as keys, so that it travels from a
worker as JSON (a photo that takes a worker over cannot have the parent unpickle anything) and goes
into the store as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ocrdigits.names import printable_name
from ocrdigits.records import (
    Alternative,
    Box,
    CharacterReading,
    FieldReading,
    Kind,
    PhotoReading,
    TableGrid,
)

Row = dict[str, Any]

PAGE_COLUMNS = ("page", "width", "height", "turn_deg", "error", "review", "tables")
STRING_COLUMNS = (
    *("text", "digits", "value", "confidence", "accepted", "kind"),
    *("field", "table_index", "row_index", "column_index"),
    *("x", "y", "width", "height", "polygon", "characters", "alternatives"),
)


def page_row(reading: PhotoReading) -> Row:
    """One page as a row, its strings as rows under `strings`.

    Args:
        reading: What was read. Its `error` begins with the file's name, which the row leaves out:
            the store knows the photo by its place in the folder, whatever the folder is called.
    """
    error = reading.error
    return {
        "page": reading.page,
        "width": reading.width,
        "height": reading.height,
        "turn_deg": reading.turn_deg,
        "error": None if error is None else error.removeprefix(_error_start(reading.file)),
        "review": json.dumps(list(reading.review)),
        "tables": json.dumps([_crossings(grid) for grid in reading.tables]),
        "strings": [_string_row(string) for string in reading.strings],
    }


def _string_row(string: FieldReading) -> Row:
    box = string.box
    return {
        "text": string.text,
        "digits": string.digits,
        "value": None if string.value is None else float(string.value),
        "confidence": float(string.confidence),  # NumPy's numbers are not JSON's
        "accepted": int(string.accepted),
        "kind": string.kind.value,
        "field": string.field,
        "table_index": _index(string.table),
        "row_index": _index(string.row),
        "column_index": _index(string.column),
        **dict(zip(("x", "y", "width", "height"), _numbers(box), strict=True)),
        "polygon": json.dumps([[int(x), int(y)] for x, y in string.polygon]),
        "characters": json.dumps(
            [[it.text, float(it.confidence), *_numbers(it.box)] for it in string.characters]
        ),
        "alternatives": json.dumps(
            [{"text": it.text, "confidence": float(it.confidence)} for it in string.alternatives]
        ),
    }


def _crossings(grid: TableGrid) -> list[list[list[int]]]:
    return [[[int(x), int(y)] for x, y in line] for line in grid.crossings]


def _grid_of(crossings: list[list[list[int]]]) -> TableGrid:
    return TableGrid(tuple(tuple((x, y) for x, y in line) for line in crossings))


def _numbers(box: Box) -> tuple[int, int, int, int]:
    return int(box.x), int(box.y), int(box.width), int(box.height)


def _index(index: int | None) -> int | None:
    return None if index is None else int(index)


def reading_of(file: str, page: Mapping[str, Any], strings: Iterable[FieldReading]) -> PhotoReading:
    """A page's reading, without the time it took.

    Args:
        file: What results call the photo.
        page: Row with `PAGE_COLUMNS`.
        strings: Its strings, in reading order.
    """
    return PhotoReading(
        file=file,
        page=page["page"],
        width=page["width"],
        height=page["height"],
        turn_deg=page["turn_deg"],
        strings=tuple(strings),
        error=None if page["error"] is None else _error_start(file) + page["error"],
        review=tuple(_items(page["review"])),
        tables=tuple(map(_grid_of, _items(page["tables"]))),
    )


def _items(text: str) -> list[Any]:
    return [] if text == "[]" else json.loads(text)  # as it mostly is


def _error_start(file: str) -> str:
    return f"{printable_name(file)}: "


def string_of(row: Mapping[str, Any]) -> FieldReading:
    """A string's reading.

    Args:
        row: Row with `STRING_COLUMNS`.
    """
    return FieldReading(
        text=row["text"],
        confidence=row["confidence"],
        accepted=bool(row["accepted"]),
        kind=Kind(row["kind"]),
        box=Box(row["x"], row["y"], row["width"], row["height"]),
        polygon=tuple((x, y) for x, y in json.loads(row["polygon"])),
        characters=tuple(
            CharacterReading(text, confidence, Box(*box))
            for text, confidence, *box in json.loads(row["characters"])
        ),
        alternatives=tuple(
            Alternative(it["text"], it["confidence"]) for it in json.loads(row["alternatives"])
        ),
        value=row["value"],
        field=row["field"],
        table=row["table_index"],
        row=row["row_index"],
        column=row["column_index"],
    )
