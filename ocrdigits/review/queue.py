"""A store and filters in, the strings to look at out, in the order in which that is best done."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import Any

from ocrdigits.batch.decisions import Decisions
from ocrdigits.batch.form_review import failed_checks
from ocrdigits.batch.setup import template_facts
from ocrdigits.batch.store import Store
from ocrdigits.values import DecimalMark, parse_value

_SHUFFLED = "(string.id * 2654435761) % 4294967296"
"""Knuth's multiplicative hash: an order that has nothing to do with photo or confidence."""

_LISTED = (
    "photo JOIN reading ON reading.photo_id = photo.id AND photo.place IS NOT NULL "
    "JOIN page ON reading_id = reading.id JOIN string ON page_id = page.id "
    "LEFT JOIN temp.settled ON settled.string_id = string.id "
    "LEFT JOIN temp.failed ON failed.string_id = string.id"
)


class Show(Enum):
    """Which strings.

    Those not accepted or failing a check, those accepted (in random order), all, those decided.
    """

    DOUBTFUL = "doubtful"
    ACCEPTED = "accepted"
    ALL = "all"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a person wants to see.

    Attributes:
        show: Which strings.
        file: Part of the photo's path.
        field: Name of a template's field; None for any.
        low: Least confidence, 0 to 1 …
        high: … and highest.
        failed: Whether only those that fail a check of the template.
    """

    show: Show = Show.DOUBTFUL
    file: str = ""
    field: str | None = None
    low: float = 0.0
    high: float = 1.0
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a queue is: its strings, and those of them decided."""

    strings: int
    decided: int


@dataclass(frozen=True, slots=True)
class _Written:
    """What a field holds as far as sums go."""

    text: str
    value: float | None


