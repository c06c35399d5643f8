"""Folders with `labels.csv` in, their lines out: which train, which watch, which are left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocrdigits.errors import InputError
from ocrdigits.jobs import all_cores
from ocrdigits.model.align import AlignSettings, is_held_out
from ocrdigits.model.card import (
    UNKNOWN_LICENCE,
    DataSetUse,
    licence_of,
    sha256_of_files,
)
from ocrdigits.model.strings.lines import LineSample
from ocrdigits.model.strings.looks import Look
from ocrdigits.model.strings.places import Place, PlaceKind, find_places
from ocrdigits.model.strings.real import read_gray, read_string_labels
from ocrdigits.model.strings.suspects import pictures_named, short_name
from ocrdigits.records import Box
from ocrdigits.vision.plain_line import find_line

Say = Callable[[str], None]
Label = tuple[Path, str]


@dataclass(frozen=True, slots=True)
class LabelledLines:
    """Lines as they are read, nothing changed.

    Attributes:
        name: Of the set.
        samples: Lines and texts.
        files: Name of the picture of each.
    """

    name: str
    samples: tuple[LineSample, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineFolder:
    """A folder of labelled strings.

    Attributes:
        name: Of the set, as the model card lists it.
        path: The folder.
        training: Pictures and texts that train …
        held_out: … and those that do not, picked by their names. Those that the user leaves out
            of the training stay here, so that figures can be compared.
        boxes: Where on their pages some labels stand.
        others: What else on these pages looks like a string.
        unused: Pictures that train nothing and measure nothing: their line cannot be found.
        left_out: Pictures that train nothing because the user says so.
    """

    name: str
    path: Path
    training: tuple[Label, ...]
    held_out: tuple[Label, ...]
    boxes: Mapping[Path, Box]
    others: Mapping[Path, tuple[Box, ...]]
    unused: frozenset[Path]
    left_out: frozenset[Path]

    @property
    def use(self) -> DataSetUse:
        """What the card says of it."""
        files = [self.path / "labels.csv", *(path for path, _ in self.training)]
        licence = licence_of(self.name)
        return DataSetUse(self.name, len(self.training), licence, sha256_of_files(files))

    def read_lines(self, labels: Sequence[Label], look: Look = Look.INK) -> LabelledLines:
        """Read the lines of some of its pictures, each at its place."""
        samples, files = [], []
        for path, text in labels:
            gray = read_gray(path)
            if gray is not None:
                found = find_line(gray, self.boxes.get(path))
                samples.append((look.image_of(found), text))
                files.append(short_name(path))
        return LabelledLines(self.name, tuple(samples), tuple(files))


def open_folders(
    paths: Sequence[Path],
    keep: Path,
    left_out: Sequence[str] = (),
    digit_weights: Path | None = None,
    say: Say = lambda _: None,
) -> tuple[LineFolder, ...]:
    """Read labels, and find the lines of those that stand on pages.

    Args:
        paths: The folders.
        keep: File that keeps what was found on pages.
        left_out: Names of pictures that train nothing.
        digit_weights: Folder of the weights that find labels on pages; None for the package's own.
        say: Called with a line about each folder.

    Returns:
        The folders.

    Raises:
        InputError: If a folder holds no label to train on.
    """
    labels = {path: read_string_labels(path) for path in paths}
    named = pictures_named(left_out, {picture for path in paths for picture, _ in labels[path]})
    for name in (name for name, pictures in named.items() if not pictures):
        say(f"{name}: to be left out, but no picture of --data is called so")
    unwanted = frozenset(picture for pictures in named.values() for picture in pictures)
    folders: list[LineFolder] = []
    for path in paths:
        name = _name_of(path, [folder.name for folder in folders])
        places = find_places(
            labels[path], keep, digit_weights=digit_weights, processes=all_cores(), say=say
        )
        folders.append(_sort_labels(name, path, labels[path], places, unwanted))
        _say_what_is_there(folders[-1], places, say)
    return tuple(folders)


def _sort_labels(
    name: str,
    path: Path,
    labels: Sequence[Label],
    places: Mapping[Path, Place],
    unwanted: frozenset[Path],
) -> LineFolder:
    usable = {p for p, _ in labels if places[p].kind in (PlaceKind.LINE, PlaceKind.FOUND)}
    held = {p for p, _ in labels if is_held_out(p, AlignSettings().held_out_share)}
    boxes = {p: places[p].box for p in usable}
    return LineFolder(
        name=name,
        path=path,
        training=tuple(lb for lb in labels if lb[0] in usable - held - unwanted),
        held_out=tuple(lb for lb in labels if lb[0] in usable & held),
        boxes={picture: box for picture, box in boxes.items() if box is not None},
        others={p: places[p].others for p in usable if places[p].others},
        unused=frozenset(p for p, _ in labels) - usable,
        left_out=unwanted & usable - held,
    )


def _say_what_is_there(folder: LineFolder, places: Mapping[Path, Place], say: Say) -> None:
    counts = {
        "train": len(folder.training),
        "watch": len(folder.held_out),
        "are left out as --left-out says": len(folder.left_out),
        "are left out, the label was not found on the page": _count(folder, places, PlaceKind.LOST),
        "are left out, they cannot be opened": _count(folder, places, PlaceKind.UNREADABLE),
    }
    said = [f"{count:,} {what}" for what, count in counts.items() if count]
    say(f"{folder.name}: labelled strings, {'; '.join(said) or 'none'}")
    if not folder.training:
        raise InputError(
            f"{folder.path}: no labelled string to train on; labels.csv holds texts of 0 … 9 and "
            ". , - /, and one picture in ten is held out"
        )


def _count(folder: LineFolder, places: Mapping[Path, Place], kind: PlaceKind) -> int:
    return sum(places[picture].kind is kind for picture in folder.unused)


def _name_of(path: Path, taken: Sequence[str]) -> str:
    """`logbook_cells/train` for a part of a public set, the folder's own name for a user's."""
    folder = path.absolute()
    is_public = licence_of(folder.parent.name) != UNKNOWN_LICENCE
    name = f"{folder.parent.name}/{folder.name}" if is_public else folder.name
    copies = sum(other.partition(" (")[0] == name for other in taken)
    return f"{name} ({copies + 1})" if copies else name
