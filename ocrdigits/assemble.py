"""A string's place, line and texts in, what users get out: boxes, confidence, value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from ocrdigits.calibration import Calibration, accept_from
from ocrdigits.ctc import FrameScores, Look, align_text, read_greedily, text_log_probability
from ocrdigits.decode import Hypothesis
from ocrdigits.fusion import FusedText, Fusion
from ocrdigits.number_chance import number_chance
from ocrdigits.records import (
    Alternative,
    Box,
    CharacterReading,
    Evidence,
    Field,
    FieldReading,
    Homography,
    Kind,
    Page,
)
from ocrdigits.settings import Settings
from ocrdigits.surroundings import Surroundings
from ocrdigits.values import parse_value
from ocrdigits.vision.geometry import map_box, map_corners
from ocrdigits.vision.line_boxes import box_characters
from ocrdigits.vision.line_crop import LineCrop


@dataclass(frozen=True, slots=True)
class StringPlace:
    """Where a string stands, and how the segments reader reads it.

    Attributes:
        field: The field it stands in, alone or beside others.
        paths: Ways to read it, best first; none if the segments reader was not asked.
        box: Where it is, page frame; None if it is the field's only one.
        is_word: Whether it is none at first glance, so that no reader is asked.
    """

    field: Field
    paths: tuple[Hypothesis, ...]
    box: Box | None = None
    is_word: bool = False

    @property
    def outline(self) -> Box:
        """Where it is, page frame, also if it is the field's only one."""
        return self.field.box if self.box is None else self.box


@dataclass(frozen=True, slots=True)
class ScoredLine:
    """The line of a string, and what the string reader says of its frames.

    Attributes:
        line: The line, page frame.
        scores: (T, 15).
        plain: The same of a second look at its place, with nothing erased; None without one.
        leaning: Scores of the same line leaning to either side; none if nobody asked.
        is_hidden: Whether glare may hide a part of it.
    """

    line: LineCrop
    scores: FrameScores
    plain: ScoredLine | None = None
    leaning: tuple[FrameScores, ...] = ()
    is_hidden: bool = False

    @property
    def frame_px(self) -> float:
        """Columns of the line that one frame stands for."""
        return float(self.line.image.shape[1] / len(self.scores))

    @property
    def looks(self) -> tuple[Look, ...]:
        """All looks, each with the scores of its line as it stands first."""
        own = (self.scores, *self.leaning)
        return (own,) if self.plain is None else (own, *self.plain.looks)

    def best_look(self, text: str) -> ScoredLine:
        """The look in which a text is likelier; the tighter one where both read just that."""
        if self.plain is None or read_greedily(self.scores) == text:
            return self
        if read_greedily(self.plain.scores) == text:
            return self.plain
        return max((self, self.plain), key=lambda look: text_log_probability(look.scores, text))


@dataclass(frozen=True, slots=True)
class ReadPlace:
    """A place, its line if the string reader was asked and sees ink, and what both readers say."""

    place: StringPlace
    line: ScoredLine | None
    fusion: Fusion

    @property
    def text(self) -> str:
        """The likeliest text; empty where nothing was read."""
        return self.fusion.texts[0].text if self.fusion.texts else ""


def place_string(field: Field, paths: Sequence[Hypothesis], page: Page) -> StringPlace:
    """The place of one string among others in a field.

    Args:
        field: The field.
        paths: Ways to read the string, at least one.
        page: The page, which the place may not leave.

    Returns:
        The place, around the ink of the best path.
    """
    boxes = [page_box(character.box, field) for character in paths[0].characters if character.text]
    whole = reduce(Box.union, boxes)
    height, width = page.gray.shape
    x, y = min(max(whole.x, 0), width - 1), min(max(whole.y, 0), height - 1)
    box = Box(x, y, max(1, min(whole.right, width) - x), max(1, min(whole.bottom, height) - y))
    return StringPlace(field, tuple(paths), box)


def whole_field(page: Page) -> Field:
    """A crop as the place of its one string, before its ink is looked for: without any."""
    height, width = page.gray.shape
    nothing = np.zeros((1, 1))
    whole = Box(0, 0, width, height)
    return Field(Kind.LINE, whole, nothing.astype(np.bool_), nothing.astype(np.float32), 1.0)


