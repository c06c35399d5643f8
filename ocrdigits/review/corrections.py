"""A store in, the strings that people confirmed or corrected out, as a labelled folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ocrdigits.batch.crops import crop_name
from ocrdigits.batch.decisions import Decisions
from ocrdigits.batch.photos import stable_slug
from ocrdigits.errors import InputError, OutputError, UsageError
from ocrdigits.names import printable_name
from ocrdigits.output.atomic import write_whole
from ocrdigits.output.csv import csv_line, no_formula
from ocrdigits.review.desk import open_read_store
from ocrdigits.review.pictures import draw_label

COLUMNS = ("file", "text", "read", "confidence", "verdict", "photo", "page", "made_by", "made_at")


@dataclass(frozen=True, slots=True)
class CorrectionsReport:
    """What was written.

    Attributes:
        labels: Labelled pictures.
        corrected: Those whose text is not what was read.
        lost: Photo → why its strings could not be cut out.
    """

    labels: int
    corrected: int
    lost: dict[str, str]


def write_corrections(path: Path, folder: Path, photos: Path | None = None) -> CorrectionsReport:
    """Write what people confirmed or corrected as pictures with `labels.csv`.

    Args:
        path: The store.
        folder: A new or empty folder.
        photos: Folder of the photos; None for where the job found them.

    Returns:
        What was written; strings of photos that are gone are left out.

    Raises:
        OutputError: If it is no store, or the folder cannot be written.
        UsageError: If nothing has been read, nothing decided, or the folder is not empty.
    """
    _make_empty(folder)
    lines, corrected, lost = [csv_line(COLUMNS)], 0, {}
    with open_read_store(path, photos) as (store, setup_id, shelf):
        decisions = Decisions(store)
        for page in store.pages(setup_id):
            decided = decisions.match(page)
            for place, row in enumerate(page.strings):
                decision = decided.get(row["id"])
                if decision is None or decision.text is None:
                    continue
                spot = {"path": os.fsencode(page.path), "sha256": page.sha256, **page.row, **row}
                try:
                    picture = draw_label(shelf.page(spot), row)
                except InputError as error:
                    lost[page.path] = str(error)
                    continue
                name = crop_name(stable_slug(page.path), page.row["page"], place)
                write_whole(folder / name, picture)
                is_same = decision.text == row["text"]
                corrected += not is_same
                verdict = "confirmed" if is_same else "corrected"
                cells = (name, decision.text, row["text"], round(row["confidence"], 4), verdict)
                photo = no_formula(printable_name(page.path))
                by = no_formula(decision.made_by)
                lines.append(csv_line((*cells, photo, page.row["page"], by, decision.made_at)))
    if len(lines) == 1:
        shown = printable_name(str(path))
        remedy = next(iter(lost.values()), "settle some strings with `ocrdigits review` first")
        raise UsageError(f"{shown}: no string to learn from; {remedy}")
    write_whole(folder / "labels.csv", "".join(lines).encode())
    return CorrectionsReport(len(lines) - 1, corrected, lost)


def _make_empty(folder: Path) -> None:
    shown = printable_name(str(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"{shown}: is not empty; name a new folder")
    except OSError as error:
        raise OutputError(
            f"{shown}: cannot be made ({error.strerror}); name another folder"
        ) from error
