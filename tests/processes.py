"""Programs as processes: on a terminal, without root's powers, with their memory measured."""

from __future__ import annotations

import ctypes
import os
import pty
import subprocess
import sys
from pathlib import Path

_MEASURE = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[2:])
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
open(sys.argv[1], "w").write(str(peak))
sys.exit(done.returncode)
"""
_DROP_FROM_BOUNDING_SET, _MAY_OPEN_ANYTHING, _MAY_READ_ANYTHING = 24, 1, 2


def without_root_powers() -> None:
    """For `preexec_fn`: even root then reads only what its rights say; nothing for others."""
    library = ctypes.CDLL(None)
    for capability in (_MAY_OPEN_ANYTHING, _MAY_READ_ANYTHING):
        library.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0)


def run_measured(command: list[str], note: Path):
    """Run a program; its outcome, and the largest memory of it and its children in MB.

    A small process lies between, as a new program inherits the peak of the one that starts it.
    """
    measure = [sys.executable, "-S", "-c", _MEASURE, str(note), *command]
    done = subprocess.run(measure, capture_output=True, check=False, timeout=600)
    return done, int(note.read_text()) * 1024 / 1e6


def shown_on_terminal(command: list[str]) -> tuple[int, bytes]:
    """Run a program with a terminal on both streams; its exit code and all that it showed."""
    main, terminal = pty.openpty()
    env = {**os.environ, "TERM": "xterm"}
    with subprocess.Popen(command, stdout=terminal, stderr=terminal, env=env) as program:
        os.close(terminal)
        shown = b"".join(_chunks(main))
    os.close(main)
    return program.returncode, shown


def _chunks(main: int):
    while True:
        try:
            chunk = os.read(main, 4096)
        except OSError:  # all ends are closed
            return
        if not chunk:
            return
        yield chunk
