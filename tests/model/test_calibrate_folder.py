import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from evidence import Sample, draw_samples
from readings import field_reading

from ocrdigits.calibration import UNCALIBRATED, Calibration, load_calibration
from ocrdigits.errors import InputError, OutputError, UsageError
from ocrdigits.model.calibrate import fit_calibration
from ocrdigits.model.calibrate_folder import (
    calibrate_folder,
    gather_samples,
    render_calibration,
    write_calibration,
)
from ocrdigits.model.compare import compare_photo
from ocrdigits.model.figures import PhotoResult
from ocrdigits.records import PhotoReading


class FakeReader:
    """Reads `7.png` as its seventh sample says: right or wrong, with that evidence."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self.samples = samples

    def __call__(self, path: Path) -> PhotoReading:
        number = int(path.stem)
        evidence, right = self.samples[number]
        text = f"{number:04}" if right else f"9{number:04}"
        strings = (field_reading(text, confidence=0.5, evidence=evidence),)
        return PhotoReading(str(path), strings=strings)


def labelled(folder: Path, count: int) -> Path:
    folder.mkdir()
    rows = "".join(f"{number}.png,{number:04}\n" for number in range(count))
    (folder / "labels.csv").write_text(f"file,text\n{rows}", encoding="utf-8")
    for number in range(count):
        (folder / f"{number}.png").touch()
    return folder


@pytest.fixture(scope="module")
def prior() -> Calibration:
    return fit_calibration({"a": draw_samples(1500, 1), "b": draw_samples(1000, 2, hard=0.2)})


def test_a_folder_of_another_source_is_calibrated(tmp_path: Path, prior: Calibration):
    read = FakeReader(draw_samples(300, 5, too_sure=3.0, hard=0.4))
    done = calibrate_folder(labelled(tmp_path / "forms", 300), read, prior)
    assert (done.before.strings, done.after.strings) == (300, 300)
    assert done.after.calibration_error < done.before.calibration_error
    wrong_before, wrong_after = (it.wrong / it.accepted for it in (done.before, done.after))
    assert wrong_after < 0.02 < wrong_before
    assert done.calibration.fitted_on[-1] == ("forms", 300)


def test_strings_that_were_missed_or_carry_no_evidence_are_left_out(tmp_path: Path):
    read = FakeReader(draw_samples(40, 5))

    def read_some(path: Path) -> PhotoReading:
        if path.stem == "3":
            return PhotoReading(str(path))
        if path.stem == "4":
            return PhotoReading(str(path), strings=(field_reading("0004"),))
        if path.stem == "5":
            raise InputError(f"{path}: not a picture; give another")
        return read(path)

    done = calibrate_folder(labelled(tmp_path / "forms", 40), read_some)
    assert done.before.strings == 37


def test_readings_without_a_label_say_nothing_of_the_confidence(tmp_path: Path):
    samples = draw_samples(60, 5)
    read = FakeReader(samples)

    def read_more(path: Path) -> PhotoReading:
        extra = field_reading("777777777", evidence=samples[0][0])
        return PhotoReading(str(path), strings=(*read(path).strings, extra))

    folder = labelled(tmp_path / "forms", 60)
    assert calibrate_folder(folder, read_more) == calibrate_folder(folder, read)


def test_too_few_strings_are_an_input_error_that_says_how_many_help(tmp_path: Path):
    read = FakeReader(draw_samples(29, 5))
    with pytest.raises(InputError, match=r"29 of its labelled strings.*100") as caught:
        calibrate_folder(labelled(tmp_path / "forms", 29), read)
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path):
    with pytest.raises(UsageError, match="no such folder"):
        calibrate_folder(tmp_path / "none", FakeReader([]))


def test_progress_is_told_once_a_photo(tmp_path: Path):
    steps: list[int] = []
    folder, read = labelled(tmp_path / "forms", 35), FakeReader(draw_samples(35, 5))
    calibrate_folder(folder, read, advance=lambda: steps.append(1), jobs=2)
    assert len(steps) == 35


def test_the_text_compares_before_and_after(tmp_path: Path):
    read = FakeReader(draw_samples(100, 5))
    done = calibrate_folder(labelled(tmp_path / "forms", 100), read, max_error=0.02)
    lines = render_calibration(done).splitlines()
    assert "100 strings" in lines[0]
    assert lines[1].split() == ["before", "after"]
    assert [line[:30].strip() for line in lines[2:]] == [
        "confidence off by (ECE)",
        "of that, by chance alone",
        "accepted at ≤ 2 % error",
        "of these wrong",
    ]
    assert len({len(line) for line in lines[1:]}) == 1


def test_a_file_comes_back_as_it_was_and_people_can_read_it(tmp_path: Path, prior: Calibration):
    path = tmp_path / "mine.json"
    write_calibration(prior, path)
    assert load_calibration(path) == prior
    text = path.read_text(encoding="utf-8")
    assert json.loads(text) == json.loads(json.dumps(prior.to_json()))
    assert len(text.splitlines()) < 120 and '["a", 1500]' in text


def test_a_file_that_cannot_be_written_is_an_output_error(tmp_path: Path):
    with pytest.raises(OutputError, match="cannot be written"):
        write_calibration(UNCALIBRATED, tmp_path / "none" / "mine.json")


def test_readings_without_a_label_count_as_wrong_where_labels_name_everything():
    (right, _), (false, _) = draw_samples(2, 7)
    strings = field_reading("17", evidence=right), field_reading("2", evidence=false)
    reading = PhotoReading("a.png", strings=strings)
    photo = PhotoResult("a.png", reading, compare_photo(("17",), reading))
    assert gather_samples([photo]) == [(right, True)]
    assert gather_samples([photo], with_extra=True) == [(right, True), (false, False)]
