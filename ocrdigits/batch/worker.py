"""The worker's side: one photo at a time in, what was read out, in a process that may be lost.

Words on the pipe are JSON. From the parent: {"words", "has_file"}, then the file if there is one.
From the worker: first {"ready"} or {"cannot_start"}, then for each photo what its bench answers;
the one of `WorkPlan` {"stamp", "sha256", "status", "pages", "traceback"} to {"path", "slug",
"sha256"}, where `status` is None if the content is what `sha256` said, or {"stop"} if pictures
cannot be written. This module imports nothing heavy, so that the libraries' threads can be limited
before they are loaded.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import signal
import sys
import traceback
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from ocrdigits.memory import collect_seldom

if TYPE_CHECKING:
    from ocrdigits.api import Reader, Watch
    from ocrdigits.calibration import Calibration
    from ocrdigits.inputs import Source
    from ocrdigits.jobs import Outcome
    from ocrdigits.records import Photo, PhotoReading
    from ocrdigits.settings import Settings
    from ocrdigits.template.form import Form
    from ocrdigits.trace import Trace

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_OPENCV_NO_MEMORY = -4
_PR_SET_PDEATHSIG = 1


class Bench(Protocol):
    """Where a worker reads: everything it has at hand."""

    def answer(self, words: dict[str, Any], file: BinaryIO | None) -> dict[str, Any]:
        """One photo's answer, as JSON's plain types; its `status` is one of `Status` or None.

        Raises:
            MemoryError: If it takes too much.
        """


class Plan(Protocol):
    """What all workers of a crew have in common; can be pickled."""

    @property
    def max_memory_mb(self) -> int:
        """What a photo may take beside the reader itself."""

    def make_bench(self) -> Bench:
        """Set up in the worker; raises if that cannot be."""


@dataclass(frozen=True, slots=True)
class WorkPlan:
    """What all workers of a job have in common.

    Attributes:
        folder: Where the photos are.
        settings: Of all stages.
        weights: Folder the user named, or None.
        calibration: What the user named, or None.
        form: What photos show, or None.
        max_memory_mb: What a photo may take beside the reader itself.
        crops_dir: Where pictures of strings that were not accepted go, or None.
        annotate_dir: Where annotated photos go, or None.
        debug_dir: Where pictures of all stages go, or None.
    """

    folder: Path
    settings: Settings
    weights: Path | None = None
    calibration: Calibration | None = None
    form: Form | None = None
    max_memory_mb: int = 4096
    crops_dir: Path | None = None
    annotate_dir: Path | None = None
    debug_dir: Path | None = None

    @property
    def picture_folders(self) -> tuple[Path, ...]:
        """Where pictures go."""
        folders = (self.crops_dir, self.annotate_dir, self.debug_dir)
        return tuple(folder for folder in folders if folder is not None)

    def make_bench(self) -> Bench:
        """Load the networks."""
        return _PhotoBench(self)


def work(pipe: Connection, plan: bytes, parent: int) -> None:
    """Read photos until the parent closes the pipe or ends; the entry of a worker process.

    Args:
        pipe: To the parent.
        plan: A pickled `Plan`, made by the parent.
        parent: Its process id.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's affair
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _die_with(parent)
    _hush()
    for variable in _ONE_THREAD:
        os.environ[variable] = "1"
    with suppress(EOFError, OSError):  # the parent has gone
        try:
            bench = _set_up(pickle.loads(plan))
        except Exception as error:
            _say(pipe, {"cannot_start": f"{type(error).__name__}: {error}"})
            return
        _say(pipe, {"ready": True})
        while True:
            task = json.loads(pipe.recv_bytes())
            file = os.fdopen(recv_handle(pipe), "rb") if task["has_file"] else None
            with file or nullcontext():
                _say(pipe, _answer(bench, task["words"], file))


def _answer(bench: Bench, words: dict[str, Any], file: BinaryIO | None) -> dict[str, Any]:
    try:
        return bench.answer(words, file)
    except MemoryError:  # the file itself is too large
        return {"status": "memory"}


def _set_up(plan: Plan) -> Bench:
    import cv2

    cv2.setNumThreads(1)
    collect_seldom()
    bench = plan.make_bench()
    _limit_memory(plan.max_memory_mb)
    return bench


