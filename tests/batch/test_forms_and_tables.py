"""Templates and tables in jobs: the results of `read`, kept, settled by people, written again."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from batch_jobs import batch
from forms import TEMPLATE, TEXTS, filled_form, photographed
from pictures import encoded, number_image
from typer.testing import CliRunner

from ocrdigits.batch.decisions import Decisions, Seen, Verdict
from ocrdigits.batch.store import Store
from ocrdigits.cli import app

SAMPLES = Path(__file__).parents[2] / "samples"
FORMS = ("forms", "--template", TEMPLATE, "--store", "forms.store")
TABLES = ("tables", "--layout", "table", "--store", "tables.store")


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    """Jobs on three photos of a form and on three of tables, in JSON Lines."""
    home = tmp_path_factory.mktemp("forms_and_tables")
    (home / "forms").mkdir()
    changed = {**TEXTS, "total": "990.40", "customer": ""}
    (home / "forms" / "1.jpg").write_bytes(photographed(filled_form(), turns=1)[0])
    (home / "forms" / "2.jpg").write_bytes(photographed(filled_form(changed))[0])
    (home / "forms" / "3.jpg").write_bytes(encoded(number_image(), "JPEG"))
    (home / "tables").mkdir()
    shutil.copy(SAMPLES / "register_06.jpg", home / "tables")
    (home / "tables" / "broken.jpg").write_bytes(b"half a photo")
    (home / "tables" / "number.jpg").write_bytes(encoded(number_image(), "JPEG"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(home)
        for options in (FORMS, TABLES):
            done = batch(*options, "-o", f"{options[0]}.jsonl", "-j", 2)
            assert done.exit_code == 3, done.output
        yield home


def read(*options):
    return CliRunner().invoke(app, ["read", *map(str, options)]).stdout


def export(store, output, *options):
    folder = "tables" if store.startswith("tables") else "forms"
    done = batch(folder, "-o", output, "--store", store, "--export-only", *options)
    assert done.exit_code == 3, done.output
    return Path(output).read_text(encoding="utf-8") if Path(output).is_file() else ""


@pytest.mark.parametrize("options", [FORMS, TABLES])
def test_json_lines_are_those_of_read(options):
    found = [json.loads(line) for line in Path(f"{options[0]}.jsonl").read_text().splitlines()]
    for photo in found:
        assert {string.pop("source") for string in photo["strings"]} <= {"read"}
    expected = read(*options[:3], "--format", "json").splitlines()
    assert found == [json.loads(line) | {"seconds": None} for line in expected]
    assert any(photo["review"] or photo["tables"] for photo in found)


def test_fields_are_those_of_read_also_without_naming_the_template_again():
    expected = read(*FORMS[:3], "--format", "fields")
    assert export("forms.store", "fields.csv", "--format", "fields") == expected


def test_fields_need_a_template():
    done = batch("tables", "-o", "none.csv", "--format", "fields")
    assert done.exit_code == 2 and "--template" in done.stderr
    store = ("--store", "tables.store", "--export-only")
    assert batch("tables", "-o", "none.csv", "--format", "fields", *store).exit_code == 2


def test_options_that_the_template_decides_are_refused():
    done = batch(*FORMS, "-o", "r.csv", "--content", "date")
    assert done.exit_code == 2 and "leave out --content" in done.stderr


def test_what_people_decide_settles_reasons_and_sums():
    shutil.copy("forms.store", "settled.store")

    def decide(field, verdict, text=None):
        with Store.open(Path("settled.store")) as store:
            page = list(store.pages(store.current_setup()))[1]
            string = next(it for it in page.strings if it["field"] == field)
            box = tuple(string[side] for side in ("x", "y", "width", "height"))
            Decisions(store).record(string["id"], Seen(string["text"], box, 0), verdict, text, "me")
        text = export("settled.store", "settled.csv", "--format", "fields")
        return list(csv.DictReader(io.StringIO(text)))[1]

    row = decide("customer", Verdict.CORRECTED, "480257")
    assert row["customer"] == "480257" and row["needs_review"] == "true"
    assert "customer" not in row["reason"] and "is not 990.40" in row["reason"]
    row = decide("total", Verdict.CORRECTED, "980.40")
    assert "is not" not in row["reason"]
    assert "date: unreadable" in decide("date", Verdict.UNREADABLE)["reason"]


def test_another_template_is_another_setup():
    shutil.copytree(TEMPLATE.parent, "other")
    text = Path("other/form.toml").read_text().replace('"customer"', '"client"')
    Path("other/form.toml").write_text(text)
    options = ("forms", "--store", "forms.store", "-o", "r.csv")
    assert "this run: 3 photos" in batch(*options, "--template", "other/form.toml").stderr
    assert "this run: 0 photos" in batch(*options, "--template", TEMPLATE).stderr


def test_grids_are_a_file_a_photo_and_follow_the_folder():
    options = (*TABLES, "-o", "grids", "--format", "grid")
    assert batch(*options).exit_code == 3
    names = sorted(path.name for path in Path("grids").iterdir())
    assert [name.rpartition("-")[0] for name in names] == ["number", "register_06"]
    read("tables", "--layout", "table", "--format", "grid", "-o", "read")
    content = Path("grids", names[1]).read_text()
    assert content == Path("read/register_06.csv").read_text() and content.count("\n") > 3
    Path("grids/mine.csv").write_text("my own")
    photo = Path("tables/number.jpg").rename("number.jpg")
    assert batch(*options).exit_code == 3
    photo.rename("tables/number.jpg")
    assert sorted(path.name for path in Path("grids").iterdir()) == ["mine.csv", names[1]]


def test_grids_want_a_folder():
    Path("taken").write_text("old")
    done = batch(*TABLES, "-o", "taken", "--format", "grid")
    assert done.exit_code == 5 and Path("taken").read_text() == "old"


def test_text_has_a_line_for_each_row_after_the_path():
    lines = export("tables.store", "text.txt", "--format", "text").splitlines()
    assert any(line.startswith("tables/register_06.jpg\t") for line in lines)


def test_a_store_from_before_is_brought_up_to_date():
    shutil.copy("forms.store", "before.store")
    before = sqlite3.connect("before.store")
    before.executescript(
        "ALTER TABLE page DROP COLUMN review; ALTER TABLE page DROP COLUMN tables; "
        "PRAGMA user_version = 1"
    )
    before.close()
    assert len(export("before.store", "before.jsonl").splitlines()) == 3
