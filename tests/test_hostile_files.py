"""What somebody might send to do harm, read by the program as its users run it."""

from __future__ import annotations

import csv
import io
import os
import sys
from pathlib import Path

import pytest
from hostile import BOMBS, CUTS, FORMATS, HOSTILE_NAMES, ODD_FILES, bomb, mutations
from pictures import encoded, number_image
from PIL import Image
from processes import run_measured, shown_on_terminal
from typer.testing import CliRunner

from ocrdigits.cli import app

PROGRAM = [sys.executable, "-m", "ocrdigits"]
JOB = "batch -o - --store job -j 1"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX processes, terminals and names")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def save_all(contents) -> list[str]:
    """Files of these contents, one after the other."""
    names = []
    for number, content in enumerate(contents):
        names.append(f"{number}.jpg")
        Path(names[-1]).write_bytes(content)
    return names


def rows_of(stdout: bytes) -> list[dict[str, str]]:
    text = stdout.decode(errors="surrogateescape")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read_files(names: list[str]):
    """Exit code, rows and complaints of the program."""
    done, peak_mb = run_measured([*PROGRAM, "read", "--format", "csv", *names], Path("peak"))
    return done.returncode, rows_of(done.stdout), done.stderr.decode().splitlines(), peak_mb


def test_bombs_of_90_to_1600_megapixels_are_refused_in_less_than_300_mb():
    names = save_all(bomb(*facts) for facts in BOMBS)
    assert max(Path(name).stat().st_size for name in names) < 500_000
    code, rows, complaints, peak_mb = read_files(names)
    assert code == 4 and peak_mb < 300
    sizes = [f": {megapixels:,} megapixels" for _, megapixels in BOMBS]
    assert [size in row["error"] for size, row in zip(sizes, rows, strict=True)] == [True] * 9
    assert complaints == [f"ocrdigits: error: {row['error']}" for row in rows]


def test_200_megapixels_are_refused_unless_the_user_allows_them():
    Image.new("L", (16_384, 12_288), 128).save("large.jpg")
    refused = CliRunner().invoke(app, ["read", "large.jpg"])
    assert refused.exit_code == 4 and "201 megapixels, the limit is 120" in refused.stderr
    limit = ["--max-megapixels", "250", "--layout", "digit", "--format", "json"]
    allowed = CliRunner().invoke(app, ["read", "large.jpg", *limit])
    assert (allowed.exit_code, allowed.stderr) == (0, "")
    assert '"width": 16384, "height": 12288' in allowed.stdout


def test_odd_files_and_files_cut_short_have_rows_with_their_errors_and_nothing_else():
    whole = [encoded(number_image(), image_format, **options) for image_format, options in FORMATS]
    cut = [data[: int(share * len(data))] for data in whole for share in CUTS]
    names = save_all([*ODD_FILES, *cut])
    code, rows, complaints, _ = read_files(names)
    assert code == 4 and [row["file"] for row in rows] == names
    assert not [row for row in rows if row["text"] or not row["error"]]
    assert complaints == [f"ocrdigits: error: {row['error']}" for row in rows]
    assert all(line.isprintable() for line in complaints)


def test_six_hundred_damaged_files_are_each_read_or_refused():
    names = save_all(mutations(Image.new("RGB", (24, 16), "white"), 600))
    code, rows, complaints, _ = read_files(names)
    assert code == 3 and list(dict.fromkeys(row["file"] for row in rows)) == names
    errors = [row["error"] for row in rows if row["error"]]
    assert complaints == [f"ocrdigits: error: {error}" for error in errors]
    assert not [error for error in errors if "defect" in error or not error.isprintable()]


def test_pictures_that_are_written_hold_nothing_but_pixels():
    secret = b"47.3769 N, 8.5417 E, by A. Nonymous"
    exif = Image.Exif()
    exif[0x010E] = secret.decode()
    facts = {"exif": exif, "comment": secret, "icc_profile": secret}
    Path("a.jpg").write_bytes(encoded(number_image(), "JPEG", **facts))
    assert Path("a.jpg").read_bytes().count(secret) == 3
    folders = ("--crops", "out/crops", "--annotate", "out/seen", "--debug-dir", "out/stages")
    done = CliRunner().invoke(app, ["batch", ".", "-o", "r.csv", "--accept", "1", *folders])
    assert done.exit_code == 0, done.output
    written = [path for path in Path("out").rglob("*") if path.is_file()]
    assert {path.parts[1] for path in written} == {"crops", "seen", "stages"}
    assert not [path for path in written if secret in path.read_bytes()]
    pictures = [path for path in written if path.suffix in (".png", ".jpg")]
    assert not [path for path in pictures if dict(Image.open(path).getexif())]


@pytest.mark.parametrize(
    ("command", "result_format"), [("read", "text"), ("read", "csv"), (JOB, "text"), (JOB, "csv")]
)
def test_what_names_hold_never_steers_a_terminal(command, result_format):
    Path("photos").mkdir()
    for number, name in enumerate(HOSTILE_NAMES):
        photo = encoded(number_image(str(1230 + number)), "JPEG")
        content = b"no photo" if number % 2 else photo
        Path("photos", os.fsdecode(name + b".jpg")).write_bytes(content)
    options = ["photos", "--format", result_format, "-q"]
    code, shown = shown_on_terminal([*PROGRAM, *command.split(), *options])
    assert code == 3
    lines = shown.decode().replace("\r\n", "\n").split("\n")  # the terminal's own line ends
    results = [line for line in lines if line.startswith("photos/")]
    assert len([line for line in results if "\\x1b" in line]) == 4 - 2 * (result_format == "text")
    assert all(line.replace("\t", "").isprintable() for line in lines)
    assert len([line for line in lines if line.startswith("ocrdigits: error: photos/")]) == 5
