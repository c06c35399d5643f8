"""Results of photos in, the bytes of a part out, and pieces of it back: lines or Parquet."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any, Protocol

from ocrdigits.errors import UsageError
from ocrdigits.output.formats import ExportFormat, ResultFormat
from ocrdigits.output.parquet import parquet_rows, parquet_schema
from ocrdigits.output.results import format_header, format_reading
from ocrdigits.records import PhotoReading

SUFFIXES = {
    ExportFormat.CSV: "csv",
    ExportFormat.FIELDS: "csv",
    ExportFormat.JSON: "jsonl",
    ExportFormat.TEXT: "txt",
    ExportFormat.PARQUET: "parquet",
}
"""Ending of a part's name, for each format that comes in parts."""


_BY_NAME = {".csv": ExportFormat.CSV, ".json": ExportFormat.JSON, ".jsonl": ExportFormat.JSON}


def choose_part_format(output: str, named: ExportFormat | None) -> ExportFormat:
    """The format that was named, or else the one that the folder's name tells, or else Parquet.

    Args:
        output: Folder or URL for the parts.
        named: By the user.

    Raises:
        UsageError: If it does not come in parts.
    """
    if output == "-":
        raise UsageError("--engine ray writes parts; give a folder or URL with -o")
    if named is None:
        return _BY_NAME.get(PurePosixPath(output).suffix.lower(), ExportFormat.PARQUET)
    if named not in SUFFIXES:
        raise UsageError(f"--format {named.value} does not come in parts; use csv, json or parquet")
    return named


class PartFormat(Protocol):
    """How a part is written; a photo's results are a piece, of bytes or of rows."""

    header: int
    """Where the first piece starts."""

    def piece(self, readings: Sequence[PhotoReading]) -> Any:  # noqa: ANN401 - bytes, or rows
        """The results of one photo, page by page."""

    def cut(self, part: bytes, start: int, size: int) -> Any:  # noqa: ANN401
        """A piece of an earlier part."""

    def join(self, pieces: Sequence[Any]) -> bytes:
        """The part that holds these pieces."""


def part_format(chosen: ExportFormat, field_names: Sequence[str]) -> PartFormat:
    """How parts of a format are written.

    Args:
        chosen: One of `SUFFIXES`.
        field_names: Of the template, if there is one.
    """
    if chosen is ExportFormat.PARQUET:
        return _Rows()
    return _Lines(ResultFormat(chosen.value), field_names)


class _Lines:
    def __init__(self, chosen: ResultFormat, field_names: Sequence[str]) -> None:
        self._chosen = chosen
        self._field_names = field_names
        self._header = _encode(format_header(chosen, field_names, of_job=True))
        self.header = len(self._header)

    def piece(self, readings: Sequence[PhotoReading]) -> bytes:
        return b"".join(
            _encode(
                format_reading(
                    reading,
                    self._chosen,
                    several_photos=True,
                    field_names=self._field_names,
                    of_job=True,
                )
            )
            for reading in readings
        )

    def cut(self, part: bytes, start: int, size: int) -> bytes:
        return part[start : start + size]

    def join(self, pieces: Sequence[bytes]) -> bytes:
        return b"".join((self._header, *pieces))


class _Rows:
    header = 0

    def piece(self, readings: Sequence[PhotoReading]) -> list[dict[str, Any]]:
        return [row for reading in readings for row in parquet_rows(reading)]

    def cut(self, part: bytes, start: int, size: int) -> list[dict[str, Any]]:
        import pyarrow.parquet as pq

        rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(part)).slice(start, size).to_pylist()
        return rows

    def join(self, pieces: Sequence[list[dict[str, Any]]]) -> bytes:
        import pyarrow as pa
        import pyarrow.parquet as pq

        rows = [row for piece in pieces for row in piece]
        written = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows, parquet_schema()), written)
        return written.getvalue()


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