def assemble_reading(  # noqa: PLR0913 - what is known of one string, named
    place: StringPlace,
    fusion: Fusion,
    scored: ScoredLine | None,
    page: Page,
    *,
    settings: Settings,
    calibration: Calibration,
    surroundings: Surroundings | None = None,
) -> FieldReading:
    """Make a reading of what both readers said.

    Args:
        place: Where the string stands.
        fusion: Its texts, at least one.
        scored: Its line, if the string reader was asked.
        page: Takes boxes to the photo.
        settings: What is accepted, and how a value is written.
        calibration: Takes evidence to a confidence.
        surroundings: What stands around the string, if it is one of many on a page.

    Returns:
        The reading, boxes in the photo frame.
    """
    best = fusion.texts[0]
    characters = _locate(best, place.field, scored)
    boxes = [box for _, box in characters]
    whole = reduce(Box.union, boxes) if boxes else place.field.box
    weakest = min((c.confidence for c, _ in characters if c.text.isdigit()), default=0.0)
    standing = None
    if surroundings is not None:
        written = [(character.text, box) for character, box in characters]
        standing = surroundings.standing_of(whole, place.field, written)
    evidence = Evidence(fusion.posterior, fusion.agreement, len(best.digits), weakest, standing)
    chance = number_chance(evidence, best.digits, settings.number)
    evidence = replace(evidence, number_chance=chance)
    confidence = calibration.confidence(evidence)
    least = accept_from(settings.decode, calibration, fusion.agreement)
    others = max(1 - best.probability, 1e-12)
    return FieldReading(
        text=best.text,
        confidence=confidence,
        accepted=fusion.is_valid and confidence >= least,
        kind=place.field.kind,
        box=map_box(whole, page.photo_from_page),
        polygon=map_corners(whole, page.photo_from_page),
        characters=tuple(
            CharacterReading(c.text, c.confidence, map_box(box, page.photo_from_page))
            for c, box in characters
        ),
        alternatives=tuple(
            Alternative(text.text, min(confidence, (1 - confidence) * text.probability / others))
            for text in fusion.texts[1 : settings.decode.alternatives + 1]
            if text.text
        ),
        value=parse_value(best.text, settings.decimal),
        evidence=evidence,
    )


@dataclass(frozen=True, slots=True)
class _Character:
    text: str
    confidence: float


def _locate(
    best: FusedText, field: Field, scored: ScoredLine | None
) -> list[tuple[_Character, Box]]:
    """The characters of a text with their boxes in the page frame."""
    path = best.path
    seen = [] if path is None else [c for c in path.characters if c.text]
    if scored is None:
        return [(_Character(c.text, c.confidence), page_box(c.box, field)) for c in seen]
    look = scored.best_look(best.text)
    frames = align_text(look.scores, best.text)
    spans = [(it.start * look.frame_px, it.stop * look.frame_px) for it in frames]
    boxes = [
        map_box(box, look.line.crop_from_line) for box in box_characters(look.line.image, spans)
    ]
    digits = iter([c for c in seen if c.text.isdigit()])
    located = []
    for it, box in zip(frames, boxes, strict=True):
        glyph = next(digits, None) if it.text.isdigit() else None
        if glyph is None:
            located.append((_Character(it.text, it.probability), box))
            continue
        # The segments reader's box is the tighter one; what both say of a digit is their mean.
        confidence = math.sqrt(glyph.confidence * it.probability)
        located.append((_Character(it.text, confidence), page_box(glyph.box, field)))
    return located


def move_reading(string: FieldReading, outer_from_inner: Homography) -> FieldReading:
    """Take a reading of a part of a photo to the photo.

    Args:
        string: Boxes in the frame of the part.
        outer_from_inner: Takes points of the part to the photo.

    Returns:
        The same reading, boxes in the photo frame.
    """
    return replace(
        string,
        box=map_box(string.box, outer_from_inner),
        polygon=map_corners(string.box, outer_from_inner),
        characters=tuple(
            replace(it, box=map_box(it.box, outer_from_inner)) for it in string.characters
        ),
    )


def page_box(box: Box, field: Field) -> Box:
    """Map a box from the field frame to the page frame, rounded outwards."""
    left, top = int(box.x / field.scale), int(box.y / field.scale)
    right, bottom = -int(-box.right / field.scale // 1), -int(-box.bottom / field.scale // 1)
    return Box(field.box.x + left, field.box.y + top, max(1, right - left), max(1, bottom - top))
