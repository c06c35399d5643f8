"""Labelled pictures in, where the line of each is looked for out: anywhere in it, or at a place.

In a crop `normalize_line` finds the line. On a page, with print, rules and other numbers around,
the digit reader looks for the label; that takes some 50 ms a picture, so processes share the work,
and a file keeps it. Whether a folder holds crops or pages, a sample of it decides: `auto` alone
takes a quarter of the crops in `logbook_cells` for pages, but hardly finds their labels there
(2 of 150), as it does on true pages (144 of 150 in `register_rows`).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ocrdigits.assemble import page_box
from ocrdigits.errors import OcrDigitsError
from ocrdigits.model.align import AlignSettings, align_string, is_held_out
from ocrdigits.model.card import read_card, write_bytes_atomically
from ocrdigits.model.runtime import find_weights
from ocrdigits.model.strings.pool import map_pictures
from ocrdigits.model.strings.real import read_gray
from ocrdigits.model.strings.suspects import short_name
from ocrdigits.propose import find_strings
from ocrdigits.records import Box, DigitClassifier, Layout, SegmentedPage
from ocrdigits.segmenting import segment_photo
from ocrdigits.settings import Settings
from ocrdigits.vision.geometry import map_box, overlap
from ocrdigits.vision.load import load_photos

PLACES_FILE = "places.json"
"""Name of the file in the folder of a training that keeps what was found."""

_SAMPLE = 200  # pictures that decide on a folder
_SEARCHED = 0.4  # share of the pages that are searched for other ink; a tenth is held out

Labels = Sequence[tuple[Path, str]]
Say = Callable[[str], None]


class PlaceKind(Enum):
    """What a labelled picture is taken for."""

    LINE = "line"
    """A crop of one line, wherever that is."""
    FOUND = "found"
    """A page, and the label on it."""
    LOST = "lost"
    """A page on which the label was not found."""
    UNREADABLE = "unreadable"
    """Nothing that can be opened."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the line of a picture is looked for.

    Attributes:
        kind: What the picture shows.
        box: Where, in its pixels; None unless `FOUND`.
        others: What `read` would take for strings besides: rules' ends, dots, words.
    """

    kind: PlaceKind
    box: Box | None = None
    others: tuple[Box, ...] = ()


def find_places(
    labels: Labels,
    keep: Path,
    *,
    digit_weights: Path | None = None,
    processes: int = 1,
    say: Say = lambda _: None,
) -> dict[Path, Place]:
    """Find out for each picture of a folder where its line is to be looked for.

    Where the labels of a sample are found on pages more often than its pictures are taken for
    crops, the folder holds pages, and those on which the label is not found are lost. Elsewhere
    every picture is a crop.

    Args:
        labels: Pictures and texts of one folder.
        keep: JSON file with what was found before; what is new goes there too. What it says of a
            picture holds for the same name, size, text and digit weights.
        digit_weights: Folder of the weights that find labels on pages; None for the package's own.
        processes: That share the work.
        say: Called with how far it is.

    Returns:
        The place of each.

    Raises:
        WeightsError: If the digit weights are missing or damaged.
        OutputError: If `keep` cannot be written.
    """
    seeker = _Seeker(keep, digit_weights, processes, say)
    sample = sorted(labels, key=lambda label: hashlib.sha256(label[0].name.encode()).digest())
    kinds = [place.kind for place in seeker.seek(sample[:_SAMPLE]).values()]
    if kinds.count(PlaceKind.FOUND) > kinds.count(PlaceKind.LINE):
        return seeker.seek(labels)
    return {
        path: Place(PlaceKind.LINE if _is_readable(path) else PlaceKind.UNREADABLE)
        for path, _ in labels
    }


@dataclass(frozen=True, slots=True)
class _Seeker:
    """Looks at pictures, unless its file says what was found there before."""

    keep: Path
    digit_weights: Path | None
    processes: int
    say: Say

    def seek(self, labels: Labels) -> dict[Path, Place]:
        folder = find_weights(self.digit_weights)
        weights = read_card(folder / "digits.json").sha256["digits.onnx"]
        known = _read_kept(self.keep, weights)
        keys = {path: _key_of(path, text) for path, text in labels}
        new = [(path, text) for path, text in labels if keys[path] not in known]
        told = 0
        try:
            found = map_pictures(_place_item, new, self.digit_weights, self.processes)
            for done, (path, place) in enumerate(found, start=1):
                known[keys[path]] = place
                if done * 5 // len(new) > told and len(new) > _SAMPLE:
                    told = done * 5 // len(new)
                    self.say(f"looked for the labels on {done:,} of {len(new):,} pages")
        finally:  # also when it is interrupted
            if new:
                _write_kept(self.keep, weights, known)
        return {path: known[key] for path, key in keys.items()}


def place_label(path: Path, text: str, classify: DigitClassifier) -> Place:
    """Look at one labelled picture.

    Args:
        path: The picture.
        text: What is written in it.
        classify: The digit reader.

    Returns:
        What layout `auto` takes it for, and where on a page the label stands.
    """
    settings = Settings()
    try:
        photo = next(iter(load_photos(path, str(path), settings.load)))
    except (OcrDigitsError, StopIteration):
        return Place(PlaceKind.UNREADABLE)
    segmented = segment_photo(photo, settings)
    if segmented.layout is Layout.LINE:
        return Place(PlaceKind.LINE)
    box = locate_label(segmented, text, classify)
    if box is None:
        return Place(PlaceKind.LOST)
    others = _find_others(segmented, box, classify) if is_held_out(path, _SEARCHED) else ()
    return Place(PlaceKind.FOUND, box, others)


def _find_others(page: SegmentedPage, own: Box, classify: DigitClassifier) -> tuple[Box, ...]:
    """What the string reader would be asked about besides the label; 0.1 s a picture."""
    found = [place.box for place in find_strings(page, Settings(), classify)]
    boxes = [map_box(box, page.page.photo_from_page) for box in found if box is not None]
    return tuple(box for box in boxes if not overlap(box, own))


def locate_label(page: SegmentedPage, text: str, classify: DigitClassifier) -> Box | None:
    """Find where on a page a label stands.

    Args:
        page: The page, segmented.
        text: The label; its digits are looked for.
        classify: The digit reader.

    Returns:
        Around its digits, in pixels of the photo; None if no field can be aligned with it.
    """
    digits = "".join(character for character in text if character.isdigit())
    least, best, place = AlignSettings().min_mean_confidence, -math.inf, None
    for field, lattice in zip(page.fields, page.lattices, strict=True):
        if not lattice.glyphs or not digits:
            continue
        scores = classify(np.stack([glyph.cell for glyph in lattice.glyphs]))
        found = align_string(lattice, scores, digits, AlignSettings())
        if found is None or found.mean_confidence < least or found.plain_score <= best:
            continue
        best = found.plain_score
        boxes = [lattice.glyphs[index].box for index in found.glyphs]
        whole = boxes[0]
        for box in boxes[1:]:
            whole = whole.union(box)
        place = map_box(page_box(whole, field), page.page.photo_from_page)
    return place


def _is_readable(path: Path) -> bool:
    return path.is_file() and (cv2.haveImageReader(str(path)) or read_gray(path) is not None)


def _place_item(label: tuple[Path, str], classify: DigitClassifier) -> tuple[Path, Place]:
    return label[0], place_label(*label, classify)


def _key_of(path: Path, text: str) -> str:
    """Names, size and label; the same wherever the folder lies."""
    size = path.stat().st_size if path.is_file() else 0
    return f"{short_name(path)}|{size}|{text}"


def _read_kept(keep: Path, weights: str) -> dict[str, Place]:
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        content = json.loads(keep.read_text(encoding="utf-8"))
        if content["digit_weights"] == weights:
            return {key: _as_place(entry) for key, entry in content["places"].items()}
    return {}


def _as_place(entry: Mapping[str, Any]) -> Place:
    box = None if entry["box"] is None else Box(**entry["box"])
    others = tuple(Box(**other) for other in entry["others"])
    return Place(PlaceKind(entry["kind"]), box, others)


def _write_kept(keep: Path, weights: str, places: Mapping[str, Place]) -> None:
    entries = {key: {**asdict(p), "kind": p.kind.value} for key, p in places.items()}
    content = json.dumps({"digit_weights": weights, "places": entries}, ensure_ascii=False)
    write_bytes_atomically(keep, content.encode())
