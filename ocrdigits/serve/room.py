"""Requests of many threads in, replies of worker processes out; what a photo breaks is replaced."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import count
from multiprocessing import Pipe
from threading import Event, Lock, Thread
from typing import Any, BinaryIO

from ocrdigits.batch.crew import Crew, Limits, Lost, Task
from ocrdigits.batch.records import Status
from ocrdigits.errors import OcrDigitsError
from ocrdigits.names import printable_name
from ocrdigits.serve.bench import Refusal, ServePlan


@dataclass(frozen=True, slots=True)
class Upload:
    """What is to be read.

    Attributes:
        name: What results call it.
        file: Its content, as a file that the system knows.
        options: Of `override_settings`, as plain words.
        with_pictures: Whether pictures of photo and stages are wanted.
    """

    name: str
    file: BinaryIO
    options: Mapping[str, Any] = field(default_factory=dict)
    with_pictures: bool = False


@dataclass(frozen=True, slots=True)
class ReadUpload:
    """What was read.

    Attributes:
        lines: One JSON object a page, as the command line writes it.
        pictures: For each of the first pages `photo` and `stages`, in base64.
    """

    lines: tuple[str, ...]
    pictures: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing was read.

    Attributes:
        reason: The kind of reason, or how the worker ended.
        detail: One line.
        traceback: Lines, if the program failed.
    """

    reason: Refusal | Status
    detail: str
    traceback: tuple[str, ...] = ()


Reply = ReadUpload | Refused


class FullError(OcrDigitsError):
    """Too many are waiting already."""


class ReadingRoom:
    """Workers that read uploads; for any thread to use.

    Use it as a context; leaving it ends all workers.
    """

    def __init__(self, plan: ServePlan, limits: Limits, max_waiting: int = 64) -> None:
        """Prepare; nothing starts before the context is entered.

        Args:
            plan: What all workers have in common.
            limits: What they may take.
            max_waiting: Uploads that may be in the room at a time.
        """
        self._max_waiting = max_waiting
        self._waiting: deque[tuple[Task, Future[Reply]]] = deque()
        self._reading: dict[int, Future[Reply]] = {}
        self._ids = count()
        self._lock = Lock()
        self._closing = Event()
        self._failure: BaseException | None = None
        wake, self._bell = Pipe(duplex=False)
        self._crew: Crew[Reply] = Crew(self._tasks(), plan, limits, _parse, wake)
        self._thread = Thread(target=self._run, name="ocrdigits-room", daemon=True)

    def __enter__(self) -> ReadingRoom:
        """Start the workers."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End them, whatever they do."""
        self._closing.set()
        self._thread.join()

    def submit(self, upload: Upload) -> Future[Reply]:
        """Have something read.

        Args:
            upload: What; its file must stay open until the reply is there.

        Returns:
            The reply to come. It can be cancelled until a worker takes it.

        Raises:
            FullError: If too many are waiting already.
            OcrDigitsError: If workers cannot start.
        """
        words = {
            "name": upload.name,
            "options": upload.options,
            "with_pictures": upload.with_pictures,
        }
        future: Future[Reply] = Future()
        with self._lock:
            if self._failure is not None:
                raise OcrDigitsError(str(self._failure)) from self._failure
            if len(self._waiting) + len(self._reading) >= self._max_waiting:
                raise FullError("too many photos are waiting; try again in a moment")
            task = Task(next(self._ids), words, upload.file)
            self._waiting.append((task, future))
        self._bell.send_bytes(b"!")
        return future

    def _tasks(self) -> Iterator[Task | None]:
        while not self._closing.is_set():
            yield self._next()

    def _next(self) -> Task | None:
        with self._lock:
            while self._waiting:
                task, future = self._waiting.popleft()
                if future.set_running_or_notify_cancel():
                    self._reading[task.id] = future
                    return task
        return None

    def _run(self) -> None:
        try:
            for reply in self._crew.replies():
                if self._closing.is_set():
                    break
                if reply is not None:
                    self._tell(*reply)
        except BaseException as error:
            self._fail(error)
        finally:
            self._crew.dismiss()
            self._fail(OcrDigitsError("the server has ended; start it again"))

    def _tell(self, task: Task, reply: Reply | Lost) -> None:
        with self._lock:
            future = self._reading.pop(task.id)
        if isinstance(reply, Lost):
            name = printable_name(task.words["name"])
            reply = Refused(reply.status, f"{name}: {reply.fact}")
        future.set_result(reply)

    def _fail(self, error: BaseException) -> None:
        """Nobody is to wait for what will not come."""
        with self._lock:
            self._failure = self._failure or error
            futures = [future for _, future in self._waiting]
            futures += self._reading.values()
            self._waiting.clear()
            self._reading.clear()
        for future in futures:
            if not future.cancelled():
                future.set_exception(OcrDigitsError(str(self._failure)))


def _parse(task: Task, words: Mapping[str, Any]) -> Reply:
    Status(words["status"])
    if words["refusal"] is not None:
        traceback = tuple(str(line) for line in words["traceback"])
        return Refused(Refusal(words["refusal"]), str(words["error"]), traceback)
    return ReadUpload(tuple(str(line) for line in words["lines"]), tuple(words["pictures"]))
