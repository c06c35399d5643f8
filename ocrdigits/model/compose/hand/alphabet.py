"""The skeleton of every character our writers know: strings of points in, splines' knots out.

A skeleton is one or more strokes separated by `|`; a stroke is a row of knots `x,y` in hundredths
of the height of a digit, y downwards from the top (0) to the baseline (100); `!` after a knot makes
it a corner. Several skeletons of one character are the manners in which people write it. All were
drawn for this project; the digits stand in `numerals`, joined small letters in `cursive`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compose.hand.cursive import CURSIVE
from ocrdigits.model.compose.hand.numerals import NUMERALS

Points = NDArray[np.float64]
"""(N, 2) float64: x and y; digit height 1, y downwards, 0 the top of a digit, 1 the baseline."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One movement of the pen.

    Attributes:
        knots: (N, 2) points that the pen passes.
        is_corner: (N,) True where it turns sharply.
    """

    knots: Points
    is_corner: NDArray[np.bool_]


Skeleton = tuple[Stroke, ...]


def _parse_skeleton(text: str) -> Skeleton:
    strokes = []
    for stroke in text.split("|"):
        words = stroke.split()
        knots = [tuple(float(v) / 100 for v in word.rstrip("!").split(",")) for word in words]
        corners = [word.endswith("!") for word in words]
        strokes.append(Stroke(np.array(knots, np.float64), np.array(corners, np.bool_)))
    return tuple(strokes)


_SIGNS: dict[str, tuple[str, ...]] = {
    ".": ("16,97 19,98 18,100", "15,96 20,99"),
    ",": ("15,94 16,103 7,116", "16,93 10,113"),
    "-": ("4,57 40,55", "3,54 22,57 38,53"),
    "/": ("42,-4 4,106", "46,2 24,54 3,104"),
    "$": ("48,20 32,10 12,18 14,38 34,48 50,64 46,84 24,92 6,82 | 30,-2 28,104",),
    "#": ("20,4 12,98 | 44,4 36,98 | 4,36 56,33 | 2,66 54,63",),
    "%": ("54,4 6,98 | 16,6 6,16 14,30 24,18 15,6 | 46,68 36,80 44,96 56,84 46,68",),
    "&": ("56,98 14,36 20,6 36,10 32,32 8,66 14,94 36,96 56,62",),
    "*": ("28,8 28,56 | 6,20 50,46 | 50,20 6,46",),
    "+": ("28,30 28,86 | 2,58 54,58",),
    "=": ("4,46 50,45 | 4,66 50,66",),
    "?": ("6,18 24,1 44,14 40,36 26,52 25,72 | 25,97 26,100",),
    "!": ("14,2 13,70 | 13,97 14,100",),
    "(": ("26,-6 8,30 8,74 26,108",),
    ")": ("6,-6 24,30 24,74 6,108",),
    "[": ("28,-2! 8,-2! 8,104! 28,104!",),
    "]": ("6,-2! 26,-2! 26,104! 6,104!",),
    ":": ("12,50 14,53 | 12,96 14,99",),
    ";": ("14,50 16,53 | 15,93 16,102 8,114",),
    "€": ("56,14 38,2 18,20 12,50 18,82 36,98 56,88 | 2,40 44,39 | 2,60 42,59",),
    "£": ("50,16 36,2 22,14 24,56 18,86 4,98! 24,92 52,97 | 6,52 42,51",),
    "'": ("12,0 9,22",),
    '"': ("10,0 8,20 | 24,0 22,20",),
    "°": ("14,2 4,12 14,24 24,12 14,2",),
    "@": ("50,40 34,34 24,52 30,70 46,62 54,36! 52,66 62,70 72,44 54,14 20,20 4,54 20,92 60,94",),
    "_": ("2,104 48,103",),
    "–": ("2,57 62,55",),
    "~": ("2,62 16,50 32,60 48,50",),
    "×": ("6,40 42,84 | 42,40 6,86",),
    "<": ("44,34 4,60! 44,88",),
    ">": ("4,34 44,60! 4,88",),
    "ß": ("6,104 8,30 22,2 38,12 30,40 24,48 44,66 40,94 22,98",),
}

_DOTS, _ACUTE, _GRAVE = "14,26 15,30 | 32,26 33,30", "20,32 34,20", "14,20 28,32"
_ROOF = "10,32 24,20! 36,32"
_ACCENTED: dict[str, tuple[str, str, int]] = {
    **{accented: (plain, _DOTS, 0) for accented, plain in ("äa", "öo", "üu", "ëe")},
    **{accented: (plain, _DOTS, -42) for accented, plain in ("ÄA", "ÖO", "ÜU")},
    **{accented: (plain, _ACUTE, 0) for accented, plain in ("ée", "áa", "óo")},
    **{accented: (plain, _GRAVE, 0) for accented, plain in ("èe", "àa", "ùu")},
    **{accented: (plain, _ROOF, 0) for accented, plain in ("êe", "ôo", "âa")},
    "ç": ("c", "22,102 30,116 16,124", 0),
}
"""Accented letter, its plain one, its accent, by how much that is lifted."""

_CAPITALS: dict[str, tuple[str, ...]] = {
    "A": ("2,100! 28,0! 56,100! | 12,64 46,62", "4,100 30,0! 52,100 | 10,66 48,60"),
    "B": (
        "8,2 8,100 | 6,3 36,4 42,26 10,47! 44,52 50,84 32,99 6,99",
        "10,100 12,2 36,2 42,22 14,46! 44,54 46,86 28,101 4,96",
    ),
    "C": ("54,14 36,1 14,18 5,52 14,88 36,99 56,86",),
    "D": (
        "8,2 8,99 | 4,3 34,6 54,36 50,74 28,98 4,99",
        "10,100 8,3! 36,4 56,34 50,78 26,100 4,98",
    ),
    "E": ("48,3 8,3! 8,98! 50,97! | 8,49 40,48", "48,10 26,1 12,20 28,46! 8,66 12,96 48,92"),
    "F": ("50,3 8,3! 8,101 | 8,50 40,48",),
    "G": (
        "54,14 34,1 12,18 4,54 14,90 36,99 54,84! 54,57! 34,57",
        "52,12 30,2 8,28 6,70 24,99 46,88 50,60! 30,62! 60,58",
    ),
    "H": (
        "8,1 8,100 | 52,0 51,100 | 8,52 52,49",
        "8,1 6,100! 10,54 48,48! 50,0! 46,100",
    ),
    "I": ("14,1 13,100", "2,2 36,2 | 19,2 18,99 | 1,99 36,99"),
    "J": ("40,2 40,76 28,99 10,97 3,80",),
    "K": ("8,1 8,100 | 50,2 10,56! 54,100", "10,0 6,100 | 54,4 14,54 20,52 52,101"),
    "L": ("8,1 7,98! 50,97", "16,2 10,60 6,97! 48,96"),
    "M": ("4,100! 10,2! 34,70! 58,2! 64,100", "2,100 14,4 20,6 34,86 40,84 56,4 62,10 66,99"),
    "N": ("6,100! 8,2! 50,98! 52,0", "2,100 12,4 18,6 42,96 48,94 56,0"),
    "O": ("32,1 10,16 3,52 14,90 32,99 52,86 60,48 50,14 31,1",),
    "P": ("8,1 8,100 | 6,4 38,4 50,24 38,50 8,54",),
    "Q": ("32,1 10,16 3,52 14,90 32,99 52,86 58,48 50,14 31,1 | 38,74 62,106",),
    "R": (
        "8,1 8,100 | 6,4 38,4 48,24 34,48 8,52! 30,66 54,100",
        "6,100 10,4! 36,2 46,22 34,46 12,52! 34,70 58,99",
    ),
    "S": (
        "48,12 30,1 10,12 12,36 36,50 50,70 42,94 20,100 3,86",
        "52,6 28,0 12,18 24,44 44,60 44,90 18,101 0,92",
    ),
    "T": ("2,4 58,2 | 30,3 29,100", "30,6 26,98 | -2,8 20,2 64,0"),
    "U": ("6,1 6,66 16,94 34,98 50,84 52,1! 52,98",),
    "V": ("3,1 26,99! 54,0",),
    "W": ("2,1 16,98! 34,26! 50,98! 68,0",),
    "X": ("4,2 52,99 | 52,1 2,99",),
    "Y": ("4,1 28,48! 54,0! 26,100", "4,2 12,40 30,48 46,34 52,0! 44,70 22,100"),
    "Z": ("5,4! 52,3! 4,97! 54,97",),
}

_SMALL: dict[str, tuple[str, ...]] = {
    "a": (
        "42,54 26,46 8,62 8,90 24,100 40,82 43,52! 42,92 50,99",
        "40,50 20,48 6,68 8,94 22,99 36,84 42,54! 42,100",
        "10,54 26,46 38,56 40,98 | 39,68 16,70 6,84 16,99 38,88",
    ),
    "b": ("8,0 8,97! 10,64 28,48 44,66 42,92 24,101 8,92",),
    "c": ("42,57 26,46 8,62 8,88 24,100 43,91",),
    "d": (
        "42,58 26,46 8,62 8,90 24,100 40,84 44,60! 45,0! 44,94 51,99",
        "40,60 22,50 6,70 10,96 26,98 42,80 46,2! 44,100",
    ),
    "e": (
        "8,74 38,68 36,48 20,46 6,68 12,96 28,100 44,88",
        "6,76 32,72 38,56 24,46 8,62 8,90 24,101 42,94",
    ),
    "f": ("42,10 30,0 20,14 18,102 | 3,50 38,47",),
    "g": (
        "42,54 26,46 8,60 10,88 26,94 41,76 43,50! 42,116 26,134 6,124",
        "40,56 22,47 8,64 14,92 32,88 40,52! 40,110 24,132 2,126",
    ),
    "h": ("8,0 8,100! 12,66 28,48 40,60 41,100", "12,0 6,100! 14,68 30,52 36,66 36,99"),
    "i": ("10,48 10,92 17,99 | 10,26 11,29",),
    "j": ("20,48 20,116 8,132 -4,122 | 20,26 21,29",),
    "k": ("8,0 8,100 | 38,48 10,76! 42,100",),
    "l": ("10,0 10,90 18,99", "4,66 20,40 22,6 14,2 9,24 10,88 22,98"),
    "m": ("6,48 6,100! 10,62 22,48 31,60 31,100! 35,62 48,48 57,62 58,99",),
    "n": ("6,48 6,100! 11,62 28,48 39,62 40,99", "8,50 6,99! 16,58 30,50 34,70 36,99"),
    "o": ("25,47 9,58 6,82 20,100 38,92 43,68 34,50 24,47",),
    "p": ("8,48 7,134! 9,62 26,47 42,62 40,88 24,98 9,88",),
    "q": ("42,54 26,46 8,62 8,88 24,98 40,82 43,50! 42,134",),
    "r": ("6,48 7,100! 10,66 22,50 36,52", "8,50 6,100! 10,62 28,50"),
    "s": ("36,54 22,46 9,56 14,69 34,80 34,95 18,101 3,93", "34,50 14,52 12,66 30,78 30,94 4,99"),
    "t": ("18,18 17,88 26,99 38,93 | 2,47 38,45", "20,14 18,100 | 2,44 40,40"),
    "u": ("6,48 6,84 18,100 34,90 41,49! 41,90 49,99",),
    "v": ("4,48 20,99! 40,47",),
    "w": ("3,48 14,98! 28,60! 40,98! 56,47",),
    "x": ("5,48 40,100 | 40,48 3,100",),
    "y": ("5,48 22,92! | 42,48 22,96 4,132", "6,50 8,84 24,92 38,78 42,48! 40,114 22,134 6,124"),
    "z": ("5,50! 39,50! 4,98! 41,98",),
}

NUMERAL_SKELETONS: Mapping[str, Mapping[str, tuple[Skeleton, ...]]] = {
    digit: {name: tuple(map(_parse_skeleton, forms)) for name, forms in manners.items()}
    for digit, manners in NUMERALS.items()
}
"""The digits' manners by name, each with its forms."""

JOINED_SKELETONS: Mapping[str, tuple[Skeleton, ...]] = {
    letter: tuple(map(_parse_skeleton, forms)) for letter, forms in CURSIVE.items()
}
"""Small letters for joined writing; the first stroke joins."""


def _add_accent(form: str, accent: str, lift: int) -> Skeleton:
    marks = (
        Stroke(stroke.knots + np.array([0, lift / 100]), stroke.is_corner)
        for stroke in _parse_skeleton(accent)
    )
    return (*_parse_skeleton(form), *marks)


SKELETONS: Mapping[str, tuple[Skeleton, ...]] = (
    {
        digit: tuple(form for forms in manners.values() for form in forms)
        for digit, manners in NUMERAL_SKELETONS.items()
    }
    | {
        character: tuple(map(_parse_skeleton, forms))
        for table in (_SIGNS, _CAPITALS, _SMALL)
        for character, forms in table.items()
    }
    | {
        accented: tuple(_add_accent(form, accent, lift) for form in (_SMALL | _CAPITALS)[plain])
        for accented, (plain, accent, lift) in _ACCENTED.items()
    }
)
"""Every character's forms when written by itself, the first one the plainest."""
