"""What a person decides is kept, shown, exported and taken back; nobody overwrites anybody."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from batch_jobs import batch, rows_of
from pictures import encoded, number_image

httpx = pytest.importorskip("httpx")
pytest.importorskip("fastapi")

from review_desk import copy_job, make_job, reviewing  # noqa: E402


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    return make_job(tmp_path_factory.mktemp("review"), 4)


@pytest.fixture
def store(job, tmp_path):
    return copy_job(job, tmp_path)


def export(store, *options):
    output = store.with_name("out.csv")
    done = batch(
        *(store.parent / "photos", "-o", output, "--store", store, "--export-only", *options)
    )
    assert done.exit_code == 0, done.output
    return rows_of(output)


def decisions_in(store):
    connection = sqlite3.connect(store)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute("SELECT * FROM decision ORDER BY id")]
    finally:
        connection.close()


def test_the_least_certain_comes_first_and_decided_ones_do_not_come_again(store):
    with reviewing(store) as window:
        items = window.strings()
        assert [it["confidence"] for it in items] == sorted(it["confidence"] for it in items)
        assert len(items) == 4
        window.decide(items[0], text=items[0]["text"])
        assert [it["id"] for it in window.strings()] == [it["id"] for it in items[1:]]
        assert window.overview()["decided"] == 1
        assert [it["id"] for it in window.strings(show="decided")] == [items[0]["id"]]


def test_long_queues_come_in_parts(store):
    with reviewing(store) as window:
        items = window.strings()
        first = window.strings(limit=3)
        rest = window.strings(limit=3, rank=first[-1]["rank"], after=first[-1]["id"])
        assert first + rest == items


def test_every_decision_says_who_when_what_and_what_was_before(store):
    with reviewing(store, by="Ana") as window:
        item = window.strings()[0]
        item["decision"] = window.decide(item, text="77").json()
        window.decide(item, "unreadable")
    first, second = decisions_in(store)
    assert (first["verdict"], first["text"], first["read_text"]) == (
        "corrected",
        "77",
        item["text"],
    )
    assert (first["verdict_before"], first["made_by"]) == (None, "Ana")
    assert first["made_at"].startswith("20")
    assert first["made_at"].endswith("+00:00")
    assert (second["verdict"], second["verdict_before"], second["text_before"]) == (
        *("unreadable", "corrected"),
        "77",
    )


def test_exports_say_where_each_text_comes_from(store):
    before = export(store)
    assert {row["source"] for row in before} == {"read"}
    with reviewing(store) as window:
        one, two, three, four = window.strings()
        window.decide(one, text=one["text"])
        window.decide(two, text="12.50")
        window.decide(three, "unreadable")
        window.decide(four, "not_a_number")
    after = {row["file"].rpartition("/")[2]: row for row in export(store)}

    def row_of(item):
        return after[item["file"].rpartition("/")[2]]

    confirmed, corrected, unreadable, nothing = map(row_of, (one, two, three, four))
    assert (confirmed["text"], confirmed["source"]) == (one["text"], "confirmed")
    assert (corrected["text"], corrected["value"], corrected["source"]) == (
        *("12.50", "12.5"),
        "corrected",
    )
    assert (confirmed["accepted"], corrected["accepted"]) == ("true", "true")
    assert (unreadable["text"], unreadable["value"], unreadable["source"]) == ("", "", "unreadable")
    assert unreadable["accepted"] == "false"
    assert (nothing["text"], nothing["x"], nothing["source"]) == ("", "", "")
    assert len(after) == len(before)  # a photo without a number still has its row


def test_json_lines_have_the_source_too(store):
    with reviewing(store) as window:
        window.decide(window.strings()[0], text="5")
    output = store.with_name("out.jsonl")
    batch(store.parent / "photos", "-o", output, "--store", store, "--export-only")
    sources = [
        string["source"]
        for line in output.read_text().splitlines()
        for string in json.loads(line)["strings"]
    ]
    assert sorted(sources) == ["corrected", "read", "read", "read"]


def test_undo_brings_back_what_held_before(store):
    with reviewing(store) as window:
        item = window.strings()[0]
        item["decision"] = first = window.decide(item, text="77").json()
        item["decision"] = second = window.decide(item, "unreadable").json()
        item["decision"] = window.undo(item, second["id"]).json()
        assert (item["decision"]["verdict"], item["decision"]["text"]) == ("corrected", "77")
        item["decision"] = window.undo(item, first["id"]).json()
        assert item["decision"]["verdict"] is None
        assert item["id"] in [it["id"] for it in window.strings()]
    assert {row["source"] for row in export(store)} == {"read"}
    assert len(decisions_in(store)) == 4  # nothing that was ever said is lost


def test_two_windows_do_not_overwrite_each_other(store):
    with reviewing(store, by="Ana") as one, reviewing(store, by="Ben") as two:
        item, same = one.strings()[0], two.strings()[0]
        assert one.decide(item, text="77").status_code == 200
        refused = two.decide(same, text="88")
        assert refused.status_code == 409
        assert "meanwhile" in refused.json()["detail"]
        assert refused.json()["decision"]["made_by"] == "Ana"
        assert refused.json()["decision"]["text"] == "77"
        same["decision"] = refused.json()["decision"]
        assert two.decide(same, text="88").status_code == 200  # now that Ben has seen it
        assert one.undo(item, refused.json()["decision"]["id"]).status_code == 409
    assert [row["text"] for row in decisions_in(store)] == ["77", "88"]


def test_two_windows_see_each_others_decisions(store):
    with reviewing(store) as one, reviewing(store) as two:
        items = two.strings()
        one.decide(one.strings()[0], text="1")
        assert [it["id"] for it in two.strings()] == [it["id"] for it in items[1:]]


def test_decisions_survive_that_photos_are_read_anew(store):
    with reviewing(store) as window:
        item = window.strings()[0]
        window.decide(item, text="77")
    photos = store.parent / "photos"
    with sqlite3.connect(store) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM reading")
    connection.close()
    done = batch(photos, "-o", store.with_name("out.csv"), "--store", store, "--accept", "1")
    assert done.exit_code == 0
    rows = [row for row in rows_of(store.with_name("out.csv")) if row["source"] == "corrected"]
    assert [row["text"] for row in rows] == ["77"]
    assert rows[0]["file"].endswith(item["file"])


def test_a_photo_that_has_changed_is_decided_anew(store):
    with reviewing(store) as window:
        item = window.strings()[0]
        window.decide(item, text="77")
        photo = store.parent / "photos" / item["file"]
        photo.write_bytes(encoded(number_image("31"), "JPEG"))
        lost = window.client.get(f"api/strings/{item['id']}/crop")
        assert lost.status_code == 410
        assert "no longer the photo that was read" in lost.json()["detail"]
    done = batch(
        *(store.parent / "photos", "-o", store.with_name("out.csv"), "--store", store),
        *("--accept", "1"),
    )
    assert done.exit_code == 0
    assert {row["source"] for row in rows_of(store.with_name("out.csv"))} == {"read"}


def test_a_string_that_was_read_anew_is_not_decided_by_what_was_seen_before(store):
    with reviewing(store) as window:
        item = window.strings()[0]
        seen = {"text": item["text"] + "0", "box": item["box"], "decision": 0}
        refused = window.decide(item, text="77", seen=seen)
        assert refused.status_code == 409
        assert "read again" in refused.json()["detail"]
    assert decisions_in(store) == []


def test_a_lost_photo_is_said(store):
    with reviewing(store) as window:
        item = window.strings()[0]
        (store.parent / "photos" / item["file"]).unlink()
        lost = window.client.get(f"api/strings/{item['id']}/photo")
        assert lost.status_code == 410
        assert "no such file" in lost.json()["detail"]
        assert window.decide(item, "unreadable").status_code == 200


def test_crop_and_photo_are_pictures(store):
    with reviewing(store) as window:
        item = window.strings()[0]
        for name in ("crop", "photo"):
            picture = window.client.get(f"api/strings/{item['id']}/{name}")
            assert picture.headers["content-type"] == "image/jpeg"
            assert picture.content[:3] == b"\xff\xd8\xff"


def test_filters_choose_by_file_and_confidence(store):
    with reviewing(store) as window:
        items = window.strings()
        name = items[1]["file"]
        assert [it["id"] for it in window.strings(file=name.upper())] == [items[1]["id"]]
        assert window.overview(file=name)["strings"] == 1
        middle = items[2]["confidence"]
        assert all(it["confidence"] >= middle for it in window.strings(low=middle))
        assert window.strings(show="accepted") == []
        assert len(window.strings(show="all")) == 4
        assert window.strings(field="total") == []


def test_the_promised_error_stands_beside_the_one_found(store):
    with reviewing(store) as window:
        one, two, three, four = window.strings()
        window.decide(one, text=one["text"])
        window.decide(two, text="99999")
        window.decide(three, "not_a_number")
        window.decide(four, "unreadable")  # says nothing about the reader
        checked = window.overview()["checked"]["doubtful"]
    assert (checked["strings"], checked["wrong"]) == (3, 2)
    doubts = [1 - it["confidence"] for it in (one, two, three)]
    assert checked["promised"] == pytest.approx(sum(doubts) / 3)
    assert checked["observed"] == pytest.approx(2 / 3)
    assert (checked["low"], checked["high"]) == pytest.approx((0.2077, 0.9385), abs=1e-3)


@pytest.mark.parametrize("text", ["", "12a", "1 2", "=1+1", "1" * 65, "٣", ".", "1\n"])
def test_texts_that_no_reading_can_be_are_refused(store, text):
    with reviewing(store) as window:
        assert window.decide(window.strings()[0], text=text).status_code == 422
    assert decisions_in(store) == []


def test_a_killed_server_loses_no_decision(store):
    process = subprocess.Popen(
        [sys.executable, "-m", "ocrdigits", "review", str(store), "--no-browser", "--by", "Ana"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        url = process.stdout.readline().strip()
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            items = client.get("api/strings").json()
            for item in items:
                seen = {"text": item["text"], "box": item["box"], "decision": 0}
                body = {"seen": seen, "verdict": "text", "text": "42"}
                answer = client.post(f"api/strings/{item['id']}/decision", json=body)
                assert answer.status_code == 200
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert [row["text"] for row in decisions_in(store)] == ["42"] * 4
    assert {row["text"] for row in export(store)} == {"42"}


def test_ctrl_c_ends_the_review_as_usual(store):
    process = subprocess.Popen(
        [sys.executable, "-m", "ocrdigits", "review", str(store), "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    )
    url = process.stdout.readline().strip()
    assert httpx.get(url, timeout=60, trust_env=False).status_code == 200
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "0 decisions are kept in" in errors


def test_corrections_are_a_labelled_folder(store, tmp_path):
    from typer.testing import CliRunner

    from ocrdigits.cli import app
    from ocrdigits.model.evaluate import read_labelled_photos
    from ocrdigits.model.strings.real import read_string_labels

    with reviewing(store) as window:
        one, two, three, four = window.strings()
        window.decide(one, text=one["text"])
        window.decide(two, text="54321")
        window.decide(three, "unreadable")
        window.decide(four, "not_a_number")
    folder = tmp_path / "labels"
    done = CliRunner().invoke(app, ["corrections", str(store), "-o", str(folder)])
    assert done.exit_code == 0, done.output
    assert "2 labels, 1 of them corrected" in done.output
    assert sorted(it.strings for it in read_labelled_photos(folder)) == sorted(
        [(one["text"],), ("54321",)]
    )
    assert len(read_string_labels(folder)) == 2
    rows = list(csv.DictReader(io.StringIO((folder / "labels.csv").read_text())))
    assert {row["verdict"] for row in rows} == {"confirmed", "corrected"}
    evaluated = CliRunner().invoke(
        app, ["evaluate", str(folder), "--report", str(tmp_path / "report"), "-j", "1"]
    )
    assert evaluated.exit_code == 0, evaluated.output
    again = CliRunner().invoke(app, ["corrections", str(store), "-o", str(folder)])
    assert again.exit_code == 2
    assert "is not empty" in again.output


def test_corrections_without_decisions_say_what_to_do(store, tmp_path):
    from typer.testing import CliRunner

    from ocrdigits.cli import app

    done = CliRunner().invoke(app, ["corrections", str(store), "-o", str(tmp_path / "none")])
    assert done.exit_code == 2
    assert "ocrdigits review" in done.output


def test_a_review_without_its_part_names_it(store, monkeypatch):
    from typer.testing import CliRunner

    from ocrdigits.cli import app

    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "ocrdigits.web.run", raising=False)
    done = CliRunner().invoke(app, ["review", str(store)])
    assert done.exit_code == 2
    assert "ocrdigits[web]" in done.output


def test_what_is_no_store_is_named(tmp_path):
    from typer.testing import CliRunner

    from ocrdigits.cli import app

    done = CliRunner().invoke(app, ["review", str(tmp_path / "none.ocrdigits")])
    assert done.exit_code == 5
    assert "none.ocrdigits" in done.output
    assert not Path(tmp_path / "none.ocrdigits").exists()
