"""Jobs in parts at URLs: the results of the local job, whatever was there before."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from batch_jobs import BATCH, batch
from pictures import encoded, number_image

from ocrdigits.batch.cluster.job import ClusterRequest, run_parts
from ocrdigits.batch.cluster.part_reader import PartReader
from ocrdigits.batch.worker import WorkPlan
from ocrdigits.errors import InputError, OutputError, UsageError
from ocrdigits.output.formats import ExportFormat
from ocrdigits.settings import Settings

fsspec = pytest.importorskip("fsspec")

PHOTOS = {
    "photo10.jpg": "1010",
    "photo9.jpg": "909",
    "more/a2.png": "22",
    "more/a10.png": "10",
    "zoo.jpg": "77",
    "broken.jpg": None,
}


class Onlooker:
    def __init__(self):
        self.failures = []

    def begin(self, progress):
        self.to_do = progress.to_do

    def failed(self, path, answer):
        self.failures.append((path, answer.result.pages[0]["error"]))

    def advance(self, progress):
        pass

    def check(self):
        pass


def one_machine(job, parts, jobs, check):
    """This one, part by part."""
    reader = PartReader(job)
    for part in parts:
        check()
        yield json.loads(reader({"part": part.to_json()})["done"])


def run(photos, output, *, machines=one_machine, settings=None, **options):
    request = ClusterRequest(
        photos=photos,
        output=output,
        chosen=options.pop("chosen", ExportFormat.CSV),
        plan=WorkPlan(Path(), settings or Settings()),
        part_size=options.pop("part_size", 2),
        **options,
    )
    onlooker = Onlooker()
    return onlooker, run_parts(request, onlooker, machines)


def content_of(text):
    return b"no photo" if text is None else encoded(number_image(text), "PNG")


@pytest.fixture(scope="module", autouse=True)
def local(tmp_path_factory):
    """The folder and the results of the local job."""
    home = tmp_path_factory.mktemp("cluster")
    for path, text in PHOTOS.items():
        (home / "photos" / path).parent.mkdir(parents=True, exist_ok=True)
        (home / "photos" / path).write_bytes(content_of(text))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        assert batch("photos", "-o", "local.csv", "-j", 1).exit_code == 3
        yield home


@pytest.fixture
def memory():
    """The same photos in a store of objects, and other files among them."""
    store = fsspec.filesystem("memory")
    for path, text in PHOTOS.items():
        store.pipe_file(f"/bucket/photos/{path}", content_of(text))
    store.pipe_file("/bucket/photos/.hidden/x.jpg", b"")
    store.pipe_file("/bucket/photos/notes.txt", b"")
    yield store
    store.rm("/bucket", recursive=True)


def joined(parts: list[bytes]) -> bytes:
    """All parts as one file: with one header."""
    start = parts[0].index(b"\n") + 1
    assert all(part[:start] == parts[0][:start] for part in parts)
    return parts[0] + b"".join(part[start:] for part in parts[1:])


def parts_in(folder) -> list[bytes]:
    return [path.read_bytes() for path in sorted(Path(folder).glob("part-*"))]


def parts_at(store) -> dict[str, bytes]:
    return {path: store.cat_file(path) for path in sorted(store.glob("/bucket/out/part-*"))}


def test_a_url_gives_the_results_of_the_local_job_under_its_own_names(memory):
    onlooker, summary = run("memory://bucket/photos", "memory://bucket/out")
    text = joined(list(parts_at(memory).values()))
    assert text.replace(b"memory://bucket/photos", b"photos") == Path("local.csv").read_bytes()
    assert (summary.counts.photos, summary.counts.read, summary.exit_code) == (6, 5, 3)
    assert onlooker.failures[0][0] == "memory://bucket/photos/broken.jpg"
    assert "not a JPEG" in onlooker.failures[0][1]
    assert run("memory://bucket/photos", "memory://bucket/out")[1].counts == summary.counts


def test_a_rerun_reads_what_no_part_holds_and_leaves_no_old_part(memory):
    def again(**options):
        onlooker, _ = run("memory://bucket/photos", "memory://bucket/out", **options)
        return onlooker.to_do, parts_at(memory)

    to_do, first = again()
    assert to_do == 6 and again() == (0, first)
    memory.pipe_file("/bucket/photos/a1.jpg", content_of("1"))  # moves all others by one
    to_do, second = again()
    assert to_do == 1 and not first.keys() & second.keys()
    assert (
        joined(list(second.values())).count(b"\n") == joined(list(first.values())).count(b"\n") + 1
    )
    memory.rm("/bucket/photos/a1.jpg")
    assert again() == (0, first)
    memory.pipe_file("/bucket/photos/photo9.jpg", content_of("31"))
    to_do, changed = again()
    assert to_do == 1 and b",31,31," in joined(list(changed.values()))
    assert again(retry_failed=True)[0] == 1
    name = list(changed)[1]
    memory.pipe_file(name, changed[name][:-9])  # half written
    assert again() == (2, changed)
    assert again(part_size=5)[0] == 0
    assert again(part_size=5, settings=Settings(pattern=r"\d*"))[0] == 6
    assert len(parts_at(memory)) == 2 and len(memory.ls("/bucket/out/_state")) == 3


def test_a_photo_that_goes_while_the_job_runs_has_its_row(memory):
    def machines(job, parts, jobs, check):
        memory.rm("/bucket/photos/zoo.jpg")
        yield from one_machine(job, parts, jobs, check)

    _, summary = run("memory://bucket/photos", "memory://bucket/out", machines=machines)
    assert summary.counts.refused == 2
    assert b"zoo.jpg: no such file; check the path" in joined(list(parts_at(memory).values()))


def test_a_job_that_stops_keeps_the_parts_that_are_done(memory):
    def machines(job, parts, jobs, check):
        yield from one_machine(job, parts[:2], jobs, check)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run("memory://bucket/photos", "memory://bucket/out", machines=machines)
    assert run("memory://bucket/photos", "memory://bucket/out")[0].to_do == 2


def test_parquet_parts_hold_the_same_rows():
    parquet = pytest.importorskip("pyarrow.parquet")
    for _ in range(2):  # the second time from pieces of the first
        run("photos", "rows", chosen=ExportFormat.PARQUET, part_size=4)
        tables = [parquet.read_table(path) for path in sorted(Path("rows").glob("part-*"))]
        rows = [row for table in tables for row in table.to_pylist()]
        assert [Path(row["file"]).name for row in rows] == [
            *("broken.jpg", "photo9.jpg", "photo10.jpg", "zoo.jpg", "a2.png", "a10.png")
        ]
        assert [row["text"] is None for row in rows] == [True, *[False] * 5]
    assert run("photos", "rows", chosen=ExportFormat.PARQUET, part_size=3)[0].to_do == 0


def test_another_version_on_a_machine_is_refused():
    def machines(job, parts, jobs, check):
        other = type(job)(**{name: getattr(job, name) for name in job.__slots__} | {"digest": "1"})
        yield from one_machine(other, parts, jobs, check)

    with pytest.raises(Exception, match="another version of ocrdigits"):
        run("photos", "other", machines=machines)


@pytest.mark.parametrize(
    ("photos", "output", "error"),
    [
        ("nowhere://a", "out", UsageError),
        ("memory://none", "out", InputError),
        ("empty", "out", InputError),
        ("photos", "local.csv/out", OutputError),
    ],
)
def test_places_that_cannot_be_used_are_told_in_one_line(photos, output, error):
    Path("empty").mkdir(exist_ok=True)
    with pytest.raises(error) as refusal:
        run(photos, output)
    assert str(refusal.value).isprintable() and ";" in str(refusal.value)


@pytest.mark.parametrize(
    ("options", "fact"),
    [
        (("--store", "x"), "leave out --store"),
        (("--export-only",), "leave out --export-only"),
        (("--crops", "x"), "leave out --crops"),
        (("--format", "grid"), "does not come in parts"),
    ],
)
def test_what_needs_a_store_is_refused(options, fact):
    done = batch("photos", "-o", "out", "--engine", "ray", *options)
    assert done.exit_code == 2 and fact in done.stderr


def test_a_local_ray_gives_the_bytes_of_the_local_job():
    pytest.importorskip("ray")
    env = {**os.environ, "RAY_ADDRESS": "local"}
    command = [*BATCH, "photos", "-o", "ray", "--format", "csv", "--engine", "ray"]
    command += ["--part-size", "2", "-j", "2"]
    for to_do in (6, 0):
        done = subprocess.run(command, capture_output=True, env=env, check=False, timeout=600)
        assert done.returncode == 3 and done.stdout == b""
        words = done.stderr.decode().splitlines()
        assert f"this run: {to_do} photos" in words[-1], words
        assert all(line.startswith("ocrdigits: ") for line in words)
        assert joined(parts_in("ray")) == Path("local.csv").read_bytes()
