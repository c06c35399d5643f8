import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from ocrdigits.ctc import CLASS_COUNT, StringReader
from ocrdigits.errors import ExitCode, WeightsError
from ocrdigits.model.card import read_card, sha256_of_file, write_card
from ocrdigits.model.strings import runtime
from ocrdigits.model.strings.lines import frame_count
from ocrdigits.model.strings.runtime import load_string_reader
from ocrdigits.records import LineImage


@pytest.fixture(scope="module")
def read(string_weights: Path) -> StringReader:
    return load_string_reader(string_weights)


def random_lines(count: int) -> list[LineImage]:
    draw = np.random.default_rng(count)
    return [draw.random((32, 4 * width), np.float32) for width in draw.integers(1, 40, count)]


def test_every_line_gets_its_frames_in_its_place(read: StringReader):
    lines = random_lines(30)
    scores = read(lines)
    assert [len(score) for score in scores] == [frame_count(line.shape[1]) for line in lines]
    for score in scores:
        assert score.dtype == np.float32 and score.shape[1] == CLASS_COUNT
        np.testing.assert_allclose(np.exp(score).sum(axis=1), 1, atol=1e-5)
    assert read([]) == []


def test_an_answer_is_the_same_to_the_last_bit_whatever_is_read_with_it(
    read: StringReader, monkeypatch: pytest.MonkeyPatch
):
    lines = random_lines(60)
    together = read(lines)
    for line, score in zip(lines, together, strict=True):
        np.testing.assert_array_equal(read([line])[0], score)
    monkeypatch.setattr(runtime, "CHUNK_PX", 300)
    for score, other in zip(read(lines[::-1])[::-1], together, strict=True):
        np.testing.assert_array_equal(score, other)


def test_the_reader_may_be_shared_by_threads_and_leaves_its_input_alone(read: StringReader):
    lines = random_lines(20)
    before = [line.copy() for line in lines]
    expected = read(lines)
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(read, [lines] * 8):
            for score, other in zip(scores, expected, strict=True):
                np.testing.assert_array_equal(score, other)
    for line, other in zip(lines, before, strict=True):
        np.testing.assert_array_equal(line, other)


def test_a_line_of_another_shape_is_a_programmers_mistake(read: StringReader):
    with pytest.raises(ValueError, match="a line must be"):
        read([np.zeros((32, 30), np.float32)])


def test_missing_weights_are_refused_with_the_remedy(tmp_path: Path):
    with pytest.raises(WeightsError, match=r"strings\.json.*train strings") as caught:
        load_string_reader(tmp_path)
    assert caught.value.exit_code == ExitCode.WEIGHTS


def test_one_changed_byte_is_noticed(string_weights: Path, tmp_path: Path):
    folder = Path(shutil.copytree(string_weights, tmp_path / "weights"))
    content = bytearray((folder / "strings.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "strings.onnx").write_bytes(content)
    with pytest.raises(WeightsError, match=r"strings\.onnx: damaged"):
        load_string_reader(folder)


def test_a_digit_network_does_not_fit(string_weights: Path, weights: Path, tmp_path: Path):
    folder = Path(shutil.copytree(string_weights, tmp_path / "weights"))
    shutil.copy(weights / "digits.onnx", folder / "strings.onnx")
    card = read_card(folder / "strings.json")
    card.sha256["strings.onnx"] = sha256_of_file(folder / "strings.onnx")  # type: ignore[index]
    write_card(card, folder / "strings.json")
    with pytest.raises(WeightsError, match="does not fit"):
        load_string_reader(folder)


def test_reading_needs_neither_torch_nor_matplotlib(string_weights: Path):
    program = (
        "import sys, numpy; from pathlib import Path;"
        "from ocrdigits.model.strings.runtime import load_string_reader;"
        "load_string_reader(Path(sys.argv[1]))([numpy.zeros((32, 64), numpy.float32)]);"
        "print([m for m in ('torch', 'matplotlib', 'onnx') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(string_weights)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""