def _say(pipe: Connection, answer: dict[str, Any]) -> None:
    pipe.send_bytes(json.dumps(answer).encode())


class _PhotoBench:
    """Reads the photos of a job."""

    def __init__(self, plan: WorkPlan) -> None:
        from ocrdigits.api import Reader

        self._plan = plan
        self._reader: Reader = Reader(
            plan.weights, plan.settings, calibration=plan.calibration, form=plan.form
        )

    def answer(self, words: dict[str, Any], file: BinaryIO | None) -> dict[str, Any]:
        """One photo's answer."""
        from ocrdigits.batch.photos import stamp_file
        from ocrdigits.errors import InputError, OutputError
        from ocrdigits.inputs import Source
        from ocrdigits.vision.load import read_file

        path = self._plan.folder / words["path"]
        # Before the file is read: if it changes meanwhile, the next run finds another stamp.
        answer: dict[str, Any] = {"stamp": stamp_file(path).numbers, "sha256": None}
        content: bytes | InputError
        try:
            content = read_file(path, str(path))
            answer["sha256"] = hashlib.sha256(content).hexdigest()
        except InputError as error:
            content = error
        if answer["sha256"] is not None and answer["sha256"] == words["sha256"]:
            return answer | {"status": None}
        try:
            return answer | self._read_pages(Source(str(path), content, words["slug"]))
        except OutputError as error:
            return {"stop": str(error)}

    def _read_pages(self, source: Source) -> dict[str, Any]:
        from ocrdigits.batch.rows import page_row
        from ocrdigits.jobs import read_source

        outcomes = list(read_source(self._reader, source, lambda it: self._watch(it.slug)))
        return {
            "status": status_of(outcomes[-1]),
            "pages": [page_row(outcome.reading) for outcome in outcomes],
            "traceback": traceback_of(outcomes[-1]),
        }

    def _watch(self, slug: str) -> Watch:
        from ocrdigits.reading import PictureWatch

        plan = self._plan
        debug_dir = None if plan.debug_dir is None else plan.debug_dir / slug
        pictures = PictureWatch(slug, plan.annotate_dir, debug_dir)
        return pictures if plan.crops_dir is None else _CropWatch(pictures, plan.crops_dir, slug)


class _CropWatch:
    """Keeps pictures of what was not accepted, beside the others."""

    def __init__(self, others: Watch, folder: Path, slug: str) -> None:
        self._others = others
        self._folder = folder
        self._slug = slug

    def trace(self, photo: Photo) -> Trace:
        return self._others.trace(photo)

    def done(self, photo: Photo, reading: PhotoReading) -> None:
        from ocrdigits.batch.crops import save_crops

        self._others.done(photo, reading)
        save_crops(photo, reading, self._folder, self._slug)


def status_of(last: Outcome) -> str:
    """How the reading of a photo ended, from the outcome of its last page."""
    from ocrdigits.batch.records import Status

    failure = last.failure
    if failure is None:
        status = Status.READ
    elif isinstance(failure, MemoryError) or getattr(failure, "code", None) == _OPENCV_NO_MEMORY:
        status = Status.MEMORY
    else:
        status = Status.DEFECT if last.is_defect else Status.REFUSED
    return str(status.value)


def traceback_of(last: Outcome) -> list[str]:
    """Where a defect of the program showed, in lines; none of a photo's own fault."""
    if last.failure is None or not last.is_defect:
        return []
    return "".join(traceback.format_exception(last.failure)).splitlines()


def _die_with(parent: int) -> None:
    """Have the kernel end this process with its parent; elsewhere the closed pipe does, later."""
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the call
        os._exit(0)


def _hush() -> None:
    """Leave standard streams to the parent: a pipe behind them closes with it."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def _limit_memory(max_memory_mb: int) -> None:
    """A wall behind the parent's watch: what asks for far too much at once is refused at once."""
    with suppress(ImportError, OSError, ValueError, StopIteration, AttributeError):
        import resource

        status = Path("/proc/self/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmData:"))
        limit = (int(line.split()[1]) << 10) + (max_memory_mb << 20)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
