"""The template commands and `read --template` on drawn photos, with the shipped weights."""

import csv
import io
import json
import tomllib

import pytest
from forms import TEMPLATE, TEXTS, filled_form, photographed
from typer.testing import CliRunner

from ocrdigits.cli import app

runner = CliRunner()


def run(*arguments):
    return runner.invoke(app, [str(it) for it in arguments])


def rows(done):
    return list(csv.DictReader(io.StringIO(done.stdout, newline="")))


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    changed = {**TEXTS, "total": "990.40", "customer": "", "freight": ""}
    (folder / "right.jpg").write_bytes(photographed(filled_form(), turns=1, shadow=0.4)[0])
    (folder / "wrong.jpg").write_bytes(photographed(filled_form(changed))[0])
    other = filled_form({})[700:1100, 90:700]
    (folder / "other.jpg").write_bytes(photographed(other[:, ::-1], tilt=0.02)[0])
    return folder


def test_every_field_is_read_in_its_place(photos):
    done = run(
        "read", photos / "right.jpg", photos / "wrong.jpg", photos / "other.jpg",
        "--template", TEMPLATE, "--format", "fields", "--max-error", "0.05",
    )  # fmt: skip
    assert done.exit_code == 3, done.stderr
    right, wrong, other = rows(done)
    assert {name: right[name] for name in TEXTS} == TEXTS
    assert all(float(right[f"{name}_confidence"]) > 0.5 for name in TEXTS)
    assert wrong["customer"] == "" and wrong["customer_confidence"] == "1.0"
    assert wrong["needs_review"] == "true"
    assert "customer: blank but required" in wrong["reason"]
    assert "total: 922.40 is not 990.40" in wrong["reason"]
    assert "features agree with form.png" in other["error"]
    assert other["needs_review"] == "true" and not any(other[name] for name in TEXTS)


def test_json_names_fields_and_says_what_to_review(photos):
    done = run("read", photos / "wrong.jpg", "--template", TEMPLATE, "--format", "json")
    found = json.loads(done.stdout)
    strings = {it["field"]: it for it in found["strings"]}
    assert list(strings) == list(TEXTS)
    assert strings["goods"]["text"] == "922.40" and not strings["goods"]["accepted"]
    assert "customer: blank but required" in found["review"]


@pytest.mark.parametrize(
    ("options", "fact"),
    [
        (("--format", "fields"), "needs the form's --template"),
        (("--template", TEMPLATE, "--layout", "page"), "leave out --layout"),
        (("--template", TEMPLATE, "--content", "date"), "leave out --content"),
        (("--template", TEMPLATE, "--pattern", "1"), "leave out --pattern"),
        (("--template", TEMPLATE, "--decimal", ","), "leave out --decimal"),
        (("--template", "none.toml"), "none.toml"),
    ],
)
def test_options_that_cannot_be_followed_are_refused(options, fact):
    done = run("read", "a.jpg", *options)
    assert done.exit_code == 2
    assert fact in done.stderr


def test_check_says_how_well_photos_match_and_draws_the_fields(photos, tmp_path):
    done = run(
        "template", "check", TEMPLATE, photos / "right.jpg", photos / "other.jpg",
        "--annotate", tmp_path / "drawn",
    )  # fmt: skip
    assert done.exit_code == 3
    assert "features agree" in done.stdout and "270° clockwise" in done.stdout
    assert "other.jpg" in done.stderr
    assert [path.stem for path in (tmp_path / "drawn").iterdir()] == ["right-annotated"]
    assert run("template", "check", TEMPLATE, photos / "other.jpg").exit_code == 4


def test_new_proposes_the_fields_of_a_blank_form_and_keeps_what_is_there(tmp_path):
    target = tmp_path / "mine.toml"
    picture = TEMPLATE.parent / "form.png"
    done = run("template", "new", picture, "-o", target)
    assert done.exit_code == 0, done.stderr
    proposed = tomllib.loads(target.read_text(encoding="utf-8"))
    assert proposed["reference"]["blank"] is True
    boxes = [field["box"] for field in proposed["fields"]]
    for field in tomllib.loads(TEMPLATE.read_text(encoding="utf-8"))["fields"]:
        x, y, width, height = field["box"]
        middle = x + width / 2, y + height / 2
        assert any(
            left < middle[0] < left + w and top < middle[1] < top + h and w < 1.3 * width
            for left, top, w, h in boxes
        ), field["name"]
    written = target.read_bytes()
    refused = run("template", "new", picture, "-o", target)
    assert refused.exit_code == 2 and "--force" in refused.stderr
    assert target.read_bytes() == written
    assert run("template", "check", target, picture).exit_code == 0
