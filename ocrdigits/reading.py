"""The `read` command's work: sources in, result lines, pictures and a tally out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ocrdigits.api import NoWatch, Reader, Watch
from ocrdigits.errors import ExitCode
from ocrdigits.inputs import Source
from ocrdigits.jobs import Outcome, all_cores, read_sources
from ocrdigits.output.annotate import save_annotated
from ocrdigits.output.atomic import ResultSink, write_into
from ocrdigits.output.formats import ResultFormat
from ocrdigits.output.grid import format_grid
from ocrdigits.output.results import format_header, format_reading, shown_reading
from ocrdigits.records import Photo, PhotoReading
from ocrdigits.trace import FolderTrace, NoTrace, Trace


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """What to read and what to make of it.

    Attributes:
        sources: The files.
        result_format: How results are written.
        several_photos: Whether text lines need the file's name.
        jobs: Number of threads; None for all cores if there are several files.
        annotate_dir: Folder for photos with their strings outlined, or None.
        debug_dir: Folder for the pictures of all stages, or None.
        field_names: Of the template, if there is one.
        grid_dir: Folder for one file of tables a photo, or None to write results as usual.
    """

    sources: tuple[Source, ...]
    result_format: ResultFormat = ResultFormat.TEXT
    several_photos: bool = False
    jobs: int | None = None
    annotate_dir: Path | None = None
    debug_dir: Path | None = None
    field_names: tuple[str, ...] = ()
    grid_dir: Path | None = None

    @property
    def side_by_side(self) -> int:
        """How many files are read at a time."""
        return min(self.jobs or all_cores(), max(len(self.sources), 1))

    @property
    def threads(self) -> int:
        """Threads of the network: a single photo gets all cores, if `jobs` leaves that open."""
        return all_cores() if self.jobs is None and len(self.sources) == 1 else 1


@dataclass(frozen=True, slots=True)
class Tally:
    """How the reading went, in pages."""

    read: int = 0
    refused: int = 0
    defects: int = 0

    def plus(self, outcome: Outcome) -> Tally:
        """The tally with one outcome more."""
        if outcome.is_defect:
            return replace(self, defects=self.defects + 1)
        if outcome.failure is not None:
            return replace(self, refused=self.refused + 1)
        return replace(self, read=self.read + 1)

    @property
    def exit_code(self) -> ExitCode:
        """What the program should answer."""
        if self.defects:
            return ExitCode.DEFECT
        if self.refused:
            return ExitCode.SOME_UNREADABLE if self.read else ExitCode.NOTHING_READ
        return ExitCode.OK


def read_to_sink(
    reader: Reader, request: ReadRequest, sink: ResultSink, report: Callable[[Outcome], None]
) -> Tally:
    """Read everything and write each result as soon as it and those before it are there.

    Args:
        reader: Reads the photos.
        request: What to read.
        sink: Takes the lines.
        report: Told of every outcome, in order.

    Returns:
        How it went.

    Raises:
        OutputError: If results or pictures cannot be written.
        WeightsError: If the reader's networks are missing, damaged or do not fit.
    """
    tally = Tally()
    header = format_header(request.result_format, request.field_names)
    for outcome in read_sources(
        reader, request.sources, request.side_by_side, lambda it: _watch(it, request)
    ):
        sink.write(header)  # not before the first photo: the networks may not be ready
        header = ""
        if request.grid_dir is None:
            reading = outcome.reading
            if sink.is_terminal:
                reading = shown_reading(reading, request.result_format)
            sink.write(_result_lines(reading, request))
        report(outcome)
        tally = tally.plus(outcome)
    reader.wait()
    sink.write(header)
    return tally


def _result_lines(reading: PhotoReading, request: ReadRequest) -> str:
    return format_reading(
        reading,
        request.result_format,
        several_photos=request.several_photos,
        field_names=request.field_names,
    )


class PictureWatch:
    """Keeps the pictures of one source."""

    def __init__(
        self,
        slug: str,
        annotate_dir: Path | None,
        debug_dir: Path | None,
        photos: Iterable[Path] = (),
        *,
        grid_dir: Path | None = None,
    ) -> None:
        """Watch one source.

        Args:
            slug: Start of the pictures' names.
            annotate_dir: Folder for photos with their strings outlined, or None.
            debug_dir: Folder for the pictures of all stages of this source, or None.
            photos: Files that no picture may replace.
            grid_dir: Folder for the tables of each page as CSV, or None.
        """
        self._slug = slug
        self._annotate_dir = annotate_dir
        self._debug_dir = debug_dir
        self._photos = photos
        self._grid_dir = grid_dir

    def trace(self, photo: Photo) -> Trace:
        """Where the intermediate pictures of this page go."""
        if self._debug_dir is None:
            return NoTrace()
        page = f"page{photo.page}" if photo.page > 1 else ""
        return FolderTrace(self._debug_dir / page)

    def done(self, photo: Photo, reading: PhotoReading) -> None:
        """Write the annotated page, if that is wanted."""
        if self._annotate_dir is not None:
            save_annotated(photo, reading, self._annotate_dir, self._slug, self._photos)
        if self._grid_dir is not None:
            page = f"-page{photo.page}" if photo.page > 1 else ""
            text = format_grid(reading, with_name=False)
            write_into(self._grid_dir, f"{self._slug}{page}.csv", text.encode())


def _watch(source: Source, request: ReadRequest) -> Watch:
    if request.annotate_dir is None and request.debug_dir is None and request.grid_dir is None:
        return NoWatch()
    debug_dir = request.debug_dir
    if debug_dir is not None and len(request.sources) > 1:
        debug_dir = debug_dir / source.slug
    photos = [it.content for it in request.sources if isinstance(it.content, Path)]
    return PictureWatch(
        source.slug, request.annotate_dir, debug_dir, photos, grid_dir=request.grid_dir
    )