class Queue:
    """The strings of the last run; what was decided, and what fails, is in temporary tables."""

    def __init__(self, store: Store, setup_id: int) -> None:
        """Look at the readings of a setup."""
        self._store = store
        self._decisions = Decisions(store)
        self._setup_id = setup_id
        self._template = template_facts(store.setup_facts(setup_id))
        sums = () if self._template is None else self._template.sums
        self._summed = frozenset(name for it in sums for name in (it.total, *it.parts))
        self._readings: tuple[Any, ...] = ()
        self._newest = 0
        store.query("PRAGMA temp_store = MEMORY")
        store.query(
            "CREATE TEMP TABLE settled (string_id INTEGER PRIMARY KEY, decision_id INTEGER, "
            "verdict TEXT, text TEXT)"
        )
        store.query("CREATE TEMP TABLE failed (string_id INTEGER PRIMARY KEY, facts TEXT)")

    @property
    def has_checks(self) -> bool:
        """Whether there is a template, and so anything that could fail."""
        return self._template is not None

    def refresh(self) -> None:
        """Take in what was decided, by anyone, or read anew since the last call."""
        readings = tuple(
            self._store.query(
                "SELECT count(*), max(id), total(ctime_ns), (SELECT max(id) FROM string) "
                "FROM reading WHERE setup_id = ?",
                self._setup_id,
            )[0]
        )
        (newest,) = self._store.query("SELECT coalesce(max(id), 0) FROM decision")[0]
        is_read_anew = readings != self._readings
        if is_read_anew:
            self._store.query("DELETE FROM temp.settled")
            self._store.query("DELETE FROM temp.failed")
            self._newest = 0
        if newest == self._newest and not is_read_anew:
            return
        pages = self._store.query(
            "SELECT DISTINCT page.id FROM decision JOIN reading USING (sha256) "
            "JOIN page ON page.reading_id = reading.id AND page.page = decision.page "
            "WHERE decision.id > ? AND setup_id = ?",
            *(self._newest, self._setup_id),
        )
        for (page_id,) in pages:
            self._settle_page(page_id)
        if self._template is not None:
            if is_read_anew:
                self._check("page.id IN (SELECT id FROM page WHERE review != '[]')")
            for (page_id,) in pages:
                self._check("page.id = ?", page_id)
        self._readings, self._newest = readings, newest

    def _settle_page(self, page_id: int) -> None:
        self._store.query(
            "DELETE FROM temp.settled WHERE string_id IN (SELECT id FROM string WHERE page_id = ?)",
            page_id,
        )
        for string_id, it in self._decisions.on_page(page_id).items():
            if it.holds:
                values = (string_id, it.id, it.verdict.value, it.text)
                self._store.query("INSERT INTO temp.settled VALUES (?, ?, ?, ?)", *values)

    def _check(self, where: str, *values: object) -> None:
        """Find out which fields of pages fail."""
        rows = self._store.query(
            "SELECT page.id AS page_id, review, string.id, field, string.text, value, verdict, "
            f"settled.text AS settled_text FROM {_LISTED} WHERE setup_id = ? "
            f"AND field IS NOT NULL AND {where} ORDER BY page.id",
            *(self._setup_id, *values),
        )
        failed: list[tuple[int, tuple[str, ...]]] = []
        for _, group in groupby(rows, key=lambda row: row["page_id"]):
            fields = list(group)
            facts = self._failed(fields)
            failed += [(row["id"], facts.get(row["field"], ())) for row in fields]
        self._store.query(
            "DELETE FROM temp.failed WHERE string_id IN (SELECT value FROM json_each(?))",
            json.dumps([string_id for string_id, _ in failed]),
        )
        self._store.query(
            "INSERT INTO temp.failed SELECT json_extract(value, '$[0]'), "
            "json_extract(value, '$[1]') FROM json_each(?)",
            json.dumps([it for it in failed if it[1]]),
        )

    def _failed(self, fields: Sequence[Any]) -> dict[str, tuple[str, ...]]:
        """Field → facts, of one page's fields."""
        if self._template is None:
            return {}
        read = {
            row["field"]: _Written(row["text"], row["value"])
            for row in fields
            if row["field"] in self._summed
        }
        settled = {
            row["field"]: _settled(row["settled_text"], self._template.decimals[row["field"]])
            for row in fields
            if row["verdict"] is not None
        }
        return failed_checks(json.loads(fields[0]["review"]), self._template.sums, read, settled)

    def count_failed(self) -> int:
        """Strings that fail a check as things are now."""
        (row,) = self._store.query("SELECT count(*) FROM temp.failed")
        return int(row[0])

    def progress(self, filters: Filters) -> Progress:
        """How far a person is with what the filters show."""
        where, values = self._where(filters)
        (row,) = self._store.query(
            f"SELECT count(*), count(decision_id) FROM {_LISTED} WHERE {where}", *values
        )
        return Progress(row[0], row[1])

    def next(
        self, filters: Filters, after: tuple[float, int] | None, limit: int, *, undecided: bool
    ) -> list[dict[str, Any]]:
        """The next strings.

        Args:
            filters: Which.
            after: `rank` and `id` of the last one known; None from the start.
            limit: How many at most.
            undecided: Whether to pass by those that are decided.

        Returns:
            Rows with the string's columns, `rank`, `path`, `sha256`, `page`, `page_width`,
            `page_height`.
        """
        where, values = self._where(filters)
        rank = _SHUFFLED if filters.show is Show.ACCEPTED else "string.confidence"
        if undecided and filters.show is not Show.DECIDED:
            where += " AND decision_id IS NULL"
        if after is not None:
            where, values = f"{where} AND ({rank}, string.id) > (?, ?)", [*values, *after]
        rows = self._store.query(
            f"SELECT string.id, {rank} AS rank FROM {_LISTED} WHERE {where} ORDER BY 2, 1 LIMIT ?",
            *values,
            limit,
        )
        return [self.string(row["id"]) | {"rank": row["rank"]} for row in rows]

    def string(self, string_id: int) -> dict[str, Any]:
        """One string of the run, as `next` gives it, without its rank.

        Raises:
            LookupError: If there is none.
        """
        rows = self._rows("string.id = ?", string_id)
        if not rows:
            raise LookupError(string_id)
        return rows[0]

    def table(self, string_id: int) -> list[dict[str, Any]]:
        """All cells of a string's table, or fields of its form, as `string` gives them, and `rank`.

        Raises:
            LookupError: If there is no such string, or it is neither in a table nor in a form.
        """
        it = self.string(string_id)
        if it["table_index"] is not None:
            rows = self._rows("page_id = ? AND table_index = ?", it["page_id"], it["table_index"])
        elif it["field"] is not None:
            rows = self._rows("page_id = ? AND field IS NOT NULL", it["page_id"])
        else:
            raise LookupError(string_id)
        return [row | {"rank": row["confidence"]} for row in rows]

    def _rows(self, where: str, *values: object) -> list[dict[str, Any]]:
        rows = self._store.query(
            "SELECT string.*, path, sha256, facts, page.page, page.width AS page_width, "
            f"page.height AS page_height FROM {_LISTED} WHERE {where} AND setup_id = ? "
            "ORDER BY string.place",
            *(*values, self._setup_id),
        )
        return [dict(row) for row in rows]

    def fields(self) -> list[str]:
        """Names of the fields there are, in the template's order."""
        return [] if self._template is None else list(self._template.field_names)

    def verdicts(self) -> Sequence[Any]:
        """Rows of all decided strings: `read`, `confidence`, `accepted`, `verdict`, `text`."""
        return self._store.query(
            "SELECT string.text AS read, confidence, accepted, verdict, settled.text AS text "
            "FROM temp.settled JOIN string ON string.id = string_id"
        )

    def _where(self, filters: Filters) -> tuple[str, list[Any]]:
        parts = ["setup_id = ? AND confidence BETWEEN ? AND ?"]
        values: list[Any] = [self._setup_id, filters.low, filters.high]
        if filters.show is Show.DOUBTFUL:
            parts.append("(NOT accepted OR facts IS NOT NULL)")
        elif filters.show is Show.ACCEPTED:
            parts.append("accepted")
        elif filters.show is Show.DECIDED:
            parts.append("decision_id IS NOT NULL")
        if filters.failed:
            parts.append("facts IS NOT NULL")
        if filters.file:
            parts.append("instr(lower(CAST(path AS TEXT)), lower(?))")
            values.append(filters.file)
        if filters.field is not None:
            parts.append("field = ?")
            values.append(filters.field)
        return " AND ".join(parts), values


def _settled(text: str | None, decimal: DecimalMark) -> _Written:
    return _Written("", None) if text is None else _Written(text, parse_value(text, decimal))
