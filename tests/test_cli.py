"""Commands within the test's own process, with a stand-in for network and pipeline."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
from pictures import encoded, number_image
from readings import field_reading
from typer.testing import CliRunner

from ocrdigits import __version__, api, cli
from ocrdigits.contents import CONTENTS
from ocrdigits.errors import WeightsError
from ocrdigits.output.formats import ResultFormat
from ocrdigits.records import Layout, PhotoReading
from ocrdigits.values import DecimalMark

runner = CliRunner()


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Reads the width of each photo as its string; keeps the settings it was asked with."""
    seen = []

    def read_photo(photo, settings, readers, trace):
        if photo.width == 13:
            raise ZeroDivisionError("unlucky")
        seen.append(settings)
        trace.add("load", photo.image)
        strings = (field_reading(str(photo.width)),) if photo.width > 1 else ()
        return PhotoReading(photo.name, photo.page, photo.width, photo.height, strings=strings)

    monkeypatch.setattr(api, "load_readers", lambda *_, **__: None)
    monkeypatch.setattr(api, "read_photo", read_photo)
    monkeypatch.chdir(tmp_path)
    return seen


def make_photo(name: str, width: int = 100) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(number_image("1", width), "PNG"))
    return name


def run(*arguments: str, stdin: bytes | None = None):
    return runner.invoke(cli.app, list(arguments), input=stdin)


def test_the_choices_of_the_command_line_are_those_of_the_library():
    assert [it.value for it in cli.LayoutName] == [it.value for it in Layout]
    formats = ["text", "csv", "json", "grid", "fields"]
    assert [it.value for it in ResultFormat] == formats


def test_version_is_printed():
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"ocrdigits {__version__}\n")


def test_one_photo_gives_its_strings_alone(asked):
    result = run("read", make_photo("a.png", 123))
    assert (result.exit_code, result.stdout, result.stderr) == (0, "123\n", "")


def test_several_photos_give_path_and_string(asked):
    result = run("read", make_photo("b.png", 20), make_photo("a.png", 10))
    assert result.stdout == "b.png\t20\na.png\t10\n"


def test_a_folder_counts_as_several_even_with_one_photo(asked):
    make_photo("photos/a.png", 20)
    assert run("read", "photos").stdout == "photos/a.png\t20\n"


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_the_order_is_the_inputs_whatever_the_jobs(asked, jobs):
    names = [make_photo(f"p/{width}.png", width) for width in range(20, 40)]
    result = run("read", "p", "-j", jobs)
    assert result.stdout == "".join(f"{name}\t{Path(name).stem}\n" for name in names)


def test_one_image_is_read_from_standard_input(asked):
    result = run("read", "-", stdin=encoded(number_image("1", 77), "PNG"))
    assert result.stdout == "77\n"


def test_names_are_read_from_a_list_on_standard_input(asked):
    names = [make_photo("a\nb.png", 30), make_photo("c.png", 40)]
    result = run("read", "--files-from", "-", stdin="\0".join(names).encode())
    assert result.stdout == "a\\nb.png\t30\nc.png\t40\n"


def test_csv_has_a_row_for_every_photo(asked):
    photos = [make_photo("a.png", 20), make_photo("blank.png", 1)]
    result = run("read", *photos, "none.png", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["file"], row["text"], bool(row["error"])) for row in rows] == [
        *(("a.png", "20", False), ("blank.png", "", False), ("none.png", "", True))
    ]
    assert result.exit_code == 3
    assert result.stderr == "ocrdigits: error: none.png: no such file; check the path\n"


