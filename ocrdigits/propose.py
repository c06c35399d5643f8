"""A segmented page in, the places where strings may stand out, each with the ways to read it.

The segments reader proposes. Alone, it only names what is a number to it; with the string reader
beside it, whatever may be one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ocrdigits.assemble import StringPlace, place_string
from ocrdigits.decode import (
    Hypothesis,
    decode_digit,
    decode_lattice,
    looks_like_digits,
    split_strings,
    without_others,
)
from ocrdigits.records import (
    NOT_A_DIGIT,
    Cell,
    DigitClassifier,
    DigitScores,
    Field,
    Glimpse,
    Kind,
    Lattice,
    Layout,
    ReaderChoice,
    SegmentedPage,
)
from ocrdigits.settings import DecodeSettings, Settings
from ocrdigits.vision.geometry import covered_share

_AT_A_TIME = 128
"""Glyphs: fewer are no faster, and more have to be waited for."""

_MOST_FOUND = 0.2
"""Share of a number seen at first glance that strings may cover which were found elsewhere."""

_LOWEST_DIGIT = 0.45
"""Line heights: of 1,068 digits that were read on drawn pages none was lower than 0.62."""


def find_strings(
    segmented: SegmentedPage, settings: Settings, classify: DigitClassifier
) -> list[StringPlace]:
    """Find where strings may stand, and how the segments reader reads them.

    Args:
        segmented: The page.
        settings: On a page, whether the string reader has the last word decides how much is
            proposed.
        classify: The digit reader.

    Returns:
        Places in reading order, words among them.
    """
    page, layout = segmented.page, segmented.layout
    if layout is Layout.LINE and settings.reader is ReaderChoice.STRINGS:
        return [StringPlace(field, ()) for field in segmented.fields]
    scores = _classify_glyphs(segmented, classify)
    decoding = _page_decoding(settings) if layout is Layout.PAGE else settings.decode
    in_combs = replace(settings.decode, doubt_weight=settings.decode.comb_doubt_weight)
    places = []
    shared = zip(_share_out(segmented, scores), segmented.glimpses, strict=True)
    for (field, lattice, answers), glimpse in shared:
        if glimpse.is_word:
            places.append(StringPlace(field, (), field.box, is_word=True))
            continue
        decode = decode_digit if field.kind is Kind.DIGIT else decode_lattice
        is_comb = field.kind is Kind.COMB and layout is Layout.PAGE
        paths = decode(lattice, answers, in_combs if is_comb else decoding)
        if is_comb:
            places.append(StringPlace(field, _comb_string(paths, decoding), field.box))
        elif layout is Layout.PAGE:
            found = _page_strings(paths, lattice, decoding)
            places += [place_string(field, each, page) for each in found] or [
                StringPlace(field, (), field.box)
            ]
            if len(found) == 1:
                places[-1] = _widen(places[-1], settings)
            if found:
                places += _left_out(field, glimpse, places[-len(found) :])
        else:
            places.append(StringPlace(field, tuple(paths)))
    if layout is Layout.PAGE:
        places = _without_words(places, settings)
    if settings.reader is ReaderChoice.STRINGS:  # on a page, glyphs still say where to look
        return [replace(place, paths=()) for place in places]
    return places


def _classify_glyphs(segmented: SegmentedPage, classify: DigitClassifier) -> DigitScores:
    """(N, 11) what the digit reader says of all glyphs; on a page it is not asked of low ones.

    It is asked while the last lattices are still on the way.
    """
    least = _LOWEST_DIGIT if segmented.layout is Layout.PAGE else 0.0
    is_asked: list[bool] = []
    waiting: list[Cell] = []
    answers: list[DigitScores] = []
    for lattice in segmented.lattices:
        for glyph in lattice.glyphs:
            is_asked.append(glyph.box.height >= least * lattice.line_height_px)
            if is_asked[-1]:
                waiting.append(glyph.cell)
        while len(waiting) >= _AT_A_TIME:
            answers.append(classify(np.stack(waiting[:_AT_A_TIME])))
            del waiting[:_AT_A_TIME]
    if waiting:
        answers.append(classify(np.stack(waiting)))
    scores = np.zeros((len(is_asked), NOT_A_DIGIT + 1), np.float32)
    scores[:, NOT_A_DIGIT] = 1
    if answers:
        scores[is_asked] = np.concatenate(answers)
    return scores


def _left_out(field: Field, glimpse: Glimpse, found: Sequence[StringPlace]) -> list[StringPlace]:
    """Where a field shows digits at first glance in which the segments reader sees none."""
    return [
        StringPlace(field, (), box)
        for box in glimpse.numbers
        if sum(covered_share(box, place.outline) for place in found) < _MOST_FOUND
    ]


def _widen(place: StringPlace, settings: Settings) -> StringPlace:
    """The whole field, if little of it is left beside its one string: perhaps a joined digit."""
    box, field = place.box, place.field.box
    if box is None or settings.reader is ReaderChoice.SEGMENTS:
        return place
    beside = max(box.x - field.x, field.right - box.right)
    return replace(place, box=field) if beside <= settings.fusion.max_beside * box.height else place


def _without_words(places: list[StringPlace], settings: Settings) -> list[StringPlace]:
    """Leave out fields that are no number to the segments reader and too long for one.

    In the others the string reader may still find one that is small, faint or joined.
    """
    if settings.reader is ReaderChoice.SEGMENTS:
        return [place for place in places if place.paths]
    widest = settings.fusion.max_silent_width
    return [it for it in places if it.paths or it.field.box.width <= widest * it.field.box.height]


def _page_decoding(settings: Settings) -> DecodeSettings:
    """Much on a page is no digit; where the string reader is asked too, it may say so."""
    decode, fusion = settings.decode, settings.fusion
    if settings.reader is ReaderChoice.SEGMENTS:
        return replace(decode, non_digit_odds=decode.page_non_digit_odds)
    return replace(
        decode,
        non_digit_odds=fusion.page_non_digit_odds,
        min_digit_confidence=fusion.min_digit_confidence,
        min_mean_confidence=fusion.min_mean_confidence,
        min_single_confidence=fusion.min_single_confidence,
    )


def _share_out(
    segmented: SegmentedPage, scores: DigitScores
) -> Iterator[tuple[Field, Lattice, DigitScores]]:
    """Give each field the answers to its own glyphs."""
    start = 0
    for field, lattice in zip(segmented.fields, segmented.lattices, strict=True):
        stop = start + len(lattice.glyphs)
        yield field, lattice, scores[start:stop]
        start = stop


def _comb_string(hypotheses: list[Hypothesis], settings: DecodeSettings) -> tuple[Hypothesis, ...]:
    """A comb's one string, however wide its cells are; what is no digit is print that was left."""
    strings = [without_others(hypothesis) for hypothesis in hypotheses]
    return tuple(string for string in strings if looks_like_digits(string, settings))


def _page_strings(
    hypotheses: list[Hypothesis], lattice: Lattice, settings: DecodeSettings
) -> list[list[Hypothesis]]:
    """The strings of a page's field, each with its alternatives where it is the only one."""
    if not hypotheses:
        return []
    line_px = lattice.line_height_px
    strings = split_strings(hypotheses[0], line_px, settings)
    found = [string for string in strings if looks_like_digits(string, settings)]
    if len(found) != 1:
        return [[string] for string in found]
    others = [split_strings(other, line_px, settings) for other in hypotheses[1:]]
    return [[found[0], *(other[0] for other in others if len(other) == 1)]]
