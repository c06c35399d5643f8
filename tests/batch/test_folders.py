"""What a folder may hold, and what may happen to it between runs and during one."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from pathlib import Path

import pytest
from batch_jobs import BATCH, batch, draw_folder, rows_of
from pictures import encoded, number_image
from processes import without_root_powers

from ocrdigits.batch.crew import Limits
from ocrdigits.batch.job import BatchRequest, run_job
from ocrdigits.batch.store import Store
from ocrdigits.batch.worker import WorkPlan
from ocrdigits.output.formats import ExportFormat
from ocrdigits.settings import Settings


class Watcher:
    """Does something to the folder once it is listed; counts what is read."""

    def __init__(self, action=lambda: None):
        self.action, self.done = action, 0

    def begin(self, progress):
        self.to_do = progress.to_do
        self.action()

    def failed(self, path, answer):
        pass

    def advance(self, progress):
        self.done = progress.done

    def check(self):
        pass


@pytest.fixture(autouse=True)
def _at_home(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    draw_folder(Path("photos"), 5)


def run(action=lambda: None, **options):
    request = BatchRequest(
        plan=WorkPlan(Path("photos"), Settings()),
        output=Path("r.csv"),
        export_format=ExportFormat.CSV,
        store=Path("r.csv.ocrdigits"),
        limits=Limits(),
        **options,
    )
    watcher = Watcher(action)
    summary = run_job(request, watcher)
    return watcher, summary


def string_ids():
    with Store.open(Path("r.csv.ocrdigits")) as store:
        setup_id = store.current_setup()
        return {page.path: [row["id"] for row in page.strings] for page in store.pages(setup_id)}


def errors():
    return {row["file"]: row["error"] for row in rows_of(Path("r.csv"))}


def test_what_is_done_is_skipped_what_changed_is_read_again_what_is_gone_goes():
    assert run()[0].to_do == 5
    before = string_ids()
    assert [Path(path).name for path in before] == [
        f"photo{index}.jpg" for index in (1, 2, 4, 0, 3)
    ]  # a folder's own photos, then those of its sub-folders
    assert run()[0].to_do == 0
    Path("photos/photo1.jpg").write_bytes(encoded(number_image("77"), "JPEG"))
    Path("photos/photo2.jpg").unlink()
    Path("photos/photo9.jpg").write_bytes(encoded(number_image("99"), "JPEG"))
    watcher, summary = run()
    assert (watcher.done, summary.counts.photos) == (2, 5)
    after = string_ids()
    assert "photo2.jpg" not in after and after["photo4.jpg"] == before["photo4.jpg"]
    texts = {row["file"]: row["text"] for row in rows_of(Path("r.csv"))}
    assert (texts["photos/photo1.jpg"], texts["photos/photo9.jpg"]) == ("77", "99")


def test_clocks_that_jump_change_nothing(monkeypatch):
    for number, seconds in enumerate((-1e8, 0, 4e9, 9e9)):  # 1966, 1970, 2096, 2255
        os.utime(f"photos/photo{(1, 2, 4)[number % 3]}.jpg", (seconds, seconds))
    jumps = iter(range(10**6))
    monkeypatch.setattr(time, "time", lambda: (-1) ** next(jumps) * 1e9)
    assert run()[1].counts.read == 5
    before = string_ids()
    os.utime("photos/photo1.jpg", (5e9, 5e9))
    assert run()[0].done == 1  # its content is compared, and still the same
    assert string_ids() == before and run()[0].to_do == 0


def test_verify_finds_what_size_and_times_hide(monkeypatch):
    run()
    photo, texts = Path("photos/photo1.jpg"), [row["text"] for row in rows_of(Path("r.csv"))]
    content = encoded(number_image("42"), "JPEG")
    photo.write_bytes(content)
    # As a file system with coarse times would have it:
    with Store.open(Path("r.csv.ocrdigits"), job=True) as store, store.transaction() as writing:
        status = photo.stat()
        writing.execute(
            "UPDATE reading SET size = ?, mtime_ns = ?, ctime_ns = ? WHERE photo_id = "
            "(SELECT id FROM photo WHERE path = ?)",
            (status.st_size, status.st_mtime_ns, status.st_ctime_ns, b"photo1.jpg"),
        )
    assert run()[0].to_do == 0
    assert run(verify=True)[0].done == 5
    assert [row["text"] for row in rows_of(Path("r.csv"))] == ["42", *texts[1:]]


def test_a_folder_that_changes_under_the_run_is_read_as_it_is_and_put_right_by_the_next():
    def change():
        Path("photos/photo1.jpg").unlink()
        Path("photos/photo2.jpg").write_bytes(b"half a pho")
        Path("photos/new.jpg").write_bytes(encoded(number_image(), "JPEG"))

    _, summary = run(change)
    assert (summary.counts.read, summary.counts.refused) == (3, 2)
    assert "no such file" in errors()["photos/photo1.jpg"]
    Path("photos/photo2.jpg").write_bytes(encoded(number_image(), "JPEG"))
    watcher, summary = run()
    assert (watcher.done, summary.counts.read, summary.counts.refused) == (2, 5, 0)


def test_odd_entries_have_their_rows_or_are_passed_by():
    folder = Path("photos")
    (folder / "more" / "round").symlink_to(folder.resolve())
    (folder / "self.jpg").symlink_to("self.jpg")
    (folder / "lost.jpg").symlink_to("nowhere.jpg")
    (folder / "folder.jpg").mkdir()
    (folder / "folder.jpg" / "inside.jpg").write_bytes(encoded(number_image("5"), "JPEG"))
    os.mkfifo(folder / "pipe.jpg")
    (folder / "notes.txt").write_text("no photo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("photos/socket.jpg")
        _, summary = run()
    assert (summary.counts.read, summary.counts.refused, summary.exit_code) == (6, 4, 3)
    found = errors()
    assert "pipe or device" in found["photos/pipe.jpg"]
    assert "pipe or device" in found["photos/socket.jpg"]
    assert "no such file" in found["photos/lost.jpg"]
    assert "cannot be opened" in found["photos/self.jpg"]
    assert found["photos/folder.jpg/inside.jpg"] == ""


def test_what_may_not_be_read_is_said_and_read_once_it_may():
    Path("photos/photo1.jpg").chmod(0)
    Path("photos/more").chmod(0)
    command = [*BATCH, "photos", "-o", "r.csv", "-q"]
    # As root may read anything:
    refused = subprocess.run(command, preexec_fn=without_root_powers, check=False)
    assert refused.returncode == 3
    assert [name for name, error in errors().items() if "denied" in error] == [
        *("photos/photo1.jpg", "photos/more")
    ]
    Path("photos/photo1.jpg").chmod(0o644)
    Path("photos/more").chmod(0o755)
    assert run()[1].counts.read == 5


def test_a_sub_folder_that_cannot_be_searched_has_its_row(monkeypatch):
    from ocrdigits import inputs

    real = os.scandir

    def scandir(folder):
        if Path(folder).name == "more":
            raise PermissionError(13, "Permission denied")
        return real(folder)

    monkeypatch.setattr(inputs.os, "scandir", scandir)  # root may search anything
    assert run()[1].counts.refused == 1
    assert "photos/more: the folder cannot be read" in errors()["photos/more"]
    assert run(retry_failed=True, verify=True)[1].counts.refused == 1


def test_results_and_pictures_inside_the_folder_are_no_photos():
    options = ("photos", "-o", "photos/r.csv", "--accept", 1)
    pictures = ("--crops", "photos/crops", "--annotate", "photos/annotated")
    assert batch(*options, *pictures).exit_code == 0
    crops = sorted(path.name for path in Path("photos/crops").iterdir())
    assert len(crops) == 5 and len(list(Path("photos/annotated").iterdir())) == 5
    again = batch(*options)
    assert again.exit_code == 0 and "5 photos: 5 read" in again.stderr
    assert "this run: 0 photos" in again.stderr


def test_crops_follow_the_readings():
    options = ("photos", "-o", "r.csv", "--crops", "crops", "--accept", 1)
    batch("photos", "-o", "r.csv", "--accept", 1)
    assert batch(*options).exit_code == 0  # read before, without pictures
    crops = sorted(Path("crops").iterdir())
    assert len(crops) == 5
    crops[0].unlink()
    Path("crops/mine.png").write_bytes(b"not a crop")
    Path("photos/photo1.jpg").unlink()
    assert batch(*options).exit_code == 0
    left = [path.name for path in Path("crops").iterdir()]
    assert len(left) == 5 and "mine.png" in left
    assert not any(name.startswith("photo1-") for name in left)


@pytest.mark.parametrize("folder", ["none", "empty", "photos/photo1.jpg"])
def test_a_folder_without_photos_leaves_everything_as_it_is(folder):
    Path("empty").mkdir()
    Path("r.csv").write_text("old")
    result = batch(folder, "-o", "r.csv")
    assert result.exit_code == 4 and len(result.stderr.splitlines()) == 1
    assert Path("r.csv").read_text() == "old" and not Path("r.csv.ocrdigits").exists()


def test_names_of_any_kind_are_kept_apart_and_never_reach_a_terminal():
    odd = [
        b"=1+1.jpg",
        b"+x.jpg",
        b"-x.jpg",
        b"@x.jpg",
        b"a\x1b[2J.jpg",
        b"b\nc.jpg",
        b"caf\xe9.jpg",
    ]
    for number, name in enumerate(odd):
        content = encoded(number_image(str(number)), "JPEG") if number % 2 else b"no photo"
        Path("photos", os.fsdecode(name)).write_bytes(content)
    done = batch("photos", "-o", "r.csv", "-q")
    assert done.exit_code == 3, done.output
    rows = {row["file"] for row in rows_of(Path("r.csv"))}
    assert {f"photos/{os.fsdecode(name)}" for name in odd} <= rows
    assert len(done.stderr.splitlines()) == 4
    assert all(line.isprintable() for line in done.stderr.splitlines())


def test_formulas_in_names_are_quoted_and_minus_stays_in_text(monkeypatch):
    monkeypatch.chdir("photos")
    Path("=1+1.jpg").write_bytes(encoded(number_image("-157"), "JPEG"))
    batch(".", "-o", "r.csv")
    rows = {row["file"]: row["text"] for row in rows_of(Path("r.csv"))}
    assert rows["'=1+1.jpg"].endswith("157") and not rows["'=1+1.jpg"].startswith("'")


def test_a_stopped_job_leaves_neither_results_nor_lock():
    class StoppedError(Exception):
        pass

    def stop():
        raise StoppedError

    with pytest.raises(StoppedError):
        run(stop)
    assert not Path("r.csv").exists() and not Path("r.csv.ocrdigits-lock").exists()
