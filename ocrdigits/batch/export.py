"""A store in, the results of its job out: one file, or one a photo, whole or not at all."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from ocrdigits.batch.decisions import Decisions, settle
from ocrdigits.batch.form_review import settle_review
from ocrdigits.batch.photos import stable_slug
from ocrdigits.batch.rows import reading_of, string_of
from ocrdigits.batch.setup import TemplateFacts, template_facts
from ocrdigits.batch.store import Store
from ocrdigits.errors import MissingExtraError, UsageError
from ocrdigits.names import printable_name
from ocrdigits.output.atomic import open_results, write_into, writing_whole
from ocrdigits.output.formats import ExportFormat, ResultFormat
from ocrdigits.output.grid import format_grid
from ocrdigits.output.parquet import parquet_rows, parquet_schema
from ocrdigits.output.results import format_header, format_reading, shown_reading
from ocrdigits.records import FieldReading, PhotoReading
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
        output: File to write, or folder if the format is `GRID`; None for standard output.
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
        UsageError: If a form's fields are asked for and the readings are without a template.
        OutputError: If it cannot be written; an old file is then still what it was.
        BrokenPipeError: If nobody reads the pipe any more.
    """
    template = template_facts(store.setup_facts(setup_id))
    if target.chosen is ExportFormat.FIELDS and template is None:
        raise UsageError("--format fields needs readings by a form's --template; give both")
    pages = read_back(store, setup_id, target.folder)
    if target.chosen is ExportFormat.GRID and target.output is not None:
        _write_grids(pages, target.output, set(store.paths()), check)
        return
    readings = (reading for _, reading in pages)
    if target.chosen is ExportFormat.PARQUET and target.output is not None:
        with writing_whole(target.output) as stream:
            _write_parquet(readings, stream, check)
        return
    chosen = ResultFormat(target.chosen.value)
    names = () if template is None else template.field_names
    with open_results(target.output, getattr(sys.stdout, "buffer", None)) as sink:
        sink.write(format_header(chosen, names, of_job=True))
        for reading in readings:
            check()
            if sink.is_terminal:
                reading = shown_reading(reading, chosen)  # noqa: PLW2901
            sink.write(
                format_reading(reading, chosen, several_photos=True, field_names=names, of_job=True)
            )


def read_back(store: Store, setup_id: int, folder: str) -> Iterator[tuple[str, PhotoReading]]:
    """The readings in a store, page by page, in the order of the results, as people settled them.

    Args:
        store: The job's.
        setup_id: Whose readings.
        folder: As the user named it.

    Yields:
        The photo's path within the folder, and the reading.
    """
    decisions = Decisions(store)
    is_reviewed = decisions.count() > 0
    start = str(Path(folder) / "_")[:-1]
    facts = store.setup_facts(setup_id)
    decimal, template = DecimalMark(facts["settings"]["decimal"]), template_facts(facts)
    decimals = {} if template is None else template.decimals
    for page in store.pages(setup_id):
        decided = decisions.match(page) if is_reviewed else {}
        read = [string_of(row) for row in page.strings]
        ids = [row["id"] for row in page.strings]
        settled = [
            settle(string, decided.get(string_id), decimals.get(string.field or "", decimal))
            for string_id, string in zip(ids, read, strict=True)
        ]
        reading = reading_of(start + page.path, page.row, (it for it in settled if it is not None))
        if template is not None and decided:
            reading = _settle_form(reading, template, read, settled)
        yield page.path, reading


def _settle_form(
    reading: PhotoReading,
    template: TemplateFacts,
    read: list[FieldReading],
    settled: list[FieldReading | None],
) -> PhotoReading:
    changed = {
        string.field or "": after
        for string, after in zip(read, settled, strict=True)
        if after is not string
    }
    review = settle_review(reading.review, template.sums, read, changed)
    return replace(reading, review=review)


def _write_grids(
    pages: Iterable[tuple[str, PhotoReading]],
    folder: Path,
    known: set[str],
    check: Callable[[], None],
) -> None:
    """One CSV for each page, untouched where it is the same; those of pages that are gone go."""
    written = set()
    for path, reading in pages:
        check()
        if reading.error is not None:
            continue
        page = f"-page{reading.page}" if reading.page > 1 else ""
        name = f"{stable_slug(path)}{page}.csv"
        data = format_grid(reading, with_name=False).encode()
        if not _holds(folder / name, data):
            write_into(folder, name, data)
        written.add(name)
    ours = {stable_slug(path) for path in known}
    for file in folder.glob("*.csv"):
        if file.name not in written and re.sub(r"(-page\d+)?\.csv$", "", file.name) in ours:
            file.unlink(missing_ok=True)


def _holds(file: Path, data: bytes) -> bool:
    with suppress(OSError):
        return file.read_bytes() == data
    return False


def _write_parquet(
    readings: Iterator[PhotoReading], stream: BinaryIO, check: Callable[[], None]
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = parquet_schema()
    rows = (row for reading in readings for row in parquet_rows(reading))
    with pq.ParquetWriter(stream, schema) as writer:
        while group := list(islice(rows, _ROWS_A_GROUP)):
            check()
            writer.write_table(pa.Table.from_pylist(group, schema))
