"""What a field's text must be: a constraint that steers the readers, and the fact if it is not."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ocrdigits.constraint import CONTENTS, Constraint, make_constraint
from ocrdigits.errors import UsageError
from ocrdigits.template.tables import suggest
from ocrdigits.values import DecimalMark, parse_value

CHECKSUMS: Mapping[str, str] = MappingProxyType(
    {
        "luhn": "stdnum.luhn",
        "verhoeff": "stdnum.verhoeff",
        "damm": "stdnum.damm",
        "mod-11-10": "stdnum.iso7064.mod_11_10",
        "mod-97-10": "stdnum.iso7064.mod_97_10",
        "ean": "stdnum.ean",
        "aba": "stdnum.us.rtn",
        "esr": "stdnum.ch.esr",
    }
)
"""Name → module of python-stdnum whose `is_valid` checks the digits, separators left out."""


@dataclass(frozen=True, slots=True)
class Demands:
    """What a text must be.

    Attributes:
        content: Name of a kind of number, or …
        pattern: … regular expression of the whole text; not both.
        length: Least and most digits.
        limits: Least and greatest value.
        checksum: Name of a check from `CHECKSUMS`.
        decimal: What a separator means where a text could be two numbers.
    """

    content: str | None = None
    pattern: str | None = None
    length: tuple[int, int] | None = None
    limits: tuple[float, float] | None = None
    checksum: str | None = None
    decimal: DecimalMark = DecimalMark.AUTO


@functools.lru_cache(maxsize=256)
def make_demanded(demands: Demands) -> Constraint | None:
    """Make a constraint of all that is demanded.

    Args:
        demands: Of one field.

    Returns:
        The constraint; None where any text will do.

    Raises:
        UsageError: If content and pattern are both given, one of them is wrong or the checksum
            unknown.
    """
    if demands == Demands(decimal=demands.decimal):
        return None
    if demands.checksum is not None:
        _load_checksum(demands.checksum)
    base = make_constraint(demands.pattern, demands.content)
    other = CONTENTS["number" if demands.limits is not None else "digits"].pattern
    pattern = other if base is None else base.pattern
    if demands.length is not None:
        pattern = _of_length(pattern, demands.length)
    name = demands.content or demands.pattern or "number"
    return Constraint(name, pattern, functools.partial(_is_right, demands))


def find_fault(demands: Demands, text: str) -> str | None:
    """Say what is wrong with a text.

    Args:
        demands: What it must be.
        text: A text that is not blank.

    Returns:
        The fact, `31.02.2024 is not a date`; None where all is right.
    """
    base = make_constraint(demands.pattern, demands.content)
    if base is not None and not base.satisfies(text):
        wanted = f"does not match {demands.pattern}" if demands.pattern else f"is not {_kind(base)}"
        return f"{text} {wanted}"
    return _length_fault(demands, text) or _sum_fault(demands, text) or _limit_fault(demands, text)


def _is_right(demands: Demands, text: str) -> bool:
    return find_fault(demands, text) is None


def _of_length(pattern: str, length: tuple[int, int]) -> str:
    """The same pattern, for texts with so many digits; looking ahead, it still steers."""
    times = f"{{{length[0]},{length[1]}}}"
    if pattern == CONTENTS["digits"].pattern:
        return rf"\d{times}"
    return rf"(?=(?:[^0-9]*[0-9]){times}[^0-9]*\Z)(?:{pattern})"


def _load_checksum(name: str) -> Callable[[str], bool]:
    if name not in CHECKSUMS:
        raise UsageError(f"unknown checksum {name!r}; {suggest(name, CHECKSUMS)}")
    check: Callable[[str], bool] = importlib.import_module(CHECKSUMS[name]).is_valid
    return check


def _kind(constraint: Constraint) -> str:
    article = "an" if constraint.name[0] in "aei" else "a"
    return f"{article} {constraint.name}"


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _length_fault(demands: Demands, text: str) -> str | None:
    count = len(_digits(text))
    if demands.length is None or demands.length[0] <= count <= demands.length[1]:
        return None
    low, high = demands.length
    wanted = f"{low}" if low == high else f"{low} to {high}"
    return f"{text} has {count} digits, not {wanted}"


def _sum_fault(demands: Demands, text: str) -> str | None:
    if demands.checksum is None or _load_checksum(demands.checksum)(_digits(text)):
        return None
    return f"the {demands.checksum} check digit of {text} is wrong"


def _limit_fault(demands: Demands, text: str) -> str | None:
    if demands.limits is None:
        return None
    value = parse_value(text, demands.decimal)
    if value is None:
        return f"{text} is no number, or could be two"
    low, high = demands.limits
    return None if low <= value <= high else f"{text} is not in {low:g} … {high:g}"
