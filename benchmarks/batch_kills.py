"""A job killed at random, and resumed: are the results those of a job that nothing disturbed?

    python benchmarks/batch_kills.py --photos 500 --kills 20 --worker-kills 5

The job is killed (SIGKILL) each time that a random share of its photos is done and a random
moment more has passed; in another job single workers are. Prints one line for each, and exits
with 1 if any bytes differ. Linux.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from drawn_crops import draw_folder


def start_job(folder: Path, output: Path, jobs: int) -> subprocess.Popen[bytes]:
    """Start `ocrdigits batch`."""
    command = [sys.executable, "-m", "ocrdigits", "batch", folder, "-o", output, "-j", str(jobs)]
    return subprocess.Popen([*map(str, command), "--quiet"], cwd=folder.parent)


def finish_job(folder: Path, output: Path, jobs: int) -> float:
    """Run it to its end; seconds it took."""
    started = time.monotonic()
    code = start_job(folder, output, jobs).wait()
    if code:
        sys.exit(f"the job ended with {code}")
    return time.monotonic() - started


def count_done(output: Path) -> int:
    """Photos whose result is kept."""
    try:
        store = sqlite3.connect(f"file:{output}.ocrdigits?mode=ro", uri=True, timeout=10)
        try:
            return int(store.execute("SELECT count(*) FROM reading").fetchone()[0])
        finally:
            store.close()
    except sqlite3.OperationalError:
        return 0


def workers_of(pid: int) -> list[int]:
    """Process ids of a job's workers."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [
        int(child)
        for child in children
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def kill_at(
    job: subprocess.Popen[bytes], output: Path, count: int, kill: Callable[[], None]
) -> None:
    """Wait until so many photos are done, then kill."""
    while count_done(output) < count and job.poll() is None:
        time.sleep(0.002)
    if job.poll() is None:
        kill()


def kill_job(folder: Path, output: Path, counts: Sequence[int], draw: random.Random) -> None:
    """Kill the job once for each count."""
    for number, count in enumerate(sorted(counts), start=1):
        job = start_job(folder, output, 2)

        def kill(job: subprocess.Popen[bytes] = job) -> None:
            time.sleep(draw.uniform(0, 0.05))
            job.kill()

        kill_at(job, output, count, kill)
        job.wait()
        print(f"kill {number:2}: at {count_done(output)} photos", flush=True)


def kill_workers(folder: Path, output: Path, counts: Sequence[int]) -> int:
    """Kill one worker for each count; returns the job's exit code."""
    job = start_job(folder, output, 2)

    def kill() -> None:
        for worker in workers_of(job.pid)[:1]:
            os.kill(worker, signal.SIGKILL)

    for count in sorted(counts):
        kill_at(job, output, count, kill)
    return job.wait()


def main() -> int:
    """Print the outcome; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--photos", type=int, default=500)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--worker-kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        folder = home / "photos"
        draw_folder(folder, options.photos)
        whole, killed, workers = (home / f"{it}.csv" for it in ("whole", "killed", "workers"))
        seconds = finish_job(folder, whole, 1)
        print(f"undisturbed, one worker: {options.photos / seconds:.1f} photos a second")
        counts = [draw.randrange(options.photos) for _ in range(options.kills)]
        kill_job(folder, killed, counts, draw)
        finish_job(folder, killed, 2)
        same = killed.read_bytes() == whole.read_bytes()
        print(f"job killed {options.kills} times: {'the same bytes' if same else 'DIFFERENT'}")
        counts = [draw.randrange(options.photos) for _ in range(options.worker_kills)]
        code = kill_workers(folder, workers, counts)
        alike = code == 0 and workers.read_bytes() == whole.read_bytes()
        fact = "the same bytes" if alike else f"DIFFERENT, exit code {code}"
        print(f"workers killed {options.worker_kills} times: {fact}")
        return 0 if same and alike else 1


if __name__ == "__main__":
    sys.exit(main())
