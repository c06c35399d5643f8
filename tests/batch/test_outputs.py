"""Where results go, and what happens where they cannot."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from batch_jobs import BATCH, batch, draw_folder, rows_of, start
from pictures import encoded, number_image
from processes import shown_on_terminal

from ocrdigits.batch.schema import SCHEMA_VERSION
from ocrdigits.batch.store import Store


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A finished job of five photos, one of them broken."""
    home = tmp_path_factory.mktemp("outputs")
    draw_folder(home / "photos", 4)
    (home / "photos" / "broken.jpg").write_bytes(encoded(number_image(), "JPEG")[:900])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        assert batch("photos", "-o", "r.csv").exit_code == 3
        yield home


def export(output, *options):
    return batch("photos", "-o", output, "--store", "r.csv.ocrdigits", "--export-only", *options)


def test_json_lines_hold_everything_but_times(home):
    assert export("r.jsonl").exit_code == 3
    photos = [json.loads(line) for line in Path("r.jsonl").read_text().splitlines()]
    assert [photo["seconds"] for photo in photos] == [None] * 5
    command = [sys.executable, "-m", "ocrdigits", "read", "-r", "photos", "--format", "json"]
    read = subprocess.run(command, capture_output=True, check=False).stdout.splitlines()
    for photo in photos:
        assert [string.pop("source") for string in photo["strings"]] == ["read"] * len(
            photo["strings"]
        )
    assert photos == [json.loads(line) | {"seconds": None} for line in read]


def test_the_format_is_named_or_told_by_the_name(home):
    assert export("r.txt").exit_code == 2
    assert export("r.txt", "--format", "csv").exit_code == 3
    assert Path("r.txt").read_bytes() == Path("r.csv").read_bytes()


def test_parquet_holds_the_same_rows(home):
    parquet = pytest.importorskip("pyarrow.parquet")
    assert export("r.parquet").exit_code == 3
    table = parquet.read_table("r.parquet").to_pylist()
    assert [row["file"] for row in table] == [row["file"] for row in rows_of(Path("r.csv"))]
    assert [row["text"] or "" for row in table] == [row["text"] for row in rows_of(Path("r.csv"))]


def test_parquet_says_what_it_needs(home, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr("ocrdigits.batch.export.find_spec", lambda name: None)
    result = export("r.parquet")
    assert result.exit_code == 2 and "ocrdigits[parquet]" in result.stderr


def test_results_among_photos_and_pictures_in_their_folder_are_refused(home):
    assert batch("photos", "-o", "photos/a.jpg", "--format", "csv").exit_code == 2
    assert batch("photos", "-o", "r.csv", "--crops", "photos").exit_code == 2
    assert batch("photos", "-o", "photos", "--format", "csv").exit_code == 5


def test_other_settings_are_read_anew_and_earlier_ones_are_remembered(home):
    assert "this run: 5 photos" in batch("photos", "-o", "r.csv", "--layout", "line").stderr
    assert "this run: 0 photos" in batch("photos", "-o", "r.csv", "--layout", "line").stderr
    assert "this run: 0 photos" in batch("photos", "-o", "r.csv").stderr


def test_export_only_needs_a_job(home):
    result = batch("photos", "-o", "none.csv", "--export-only")
    assert result.exit_code == 5 and not Path("none.csv.ocrdigits").exists()


def test_a_second_job_on_a_store_is_refused(home):
    with Store.open(Path("r.csv.ocrdigits"), job=True):
        result = batch("photos", "-o", "r.csv")
    assert result.exit_code == 7 and "another job" in result.stderr
    assert batch("photos", "-o", "r.csv").exit_code == 3


def test_what_is_no_store_is_left_alone(home):
    Path("x.csv.ocrdigits").write_text("my diary, long enough to be taken for a database")
    other = sqlite3.connect("y.csv.ocrdigits")
    other.execute("CREATE TABLE mine (a)")
    other.close()
    shutil.copy("r.csv.ocrdigits", "z.csv.ocrdigits")
    newer = sqlite3.connect("z.csv.ocrdigits")
    newer.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    newer.close()
    for name, reason in {"x": "not a database", "y": "another program", "z": "newer"}.items():
        before = Path(f"{name}.csv.ocrdigits").read_bytes()
        result = batch("photos", "-o", f"{name}.csv")
        assert result.exit_code == 5 and reason in result.stderr
        assert Path(f"{name}.csv.ocrdigits").read_bytes() == before


def test_a_full_device_exits_5(home):
    assert batch("photos", "-o", "/dev/full", "--format", "csv").exit_code == 5
    result = export("/dev/full", "--format", "csv")
    assert result.exit_code == 5 and "No space left" in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_a_closed_pipe_exits_141_quietly(home):
    options = ("--store", "r.csv.ocrdigits", "--format", "csv", "-q", "--export-only")
    with start("photos", "-o", "-", *options, stdout=subprocess.PIPE) as job:
        job.stdout.close()
        assert (job.stderr.read(), job.wait(timeout=300)) == (b"", 141)


FULL_DISK = """
mount -t tmpfs -o size=1m tmpfs disk || exit 99
echo old > disk/r.csv
head -c {filled} /dev/zero > disk/fill
{command}
code=$?
cp disk/r.csv kept.csv
exit $code
"""


@pytest.mark.parametrize("filled", [1000_000, 880_000])  # no store at all; room for a few photos
def test_a_full_disk_exits_5_and_leaves_the_old_results(home, tmp_path, filled):
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare")
    (tmp_path / "disk").mkdir()
    command = " ".join([*BATCH, str(home / "photos"), "-o", "disk/r.csv", "-j", "1"])
    script = FULL_DISK.format(filled=filled, command=command)
    outcome = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], cwd=tmp_path, capture_output=True, check=False
    )
    if outcome.returncode == 99 or b"unshare:" in outcome.stderr:
        pytest.skip("no private mounts here")
    errors = [line for line in outcome.stderr.splitlines() if line.startswith(b"ocrdigits: error")]
    assert outcome.returncode == 5, outcome.stderr
    assert b"full" in errors[-1] or b"No space left" in errors[-1]
    assert (tmp_path / "kept.csv").read_text() == "old\n"


@pytest.mark.skipif(os.name == "nt", reason="POSIX terminals")
def test_a_terminal_gets_a_bar_with_rate_and_counts(home):
    exit_code, shown = shown_on_terminal([*BATCH, "photos", "-o", "bar.csv", "-j", "1"])
    assert exit_code == 3
    for part in (b"/5", b"/s, ", b" left; ", b" read, ", b" to review, ", b" failed"):
        assert part in shown, shown
