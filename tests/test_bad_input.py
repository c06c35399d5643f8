"""The program as real processes: bad files, odd names, signals, pipes; exit codes and messages."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pictures import blank_png, encoded, number_image
from PIL import Image
from processes import without_root_powers

PROGRAM = [sys.executable, "-m", "ocrdigits"]
WEIGHTS = Path(__file__).parent.parent / "weights"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and file names")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def run(*arguments, stdin: bytes = b"", **options):
    command = [*PROGRAM, *arguments]
    return subprocess.run(
        command, input=stdin, capture_output=True, timeout=60, check=False, **options
    )


def read_rows(*arguments):
    result = run("read", "--format", "csv", *arguments)
    rows = list(csv.DictReader(io.StringIO(result.stdout.decode(errors="surrogateescape"))))
    return result, rows


def good_photo(name: str = "good.jpg") -> str:
    Path(name).write_bytes(encoded(number_image(), "JPEG"))
    return name


def first_half(data: bytes) -> bytes:
    return data[: len(data) // 2]


BAD_FILES = {
    "empty.jpg": b"",
    "text.jpg": b"hello\n",
    "half.jpg": first_half(encoded(number_image(), "JPEG")),
    "half.png": first_half(encoded(number_image(), "PNG")),
    "half.tif": first_half(encoded(number_image(), "TIFF")),
    "half-lzw.tif": first_half(encoded(number_image(), "TIFF", compression="tiff_lzw")),
    "bomb.png": blank_png(40_000, 24_000),
    "moving.gif": encoded(number_image(), "GIF"),
    "a\nb\x1b[2J.jpg": b"odd name",
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_has_one_line_and_one_row_and_the_others_are_read(name):
    Path(name).write_bytes(BAD_FILES[name])
    result, rows = read_rows(good_photo("1.jpg"), name, good_photo("2.jpg"))
    assert result.returncode == 3
    assert [(row["file"], bool(row["error"])) for row in rows] == [
        *(("1.jpg", False), (name, True), ("2.jpg", False))
    ]
    (line,) = result.stderr.decode().splitlines()
    assert line == f"ocrdigits: error: {rows[1]['error']}"
    assert line.isprintable() and ";" in line


def test_a_missing_file_and_an_empty_folder_have_their_rows():
    Path("empty").mkdir()
    result, rows = read_rows("none.jpg", "empty", good_photo())
    assert result.returncode == 3
    assert ["no such file" in rows[0]["error"], "no images" in rows[1]["error"]] == [True, True]
    assert len(result.stderr.splitlines()) == 2


def test_a_name_that_is_not_utf_8_is_read():
    name = os.fsdecode(b"caf\xe9.jpg")
    result, rows = read_rows(good_photo(name))
    assert (result.returncode, result.stderr) == (0, b"")
    assert rows[0]["file"] == name


def test_a_pipe_is_refused_at_once():
    os.mkfifo("pipe.jpg")
    result = run("read", "pipe.jpg")
    assert result.returncode == 4 and b"pipe or device" in result.stderr


def test_a_file_without_permission_is_refused():
    Path(good_photo()).chmod(0)
    result = run("read", "good.jpg", preexec_fn=without_root_powers)  # as root may read anything
    assert result.returncode == 4 and b"permission denied" in result.stderr


@pytest.mark.parametrize("size", [(1, 1), (1, 10_000), (10_000, 1), (3, 3)])
def test_extreme_shapes_are_read_as_empty(size):
    Path("a.png").write_bytes(encoded(Image.new("RGB", size, "white"), "PNG"))
    result = run("read", "a.png", "--format", "json")
    assert (result.returncode, result.stderr) == (0, b"")
    assert json.loads(result.stdout)["strings"] == []


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_every_colour_mode_is_read(mode):
    Path("a.tif").write_bytes(encoded(_in_mode(number_image(), mode), "TIFF"))
    result = run("read", "a.tif", "--format", "json")
    assert (result.returncode, result.stderr) == (0, b"")
    assert json.loads(result.stdout)["width"] == 400


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    if mode == "I;16":
        return image.convert("I").point(lambda value: value * 257).convert("I;16")
    return image.convert("L").convert(mode) if mode in ("LA", "F") else image.convert(mode)


def test_warnings_of_libraries_stay_silent():
    data = bytearray(encoded(number_image(), "JPEG"))
    data[-60:-40] = bytes(20)
    Path("odd.jpg").write_bytes(data)
    result = run("read", "odd.jpg", "--format", "json")
    assert (result.returncode, result.stderr) == (0, b"")


@pytest.mark.parametrize("damage", ["no card", "no network", "broken card", "broken network"])
def test_missing_or_damaged_weights_exit_6(damage):
    Path("weights").mkdir()
    for name in ("digits.json", "digits.onnx"):
        Path("weights", name).write_bytes((WEIGHTS / name).read_bytes())
    verb, part = damage.split()
    victim = Path("weights", {"card": "digits.json", "network": "digits.onnx"}[part])
    if verb == "no":
        victim.unlink()
    else:
        victim.write_bytes(first_half(victim.read_bytes()))
    result = run("read", good_photo(), "--weights", "weights")
    assert (result.returncode, result.stdout) == (6, b"")
    (line,) = result.stderr.decode().splitlines()
    assert line.startswith("ocrdigits: error: weights") and ";" in line
    assert run("info", "--weights", "weights").returncode == 6


@pytest.mark.parametrize(
    "arguments", [("read", "--format", "csv", "good.jpg"), ("info",), ("--help",)], ids=" ".join
)
def test_a_full_disk_exits_5(arguments):
    good_photo()
    with Path("/dev/full").open("wb") as full:
        command = [*PROGRAM, *arguments]
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    (line,) = result.stderr.decode().splitlines()
    assert result.returncode == 5 and "No space left on device" in line


def test_output_into_devices_is_direct():
    assert run("read", "-o", "/dev/full", "--format", "csv", good_photo()).returncode == 5
    result = run("read", "-o", "/dev/stdout", "--format", "csv", "good.jpg")
    assert result.returncode == 0 and result.stdout.startswith(b"file,page,")


def test_a_closed_standard_output_exits_5():
    good_photo()
    command = " ".join([*PROGRAM, "read", "good.jpg", ">&-"])
    result = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    assert result.returncode == 5 and len(result.stderr.splitlines()) == 1


def test_a_closed_pipe_exits_141_quietly():
    photos = [good_photo(f"{number}.jpg") for number in range(40)]
    with subprocess.Popen(
        [*PROGRAM, "read", "--format", "csv", *photos],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        assert (process.stderr.read(), process.wait(timeout=60)) == (b"", 141)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signals_end_it_soon_and_leave_the_old_output(number, code):
    photos = [good_photo(f"{number}.jpg") for number in range(5)]
    Path("out.csv").write_text("old")
    with subprocess.Popen(
        [*PROGRAM, "read", "--format", "csv", "-o", "out.csv", "-v", *photos * 200],
        stderr=subprocess.PIPE,
        # A test run in the background would hand its ignored interrupt on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    ) as process:
        first = process.stderr.readline()  # the first photo has been read
        process.send_signal(number)
        rest, returned = process.stderr.read(), process.wait(timeout=60)
    assert returned == code and first.startswith(b"0.jpg: ")
    assert rest.count(b".jpg: ") < 500  # of a thousand
    assert b"Traceback" not in rest and rest.endswith((b": terminated\n", b": interrupted\n"))
    assert Path("out.csv").read_text() == "old"
    assert not list(Path().glob(".ocrdigits-*"))


def test_help_answers_soon_as_nothing_heavy_is_imported():
    probe = (
        "import sys, ocrdigits.cli; print(sorted({'numpy', 'cv2', 'PIL', 'torch', 'onnxruntime', "
        "'regex', 'stdnum'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, check=False)
    assert result.stdout == b"[]\n"


def test_info_tells_where_the_weights_are_and_that_they_are_whole():
    result = run("info", "--format", "json")
    facts = json.loads(result.stdout)
    assert result.returncode == 0 and facts["error"] is None
    assert Path(facts["weights"]["folder"]) == WEIGHTS and len(facts["weights"]["sha256"]) == 64
