"""Photos that crash, hang or eat memory cost themselves alone."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from batch_jobs import FAULTS, draw_folder, rows_of, start
from pictures import blank_png, encoded, number_image

from ocrdigits.batch.crew import Limits
from ocrdigits.batch.supervisor import read_isolated
from ocrdigits.batch.worker import WorkPlan
from ocrdigits.errors import OcrDigitsError
from ocrdigits.settings import Settings

ENDINGS = {"crash": b"CRASH", "hang": b"HANGS", "eater": b"EATER", "gulper": b"GULPS"}
TOO_MUCH = "more memory than 300 MB"
REASONS = {"crash": "SIGSEGV", "hang": "longer than 30 s", "eater": TOO_MUCH, "gulper": TOO_MUCH}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("isolation")
    folder = draw_folder(home / "photos", 6)
    photo = encoded(number_image(), "JPEG")
    for name, ending in ENDINGS.items():
        (folder / f"{name}.jpg").write_bytes(photo + ending)
    (home / "faults").mkdir()
    (home / "faults" / "sitecustomize.py").write_text(FAULTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        yield home


def run(*options, faults: bool):
    inherited = os.environ.get("PYTHONPATH", "")
    env = {"PYTHONPATH": f"faults{os.pathsep}{inherited}"} if faults else {}
    with start("photos", "-o", "r.csv", "-j", 2, *options, env=env) as job:
        words = job.stderr.read().decode()
    return job.returncode, words


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is watched by /proc")
def test_each_costs_its_own_photo_alone_with_the_reason(home):
    code, words = run("--timeout", 30, "--max-memory", 300, faults=True)
    failed = {Path(r["file"]).stem: r["error"] for r in rows_of(Path("r.csv")) if r["error"]}
    assert code == 3 and failed.keys() == REASONS.keys(), words
    for name, reason in REASONS.items():
        assert reason in failed[name]
        assert f"ocrdigits: error: {failed[name]}" in words.splitlines()
    assert "10 photos: 6 read, 4 failed" in words


def test_failures_are_kept_until_a_retry_is_asked_for(home):
    code, words = run(faults=False)
    assert code == 3 and "this run: 0 photos" in words
    code, words = run("--retry-failed", faults=False)
    assert code == 0 and "this run: 4 photos" in words
    assert "10 photos: 10 read, 0 failed" in words


def test_a_photo_may_really_be_too_large_for_the_memory(home, tmp_path):
    (tmp_path / "large.png").write_bytes(blank_png(9000, 9000))
    with start(tmp_path, "-o", tmp_path / "r.csv", "--max-memory", 60) as job:
        words = job.stderr.read().decode()
    (row,) = rows_of(tmp_path / "r.csv")
    assert job.returncode == 4 and "memory" in row["error"], words


def test_workers_that_cannot_start_end_the_job_with_their_reason(tmp_path):
    plan = WorkPlan(tmp_path, Settings(), weights=tmp_path / "none")
    with pytest.raises(OcrDigitsError, match=r"a worker cannot start .*no strings\.json"):
        list(read_isolated([], plan, Limits()))


def test_a_store_knows_why_each_photo_failed(home):
    run(faults=True)  # nothing is read again
    store = sqlite3.connect("r.csv.ocrdigits")
    assert dict(store.execute("SELECT status, count(*) FROM reading GROUP BY 1")) == {"read": 10}
    store.close()
