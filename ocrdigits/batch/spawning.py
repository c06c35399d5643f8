"""A process in, started so that neither Ctrl-C nor the program's own main module reaches it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from types import ModuleType


def start_apart(process: BaseProcess) -> None:
    """Start a process of the context `spawn` whose target lies in a module of its own.

    Args:
        process: Not started yet.
    """
    with _interrupts_held(), _main_hidden():
        process.start()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Keep Ctrl-C, which the terminal sends to all, from what is started meanwhile."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _main_hidden() -> Iterator[None]:
    """Have a spawned process import nothing but its target.

    It would import the program's main module too: on a cluster all of Ray, and of a script that
    has no `if __name__ ==` the job itself, without end.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
