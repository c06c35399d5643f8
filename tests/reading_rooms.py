"""Reading rooms for tests, in which uploads with certain endings do what hostile ones might."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi.testclient import TestClient

from ocrdigits.batch.crew import Limits
from ocrdigits.serve.bench import ServePlan
from ocrdigits.serve.room import ReadingRoom
from ocrdigits.serve.server import make_app
from ocrdigits.settings import LoadSettings, Settings
from ocrdigits.web.guard import Door

DOOR = Door("secret-token-secret", "127.0.0.1", 8123)
BEARER = {"authorization": f"Bearer {DOOR.token}"}
MAX_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class FaultyPlan(ServePlan):
    """The usual plan, whose bench some uploads break."""

    def make_bench(self):
        return _FaultyBench(ServePlan.make_bench(self))


class _FaultyBench:
    def __init__(self, bench):
        self._bench = bench

    def answer(self, words, file):
        file.seek(0)
        ending = file.read()[-5:]
        if ending == b"CRASH":
            os.kill(os.getpid(), signal.SIGSEGV)
        if ending == b"HANGS":
            time.sleep(1e6)
        if ending == b"EATER":
            hoard = []
            while True:
                hoard.append(b"x" * (1 << 24))
                time.sleep(0.02)
        if ending == b"WRONG":
            raise RuntimeError("a mistake")
        return self._bench.answer(words, file)


@contextmanager
def room_of_one(timeout_s=120.0, max_waiting=64):
    """One worker, 6 megapixels at most."""
    plan = FaultyPlan(Settings(load=LoadSettings(max_megapixels=6)), max_memory_mb=300)
    with ReadingRoom(plan, Limits(1, timeout_s), max_waiting) as room:
        yield room


def client_of(room, door=DOOR):
    """A program's connection to a server."""
    app = make_app(room, door, MAX_BYTES)
    return TestClient(app, base_url=door.url, raise_server_exceptions=False)
