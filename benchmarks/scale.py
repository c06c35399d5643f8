"""Numbers of photos, sizes and workers in, a Markdown table out: time and memory of `batch`.

    python benchmarks/scale.py --counts 100,1000 --workers 1,2 --megapixels 0.05

Every line is one `ocrdigits batch` on a folder of drawn numbers, as a whole process: photos a
second from its start to its end, the most memory that the parent and all its workers held
together (looked at every 0.1 s), the seconds a second run takes that finds nothing to do, and
the size of the store. Linux.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from drawn_crops import draw_folder

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run took.

    Attributes:
        seconds: From start to end.
        parent_mb: Most memory of the job's own process …
        all_mb: … and of all its processes together.
    """

    seconds: float
    parent_mb: float
    all_mb: float


def run_job(folder: Path, output: Path, workers: int) -> Cost:
    """Run it to its end and look on."""
    command = [sys.executable, "-m", "ocrdigits", "batch", folder, "-o", output, "-q"]
    started = time.monotonic()
    job = subprocess.Popen([*map(str, command), "-j", str(workers)])
    parent_mb = all_mb = 0.0
    while job.poll() is None:
        own = _resident_mb(job.pid)
        parent_mb = max(parent_mb, own)
        all_mb = max(all_mb, own + sum(_resident_mb(child) for child in _children(job.pid)))
        time.sleep(0.1)
    if job.returncode:
        sys.exit(f"the job ended with {job.returncode}")
    return Cost(time.monotonic() - started, parent_mb, all_mb)


def _children(pid: int) -> list[int]:
    try:
        return [int(it) for it in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _resident_mb(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES / 1e6
    except (OSError, IndexError):
        return 0.0


def measure(count: int, megapixels: float, workers: int) -> list[str]:
    """One line of the table."""
    with tempfile.TemporaryDirectory() as name:
        folder, output = Path(name, "photos"), Path(name, "results.csv")
        draw_folder(folder, count, megapixels)
        first, again = run_job(folder, output, workers), run_job(folder, output, workers)
        store_kb = Path(f"{output}.ocrdigits").stat().st_size / count / 1e3
    return [
        *(f"{count:,}", f"{megapixels:g}", f"{workers}", f"{count / first.seconds:.1f}"),
        *(f"{first.parent_mb:.0f}", f"{first.all_mb:.0f}", f"{again.seconds:.1f}"),
        f"{store_kb:.1f}",
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, line by line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--counts", default="100,1000")
    parser.add_argument("--megapixels", default="0.05")
    parser.add_argument("--workers", default="1,2")
    options = parser.parse_args(arguments)
    head = ["photos", "megapixels", "workers", "photos a second", "parent, MB", "all, MB"]
    head += ["second run, s", "store, kB a photo"]
    print(f"| {' | '.join(head)} |\n|{'--:|' * len(head)}")
    counts = [int(it) for it in options.counts.split(",")]
    sizes = [float(it) for it in options.megapixels.split(",")]
    workers = [int(it) for it in options.workers.split(",")]
    for line in product(counts, sizes, workers):
        print(f"| {' | '.join(measure(*line))} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
