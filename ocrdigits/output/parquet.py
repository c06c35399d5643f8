"""Readings as Parquet: the rows and columns of CSV, typed; needs pyarrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ocrdigits.names import printable_name
from ocrdigits.records import PhotoReading


def parquet_schema() -> Any:  # noqa: ANN401 - pyarrow is optional
    """Names and types of the columns, a `pyarrow.Schema`."""
    import pyarrow as pa

    text, whole, number = pa.string(), pa.int32(), pa.float64()
    return pa.schema(
        [("file", text), ("page", whole), ("field", text)]
        + [(name, whole) for name in ("table", "row", "column")]
        + [("text", text), ("value", number), ("confidence", number), ("accepted", pa.bool_())]
        + [(name, whole) for name in ("x", "y", "width", "height")]
        + [("error", text), ("source", text)]
    )


def parquet_rows(reading: PhotoReading) -> Iterator[dict[str, Any]]:
    """Write one photo's strings as rows.

    Args:
        reading: What was read.

    Yields:
        Column → value; what is not there is null. Names need no care here.
    """
    file = {"file": printable_name(reading.file), "page": reading.page, "error": reading.error}
    if not reading.strings:
        yield file
    for string in reading.strings:
        box = string.box
        yield file | {
            **{"field": string.field, "table": string.table, "row": string.row},
            **{"column": string.column, "text": string.text, "value": string.value},
            **{"confidence": round(string.confidence, 4), "accepted": string.accepted},
            **{"x": box.x, "y": box.y, "width": box.width, "height": box.height},
            **{"source": string.source.value},
        }
