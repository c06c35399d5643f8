"""What people said of strings: kept at once, and found again whatever is read anew.

A decision is about a place on a photo's content. A string is matched to it by the content's
checksum, the page and the box; where other settings cut boxes a little otherwise, by the overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from ocrdigits.batch.records import StoredPage
from ocrdigits.batch.store import Store
from ocrdigits.errors import OcrDigitsError
from ocrdigits.records import FieldReading, Origin
from ocrdigits.values import DecimalMark, parse_value

_LEAST_OVERLAP = 0.5
"""Of two boxes' union: neighbours on a page never share as much."""


class Verdict(Enum):
    """What a person says of a string; `WITHDRAWN` is as good as nothing."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    UNREADABLE = "unreadable"
    NOT_A_NUMBER = "not_a_number"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision.

    Attributes:
        id: Its row.
        place_id: Of the place that it is about.
        verdict: What was decided.
        text: The right text; None unless confirmed or corrected.
        made_by: Who decided.
        made_at: When, ISO 8601 in UTC.
        before: What held until then: verdict and text, or None.
        box: x, y, width, height in the photo.
    """

    id: int
    place_id: int
    verdict: Verdict
    text: str | None
    made_by: str
    made_at: str
    before: tuple[Verdict, str | None] | None
    box: tuple[int, int, int, int]

    @property
    def holds(self) -> bool:
        """Whether it says anything."""
        return self.verdict is not Verdict.WITHDRAWN


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person had before them when they decided.

    Attributes:
        text: What the reader said.
        box: Where: x, y, width, height.
        decision_id: The decision that held, withdrawn or not; 0 if there was none.
    """

    text: str
    box: tuple[int, int, int, int]
    decision_id: int


class ConflictError(OcrDigitsError):
    """The string is no longer what the person saw, or somebody else has decided meanwhile."""

    def __init__(self, message: str, current: Decision | None = None) -> None:
        super().__init__(message)
        self.current = current


class Decisions:
    """A store's decisions."""

    def __init__(self, store: Store) -> None:
        """Look at those of `store`; nothing is kept in memory."""
        self._store = store

    def match(self, page: StoredPage) -> dict[int, Decision]:
        """String's id → the decision on it, for strings of a page that have one that holds."""
        if page.sha256 is None or not page.strings:
            return {}
        latest = self._latest(page.sha256, page.row["page"])
        return {key: it for key, it in match_places(page.strings, latest).items() if it.holds}

    def on_page(self, page_id: int) -> dict[int, Decision]:
        """String's id → the last decision on it, withdrawn ones too."""
        rows = self._store.query(
            "SELECT sha256, page FROM page JOIN reading ON reading.id = reading_id "
            "WHERE page.id = ?",
            page_id,
        )
        if not rows or rows[0]["sha256"] is None:
            return {}
        latest = self._latest(rows[0]["sha256"], rows[0]["page"])
        return match_places(self._store.strings(page_id), latest)

    def record(
        self, string_id: int, seen: Seen, verdict: Verdict, text: str | None, made_by: str
    ) -> Decision:
        """Keep a decision.

        Args:
            string_id: Of the string.
            seen: What the person saw.
            verdict: Theirs; whether a text confirms or corrects is found out here.
            text: The right text, if any.
            made_by: Who.

        Returns:
            What was kept.

        Raises:
            ConflictError: If that is no longer so.
        """
        with self._store.transaction() as connection:
            row, current = self._require_unchanged(string_id, seen)
            if text is not None:
                verdict = Verdict.CONFIRMED if text == row["text"] else Verdict.CORRECTED
            columns = ("text", "confidence", "accepted", "path", "sha256", "page")
            places = ("x", "y", "width", "height", "polygon")
            held = current if current is not None and current.holds else None
            made_at = datetime.now(UTC).isoformat(timespec="milliseconds")
            (new_id,) = connection.execute(
                "INSERT INTO decision (place_id, made_at, made_by, verdict, text, verdict_before, "
                "text_before, read_text, confidence, accepted, path, sha256, page, x, y, width, "
                "height, polygon) VALUES (coalesce(?, (SELECT coalesce(max(id), 0) + 1 FROM "
                "decision)), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (
                    *(current and current.place_id, made_at, made_by, verdict.value, text),
                    *(held and held.verdict.value, held and held.text),
                    *(row[column] for column in (*columns, *places)),
                ),
            ).fetchone()
            return self.get(new_id)

    def undo(self, string_id: int, seen: Seen, decision_id: int, made_by: str) -> Decision:
        """Let hold again what held before a decision; that is a decision too.

        Raises:
            ConflictError: If something else has changed since, or it was on another string.
        """
        undone = self.get(decision_id)
        verdict, text = undone.before or (Verdict.WITHDRAWN, None)
        return self.record(string_id, seen, verdict, text, made_by)

    def get(self, decision_id: int) -> Decision:
        """One decision.

        Raises:
            ConflictError: If there is none of this id.
        """
        rows = self._store.query("SELECT * FROM decision WHERE id = ?", decision_id)
        if not rows:
            raise ConflictError(f"there is no decision {decision_id}; load the page again")
        return _decision_of(rows[0])

    def count(self) -> int:
        """Places with a decision that holds."""
        (row,) = self._store.query(
            "SELECT count(*) FROM decision WHERE verdict != 'withdrawn' "
            "AND id IN (SELECT max(id) FROM decision GROUP BY place_id)"
        )
        return int(row[0])

    def _require_unchanged(self, string_id: int, seen: Seen) -> tuple[Any, Decision | None]:
        rows = self._store.query(
            "SELECT string.*, path, sha256, page.page FROM string "
            "JOIN page ON page.id = page_id JOIN reading ON reading.id = reading_id "
            "JOIN photo ON photo.id = photo_id WHERE string.id = ?",
            string_id,
        )
        if not rows or (rows[0]["text"], _box_of(rows[0])) != (seen.text, seen.box):
            raise ConflictError("the photo was read again meanwhile; load the page again")
        current = self.on_page(rows[0]["page_id"]).get(string_id)
        if (current.id if current else 0) != seen.decision_id:
            raise ConflictError("somebody else has decided on this string meanwhile", current)
        return rows[0], current

    def _latest(self, sha256: bytes, page: int) -> list[Decision]:
        rows = self._store.query(
            "SELECT * FROM decision AS one WHERE sha256 = ? AND page = ? AND id = "
            "(SELECT max(id) FROM decision WHERE place_id = one.place_id)",
            *(sha256, page),
        )
        return [_decision_of(row) for row in rows]


