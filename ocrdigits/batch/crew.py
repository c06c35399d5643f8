"""Tasks in, replies out as they come; worker processes that tasks take down are replaced."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import signal
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import send_handle
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar

from ocrdigits.batch.records import Status
from ocrdigits.batch.spawning import start_apart
from ocrdigits.batch.worker import Plan, work
from ocrdigits.errors import OcrDigitsError

Reply = TypeVar("Reply")

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
class Task:
    """One photo to read.

    Attributes:
        id: Tells it from the others.
        words: What the worker's bench is told; plain JSON.
        file: Open file that the worker reads, or None.
    """

    id: int
    words: Mapping[str, Any]
    file: BinaryIO | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """Why a task has no reply.

    Attributes:
        status: How it ended.
        fact: Fact and remedy, without the photo's name.
    """

    status: Status
    fact: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What a crew may take.

    Attributes:
        jobs: Worker processes.
        timeout_s: Seconds a photo.
    """

    jobs: int = 1
    timeout_s: float = 120.0


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
        self.task: Task | None = None
        self.base_mb = 0.0
        self.deadline = time.monotonic() + _START_S  # not the clock on the wall, which jumps

    def give(self, task: Task, timeout_s: float) -> None:
        """Have it do a task."""
        self.task = task
        self.deadline = time.monotonic() + timeout_s
        words = {"words": task.words, "has_file": task.file is not None}
        with suppress(OSError, ValueError):  # it is gone, as its pipe will say, or the file is
            self.pipe.send_bytes(json.dumps(words).encode())
            if task.file is not None and self._process.pid is not None:
                send_handle(self.pipe, task.file.fileno(), self._process.pid)

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


