"""A TOML table in, its values out: what is unknown, missing or of another type is told by place."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any

from ocrdigits.errors import UsageError


class Table:
    """One table of a TOML file; asks for values by key, and refuses the keys nobody asks for."""

    def __init__(self, values: object, place: str, known: Collection[str]) -> None:
        """Take a table.

        Args:
            values: As `tomllib` gives it.
            place: File and table, for messages: `form.toml: field amount`.
            known: The keys that it may have.

        Raises:
            UsageError: If it is no table, or has another key; names the closest known one.
        """
        self.place = place
        if not isinstance(values, dict):
            raise UsageError(f"{place} must be a table, not {values!r}")
        self._values: Mapping[str, Any] = values
        for key in values:
            if key not in known:
                raise UsageError(f"{place}: unknown key {key!r}; {suggest(key, known)}")

    def refuse(self, key: str, fact: str) -> UsageError:
        """The error for a key whose value cannot be right."""
        return UsageError(f"{self.place}: {key} {fact}")

    def has(self, key: str) -> bool:
        """Tell whether the table has a key."""
        return key in self._values

    def text(self, key: str) -> str:
        """A text that must be there and hold something."""
        value = self._need(key)
        if not isinstance(value, str) or not value:
            raise self.refuse(key, f"must be a text, not {value!r}")
        return value

    def text_or_none(self, key: str) -> str | None:
        """A text, or None where the key is not there."""
        return self.text(key) if self.has(key) else None

    def switch(self, key: str) -> bool:
        """True or false; false where the key is not there."""
        value = self._values.get(key, False)
        if not isinstance(value, bool):
            raise self.refuse(key, f"must be true or false, not {value!r}")
        return value

    def count(self, key: str) -> int:
        """A whole number above 0 that must be there."""
        value = self._need(key)
        if not _is_whole(value) or value < 1:
            raise self.refuse(key, f"must be a whole number above 0, not {value!r}")
        return int(value)

    def counts(self, key: str, length: int, meaning: str) -> tuple[int, ...]:
        """Whole numbers that must be there, `length` of them, none negative."""
        value = self._need(key)
        if not _is_list(value, length) or not all(_is_whole(it) and it >= 0 for it in value):
            raise self.refuse(key, f"must be {meaning}, not {value!r}")
        return tuple(value)

    def span(self, key: str) -> tuple[int, int] | None:
        """One whole number or a pair `[least, most]`; None where the key is not there."""
        if not self.has(key):
            return None
        value = self._values[key]
        low, high = value if _is_list(value, 2) else (value, value)
        if not (_is_whole(low) and _is_whole(high) and 1 <= low <= high):
            fact = f"must be a whole number above 0 or [least, most], not {value!r}"
            raise self.refuse(key, fact)
        return low, high

    def limits(self, key: str) -> tuple[float, float] | None:
        """A pair `[least, most]` of numbers; None where the key is not there."""
        if not self.has(key):
            return None
        value = self._values[key]
        if not _is_list(value, 2) or not all(_is_number(it) for it in value) or value[0] > value[1]:
            raise self.refuse(key, f"must be two numbers, [least, most], not {value!r}")
        return float(value[0]), float(value[1])

    def texts(self, key: str) -> tuple[str, ...]:
        """Texts that must be there, at least one."""
        value = self._need(key)
        if not isinstance(value, list) or not value or not all(isinstance(it, str) for it in value):
            raise self.refuse(key, f"must be a list of texts, not {value!r}")
        return tuple(value)

    def tables(self, key: str) -> list[object]:
        """The entries of an array of tables, none where the key is not there."""
        value = self._values.get(key, [])
        if not isinstance(value, list):
            raise UsageError(f"{self.place}: write {key} as [[{key}]], once for each")
        return value

    def table(self, key: str) -> object:
        """A table that must be there."""
        return self._need(key)

    def _need(self, key: str) -> Any:  # noqa: ANN401 - whatever TOML holds
        if key not in self._values:
            raise UsageError(f"{self.place}: {key} is missing")
        return self._values[key]


def suggest(wrong: str, known: Collection[str]) -> str:
    """Name the closest of the known words, and all of them: the remedy for a wrong one."""
    closest = difflib.get_close_matches(wrong, known, n=1, cutoff=0.0)
    return f"did you mean {closest[0]!r}? known: {', '.join(known)}"


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return _is_whole(value) or isinstance(value, float)


def _is_list(value: object, length: int) -> bool:
    return isinstance(value, list) and len(value) == length
