"""Where a person reviews: queue, pictures and decisions of one store, for any thread to call."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any

from ocrdigits.batch.decisions import Decision, Decisions, Seen, Verdict
from ocrdigits.batch.store import Store
from ocrdigits.errors import UsageError
from ocrdigits.names import printable_name
from ocrdigits.review.checked import compare_checked
from ocrdigits.review.pictures import CROP_MARGIN_FRAC, PhotoShelf, draw_crop
from ocrdigits.review.queue import Filters, Queue
from ocrdigits.settings import LoadSettings
from ocrdigits.web.pictures import draw_overview


class Desk:
    """One store under review."""

    def __init__(self, store: Store, setup_id: int, shelf: PhotoShelf, made_by: str) -> None:
        """Use `open` instead."""
        self._decisions = Decisions(store)
        self._queue = Queue(store, setup_id)
        self._shelf = shelf
        self._made_by = made_by
        self._lock = Lock()
        decode = store.setup_facts(setup_id)["settings"]["decode"]
        self._max_error = decode["max_error"] if decode["accept_confidence"] is None else None

    @classmethod
    @contextmanager
    def open(cls, path: Path, photos: Path | None, made_by: str) -> Iterator[Desk]:
        """Open a store for review; a job may go on reading into it meanwhile.

        Args:
            path: The store.
            photos: Folder of its photos; None for where the job found them.
            made_by: Who decides.

        Yields:
            The desk.

        Raises:
            OutputError: If it is no store.
            UsageError: If nothing has been read yet.
        """
        with open_read_store(path, photos) as (store, setup_id, shelf):
            # A decision takes a person's time: it is to outlive a power cut, too.
            store.query("PRAGMA synchronous = FULL")
            yield cls(store, setup_id, shelf, made_by)

    def strings(
        self, filters: Filters, after: tuple[float, int] | None, limit: int, *, undecided: bool
    ) -> list[dict[str, Any]]:
        """The next strings, as the page takes them."""
        with self._lock:
            self._queue.refresh()
            rows = self._queue.next(filters, after, limit, undecided=undecided)
            return [self._shown(row, self._decisions.on_page(row["page_id"])) for row in rows]

    def table(self, string_id: int) -> list[dict[str, Any]]:
        """All cells of a string's table, or fields of its form, as `strings` gives them.

        Raises:
            LookupError: If there is no such string, or it is neither in a table nor in a form.
        """
        with self._lock:
            self._queue.refresh()
            rows = self._queue.table(string_id)
            decisions = self._decisions.on_page(rows[0]["page_id"])
            return [self._shown(row, decisions) for row in rows]

    def overview(self, filters: Filters) -> dict[str, Any]:
        """Progress, fields and what has been found out about the reader."""
        with self._lock:
            self._queue.refresh()
            verdicts = self._queue.verdicts()
            groups = {
                "doubtful": [row for row in verdicts if not row["accepted"]],
                "accepted": [row for row in verdicts if row["accepted"]],
            }
            return {
                **asdict(self._queue.progress(filters)),
                "fields": self._queue.fields(),
                "failed": self._queue.count_failed() if self._queue.has_checks else None,
                "max_error": self._max_error,
                "checked": {name: asdict(compare_checked(rows)) for name, rows in groups.items()},
                "made_by": self._made_by,
                "crop_margin": CROP_MARGIN_FRAC,
            }

    def decide(
        self, string_id: int, seen: Seen, verdict: Verdict, text: str | None
    ) -> dict[str, Any]:
        """Keep a decision and show the string as it is then.

        Raises:
            ConflictError: If the string is not what the person saw.
        """
        with self._lock:
            return shown_decision(
                self._decisions.record(string_id, seen, verdict, text, self._made_by)
            )

    def undo(self, string_id: int, seen: Seen, decision_id: int) -> dict[str, Any]:
        """Take a decision back.

        Raises:
            ConflictError: If the string is not what the person saw.
        """
        with self._lock:
            return shown_decision(self._decisions.undo(string_id, seen, decision_id, self._made_by))

    def count_decisions(self) -> int:
        """Strings that have been decided."""
        with self._lock:
            return self._decisions.count()

    def crop(self, string_id: int) -> bytes:
        """A string's picture.

        Raises:
            LookupError: If there is no such string.
            InputError: If its photo is gone or another one now.
        """
        row = self._row(string_id)
        return draw_crop(self._shelf.page(row), row)

    def photo(self, string_id: int) -> bytes:
        """The whole page that a string is on; raises as `crop`."""
        return draw_overview(self._shelf.page(self._row(string_id)))

    def _row(self, string_id: int) -> dict[str, Any]:
        with self._lock:
            return self._queue.string(string_id)

    def _shown(self, row: dict[str, Any], decisions: Mapping[int, Decision]) -> dict[str, Any]:
        return {
            **{name: row[name] for name in ("id", "rank", "page_id", "page", "field", "text")},
            **{name: row[name] for name in ("confidence", "page_width", "page_height")},
            "accepted": bool(row["accepted"]),
            "failed": json.loads(row["facts"] or "[]"),
            "cell": [row["table_index"], row["row_index"], row["column_index"]],
            "file": printable_name(os.fsdecode(row["path"])),
            "box": [row["x"], row["y"], row["width"], row["height"]],
            "polygon": json.loads(row["polygon"]),
            "alternatives": json.loads(row["alternatives"])[:5],
            "decision": shown_decision(decisions.get(row["id"])),
        }


def shown_decision(decision: Decision | None) -> dict[str, Any]:
    """A decision as the page takes it; `id` 0 where there is none."""
    if decision is None:
        return {"id": 0, "verdict": None, "text": None, "made_by": None, "made_at": None}
    return {
        "id": decision.id,
        "verdict": decision.verdict.value if decision.holds else None,
        "text": decision.text,
        "made_by": decision.made_by,
        "made_at": decision.made_at,
    }


@contextmanager
def open_read_store(path: Path, photos: Path | None) -> Iterator[tuple[Store, int, PhotoShelf]]:
    """Open a store that a job has read into, and find its photos.

    Args:
        path: The store.
        photos: Folder of its photos; None for where the job found them.

    Yields:
        The store, the last run's setup, the photos.

    Raises:
        OutputError: If it is no store.
        UsageError: If nothing has been read yet, or nobody knows where the photos are.
    """
    shown = printable_name(str(path))
    with Store.open(path, threads=True) as store:
        setup_id, folder = store.current_setup(), photos or store.folder()
        if setup_id is None:
            raise UsageError(f"{shown}: nothing has been read yet; run `ocrdigits batch` first")
        if folder is None:
            raise UsageError(f"{shown}: does not say where the photos are; name them by --photos")
        load = LoadSettings(**store.setup_facts(setup_id)["settings"]["load"])
        yield store, setup_id, PhotoShelf(folder, load)