def test_json_has_an_object_for_every_page(asked):
    pages = [number_image("1", 20), number_image("2", 30)]
    Path("a.tif").write_bytes(encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    lines = run("read", "a.tif", "--format", "json").stdout.splitlines()
    assert [(it["page"], it["strings"][0]["text"]) for it in map(json.loads, lines)] == [
        *((1, "20"), (2, "30"))
    ]


def test_results_go_into_a_file(asked):
    result = run("read", make_photo("a.png", 20), "-o", "out.txt")
    assert (result.exit_code, result.stdout) == (0, "")
    assert Path("out.txt").read_text() == "20\n"


def test_an_output_that_cannot_be_written_exits_5(asked):
    result = run("read", make_photo("a.png"), "-o", "none/out.txt")
    assert result.exit_code == 5 and result.stdout == ""
    assert result.stderr.startswith("ocrdigits: error: none/out.txt: cannot be written")


def test_nothing_readable_exits_4(asked):
    assert run("read", "none.png", "nor.png").exit_code == 4


def test_a_photo_without_digits_is_no_error(asked):
    assert run("read", make_photo("blank.png", 1)).exit_code == 0


def test_a_defect_is_one_line_and_the_others_are_read(asked):
    result = run("read", make_photo("a.png", 13), make_photo("b.png", 20))
    assert (result.exit_code, result.stdout) == (1, "b.png\t20\n")
    assert result.stderr.count("\n") == 1 and "a.png: a defect in ocrdigits" in result.stderr


def test_verbose_shows_where_a_defect_is(asked):
    result = run("read", "-v", make_photo("a.png", 13))
    assert "Traceback" in result.stderr and "ZeroDivisionError: unlucky" in result.stderr


def test_missing_weights_exit_6(asked, monkeypatch):
    def refuse(*_, **__):
        raise WeightsError("weights/digits.json: missing; install ocrdigits again")

    monkeypatch.setattr(api, "load_readers", refuse)
    result = run("read", make_photo("a.png"))
    assert result.exit_code == 6
    assert (
        result.stderr == "ocrdigits: error: weights/digits.json: missing; install ocrdigits again\n"
    )


def test_options_override_the_settings_file(asked):
    Path("s.toml").write_text('layout = "line"\n[decode]\naccept_confidence = 0.3\n')
    photo = make_photo("a.png")
    run("read", photo, "--settings", "s.toml")
    run("read", photo, "--settings", "s.toml", "--layout", "digit", "--accept", "0.8")
    assert [(it.layout, it.decode.accept_confidence) for it in asked] == [
        *((Layout.LINE, 0.3), (Layout.DIGIT, 0.8))
    ]


def test_a_pattern_or_a_content_and_the_decimal_mark_reach_the_reading(asked):
    photo = make_photo("a.png")
    run("read", photo)
    run("read", photo, "--pattern", r"\d{5}", "--decimal", ",")
    run("read", photo, "--content", "amount", "--decimal", ".")
    assert [(it.pattern, it.content, it.decimal) for it in asked] == [
        (None, None, DecimalMark.AUTO),
        (r"\d{5}", None, DecimalMark.COMMA),
        (None, "amount", DecimalMark.POINT),
    ]


def test_what_strings_must_be_on_the_command_line_replaces_that_of_the_settings_file(asked):
    Path("s.toml").write_text('content = "aba"\ndecimal = "."\n')
    photo = make_photo("a.png")
    run("read", photo, "--settings", "s.toml")
    run("read", photo, "--settings", "s.toml", "--pattern", r"\d+", "--decimal", "auto")
    assert [(it.pattern, it.content, it.decimal) for it in asked] == [
        (None, "aba", DecimalMark.POINT),
        (r"\d+", None, DecimalMark.AUTO),
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--pattern", "(12"], ['"(12"', "missing )", "character 4", "backslash"]),
        (["--pattern", r"\d+ kg"], ["kg", "matches no text", "no spaces"]),
        (["--pattern", r"(\d|\d\d)+-"], ["takes too long"]),
        (["--content", "zip"], ["'zip'", "us-zip", "amount"]),
        (["--content", "aba", "--pattern", "1"], ["both", "leave one of them out"]),
        (["--settings", "both.toml"], ["both", "leave one of them out"]),
        (["--settings", "content.toml"], ["'cheque'", "amount"]),
        (["--settings", "decimal.toml"], ["decimal.toml", "decimal ';'", "auto, ,, ."]),
    ],
    ids=lambda value: " ".join(value[:2]),
)
@pytest.mark.parametrize("command", ["read", "evaluate"])
def test_a_constraint_that_cannot_be_followed_is_one_line_and_exits_2(
    tmp_path, monkeypatch, command, arguments, words
):
    monkeypatch.chdir(tmp_path)
    Path("both.toml").write_text("content = 'date'\npattern = '1'\n")
    Path("content.toml").write_text("content = 'cheque'\n")
    Path("decimal.toml").write_text("decimal = ';'\n")
    Path("labels.csv").write_text(f"file,text\n{make_photo('a.png')},1\n")
    result = run(command, ".", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    line, *rest = result.stderr.splitlines()
    assert line.startswith("ocrdigits: error: ") and rest == []
    assert [word for word in words if word not in line] == []


def test_the_help_names_every_content():
    shown = "".join(run("read", "--help").stdout.split())
    assert ",".join(CONTENTS) in shown


def test_large_photos_are_refused_by_option(asked):
    result = run("read", make_photo("a.png", 2000), "--max-megapixels", "0.1")
    assert result.exit_code == 4 and "--max-megapixels" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--accept", "1.5"],
        ["--accept", "nan"],
        ["--accept", "high"],
        ["-j", "0"],
        ["--layout", "table?"],
        ["--decimal", ";"],
        ["--format", "xml"],
        ["--max-megapixels", "0"],
        ["--settings", "none.toml"],
        ["--files-from", "none.txt"],
        ["--no-such-option"],
    ],
)
def test_impossible_options_exit_2_with_a_message(asked, arguments):
    result = run("read", make_photo("a.png"), *arguments)
    assert result.exit_code == 2 and result.stdout == ""
    assert "rror: " in result.stderr and "Traceback" not in result.stderr


