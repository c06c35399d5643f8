from readings import field_reading, photo_reading

from ocrdigits.output.fields import format_fields, format_fields_header


def test_the_columns_are_fields_then_confidences():
    promised = "file,page,net,tax,net_confidence,tax_confidence,needs_review,reason,error\n"
    assert format_fields_header(("net", "tax")) == promised


def test_a_photo_is_one_row_and_a_blank_field_is_empty():
    strings = (field_reading("-0157", field="net"), field_reading("", field="tax", confidence=1.0))
    row = format_fields(photo_reading(strings=strings), ("net", "tax"))
    assert row == "a.jpg,1,-0157,,0.9877,1.0,false,,\n"


def test_reasons_are_joined_and_no_name_is_a_formula():
    strings = (field_reading("1", field="net"),)
    reading = photo_reading(file="=a.jpg", strings=strings, review=("net: 0.7 < 0.9", "tax: x"))
    assert format_fields(reading, ("net",)) == ("'=a.jpg,1,1,0.9877,true,net: 0.7 < 0.9; tax: x,\n")


def test_a_photo_with_an_error_needs_review():
    reading = photo_reading(error="a.jpg: empty")
    assert format_fields(reading, ("net",)) == "a.jpg,1,,,true,,a.jpg: empty\n"
