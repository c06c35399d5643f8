"""Jobs that meet a person's Ctrl-C, and each other."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from batch_jobs import (
    BATCH,
    FAULTS,
    batch,
    count_readings,
    is_alive,
    rows_of,
    start,
    wait_until,
    workers_of,
)
from pictures import encoded, number_image

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")

STUCK = """
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

def join(self, timeout=None):
    Path("stopping").touch()
    time.sleep(1e6)

BaseProcess.join = join
"""
"""Stopping waits for a worker for ever, once the first Ctrl-C has been heard."""


@pytest.fixture(autouse=True)
def _home(monkeypatch, tmp_path):
    """A photo that is read, and then one that hangs."""
    monkeypatch.chdir(tmp_path)
    for place in ("photos", "faults", "stuck"):
        Path(place).mkdir()
    Path("faults/sitecustomize.py").write_text(FAULTS)
    Path("stuck/sitecustomize.py").write_text(FAULTS + STUCK)
    photo = encoded(number_image(), "JPEG")
    Path("photos/1.jpg").write_bytes(photo)
    Path("photos/2.jpg").write_bytes(photo + b"HANGS")
    Path("r.csv").write_text("old")


def start_job(faults: str, **options) -> subprocess.Popen[bytes]:
    """A job that has read one photo and hangs in the other."""
    inherited = os.environ.get("PYTHONPATH", "")
    env = {"PYTHONPATH": f"{faults}{os.pathsep}{inherited}"}
    job = start("photos", "-o", "r.csv", "-j", 1, "--timeout", 1e5, "-q", env=env, **options)
    wait_until(lambda: count_readings(Path("r.csv")) == 1, job)
    assert job.poll() is None
    return job


def test_a_second_ctrl_c_on_the_terminal_ends_a_job_that_hangs_in_stopping():
    import pty

    keyboard, terminal = pty.openpty()
    with start_job("stuck", stdin=terminal, terminal=terminal) as job:
        (worker,) = workers_of(job.pid)
        os.write(keyboard, b"\x03")
        wait_until(Path("stopping").exists, job)
        assert job.poll() is None and is_alive(worker)  # a terminal's Ctrl-C goes to all
        os.write(keyboard, b"\x03")
        assert (job.wait(timeout=300), job.stderr.read()) == (130, b"")
    wait_until(lambda: not is_alive(worker))
    os.close(keyboard)
    os.close(terminal)
    assert Path("r.csv").read_text() == "old" and not list(Path().glob(".ocrdigits-*"))
    resumed = batch("photos", "-o", "r.csv")
    assert resumed.exit_code == 0 and "this run: 1 photos" in resumed.stderr


def test_a_second_job_on_a_store_exits_7_and_the_first_one_goes_on():
    with start_job("faults") as job:
        second = subprocess.run([*BATCH, "photos", "-o", "r.csv"], capture_output=True, check=False)
        assert second.returncode == 7 and b"another job is using it" in second.stderr
        assert len(second.stderr.splitlines()) == 1 and Path("r.csv").read_text() == "old"
        assert job.poll() is None and count_readings(Path("r.csv")) == 1
        job.send_signal(signal.SIGKILL)
    assert Path("r.csv.ocrdigits-lock").exists()  # what a killed job leaves holds nobody up
    assert batch("photos", "-o", "r.csv").exit_code == 0
    assert [row["text"] for row in rows_of(Path("r.csv"))] == ["1234", "1234"]
