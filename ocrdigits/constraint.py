"""A pattern or a kind of number in, the questions that a search asks of its texts out.

A pattern steers: `admits` drops a prefix that can become no text of it, so that the search finds
the best text that fits instead of dropping the best one afterwards. A check digit or a calendar
only judges complete texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ocrdigits.contents import CONTENTS
from ocrdigits.errors import UsageError

__all__ = ["CONTENTS", "Constraint", "make_constraint"]

_TIMEOUT_S = 0.5  # a pattern answers within 10 µs, or it tries more ways than there is time for
_PROBE_LENGTH = 32  # longer than strings are; a pattern that takes too long does so here
_SEARCH_LENGTH, _SEARCH_WIDTH = 24, 12

_MISLEADS = re.compile(r"\\[bBmM]|\(\?(?:<[!=]|!|[A-Za-z]*r)")
"""Word boundaries, lookbehind, negative lookahead, reverse search: partial matching may refuse
a prefix of a text that matches. Without them it refused none (3,600 random patterns, each with all
texts up to 5 characters of `01-.`)."""

_DIGITS_ONLY = re.compile(
    r"(?:\\[dbBAZ1-9]|[0-9^$|?*+)]|\[(?:\\d|[0-9]-[0-9]|[0-9])+\]|\{[0-9,]*\}"
    r"|\((?:\?(?:P?<\w+>|[:>=]))?)*"
)
"""Patterns that surely match digits alone; others may hold a separator."""

_SYNTAX = re.compile(r"\\.|\(\?[^:=!>)]*|\{[0-9,]*\}|[][().?*+|^$0-9,/-]", re.DOTALL)
"""What is left of a pattern after this are characters that no text has."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a text must be; safe to share by threads, can be pickled.

    Attributes:
        name: The content's name, or the pattern.
        pattern: Regular expression (of the package `regex`) of the whole text.
        is_valid: Check of a complete text by its check digits or the calendar; None: nothing to
            check.
    """

    name: str
    pattern: str
    is_valid: Callable[[str], bool] | None = None
    _compiled: Any = field(init=False, repr=False, compare=False)
    _steers: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_compiled", _compile(self.pattern))
        object.__setattr__(self, "_steers", _MISLEADS.search(self.pattern) is None)

    def admits(self, prefix: str) -> bool:
        """Tell whether a prefix can still become a text of the pattern; takes about 3 µs.

        Args:
            prefix: The first characters of a text, perhaps all.

        Returns:
            False only if it surely cannot; always True for a pattern that cannot steer.

        Raises:
            UsageError: If the pattern takes too long.
        """
        return not self._steers or self._fits(prefix, partial=True)

    def matches(self, text: str) -> bool:
        """Tell whether the pattern holds for the whole text.

        Raises:
            UsageError: If the pattern takes too long.
        """
        return self._fits(text, partial=False)

    def satisfies(self, text: str) -> bool:
        """Tell whether a text is all that is asked: it matches, and its check is right.

        Raises:
            UsageError: If the pattern takes too long.
        """
        return self.matches(text) and (self.is_valid is None or self.is_valid(text))

    @property
    def has_separators(self) -> bool:
        """Whether texts may hold a separator; False only if they surely hold digits alone."""
        return _DIGITS_ONLY.fullmatch(self.pattern) is None

    def _fits(self, text: str, *, partial: bool) -> bool:
        try:
            return bool(self._compiled.fullmatch(text, partial=partial, timeout=_TIMEOUT_S))
        except TimeoutError:
            raise UsageError(
                f'pattern "{self.pattern}" takes too long; '
                "take out repeats inside repeats, such as (\\d+)*"
            ) from None


def make_constraint(pattern: str | None, content: str | None) -> Constraint | None:
    """Make what the user asked for into a constraint.

    Args:
        pattern: Regular expression of the whole text.
        content: Name of a kind of number.

    Returns:
        The constraint; None where nothing was asked for. The same one for the same question.

    Raises:
        UsageError: If both are given, the content is unknown, or the pattern is no regular
            expression, takes too long, or matches no text of digits and separators.
    """
    if pattern is not None and content is not None:
        raise UsageError("a pattern and a content cannot both be given; leave one of them out")
    if pattern is not None:
        return _of_pattern(pattern)
    return None if content is None else _of_content(content)


@lru_cache(maxsize=32)
def _of_content(name: str) -> Constraint:
    kind = CONTENTS.get(name)
    if kind is None:
        raise UsageError(f"unknown content {name!r}; known: {', '.join(CONTENTS)}")
    return Constraint(name, kind.pattern, kind.load_check())


@lru_cache(maxsize=32)
def _of_pattern(pattern: str) -> Constraint:
    from ocrdigits.records import ALPHABET

    constraint = Constraint(pattern, pattern)
    for first in ALPHABET:
        for last in ALPHABET:
            constraint.admits(first * _PROBE_LENGTH + last)
            constraint.matches(first * _PROBE_LENGTH + last)
    if not _may_match(constraint, ALPHABET):
        raise UsageError(
            f'pattern "{pattern}" matches no text that is ever read; '
            f"texts hold only digits and {' '.join(ALPHABET[10:])} and no spaces"
        )
    return constraint


def _compile(pattern: str) -> Any:  # noqa: ANN401 - `regex` has no types
    import regex

    try:
        return regex.compile(pattern)
    except regex.error as error:
        place = min(error.pos or 0, len(pattern)) + 1
        reason = f"{error.msg} at character {place}"
    except (OverflowError, RecursionError):
        reason = "it is too large or too deep"
    raise UsageError(
        f'pattern "{pattern}" is no regular expression: {reason}; correct it, or put a backslash '
        "before a character that stands for itself"
    )


def _may_match(constraint: Constraint, alphabet: str) -> bool:
    r"""Whether some text matches; in doubt yes.

    Looks at few prefixes of each length. If none can go on, or none of them became a text
    although the pattern names characters that no text has (`\d+ kg`), it is taken to match none.
    """
    prefixes = [""]
    for _ in range(_SEARCH_LENGTH):
        grown = [prefix + character for prefix in prefixes for character in alphabet]
        grown = [prefix for prefix in grown if constraint.admits(prefix)]
        if any(constraint.matches(text) for text in grown):
            return True
        if not grown:
            return False
        prefixes = grown[:: -(-len(grown) // _SEARCH_WIDTH)]
    return not _SYNTAX.sub("", constraint.pattern)
