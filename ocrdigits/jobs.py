"""Many sources in, their readings out, in order and as soon as possible, whatever goes wrong."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from ocrdigits.api import NoWatch, Reader, Watch
from ocrdigits.errors import InputError, MissingExtraError, OcrDigitsError
from ocrdigits.inputs import Source
from ocrdigits.names import printable_name
from ocrdigits.records import PhotoReading

_WAITING_PER_THREAD = 4
"""Photos handed out ahead of the one whose result comes next, so that a slow one holds up few."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One page read, or why it could not be.

    Attributes:
        reading: The reading; its `error` is set if there is a failure.
        failure: What was raised; an `OcrDigitsError` is the photo's fault, any other ours.
    """

    reading: PhotoReading
    failure: Exception | None = None

    @property
    def is_defect(self) -> bool:
        """Whether the failure is a defect of the program."""
        return self.failure is not None and not isinstance(self.failure, OcrDigitsError)


def all_cores() -> int:
    """Number of processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def read_sources(
    reader: Reader,
    sources: Iterable[Source],
    jobs: int,
    watch: Callable[[Source], Watch] = lambda source: NoWatch(),
) -> Iterator[Outcome]:
    """Read sources side by side.

    Threads do: OpenCV and ONNX Runtime let go of Python's lock while they work, and a process
    pool would cost half a second to start.

    Args:
        reader: Reads each of them.
        sources: What to read.
        jobs: Number of threads, at least 1.
        watch: Gives the onlooker of one source.

    Yields:
        One outcome for each page, in the order of the sources.

    Raises:
        OutputError: If an onlooker cannot write its pictures.
    """
    if jobs == 1:
        for source in sources:
            yield from read_source(reader, source, watch)
        return
    queue = iter(sources)
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="ocrdigits")

    def submit(source: Source) -> Future[list[Outcome]]:
        return pool.submit(lambda: list(read_source(reader, source, watch)))

    try:
        waiting = deque(submit(source) for source in islice(queue, jobs * _WAITING_PER_THREAD))
        while waiting:
            yield from waiting.popleft().result()
            waiting.extend(submit(source) for source in islice(queue, 1))
    finally:  # also when the caller stops early: start nothing more, wait for nothing
        pool.shutdown(wait=False, cancel_futures=True)


def read_source(
    reader: Reader, source: Source, watch: Callable[[Source], Watch]
) -> Iterator[Outcome]:
    """Read every page of one source.

    Args:
        reader: Reads it.
        source: What to read.
        watch: Gives its onlooker.

    Yields:
        One outcome for each page; the last one is a failure if the rest could not be read.

    Raises:
        OutputError: If the onlooker cannot write its pictures.
    """
    page = 1
    try:
        if isinstance(source.content, InputError):
            raise source.content
        for reading in reader.read_pages(source.content, name=source.name, watch=watch(source)):
            yield Outcome(reading)
            page += 1
    except (InputError, MissingExtraError) as error:
        yield Outcome(PhotoReading(source.name, page, error=str(error)), error)
    except OcrDigitsError:
        raise
    except Exception as error:  # one photo never stops the others
        reason = printable_name(f"{type(error).__name__}: {error}")[:200]
        fact = f"{printable_name(source.name)}: a defect in ocrdigits ({reason})"
        remedy = "please report it; -v shows where"
        yield Outcome(PhotoReading(source.name, page, error=f"{fact}; {remedy}"), error)
