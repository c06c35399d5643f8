from __future__ import annotations

from readings import field_reading, photo_reading

from ocrdigits.output.grid import format_grid


def cells(table: int, *rows: str):
    return tuple(
        field_reading(text, table=table, row=row, column=column)
        for row, line in enumerate(rows)
        for column, text in enumerate(line.split("|"))
    )


def test_rows_and_columns_stand_as_in_the_table():
    reading = photo_reading(strings=cells(0, "12||7", "|1,5|"))
    assert format_grid(reading, with_name=False) == '12,,7\n,"1,5",\n'


def test_tables_are_apart_and_lines_may_name_their_photo():
    reading = photo_reading(strings=cells(0, "1|2") + cells(1, "3|4"))
    assert format_grid(reading, with_name=True) == "a.jpg,1,2\n\na.jpg,3,4\n"


def test_what_is_in_no_table_is_left_out():
    assert format_grid(photo_reading("157"), with_name=False) == ""
