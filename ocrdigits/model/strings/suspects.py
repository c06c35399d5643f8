"""Labels and what networks read that never saw them in; labels that are probably wrong out.

A label is suspect where a network finds another text far more probable. That is weighed twice,
because labels err differently in each: which digits there are, and which separators between them.
The list is for a person to look through; `train strings --left-out` takes it.

Reference:
    Northcutt et al. 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels".
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePath

import numpy as np

from ocrdigits.ctc import FrameScores, TextHypothesis, search_texts, text_log_probability
from ocrdigits.errors import InputError, UsageError
from ocrdigits.model.card import write_bytes_atomically
from ocrdigits.records import digits_of

MOST_ODDS = 99.0
"""Log odds against a label that does not fit into its line, and the highest there are."""

_HYPOTHESES = 12


class SuspectKind(Enum):
    """What is probably wrong with a label."""

    DIGITS = "digits"
    """One of its digits, or how many there are."""
    SEPARATOR = "separator"
    """Only a separator: another one, one too many, one missing."""
    LINE = "line"
    """Perhaps nothing: no ink was found where it should stand, so the picture trains nothing."""


@dataclass(frozen=True, slots=True)
class SuspectSettings:
    """How labels are doubted.

    Attributes:
        folds: Parts of the pictures; each is read by a network that trained on the others.
        digits_log_odds: Labels whose digits are this much less probable than others, as a
            difference of natural logarithms, are suspect …
        separator_log_odds: … and those whose digits are right, with their separators.
    """

    folds: int = 5
    digits_log_odds: float = 4.0
    separator_log_odds: float = 3.0

    def __post_init__(self) -> None:
        if self.folds < 2:
            raise UsageError(f"--folds {self.folds}: must be at least 2")
        if min(self.digits_log_odds, self.separator_log_odds) <= 0:
            raise UsageError("--least-odds: must be above 0")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label that is probably wrong.

    Attributes:
        file: The picture, as `--left-out` finds it again.
        label: What it is said to show.
        read: What was read.
        log_odds: By how much that is more probable, in natural logarithms; at most 99.
        kind: What is wrong.
    """

    file: str
    label: str
    read: str
    log_odds: float
    kind: SuspectKind


def fold_of(path: Path, folds: int) -> int:
    """The part that a picture belongs to; its name decides, as in `is_held_out`."""
    return int.from_bytes(hashlib.sha256(path.name.encode()).digest()[1:5], "big") % folds


def doubt_label(
    scores: FrameScores, file: str, label: str, settings: SuspectSettings
) -> Suspect | None:
    """Compare a label with what a network makes of its line.

    The 5,417 labels of `logbook_cells/train`, one digit changed in each, were found out in 97 % by
    a network that reads 82 % of them and saw composed lines only; 4 % were doubted unchanged, many
    of them rightly.

    Args:
        scores: (T, 15) of a network that did not train on the label.
        file: The picture's name.
        label: What it is said to show.
        settings: From when on it is doubted.

    Returns:
        The doubt, or None where the network has none.
    """
    texts = search_texts(scores, _HYPOTHESES)
    said = text_log_probability(scores, label)
    if not texts or texts[0].text == label:
        return None
    same = [text for text in texts if digits_of(text.text) == digits_of(label)]
    best = texts[0]
    rivals = [text for text in texts if digits_of(text.text) == digits_of(best.text)]
    if best not in same:
        odds = _sum_up(rivals) - max(said, _sum_up(same))
        if odds >= settings.digits_log_odds:
            return Suspect(file, label, best.text, min(odds, MOST_ODDS), SuspectKind.DIGITS)
    if same and same[0].text != label:
        odds = same[0].log_probability - said
        if odds >= settings.separator_log_odds:
            odds = min(odds, MOST_ODDS)
            return Suspect(file, label, same[0].text, odds, SuspectKind.SEPARATOR)
    return None


def _sum_up(texts: Sequence[TextHypothesis]) -> float:
    if not texts:
        return -math.inf
    return float(np.logaddexp.reduce([text.log_probability for text in texts]))


def write_suspects(suspects: Iterable[Suspect], path: Path) -> None:
    """Write a list as CSV: `file,label,read,log_odds,kind`.

    Args:
        suspects: In the order wanted.
        path: The file.

    Raises:
        OutputError: If it cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "label", "read", "log_odds", "kind"])
    for suspect in suspects:
        odds = f"{suspect.log_odds:.2f}"
        writer.writerow([suspect.file, suspect.label, suspect.read, odds, suspect.kind.value])
    write_bytes_atomically(path, text.getvalue().encode())


def read_left_out(files: Iterable[Path]) -> list[str]:
    """Read the column `file` of CSV files.

    Args:
        files: Such as `write_suspects` writes, or with that column alone.

    Returns:
        The names in them.

    Raises:
        InputError: If a file cannot be read or lacks the column.
    """
    names: list[str] = []
    for path in files:
        try:
            with path.open(newline="", encoding="utf-8-sig") as lines:
                rows = list(csv.DictReader(lines))
        except OSError as error:
            raise InputError(
                f"{path}: cannot be read ({error.strerror}); correct --left-out"
            ) from error
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"{path}: not CSV in UTF-8 ({error}); save it as such") from error
        if any(row.get("file") is None for row in rows):
            raise InputError(f"{path}: lacks the column file; its first line names the columns")
        names += [row["file"] for row in rows if row["file"]]
    return names


def pictures_named(names: Iterable[str], pictures: Collection[Path]) -> dict[str, list[Path]]:
    """Find the pictures that names mean: a name means all whose path ends with it.

    Args:
        names: `1.png`, `forms/1.png` or a whole path.
        pictures: Among these.

    Returns:
        The pictures of each name; none for some, perhaps.
    """
    by_name: dict[str, list[Path]] = {}
    for picture in pictures:
        by_name.setdefault(picture.name, []).append(picture)
    found: dict[str, list[Path]] = {}
    for name in names:
        parts = PurePath(name).parts
        likely = by_name.get(PurePath(name).name, [])
        found[name] = [p for p in likely if p.absolute().parts[-len(parts) :] == parts]
    return found


def short_name(path: Path) -> str:
    """A picture's name with the two folders it lies in: the same on every machine."""
    return PurePath(*path.absolute().parts[-3:]).as_posix()
