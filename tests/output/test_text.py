from __future__ import annotations

from readings import field_reading, photo_reading

from ocrdigits.output.text import format_text


def test_each_string_is_one_line_verbatim():
    assert format_text(photo_reading("007", "-157"), with_name=False) == "007\n-157\n"


def test_with_several_photos_each_line_starts_with_the_path_and_a_tab():
    assert format_text(photo_reading("1", "2"), with_name=True) == "a.jpg\t1\na.jpg\t2\n"


def test_a_photo_without_strings_gives_no_line():
    assert format_text(photo_reading(), with_name=True) == ""


def test_a_name_never_breaks_the_line_and_keeps_its_odd_bytes():
    reading = photo_reading("1", file="a\nb\t\x1b[2J\udcff.jpg")
    assert format_text(reading, with_name=True) == "a\\nb\\t\\x1b[2J\udcff.jpg\t1\n"


def test_a_table_row_is_one_line_with_tabs():
    cells = tuple(
        field_reading(text, table=0, row=row, column=column)
        for row, column, text in ((0, 0, "1"), (0, 1, ""), (1, 0, "3"), (1, 1, "4"))
    )
    reading = photo_reading(strings=(field_reading("99"), *cells))
    assert format_text(reading, with_name=False) == "99\n1\t\n3\t4\n"
