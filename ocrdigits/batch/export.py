"""A store in, the results of its job out: CSV, JSON Lines or Parquet, whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from ocrdigits.batch.decisions import Decisions, settle
from ocrdigits.batch.rows import reading_of, string_of
from ocrdigits.batch.store import Store
from ocrdigits.errors import MissingExtraError, UsageError
from ocrdigits.names import printable_name
from ocrdigits.output.atomic import open_results, writing_whole
from ocrdigits.output.csv import format_csv, format_csv_header
from ocrdigits.output.formats import ExportFormat
from ocrdigits.output.json import format_json
from ocrdigits.records import PhotoReading
from ocrdigits.values import DecimalMark

_ROWS_A_GROUP = 10_000
_SUFFIXES = {
    ".csv": ExportFormat.CSV,
    ".json": ExportFormat.JSON,
    ".jsonl": ExportFormat.JSON,
    ".ndjson": ExportFormat.JSON,
    ".parquet": ExportFormat.PARQUET,
}


def choose_format(output: Path | None, named: ExportFormat | None) -> ExportFormat:
    """The format that was named, or else the one that the file's name tells.

    Args:
        output: File to write; None for standard output.
        named: By the user.

    Returns:
        The format; it can be written.

    Raises:
        UsageError: If the name tells nothing.
        MissingExtraError: If it is Parquet and the part that writes it is not installed.
    """
    chosen = named or _SUFFIXES.get("" if output is None else output.suffix.lower())
    if chosen is None:
        shown = printable_name("standard output" if output is None else str(output))
        raise UsageError(f"{shown}: its name tells no format; give --format csv, json or parquet")
    if chosen is ExportFormat.PARQUET:
        if find_spec("pyarrow") is None:
            raise MissingExtraError("writing Parquet", "parquet")
        if output is None:
            raise UsageError("Parquet does not go to standard output; write to a file with -o")
    return chosen


@dataclass(frozen=True, slots=True)
class Target:
    """Where results go, and how.

    Attributes:
        folder: The photos' folder as the user named it; results name photos by it.
        output: File to write; None for standard output.
        chosen: The format.
    """

    folder: str
    output: Path | None
    chosen: ExportFormat


def write_results(store: Store, setup_id: int, target: Target, check: Callable[[], None]) -> None:
    """Write what a job has read so far.

    Args:
        store: The job's.
        setup_id: Whose readings.
        target: Where they go.
        check: Called now and then; may raise to stop.

    Raises:
        OutputError: If it cannot be written; an old file is then still what it was.
        BrokenPipeError: If nobody reads the pipe any more.
    """
    readings = read_back(store, setup_id, target.folder)
    if target.chosen is ExportFormat.PARQUET and target.output is not None:
        with writing_whole(target.output) as stream:
            _write_parquet(readings, stream, check)
        return
    is_csv = target.chosen is ExportFormat.CSV
    with open_results(target.output, getattr(sys.stdout, "buffer", None)) as sink:
        sink.write(format_csv_header(sourced=True) if is_csv else "")
        for reading in readings:
            check()
            sink.write(
                format_csv(reading, sourced=True)
                if is_csv
                else format_json(reading, timed=False, sourced=True)
            )


def read_back(store: Store, setup_id: int, folder: str) -> Iterator[PhotoReading]:
    """The readings in a store, page by page, in the order of the results, as people settled them.

    Args:
        store: The job's.
        setup_id: Whose readings.
        folder: As the user named it.
    """
    decisions = Decisions(store)
    decimal = DecimalMark(store.setup_facts(setup_id)["settings"]["decimal"])
    for page in store.pages(setup_id):
        decided = decisions.match(page)
        strings = (settle(string_of(row), decided.get(row["id"]), decimal) for row in page.strings)
        yield reading_of(
            str(Path(folder) / page.path), page.row, (it for it in strings if it is not None)
        )


def _write_parquet(
    readings: Iterator[PhotoReading], stream: BinaryIO, check: Callable[[], None]
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    text, whole, number = pa.string(), pa.int32(), pa.float64()
    schema = pa.schema(
        [("file", text), ("page", whole), ("field", text)]
        + [(name, whole) for name in ("table", "row", "column")]
        + [("text", text), ("value", number), ("confidence", number), ("accepted", pa.bool_())]
        + [(name, whole) for name in ("x", "y", "width", "height")]
        + [("error", text), ("source", text)]
    )
    rows = (row for reading in readings for row in _flat_rows(reading))
    with pq.ParquetWriter(stream, schema) as writer:
        while group := list(islice(rows, _ROWS_A_GROUP)):
            check()
            writer.write_table(pa.Table.from_pylist(group, schema))


def _flat_rows(reading: PhotoReading) -> Iterator[dict[str, Any]]:
    """The columns of CSV, typed; what is not there is null. Names need no care here."""
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
