from __future__ import annotations

import json

import numpy as np
from readings import field_reading, photo_reading

from ocrdigits.output.json import format_json
from ocrdigits.records import TableGrid


def test_a_photo_is_one_line_with_the_promised_keys():
    line = format_json(photo_reading("0157"))
    assert line.endswith("}\n") and line.count("\n") == 1
    assert json.loads(line) == {
        "file": "a.jpg",
        "page": 1,
        "width": 400,
        "height": 120,
        "turn_deg": 0,
        "error": None,
        "review": [],
        "seconds": 0.1235,
        "strings": [
            {
                "text": "0157",
                "digits": "0157",
                "value": 157,
                "confidence": 0.9877,
                "accepted": True,
                "kind": "line",
                "field": None,
                "table": None,
                "row": None,
                "column": None,
                "box": [10, 20, 30, 40],
                "polygon": [[10, 20], [40, 20], [40, 60], [10, 60]],
                "characters": [{"text": "0", "confidence": 1.0, "box": [10, 20, 8, 40]}],
                "alternatives": [{"text": "0151", "confidence": 0.0123}],
            }
        ],
        "tables": [],
    }


def test_a_table_has_its_rows_columns_and_corners():
    grid = TableGrid((((0, 0), (50, 0), (100, 0)), ((0, 40), (50, 40), (100, 40))))
    found = json.loads(format_json(photo_reading("1", tables=(grid,))))
    corners = [[0, 0], [100, 0], [100, 40], [0, 40]]
    assert found["tables"] == [{"rows": 1, "columns": 2, "polygon": corners}]


def test_an_error_is_told_in_its_place():
    found = json.loads(format_json(photo_reading(error="a.jpg: empty")))
    assert found["error"] == "a.jpg: empty" and found["strings"] == []


def test_names_that_are_not_utf_8_survive_in_pure_ascii():
    name = "caf\udce9\n\x1b.jpg"
    line = format_json(photo_reading(file=name))
    assert line.isascii() and "\x1b" not in line and line.count("\n") == 1
    assert json.loads(line)["file"] == name


def test_numbers_of_numpy_are_numbers():
    string = field_reading("1", confidence=np.float32(0.5), accepted=np.bool_(True))
    (found,) = json.loads(format_json(photo_reading(strings=(string,))))["strings"]
    assert (found["confidence"], found["accepted"]) == (0.5, True)
