import pytest

from ocrdigits.model.compare import compare_photo
from ocrdigits.model.figures import (
    NO_DIGIT,
    Figures,
    PhotoResult,
    best_read_rate,
    confidences_of,
    confuse,
    measure,
    risk_coverage,
)
from ocrdigits.records import Box, FieldReading, Kind, PhotoReading


def photo(labels: str, *texts: tuple[str, float], seconds: float = 0.1) -> PhotoResult:
    strings = tuple(
        FieldReading(text, confidence, confidence >= 0.9, Kind.LINE, Box(0, 0, 9, 9), ())
        for text, confidence in texts
    )
    reading = PhotoReading("a.png", strings=strings, seconds=seconds)
    return PhotoResult("a.png", reading, compare_photo(labels.split("|"), reading))


@pytest.fixture
def four_photos() -> list[PhotoResult]:
    return [
        photo("1,200", ("1.200", 0.99), seconds=0.1),  # right digits, wrong separator
        photo("12|34", ("34", 0.95), ("12", 0.60), ("888888", 0.91), seconds=0.3),  # one extra
        photo("58", ("53", 0.92), seconds=0.2),  # misread, and accepted
        photo("907|11", ("97", 0.30), seconds=0.9),  # one digit dropped, one string missed
    ]


@pytest.fixture
def figures(four_photos: list[PhotoResult]) -> Figures:
    return measure(four_photos)


def test_exact_match_counts_digits_and_text_apart(figures: Figures):
    assert (figures.photos, figures.strings) == (4, 6)
    assert figures.digits_right == 3
    assert figures.exact_match_digits == pytest.approx(3 / 6)
    assert figures.text_right == 2
    assert figures.exact_match_text == pytest.approx(2 / 6)
    assert figures.separators_wrong == 1
    assert figures.photos_right == 1


def test_cer_counts_a_missed_string_with_all_its_digits(figures: Figures):
    # 58→53 one, 907→97 one, 11 missed two; of 4 + 2 + 2 + 2 + 3 + 2 labelled digits
    assert figures.cer == pytest.approx(4 / 15)


def test_found_missed_and_extra_strings_are_counted(figures: Figures):
    assert figures.found == pytest.approx(5 / 6)
    assert figures.missed == pytest.approx(1 / 6)
    assert (figures.extra, figures.extra_accepted) == (1, 1)
    assert figures.extra_per_photo == pytest.approx(1 / 4)


def test_accepted_gives_coverage_and_true_error(figures: Figures):
    assert (figures.accepted.read, figures.accepted.wrong) == (3, 1)
    assert figures.accepted.coverage == pytest.approx(3 / 6)
    assert figures.accepted.error == pytest.approx(1 / 3)
    assert figures.right_not_accepted == 1


def test_losses_name_their_cause(figures: Figures):
    assert {cause: count for cause, count in figures.losses.items() if count} == {
        "field missed": 1,
        "misread, right length": 1,
        "misread, wrong length": 1,
    }


def test_the_confusion_matrix_holds_changed_and_dropped_digits(four_photos: list[PhotoResult]):
    matrix = confuse(string for photo in four_photos for string in photo.comparison.strings)
    assert matrix[8, 3] == 1
    assert matrix[0, NO_DIGIT] == 1
    assert matrix.trace() == 4 + 4 + 1 + 2  # 1200, 12 and 34, the 5, 9 and 7
    assert matrix.sum() == matrix.trace() + 2


def test_seconds_are_the_median_of_the_photos(figures: Figures):
    assert figures.seconds_per_photo == pytest.approx(0.25)


def graded(*confidences: tuple[float, bool]) -> list[PhotoResult]:
    return [photo("1", ("1" if right else "7", sure)) for sure, right in confidences]


def strings_of(photos: list[PhotoResult]):
    return [string for entry in photos for string in entry.comparison.strings]


def test_the_best_read_rate_takes_the_lowest_threshold_within_the_error():
    # 1 wrong after 99 right: exactly 1 % of 100; a second wrong one is too much.
    sure = [(0.99, True)] * 99 + [(0.98, False)] + [(0.5, False)] * 20
    strings = strings_of(graded(*sure))
    best = best_read_rate(strings, 0.01)
    assert (best.read, best.wrong, best.threshold) == (100, 1, 0.98)
    assert best.coverage == pytest.approx(100 / 120)
    assert best.error == pytest.approx(0.01)
    strict = best_read_rate(strings, 0.001)
    assert (strict.read, strict.wrong, strict.threshold) == (99, 0, 0.99)


def test_a_read_rate_may_recover_after_an_early_mistake():
    sure = [(0.99, False)] + [(0.9 - i / 1000, True) for i in range(99)]
    best = best_read_rate(strings_of(graded(*sure)), 0.01)
    assert (best.read, best.wrong) == (100, 1)


def test_equally_sure_strings_are_read_together_or_not_at_all():
    strings = strings_of(graded((0.9, True), (0.9, False), (0.9, True)))
    assert [(rate.read, rate.wrong) for rate in risk_coverage(strings)] == [(3, 1)]
    best = best_read_rate(strings, 0.01)
    assert (best.read, best.coverage, best.threshold, best.error) == (0, 0.0, None, None)


def test_missed_strings_are_never_read_at_any_threshold():
    strings = strings_of([photo("1", ("1", 0.9)), photo("2")])
    assert risk_coverage(strings)[-1].coverage == pytest.approx(0.5)


def test_calibration_compares_confidence_with_the_share_right():
    photos = graded(*[(0.9, True)] * 4, (0.9, False), *[(0.5, True)] * 5)
    photos.append(photo("2"))  # missed: nothing was claimed
    figures = measure(photos)
    assert confidences_of(strings_of(photos))[0] == [0.9] * 5 + [0.5] * 5
    assert figures.calibration_error == pytest.approx((0.1 + 0.5) / 2)
    assert 0 < figures.calibration_chance < figures.calibration_error


def test_the_error_that_the_reader_meant_to_keep_stands_beside_the_true_one(four_photos):
    figures = measure(four_photos, 0.01)
    assert figures.accepted.max_error == 0.01
    assert figures.accepted.error == pytest.approx(1 / 3)
    assert measure(four_photos).accepted.max_error is None


def test_without_labels_there_are_no_shares():
    reading = photo("1", ("12", 0.99)).reading
    figures = measure([PhotoResult("a.png", reading, compare_photo([], reading))])
    assert (figures.strings, figures.extra) == (0, 1)
    assert figures.exact_match_digits is None
    assert figures.accepted.coverage is None
    assert measure([]).seconds_per_photo is None
    assert measure([]).calibration_error is None
