from __future__ import annotations

import pytest

from ocrdigits.names import printable_name, single_line_name


@pytest.mark.parametrize("name", ["photo 1.jpg", "été.png", "数字.jpg", "-", "a\\b", "[red]x[/]"])
def test_plain_names_stay(name):
    assert printable_name(name) == single_line_name(name) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nb", r"a\nb"),
        ("a\r\tb", r"a\r\tb"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x9b31m", r"\x9b31m"),
        ("caf\udce9", r"caf\xe9"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_could_steer_a_terminal_is_escaped(name, shown):
    assert printable_name(name) == shown


def test_for_programs_bytes_that_are_not_utf_8_stay():
    assert single_line_name("caf\udce9\n") == "caf\udce9\\n"
