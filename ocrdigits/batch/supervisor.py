"""Photos in, answers out as they come; processes that photos take down are replaced."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import signal
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from ocrdigits.batch.photos import Stamp, stable_slug
from ocrdigits.batch.records import Result, Status, StoredPhoto, failure
from ocrdigits.batch.spawning import start_apart
from ocrdigits.batch.worker import WorkPlan, work
from ocrdigits.errors import OcrDigitsError, OutputError

_ATTEMPTS = 2
"""A worker may be killed from outside, so only the second crash is put down to the photo."""
_START_ATTEMPTS = 3
_START_S = 600.0
"""A start takes 0.7 s; on a machine with much else to do it took two minutes."""
_POLL_S = 0.05
"""How often memory and time are looked at; a process fills about 200 MB meanwhile."""
_MAX_ANSWER_BYTES = 1 << 28
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker found.

    Attributes:
        photo: The photo.
        stamp: Size and times of the file just before it was read.
        result: What became of it; None if its content is what the store knows.
        traceback: Lines, if the program failed.
    """

    photo: StoredPhoto
    stamp: Stamp
    result: Result | None
    traceback: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a job may take.

    Attributes:
        jobs: Worker processes.
        timeout_s: Seconds a photo.
    """

    jobs: int = 1
    timeout_s: float = 120.0


def read_isolated(
    photos: Iterable[StoredPhoto], plan: WorkPlan, limits: Limits
) -> Iterator[Answer | None]:
    """Read photos in processes of their own.

    Args:
        photos: What to read.
        plan: What all workers have in common.
        limits: What they may take.

    Yields:
        One answer for each, as they come; None in between, at least every 0.05 s, so that
        the caller can look after other things.

    Raises:
        OutputError: If pictures cannot be written.
        OcrDigitsError: If workers cannot start.
    """
    crew = _Crew(iter(photos), plan, limits)
    try:
        yield from crew.answers()
    finally:
        crew.dismiss()


class _Worker:
    """A process and its pipe, as the parent sees them."""

    def __init__(self, plan: bytes) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other_end = context.Pipe()
        self._process = context.Process(
            target=work, args=(other_end, plan, os.getpid()), daemon=True
        )
        start_apart(self._process)
        other_end.close()  # so that our end closes with the process
        self.is_ready = False
        self.is_fresh = True
        self.photo: StoredPhoto | None = None
        self.base_mb = 0.0
        self.deadline = time.monotonic() + _START_S  # not the clock on the wall, which jumps

    def give(self, photo: StoredPhoto, timeout_s: float) -> None:
        """Have it read a photo."""
        self.photo = photo
        self.deadline = time.monotonic() + timeout_s
        words = {
            "path": photo.path,
            "slug": stable_slug(photo.path),
            "sha256": photo.sha256,
        }
        with suppress(OSError):  # it is gone, as its pipe will say
            self.pipe.send_bytes(json.dumps(words).encode())

    def memory_mb(self) -> float:
        """What it holds; 0 where the system does not tell."""
        try:
            statm = Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii")
        except OSError:
            return 0.0
        return int(statm.split()[1]) * _PAGE_BYTES / 1e6

    def end(self, *, wait_s: float = 0.0) -> str:
        """Kill it unless it ends by itself; how it ended, in words."""
        self._process.join(wait_s)
        self._process.kill()
        self._process.join()
        self.pipe.close()
        code = self._process.exitcode or 0
        with suppress(ValueError):
            return signal.Signals(-code).name
        return f"exit code {code}"


class _Crew:
    """All workers of a job."""

    def __init__(self, photos: Iterator[StoredPhoto], plan: WorkPlan, limits: Limits) -> None:
        self._photos = photos
        self._again: deque[StoredPhoto] = deque()
        self._attempts: Counter[int] = Counter()
        self._plan = plan
        self._pickled_plan = pickle.dumps(plan)
        self._limits = limits
        self._workers: list[_Worker] = []
        self._failed_starts = 0
        self._looked_at = 0.0

    def answers(self) -> Iterator[Answer | None]:
        """Read everything."""
        for _ in range(self._limits.jobs):
            self._workers.append(_Worker(self._pickled_plan))
            yield None
        while self._workers:
            by_pipe = {worker.pipe: worker for worker in self._workers}
            for pipe in wait(list(by_pipe), timeout=_POLL_S):
                worker = by_pipe[pipe]  # type: ignore[index]
                answer = self._hear(worker)
                if answer is not None:
                    yield answer
            yield from self._look_after()
            yield None

    def dismiss(self) -> None:
        """End all workers, whatever they do."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def _hear(self, worker: _Worker) -> Answer | None:
        try:
            words = json.loads(worker.pipe.recv_bytes(_MAX_ANSWER_BYTES))
            if not worker.is_ready:
                self._welcome(worker, words)
                return None
            if "stop" in words:
                raise OutputError(words["stop"])
            assert worker.photo is not None
            answer = _answer_of(worker.photo, words)
        except (EOFError, OSError):
            return self._replace(worker, worker.end(wait_s=1.0))
        except (ValueError, KeyError, TypeError):  # its memory is not what it was
            return self._replace(worker, f"nonsense, {worker.end()}")
        if answer.result is not None and answer.result.status is Status.MEMORY:
            return self._refuse_memory(worker)
        worker.is_fresh = False
        self._occupy(worker)
        return answer

    def _welcome(self, worker: _Worker, words: dict[str, Any]) -> None:
        if "cannot_start" in words:
            raise OcrDigitsError(f"a worker cannot start ({words['cannot_start']}); see `info`")
        worker.is_ready, worker.base_mb = True, worker.memory_mb()
        self._failed_starts = 0
        self._occupy(worker)

    def _occupy(self, worker: _Worker) -> None:
        """Give a worker the next photo, or let it go."""
        photo = self._again.popleft() if self._again else next(self._photos, None)
        if photo is not None:
            worker.give(photo, self._limits.timeout_s)
        else:
            self._workers.remove(worker)
            worker.end()

    def _replace(self, worker: _Worker, how: str) -> Answer | None:
        """A worker is gone: its photo gets a second chance, then the blame."""
        self._workers.remove(worker)
        self._workers.append(_Worker(self._pickled_plan))
        if worker.photo is None:
            self._failed_starts += 1
            if self._failed_starts >= _START_ATTEMPTS:
                raise OcrDigitsError(f"workers cannot start ({how}); see `ocrdigits info`")
            return None
        photo = worker.photo
        self._attempts[photo.id] += 1
        if self._attempts[photo.id] < _ATTEMPTS:
            self._again.append(worker.photo)
            return None
        fact = f"crashed the reader ({how}); save it in another format, or leave it out"
        return _failure(worker.photo, Status.CRASHED, fact)

    def _look_after(self) -> Iterator[Answer]:
        """End workers that take too long or too much."""
        now = time.monotonic()
        if now - self._looked_at < _POLL_S:
            return
        self._looked_at = now
        limits = self._limits
        for worker in list(self._workers):
            if worker.photo is None:
                if now > worker.deadline and not worker.is_ready:
                    worker.end()  # its pipe closes
                    self._replace(worker, "too slow")
            elif now > worker.deadline:
                fact = f"took longer than {limits.timeout_s:g} s; shrink it or raise --timeout"
                yield self._give_up(worker, Status.TIMEOUT, fact)
            elif worker.memory_mb() - worker.base_mb > self._plan.max_memory_mb:
                answer = self._refuse_memory(worker)
                if answer is not None:
                    yield answer

    def _give_up(self, worker: _Worker, status: Status, fact: str) -> Answer:
        assert worker.photo is not None
        self._renew(worker)
        return _failure(worker.photo, status, fact)

    def _refuse_memory(self, worker: _Worker) -> Answer | None:
        """Give a photo up, unless some of the memory may be left from photos before."""
        if worker.is_fresh:
            fact = f"needs more memory than {self._plan.max_memory_mb} MB"
            return self._give_up(worker, Status.MEMORY, f"{fact}; shrink it or raise --max-memory")
        assert worker.photo is not None
        self._again.append(worker.photo)
        self._renew(worker)
        return None

    def _renew(self, worker: _Worker) -> None:
        worker.end()
        self._workers[self._workers.index(worker)] = _Worker(self._pickled_plan)


def _answer_of(photo: StoredPhoto, words: dict[str, Any]) -> Answer:
    stamp = Stamp(*words["stamp"])
    if words["status"] is None:
        return Answer(photo, stamp, None)
    result = Result(stamp, words["sha256"], Status(words["status"]), tuple(words["pages"]))
    return Answer(photo, stamp, result, tuple(words["traceback"]))


def _failure(photo: StoredPhoto, status: Status, fact: str) -> Answer:
    return Answer(photo, photo.stamp, failure(photo.stamp, status, fact))
