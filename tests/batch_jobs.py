"""Folders of drawn photos, and `ocrdigits batch` run on them: in this process and as its own."""

from __future__ import annotations

import csv
import fcntl
import io
import os
import signal
import sqlite3
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pictures import encoded, number_image
from typer.testing import CliRunner

from ocrdigits.cli import app

BATCH = [sys.executable, "-m", "ocrdigits", "batch"]

FAULTS = """
import hashlib, os, signal, time

real = hashlib.sha256  # a worker's first call on the bytes of a photo

def sha256(data=b"", **options):
    if data[-5:] == b"CRASH":
        os.kill(os.getpid(), signal.SIGSEGV)
    if data[-5:] == b"HANGS":
        time.sleep(1e6)
    if data[-5:] == b"EATER":
        hoard = []
        while True:
            hoard.append(b"x" * (1 << 24))
            time.sleep(0.02)  # slowly enough for the watch
    if data[-5:] == b"GULPS":
        b"x" * (1 << 30)  # too fast for it
    return real(data, **options)

hashlib.sha256 = sha256
"""
"""What Python runs on start, so that photos with these endings do what hostile ones might."""


def draw_folder(folder: Path, count: int) -> Path:
    """`count` photos of a number each, in two folders."""
    (folder / "more").mkdir(parents=True)
    for index in range(count):
        place = folder / "more" if index % 3 == 0 else folder
        photo = encoded(number_image(f"{(index * 7919) % 10_000:04d}"), "JPEG")
        (place / f"photo{index}.jpg").write_bytes(photo)
    return folder


def batch(*arguments):
    """Run it in this process."""
    return CliRunner().invoke(app, ["batch", *map(str, arguments)])


def start(
    *arguments, env: dict[str, str] | None = None, terminal: int | None = None, **options
) -> subprocess.Popen[bytes]:
    """Run it as a process; with `terminal`, as the program whose Ctrl-C that terminal's is."""

    def prepare():
        # A test run in the background would hand its ignored interrupt on.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if terminal is not None:
            fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)

    return subprocess.Popen(
        [*BATCH, *map(str, arguments)],
        env={**os.environ, **(env or {})},
        stderr=subprocess.PIPE,
        start_new_session=terminal is not None,
        preexec_fn=prepare,  # noqa: PLW1509
        **options,
    )


def rows_of(output: Path) -> list[dict[str, str]]:
    text = output.read_bytes().decode(errors="surrogateescape")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def count_readings(output: Path) -> int:
    """How many photos a job has done, while it runs."""
    try:
        store = sqlite3.connect(f"file:{output}.ocrdigits?mode=ro", uri=True, timeout=10)
        try:
            return store.execute("SELECT count(*) FROM reading").fetchone()[0]
        finally:
            store.close()
    except sqlite3.OperationalError:  # not made yet
        return 0


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[bytes] | None = None):
    deadline = time.monotonic() + 300
    while not condition():
        if process is not None and process.poll() is not None:
            return
        if time.monotonic() > deadline:
            pytest.fail("waited for five minutes")
        time.sleep(0.005)


def workers_of(pid: int) -> list[int]:
    """Process ids of a job's workers."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                command = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if parent == pid and b"spawn_main" in command:
                found.append(int(entry.name))
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
