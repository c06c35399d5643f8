"""Processes killed in the middle of a job: what was read stays, what was not is read."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from batch_jobs import (
    batch,
    count_readings,
    draw_folder,
    is_alive,
    rows_of,
    start,
    wait_until,
    workers_of,
)

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
PHOTOS = 30


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A folder, and the results of a job that nothing disturbed, with one worker."""
    home = tmp_path_factory.mktemp("undisturbed")
    draw_folder(home / "photos", PHOTOS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        done = batch("photos", "-o", "whole.csv", "-j", 1)
        assert done.exit_code == 0, done.output
        yield home


def test_results_are_those_of_read_and_say_that_they_were_read(undisturbed):
    command = [sys.executable, "-m", "ocrdigits", "read", "-r", "photos", "--format", "csv"]
    read = subprocess.run(command, capture_output=True, check=True).stdout.decode().splitlines()
    header, *rows = Path("whole.csv").read_text(encoding="utf-8").splitlines()
    assert header == f"{read[0]},source"
    assert rows == [f"{row},read" for row in read[1:]]


def test_eight_workers_write_the_bytes_of_one(undisturbed):
    assert batch("photos", "-o", undisturbed / "eight.csv", "-j", 8).exit_code == 0
    assert (undisturbed / "eight.csv").read_bytes() == (undisturbed / "whole.csv").read_bytes()


def test_a_job_killed_again_and_again_ends_in_the_same_bytes(undisturbed):
    draw = random.Random(7)
    output = undisturbed / "killed.csv"
    for share in sorted(draw.uniform(0, 0.9) for _ in range(4)):
        with start("photos", "-o", output, "-j", 3) as job:
            wait_until(lambda: count_readings(output) >= share * PHOTOS, job)  # noqa: B023
            time.sleep(draw.uniform(0, 0.02))
            workers = workers_of(job.pid)
            job.kill()
        wait_until(lambda: not any(map(is_alive, workers)))  # noqa: B023 - none works on
        assert not output.exists()
    assert 0 < count_readings(output) < PHOTOS
    partial = batch("photos", "-o", undisturbed / "part.csv", "--export-only",
                    "--store", f"{output}.ocrdigits")  # fmt: skip
    assert partial.exit_code == 0
    assert len(rows_of(undisturbed / "part.csv")) == count_readings(output)
    assert batch("photos", "-o", output, "-j", 2).exit_code == 0
    assert output.read_bytes() == (undisturbed / "whole.csv").read_bytes()
    assert not list(undisturbed.glob("*-lock")) and not list(undisturbed.glob("*-wal"))


def test_killed_workers_are_replaced_and_their_photos_read(undisturbed):
    output = undisturbed / "workers.csv"
    with start("photos", "-o", output, "-j", 2) as job:
        for share in (0.0, 0.2, 0.4, 0.6, 0.8):
            wait_until(lambda: count_readings(output) >= share * PHOTOS, job)  # noqa: B023
            for worker in workers_of(job.pid)[:1]:
                os.kill(worker, signal.SIGKILL)
        assert (job.wait(timeout=300), b"error" in job.stderr.read()) == (0, False)
    assert output.read_bytes() == (undisturbed / "whole.csv").read_bytes()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signals_stop_a_job_cleanly(undisturbed, number, code):
    output = undisturbed / f"{code}.csv"
    output.write_text("old")
    with start("photos", "-o", output, "-j", 1) as job:
        wait_until(lambda: count_readings(output) > 2, job)
        workers = workers_of(job.pid)
        job.send_signal(number)
        words = job.stderr.read().decode()
    assert job.returncode == code and "Traceback" not in words
    assert f"of {PHOTOS} photos are done and kept" in words
    assert output.read_text() == "old" and not any(map(is_alive, workers))
    assert 2 < count_readings(output) < PHOTOS
    assert not list(undisturbed.glob(".ocrdigits-*")) and not list(undisturbed.glob("*-lock"))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_second_signal_ends_the_program_at_once(number, code):
    script = (
        "import time\n"
        "from ocrdigits.console import stopping_cleanly\n"
        "with stopping_cleanly() as check:\n"
        "    print('ready', flush=True)\n"
        "    try:\n"
        "        while True: check(), time.sleep(0.01)\n"
        "    except BaseException: print('heard', flush=True)\n"
        "    while True: time.sleep(1)\n"  # something that does not look up
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    ) as program:
        assert program.stdout.readline() == b"ready\n"
        program.send_signal(number)
        assert program.stdout.readline() == b"heard\n"
        program.send_signal(number)
        assert program.wait(timeout=300) == code