def match_places(
    strings: Iterable[Mapping[str, Any]], decisions: Iterable[Decision]
) -> dict[int, Decision]:
    """Find each place's string, one to one, the best overlap first.

    Args:
        strings: Of a page; rows with `id` and box.
        decisions: The last ones on its places.

    Returns:
        String's id → decision.
    """
    pairs = [
        (overlap, string["id"], decision)
        for decision in decisions
        for string in strings
        if (overlap := _overlap(_box_of(string), decision.box)) >= _LEAST_OVERLAP
    ]
    found: dict[int, Decision] = {}
    taken: set[int] = set()
    for _, string_id, decision in sorted(pairs, key=lambda it: (-it[0], it[1], -it[2].id)):
        if string_id not in found and decision.place_id not in taken:
            found[string_id] = decision
            taken.add(decision.place_id)
    return found


def settle(
    string: FieldReading, decision: Decision | None, decimal: DecimalMark
) -> FieldReading | None:
    """A string as a person settled it.

    Args:
        string: As read.
        decision: On it, or None.
        decimal: What stands before the decimals.

    Returns:
        As read where there is no decision. A text that a person gave is sure and accepted, without
        alternatives. Where a person could read nothing the text is empty. None where there is no
        number.
    """
    if decision is None or not decision.holds:
        return string
    if decision.verdict is Verdict.NOT_A_NUMBER:
        return None
    if decision.text is None:
        return replace(
            string,
            text="",
            value=None,
            confidence=0.0,
            accepted=False,
            characters=(),
            alternatives=(),
            source=Origin.UNREADABLE,
        )
    is_same = decision.text == string.text
    return replace(
        string,
        text=decision.text,
        value=parse_value(decision.text, decimal),
        confidence=1.0,
        accepted=True,
        characters=string.characters if is_same else (),
        alternatives=(),
        source=Origin.CONFIRMED if is_same else Origin.CORRECTED,
    )


def _decision_of(row: Any) -> Decision:  # noqa: ANN401 - SQLite's row
    before = row["verdict_before"]
    return Decision(
        id=row["id"],
        place_id=row["place_id"],
        verdict=Verdict(row["verdict"]),
        text=row["text"],
        made_by=row["made_by"],
        made_at=row["made_at"],
        before=None if before is None else (Verdict(before), row["text_before"]),
        box=_box_of(row),
    )


def _box_of(row: Mapping[str, Any]) -> tuple[int, int, int, int]:
    return row["x"], row["y"], row["width"], row["height"]


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> float:
    """Intersection over union."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    common = max(width, 0) * max(height, 0)
    return common / max(one[2] * one[3] + other[2] * other[3] - common, 1)
