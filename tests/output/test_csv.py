from __future__ import annotations

import csv
import io

import pytest
from readings import field_reading, photo_reading

from ocrdigits.output.csv import format_csv, format_csv_header


def rows(reading):
    return list(csv.DictReader(io.StringIO(format_csv_header() + format_csv(reading), newline="")))


def test_the_columns_are_the_promised_ones():
    promised = (
        "file,page,field,table,row,column,text,value,confidence,accepted,x,y,width,height,error"
    )
    assert format_csv_header() == promised + "\n"


def test_each_string_is_one_row():
    assert format_csv(photo_reading("0157")) == ("a.jpg,1,,,,,0157,157,0.9877,true,10,20,30,40,\n")


@pytest.mark.parametrize("text", ["-157", "-0157", "+1"])
def test_text_stands_verbatim_even_with_a_sign(text):
    (row,) = rows(photo_reading(text))
    assert row["text"] == text


def test_table_places_count_from_zero():
    cell = field_reading("5", table=0, row=0, column=2, field="sum", value=None, accepted=False)
    (row,) = rows(photo_reading(strings=(cell,)))
    assert (row["table"], row["row"], row["column"], row["field"]) == ("0", "0", "2", "sum")
    assert (row["value"], row["accepted"]) == ("", "false")


def test_values_keep_their_decimals():
    (row,) = rows(photo_reading(strings=(field_reading("1,234.56", value=1234.56),)))
    assert row["value"] == "1234.56"


def test_a_photo_without_strings_still_has_its_row():
    (row,) = rows(photo_reading())
    assert row["file"] == "a.jpg" and row["text"] == "" and row["error"] == ""


def test_a_photo_with_an_error_still_has_its_row():
    (row,) = rows(photo_reading(error="a.jpg: no such file; check the path"))
    assert row["error"] == "a.jpg: no such file; check the path" and row["text"] == ""


@pytest.mark.parametrize(
    "name",
    [
        *("=1+1", "=cmd|'/c calc'!A1", '=HYPERLINK("http://x","y")', "=WEBSERVICE(A1)"),
        *("+1+1", "-1+1", "-2+3+cmd|'/c calc'!A1", "@SUM(1,1)", "\t=1+1", "\r=1+1", "\n=1+1"),
        *("＝1+1", "＋1+1", "＠SUM(1,1)"),
    ],
)
def test_names_fields_and_errors_cannot_be_formulas(name):
    string = field_reading("1", field=name)
    (row,) = rows(photo_reading(strings=(string,), file=name, error=name))
    assert row["file"] == row["field"] == row["error"] == f"'{name}"


def test_standard_input_keeps_its_name():
    (row,) = rows(photo_reading("1", file="-"))
    assert row["file"] == "-"


@pytest.mark.parametrize("name", ["a,b", 'a"b', "a\nb", "a\rb", "a\r\nb", "a\udcffb", " a "])
def test_odd_names_survive(name):
    (row,) = rows(photo_reading("1", file=name))
    assert row["file"] == name