def test_naming_nothing_exits_2(asked):
    result = run("read")
    assert result.exit_code == 2 and "nothing to read" in result.stderr


def test_standard_input_cannot_be_both_image_and_list(asked):
    assert run("read", "-", "--files-from", "-", stdin=b"").exit_code == 2


def test_annotated_photos_have_names_of_their_own(asked):
    photos = [make_photo("x/a.png", 60), make_photo("y/a.png", 60)]
    assert run("read", *photos, "--annotate", "out").exit_code == 0
    assert sorted(it.name for it in Path("out").iterdir()) == [
        *("a-2-annotated.png", "a-annotated.png")
    ]


def test_debug_pictures_of_one_photo_lie_in_the_folder_itself(asked):
    run("read", make_photo("a.png"), "--debug-dir", "debug")
    assert Path("debug/01-load.png").is_file() and Path("debug/index.html").is_file()


def test_debug_pictures_of_several_photos_lie_in_sub_folders(asked):
    pages = [number_image("1"), number_image("2")]
    Path("b.tif").write_bytes(encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    run("read", make_photo("a.png"), "b.tif", "--debug-dir", "debug")
    for folder in ("a", "b", "b/page2"):
        assert Path("debug", folder, "01-load.png").is_file()


def test_pictures_that_cannot_be_written_exit_5(asked):
    Path("file").touch()
    for option in ("--annotate", "--debug-dir"):
        result = run("read", make_photo("a.png"), option, "file/x")
        assert result.exit_code == 5 and option in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_names_of_any_bytes_are_read_and_shown_safely(asked):
    name = make_photo(os.fsdecode(b"caf\xe9\x1b[31m.png"), 20)
    other = make_photo("b.png", 30)
    assert run("read", name, other).stdout_bytes == b"caf\xe9\\x1b[31m.png\t20\nb.png\t30\n"
    found = run("read", name, "--format", "json").stdout
    assert json.loads(found)["file"] == name
    broken = run("read", name + "x")
    assert broken.stderr.startswith(r"ocrdigits: error: caf\xe9\x1b[31m.pngx: no such file")


def test_info_shows_versions_and_the_card(monkeypatch, tmp_path):
    result = run("info", "--weights", str(tmp_path), "--format", "json")
    facts = json.loads(result.stdout)
    assert facts["versions"]["numpy"] == np.__version__
    assert facts["weights"] is None and result.exit_code == 6
    assert facts["error"] in result.stderr