class Crew(Generic[Reply]):
    """Workers, kept busy."""

    def __init__(
        self,
        tasks: Iterator[Task | None],
        plan: Plan,
        limits: Limits,
        parse: Callable[[Task, Mapping[str, Any]], Reply],
        wake: Connection | None = None,
    ) -> None:
        """Have tasks done; no process starts yet.

        Args:
            tasks: What to do; None for "nothing at present", after which it is asked again.
            plan: What all workers have in common.
            limits: What they may take.
            parse: Makes a reply of what a worker says; `ValueError`, `KeyError` or `TypeError`
                for nonsense, whatever else ends the crew.
            wake: Readable once there is a task after there was none.
        """
        self._tasks = tasks
        self._again: deque[Task] = deque()
        self._attempts: Counter[int] = Counter()
        self._plan = plan
        self._pickled_plan = pickle.dumps(plan)
        self._limits = limits
        self._parse = parse
        self._wake = wake
        self._workers: list[_Worker] = []
        self._failed_starts = 0
        self._looked_at = 0.0

    def replies(self) -> Iterator[tuple[Task, Reply | Lost] | None]:
        """Do everything.

        Yields:
            One reply for each task, as they come; None in between, at least every 0.05 s, so
            that the caller can look after other things.

        Raises:
            OcrDigitsError: If workers cannot start.
        """
        for _ in range(self._limits.jobs):
            self._workers.append(_Worker(self._pickled_plan))
            yield None
        while self._workers:
            by_pipe = {worker.pipe: worker for worker in self._workers}
            others = [] if self._wake is None else [self._wake]
            for pipe in wait([*by_pipe, *others], timeout=_POLL_S):
                if pipe is self._wake:
                    self._wake.recv_bytes()
                    continue
                reply = self._hear(by_pipe[pipe])  # type: ignore[index]
                if reply is not None:
                    yield reply
            for worker in list(self._workers):
                if worker.is_ready and worker.task is None:
                    self._occupy(worker)
            yield from self._look_after()
            yield None

    def dismiss(self) -> None:
        """End all workers, whatever they do."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def _hear(self, worker: _Worker) -> tuple[Task, Reply | Lost] | None:
        try:
            words = json.loads(worker.pipe.recv_bytes(_MAX_ANSWER_BYTES))
            if not worker.is_ready:
                self._welcome(worker, words)
                return None
            task = worker.task
            assert task is not None
            is_memory = words.get("status") == Status.MEMORY.value
            reply = None if is_memory else self._parse(task, words)
        except (EOFError, OSError):
            return self._replace(worker, worker.end(wait_s=1.0))
        except (ValueError, KeyError, TypeError, AttributeError):  # its memory is not what it was
            return self._replace(worker, f"nonsense, {worker.end()}")
        if reply is None:
            return self._refuse_memory(worker)
        worker.is_fresh = False
        self._done(task)
        self._occupy(worker)
        return task, reply

    def _welcome(self, worker: _Worker, words: Mapping[str, Any]) -> None:
        if "cannot_start" in words:
            raise OcrDigitsError(f"a worker cannot start ({words['cannot_start']}); see `info`")
        worker.is_ready, worker.base_mb = True, worker.memory_mb()
        self._failed_starts = 0
        self._occupy(worker)

    def _occupy(self, worker: _Worker) -> None:
        """Give a worker the next task; let it wait if there is none yet, and go if there is none.

        Workers are asked for in their order, so that a crew with little to do stays warm.
        """
        worker.task = None
        try:
            task = self._again.popleft() if self._again else next(self._tasks)
        except StopIteration:
            self._workers.remove(worker)
            worker.end()
            return
        if task is not None:
            worker.give(task, self._limits.timeout_s)

    def _done(self, task: Task) -> None:
        self._attempts.pop(task.id, None)

    def _replace(self, worker: _Worker, how: str) -> tuple[Task, Lost] | None:
        """A worker is gone: its task gets a second chance, then the blame."""
        self._workers.remove(worker)
        self._workers.append(_Worker(self._pickled_plan))
        task = worker.task
        if task is None:
            self._failed_starts += not worker.is_ready
            if self._failed_starts >= _START_ATTEMPTS:
                raise OcrDigitsError(f"workers cannot start ({how}); see `ocrdigits info`")
            return None
        self._attempts[task.id] += 1
        if self._attempts[task.id] < _ATTEMPTS:
            self._again.append(task)
            return None
        self._done(task)
        fact = f"crashed the reader ({how}); save it in another format, or leave it out"
        return task, Lost(Status.CRASHED, fact)

    def _look_after(self) -> Iterator[tuple[Task, Lost]]:
        """End workers that take too long or too much."""
        now = time.monotonic()
        if now - self._looked_at < _POLL_S:
            return
        self._looked_at = now
        limits = self._limits
        for worker in list(self._workers):
            if worker.task is None:
                if now > worker.deadline and not worker.is_ready:
                    worker.end()  # its pipe closes
                    self._replace(worker, "too slow")
            elif now > worker.deadline:
                fact = f"took longer than {limits.timeout_s:g} s; shrink it or raise --timeout"
                yield self._give_up(worker, Status.TIMEOUT, fact)
            elif worker.memory_mb() - worker.base_mb > self._plan.max_memory_mb:
                reply = self._refuse_memory(worker)
                if reply is not None:
                    yield reply

    def _give_up(self, worker: _Worker, status: Status, fact: str) -> tuple[Task, Lost]:
        assert worker.task is not None
        self._done(worker.task)
        self._renew(worker)
        return worker.task, Lost(status, fact)

    def _refuse_memory(self, worker: _Worker) -> tuple[Task, Lost] | None:
        """Give a photo up, unless some of the memory may be left from photos before."""
        if worker.is_fresh:
            fact = f"needs more memory than {self._plan.max_memory_mb} MB"
            return self._give_up(worker, Status.MEMORY, f"{fact}; shrink it or raise --max-memory")
        assert worker.task is not None
        self._again.append(worker.task)
        self._renew(worker)
        return None

    def _renew(self, worker: _Worker) -> None:
        worker.end()
        self._workers[self._workers.index(worker)] = _Worker(self._pickled_plan)
