import pytest

from ocrdigits.model.compare import Outcome, align, compare_photo, compare_strings, edit_distance
from ocrdigits.records import Box, FieldReading, Kind, PhotoReading


def read(*texts: str) -> list[FieldReading]:
    return [FieldReading(text, 0.9, True, Kind.LINE, Box(0, 0, 9, 9), ()) for text in texts]


def outcomes(labels: list[str], *texts: str) -> tuple[list[Outcome], list[str]]:
    comparison = compare_strings(labels, read(*texts))
    return [s.outcome for s in comparison.strings], [r.text for r in comparison.extra]


@pytest.mark.parametrize(
    ("true", "read_as", "distance"),
    [("", "", 0), ("12", "", 2), ("", "7", 1), ("1234", "1234", 0), ("1234", "124", 1),
     ("1234", "1334", 1), ("12", "21", 2), ("105", "15", 1), ("71", "17", 2)],
)  # fmt: skip
def test_edit_distance_counts_changes_additions_and_removals(true, read_as, distance):
    assert edit_distance(true, read_as) == distance


def test_an_alignment_pairs_the_digits_and_marks_dropped_and_invented_ones():
    assert align("1234", "124") == [("1", "1"), ("2", "2"), ("3", ""), ("4", "4")]
    assert align("12", "172") == [("1", "1"), ("", "7"), ("2", "2")]
    assert align("58", "53") == [("5", "5"), ("8", "3")]


def test_strings_are_compared_as_multisets_whatever_their_order():
    assert outcomes(["12", "34", "12"], "34", "12", "12") == ([Outcome.RIGHT] * 3, [])


def test_a_string_that_stands_twice_must_be_read_twice():
    assert outcomes(["7", "7"], "7") == ([Outcome.RIGHT, Outcome.MISSED], [])
    assert outcomes(["7"], "7", "7") == ([Outcome.RIGHT], ["7"])


def test_right_digits_count_as_right_although_a_separator_is_wrong():
    comparison = compare_strings(["1,5"], read("1.5"))
    assert comparison.strings[0].is_right
    assert not comparison.strings[0].is_text_right


def test_equal_texts_are_paired_before_equal_digits():
    comparison = compare_strings(["15", "1,5"], read("1,5", "15"))
    assert all(string.is_text_right for string in comparison.strings)


def test_a_label_whole_in_a_longer_reading_was_merged():
    assert outcomes(["12", "34"], "1234") == ([Outcome.MERGED, Outcome.MERGED], [])
    assert outcomes(["500"], "4500") == ([Outcome.MERGED], [])


def test_a_label_that_neighbouring_readings_hold_together_was_split():
    assert outcomes(["1234"], "12", "34") == ([Outcome.SPLIT], [])
    assert outcomes(["1234", "9"], "12", "9", "34")[0][0] is not Outcome.SPLIT


def test_a_split_string_counts_all_digits_that_its_nearest_part_lacks():
    assert compare_strings(["12345"], read("12", "345")).strings[0].wrong_digits == 2


def test_a_misread_string_is_told_by_its_length():
    assert outcomes(["1234"], "1284") == ([Outcome.SUBSTITUTED], [])
    assert outcomes(["1234"], "128") == ([Outcome.RESIZED], [])


def test_the_only_label_is_misread_however_far_the_reading_is():
    assert outcomes(["7"], "1") == ([Outcome.SUBSTITUTED], [])
    assert outcomes(["7"], "") == ([Outcome.RESIZED], [])


def test_among_several_strings_only_a_near_reading_belongs_to_a_label():
    found, extra = outcomes(["5-5-2015", "1025"], "5-6-2015", "999")
    assert found == [Outcome.SUBSTITUTED, Outcome.MISSED]
    assert extra == ["999"]


def test_each_label_gets_the_reading_nearest_to_it():
    comparison = compare_strings(["1111", "2222"], read("2212", "1112"))
    assert [s.reading.text for s in comparison.strings if s.reading] == ["1112", "2212"]


def test_nothing_read_is_missed_and_nothing_labelled_is_extra():
    assert outcomes(["12"]) == ([Outcome.MISSED], [])
    assert outcomes([], "12") == ([], ["12"])


def test_labels_of_an_unreadable_photo_are_lost_to_that():
    comparison = compare_photo(["12", "3"], PhotoReading("a.jpg", error="a.jpg: not a picture"))
    assert [s.outcome for s in comparison.strings] == [Outcome.UNREADABLE] * 2
