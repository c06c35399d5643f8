"""The public Python interface: a `Reader` turns photos into strings."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from ocrdigits.asking import Readers
from ocrdigits.calibration import Calibration
from ocrdigits.model.readers import load_readers
from ocrdigits.pipeline import read_photo
from ocrdigits.records import Photo, PhotoReading
from ocrdigits.settings import Settings
from ocrdigits.trace import NoTrace, Trace
from ocrdigits.vision.load import load_photos

if TYPE_CHECKING:
    from ocrdigits.template.form import Form

_BYTES_NAME = "-"


class Watch(Protocol):
    """Looks on while the pages of one file are read."""

    def trace(self, photo: Photo) -> Trace:
        """Where the intermediate pictures of this page go."""

    def done(self, photo: Photo, reading: PhotoReading) -> None:
        """A page has been read."""


class NoWatch:
    """Keeps nothing and does nothing."""

    def trace(self, photo: Photo) -> Trace:
        """Keep no pictures."""
        return NoTrace()

    def done(self, photo: Photo, reading: PhotoReading) -> None:
        """Do nothing."""


class _TracingWatch(NoWatch):
    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def trace(self, photo: Photo) -> Trace:
        return self._trace


class Reader:
    """Reads digit strings from photos; safe to share by threads.

    Example:
        >>> import ocrdigits
        >>> reader = ocrdigits.Reader()  # doctest: +SKIP
        >>> for string in reader.read("photo.jpg").strings:  # doctest: +SKIP
        ...     print(string.text, string.confidence)
    """

    def __init__(  # noqa: PLR0913 - what a user may choose, named
        self,
        weights: Path | None = None,
        settings: Settings | None = None,
        *,
        calibration: Calibration | None = None,
        form: Form | None = None,
        threads: int = 1,
        wait: bool = True,
    ) -> None:
        """Load the networks.

        Args:
            weights: Folder with weights of either network or both, and their cards; None for the
                ones that came along, which also stand in for the one that is not there.
            settings: Settings of all stages; None for the defaults.
            calibration: What the readers' evidence is worth; None for what the card says.
            form: What photos show, as `template.form.load_form` gives it: its fields are read, and
                nothing else. None to read what there is.
            threads: Threads of the networks; more than one helps where photos are read one by one.
            wait: Whether the networks are to be ready on return. If not, they are made ready while
                the first photo is decoded, and what is wrong with them is said there.

        Raises:
            WeightsError: If the weights are missing, damaged or do not fit.
        """
        self.settings = settings or Settings()
        self._form = form
        pool = ThreadPoolExecutor(1, thread_name_prefix="ocrdigits")
        self._coming = pool.submit(
            load_readers, weights, self.settings.reader, calibration=calibration, threads=threads
        )
        pool.shutdown(wait=False)
        if wait:
            self.wait()

    def wait(self) -> None:
        """Wait until the networks are ready.

        Raises:
            WeightsError: If the weights are missing, damaged or do not fit.
        """
        self._coming.result()

    @property
    def _readers(self) -> Readers:
        return self._coming.result()

    def with_settings(self, settings: Settings) -> Reader:
        """A reader with the same networks and other settings.

        Args:
            settings: Of all stages; `reader` stays what it was.
        """
        other = copy(self)
        other.settings = replace(settings, reader=self.settings.reader)
        return other

    def read(self, source: str | Path | bytes, trace: Trace | None = None) -> PhotoReading:
        """Read one photo; of a multi-page file its first page.

        Args:
            source: Path of the file, or its bytes.
            trace: Takes pictures of the stages.

        Returns:
            The strings; none of them if the photo shows no digits.

        Raises:
            InputError: If the photo cannot be read.
            MissingExtraError: If it is HEIC or PDF and the part that reads it is not installed.
        """
        watch = NoWatch() if trace is None else _TracingWatch(trace)
        return next(self.read_pages(source, watch=watch))

    def read_pages(
        self, source: str | Path | bytes, *, name: str | None = None, watch: Watch | None = None
    ) -> Iterator[PhotoReading]:
        """Read every page of a file, one after the other.

        Args:
            source: Path of the file, or its bytes.
            name: What to call it in results and messages; None for its path, or `-` for bytes.
            watch: Looks on.

        Yields:
            One reading for each page, `seconds` counted from bytes to strings.

        Raises:
            InputError: If the file or one of its pages cannot be read, or does not show the form.
            MissingExtraError: If it is HEIC or PDF and the part that reads it is not installed.
        """
        watch = watch or NoWatch()
        content = source if isinstance(source, bytes) else Path(source)
        name = name or (_BYTES_NAME if isinstance(content, bytes) else str(source))
        with_colors = type(watch) is not NoWatch or self._form is not None
        photos = load_photos(content, name, self.settings.load, with_colors=with_colors)
        started = perf_counter()
        for photo in photos:
            reading = self._read_photo(photo, watch.trace(photo))
            reading = replace(reading, seconds=perf_counter() - started)
            watch.done(photo, reading)
            yield reading
            started = perf_counter()

    def _read_photo(self, photo: Photo, trace: Trace) -> PhotoReading:
        if self._form is None:
            return read_photo(photo, self.settings, self._readers, trace)
        from ocrdigits.template.reading import read_form  # a fifth of what is imported here

        return read_form(photo, self._form, self.settings, self._readers, trace)
