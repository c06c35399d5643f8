"""A person with a pen: supplies and a text in, the line's ink on a sheet and its boxes out.

A scribe writes in strokes (`writer`), in a handwriting typeface (`handfaces`) or, for the digits,
in real ones (`digitstock`); one of them for a whole page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compose.hand.alphabet import Points
from ocrdigits.model.compose.hand.digitstock import DigitManner, sample_manner
from ocrdigits.model.compose.hand.handfaces import glyph_imprint
from ocrdigits.model.compose.hand.imprint import (
    Imprint,
    Pose,
    match_stroke,
    merge_patches,
    shape_imprint,
)
from ocrdigits.model.compose.hand.pens import (
    PENS,
    InkPatch,
    Pen,
    ink_curves,
    lay_ink,
    press_pen,
    sample_pen,
)
from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.hand.writer import Hand, Trace, sample_hand, trace_text
from ocrdigits.model.compose.sheet import Sheet, classify_characters
from ocrdigits.model.compose.truth import InkClass
from ocrdigits.records import Box

_NOWHERE = Box(0, 0, 0, 0)
_INKED = 0.3  # a pixel at least this much covered belongs to the box of its character


@dataclass(frozen=True, slots=True)
class Scribe:
    """A person with a pen: one manner, one ink for a whole page.

    Attributes:
        hand: How they write in strokes; its slant, gaps and sizes hold for all they write.
        pen: What with.
        face: The typeface whose characters they use, if any; what it lacks is written in strokes.
        digits: The real digits that they use, if any.
    """

    hand: Hand
    pen: Pen
    face: Path | None = None
    digits: DigitManner | None = None


def sample_scribe(
    rng: np.random.Generator, supplies: Supplies, pens: Sequence[str] = PENS
) -> Scribe:
    """Invent a person and hand them one of some kinds of pens.

    Args:
        rng: Source of chance.
        supplies: What the person may write with besides strokes.
        pens: Kinds of pens, as `sample_pen` takes them.

    Returns:
        The person.
    """
    hand, pen = sample_hand(rng), sample_pen(rng, pens)
    if supplies.digits is not None and rng.random() < supplies.digits_share:
        manner = sample_manner(rng, supplies.digits)
        # Real strokes can be starved only a little: the pen is about as wide as they are.
        width_frac = float(
            np.clip(pen.width_frac, 0.8 * manner.stroke_frac, manner.stroke_frac + 0.08)
        )
        return Scribe(hand, replace(pen, width_frac=width_frac), digits=manner)
    if supplies.hand_faces and rng.random() < supplies.face_share:
        face = supplies.hand_faces[int(rng.integers(len(supplies.hand_faces)))]
        slant, gap, word_gap = rng.normal(0.03, 0.1), rng.uniform(0, 0.06), rng.uniform(0.45, 0.8)
        hand = replace(hand, slant_frac=slant, gap_frac=gap, word_gap_frac=word_gap)
        return Scribe(replace(hand, touch_share=0.0), pen, face=face)
    return Scribe(hand, pen)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a line stands on the sheet.

    Attributes:
        x: Its left end, in pixels.
        baseline: Its baseline there.
        height_px: Height of a digit.
        climb: Pixels downwards per pixel to the right.
        bow: How far its middle hangs below its ends, in heights of a digit.
        end: Length of the line, in heights of a digit.
    """

    x: float
    baseline: float
    height_px: float
    climb: float = 0.0
    bow: float = 0.0
    end: float = 1.0

    def to_sheet(self, points: Points) -> Points:
        """Take points from the line to the sheet."""
        along = points[:, 0] / max(self.end, 1e-6)
        drop = self.climb * points[:, 0] + 4 * self.bow * along * (1 - along)
        moved: Points = np.column_stack(
            [
                self.x + self.height_px * points[:, 0],
                self.baseline + self.height_px * (points[:, 1] + drop),
            ]
        )
        return moved


@dataclass(frozen=True, slots=True)
class Draft:
    """A line thought out but not yet on paper.

    Attributes:
        hand: Whose slant and width hold for everything.
        text: What is written, a struck-out word included.
        kept: Index in `text` of each character of the line that counts.
        trace: The pen's way, and everyone's place.
        imprints: Index in `text`, for characters that are not strokes.
        bolder_frac: For these, how much is added to each side of the strokes.
        struck: First and last character that are struck out, if any.
    """

    hand: Hand
    text: str
    kept: tuple[int, ...]
    trace: Trace
    imprints: Mapping[int, Imprint]
    bolder_frac: Mapping[int, float]
    struck: tuple[int, int] | None = None

    @property
    def end(self) -> float:
        """Length of the line, in heights of a digit."""
        return max(self.trace.end, 0.05)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the ink."""
        parts = [self.trace.points]
        for index, imprint in self.imprints.items():
            ink = np.argwhere(imprint.depth > 0)[:, ::-1] / imprint.scale
            ink += (imprint.left, imprint.top)
            ink[:, 0] = ink[:, 0] * self.hand.width_frac - self.hand.slant_frac * ink[:, 1]
            parts.append(ink * self.trace.places[index, 3] + self.trace.places[index, :2])
        points = np.concatenate(parts)
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        return float(left), float(top), float(right), float(bottom)


def draft_text(
    rng: np.random.Generator, scribe: Scribe, text: str, slip: tuple[int, str] | None = None
) -> Draft:
    """Think out a line.

    Args:
        rng: Source of what differs from one time to the next.
        scribe: Who writes.
        text: What.
        slip: Where in the text something wrong is written and struck out, and what.

    Returns:
        The line in heights of a digit.
    """
    written, kept, struck = text, tuple(range(len(text))), None
    if slip is not None:
        at, wrong = slip
        written = f"{text[:at]}{wrong} {text[at:]}"
        kept = tuple(k if k < at else k + len(wrong) + 1 for k in range(len(text)))
        struck = (at, at + len(wrong) - 1)
    imprints = {
        index: imprint
        for index, character in enumerate(written)
        if character != " " and (imprint := _find_imprint(rng, scribe, character)) is not None
    }
    widths = {index: imprint.width * scribe.hand.width_frac for index, imprint in imprints.items()}
    bolder = {
        index: match_stroke(imprint, scribe.pen.width_frac) for index, imprint in imprints.items()
    }
    trace = trace_text(rng, scribe.hand, written, widths)
    return Draft(scribe.hand, written, kept, trace, imprints, bolder, struck)


def _find_imprint(rng: np.random.Generator, scribe: Scribe, character: str) -> Imprint | None:
    if scribe.digits is not None and character in scribe.digits.forms:
        return scribe.digits.pick(rng, character)
    return None if scribe.face is None else glyph_imprint(scribe.face, character)


def ink_draft(
    rng: np.random.Generator,
    sheet: Sheet,
    scribe: Scribe,
    draft: Draft,
    place: tuple[Frame, float],
) -> list[Box]:
    """Put a line on paper.

    Args:
        rng: Source of pressure and grain.
        sheet: Gets the ink.
        scribe: Who writes.
        draft: What.
        place: Where; and the width of the pen's line in pixels.

    Returns:
        Box of the ink of each character of the line that counts.
    """
    frame, width_px = place
    width_px = max(1.4, width_px)
    classes = [InkClass.OTHER] * len(draft.text)
    line = "".join(draft.text[k] for k in draft.kept)
    for index, ink_class in zip(draft.kept, classify_characters(line), strict=True):
        classes[index] = ink_class
    boxes = [_NOWHERE] * len(draft.text)
    points = frame.to_sheet(draft.trace.points)
    _ink_strokes(rng, sheet, scribe, (draft, points, width_px), (classes, boxes))
    _ink_imprints(rng, sheet, scribe, (draft, frame), (classes, boxes))
    if draft.struck is not None:
        _strike(rng, sheet, scribe, boxes[draft.struck[0] : draft.struck[1] + 1], width_px)
    return [boxes[index] for index in draft.kept]


def _ink_imprints(
    rng: np.random.Generator,
    sheet: Sheet,
    scribe: Scribe,
    line: tuple[Draft, Frame],
    marks: tuple[list[InkClass], list[Box]],
) -> None:
    """Draw the characters that are not strokes, run by run; fill in their boxes."""
    (draft, frame), (classes, boxes) = line, marks
    anchors = frame.to_sheet(draft.trace.places[:, :2]).tolist()
    runs = _number_runs(draft.text, classes)
    patches: dict[int, list[InkPatch]] = {}
    for index, imprint in draft.imprints.items():
        x, baseline = anchors[index]
        pose = Pose(
            x=x,
            baseline=baseline,
            height_px=frame.height_px * float(draft.trace.places[index, 3]),
            lean=scribe.hand.slant_frac,
            climb=frame.climb,
            stretch=scribe.hand.width_frac,
            bolder_frac=draft.bolder_frac[index],
            spread=0.7 * scribe.hand.shape_spread,
            swell_frac=0.02 * scribe.pen.pressure_spread,
        )
        patch = shape_imprint(rng, imprint, pose)
        boxes[index] = _bound_ink(patch)
        patches.setdefault(int(runs[index]), []).append(patch)
    for run, parts in patches.items():
        whole = merge_patches(parts)
        ink = lay_ink(rng, scribe.pen, whole.coverage)
        ink_class = classes[int(np.flatnonzero(runs == run)[0])]
        sheet.stain(ink, whole.x, whole.y, scribe.pen.color, ink_class)


def _number_runs(text: str, classes: Sequence[InkClass]) -> NDArray[np.intp]:
    """(C,) the same number for neighbours in a word that show the same."""
    changes = [
        index > 0 and (classes[index] != classes[index - 1] or text[index] == " ")
        for index in range(len(text))
    ]
    return np.cumsum(changes)


def _ink_strokes(
    rng: np.random.Generator,
    sheet: Sheet,
    scribe: Scribe,
    line: tuple[Draft, Points, float],
    marks: tuple[list[InkClass], list[Box]],
) -> None:
    """Draw runs of characters that show the same class; fill in their boxes."""
    (draft, points, width_px), (classes, boxes) = line, marks
    owners, starts = draft.trace.owners, draft.trace.starts
    if not len(owners):
        return
    widths = press_pen(rng, scribe.pen, points, starts, width_px)
    runs = _number_runs(draft.text, classes)[owners]
    begins = np.append(0, np.flatnonzero(np.diff(runs)) + 1)
    for begin, end in zip(begins.tolist(), [*begins[1:].tolist(), len(owners)], strict=True):
        inside = starts[(starts >= begin) & (starts < end)] - begin
        patch = ink_curves(rng, scribe.pen, points[begin:end], inside, widths[begin:end])
        ink_class = classes[int(owners[begin])]
        sheet.stain(patch.coverage, patch.x, patch.y, scribe.pen.color, ink_class)
    order = np.argsort(owners, kind="stable")
    firsts = np.append(0, np.flatnonzero(np.diff(owners[order])) + 1)
    low = np.floor(np.minimum.reduceat(points[order], firsts) - width_px / 2).astype(int)
    high = np.ceil(np.maximum.reduceat(points[order], firsts) + width_px / 2).astype(int)
    corners = zip(owners[order][firsts].tolist(), low.tolist(), high.tolist(), strict=True)
    for index, (x, y), (right, bottom) in corners:
        boxes[index] = Box(x, y, right - x, bottom - y)


def _bound_ink(patch: InkPatch) -> Box:
    inked = (patch.coverage > _INKED).astype(np.uint8)
    x, y, width, height = cv2.boundingRect(inked)
    return Box(patch.x + x, patch.y + y, width, height)


def _strike(
    rng: np.random.Generator, sheet: Sheet, scribe: Scribe, boxes: Sequence[Box], width_px: float
) -> None:
    """Cross something out: a line or two through it, or a zigzag."""
    whole = boxes[0]
    for box in boxes[1:]:
        whole = whole.union(box)
    sweeps = int(rng.choice([1, 2, 4]))
    x = np.linspace(whole.x - 3, whole.right + 3, 2 * sweeps)
    y = whole.y + whole.height * (0.5 + rng.normal(0, 0.1, 2 * sweeps))
    if sweeps == 4:
        y += 0.28 * whole.height * np.resize([-1, 1], 8)
    lines = [np.column_stack([x, y])]
    if sweeps == 2:
        sides = [[whole.x - 3, 0.4], [whole.right + 3, 0.35]], [[whole.x, 0.62], [whole.right, 0.6]]
        lines = [np.array([[a, whole.y + b * whole.height] for a, b in side]) for side in sides]
    sheet.draw_strokes(rng, scribe.pen, lines, width_px, InkClass.OTHER)
