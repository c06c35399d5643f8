"""Chance in, a text that a field may hold out: counts, amounts, dates, in many formats."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ocrdigits.model.compose.chance import pick, toss

_LENGTHS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
_FIRST = "1112345678912"  # numbers begin with small digits
_SHARES = np.cumsum((0.26, 0.36, 0.17, 0.08, 0.045, 0.03, 0.02, 0.015, 0.01, 0.01))


def sample_line_text(rng: np.random.Generator) -> str:
    """A text of the alphabet of `StringNet`; short ones are the most common."""
    chance = float(rng.random())
    for share, sample in _KINDS:
        if chance < share:
            return sample(rng)
        chance -= share
    return _sample_digits(rng)


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(map(str, rng.integers(10, size=count).tolist()))


def _sample_digits(rng: np.random.Generator) -> str:
    """Any digits; half the time as people's numbers begin, and now and then hardly any but ones.

    Without the ones, a lone stroke beside a number passed for a rule (`116` read as 16).
    """
    count = _LENGTHS[int(np.searchsorted(_SHARES, rng.random()))]
    chance = float(rng.random())
    if chance < 0.12:
        return "".join(pick(rng, "1111177049") for _ in range(count))
    first = pick(rng, _FIRST) if chance < 0.55 else _digits(rng, 1)
    return first + _digits(rng, count - 1)


def _sample_number(rng: np.random.Generator, most: int = 4) -> str:
    """Digits as counts and amounts begin: rarely with a zero, often with a 1, round at the end."""
    count = int(rng.integers(1, most + 1))
    first = pick(rng, _FIRST)
    text = first + _digits(rng, count - 1)
    if count > 1 and toss(rng, 0.25):
        zeros = int(rng.integers(1, count))
        text = text[:-zeros] + "0" * zeros
    return text


def _sample_decimal(rng: np.random.Generator) -> str:
    whole = "0" if toss(rng, 0.08) else _sample_number(rng, 3)
    return whole + pick(rng, ".,") + _digits(rng, int(rng.choice((1, 1, 2, 2, 3))))


def _sample_signed(rng: np.random.Generator) -> str:
    return "-" + pick(rng, (_sample_number, _sample_decimal))(rng)


def _sample_amount(rng: np.random.Generator) -> str:
    """Cents behind a mark; thousands set off by the other one, a space or nothing."""
    decimal, group = pick(rng, ((".", ","), (",", "."), (".", ""), (",", ""), (".", "")))
    whole = _sample_number(rng, 6)
    if group and len(whole) > 3:
        whole = _group(whole, group, 2 if toss(rng, 0.15) else 3)
    return whole + decimal + pick(rng, ("00", "50", _digits(rng, 2), _digits(rng, 2)))


def _group(whole: str, mark: str, size: int) -> str:
    """Three digits in the last group and so many in the others: two for lakhs, as `1,20,000`."""
    head, tail = whole[:-3], whole[-3:]
    groups = [head[max(0, end - size) : end] for end in range(len(head), 0, -size)]
    return mark.join((*reversed(groups), tail))


def _sample_thousands(rng: np.random.Generator) -> str:
    """Whole thousands, as `12,500` and `6.800`."""
    mark = pick(rng, ",.")
    return f"{int(rng.integers(1, 100))}{mark}{pick(rng, ('000', '500', _digits(rng, 3)))}"


def _sample_date(rng: np.random.Generator) -> str:
    mark = pick(rng, "//-.")
    day, month = int(rng.integers(1, 32)), int(rng.integers(1, 13))
    parts = [f"{day:02d}", f"{month:02d}"] if toss(rng) else [str(day), str(month)]
    if toss(rng, 0.75):
        year = str(int(rng.integers(1880, 2036)))
        parts.append(year if toss(rng) else year[2:])
    if len(parts) == 3 and toss(rng, 0.1):
        parts = parts[::-1]
    return mark.join(parts)


def _sample_zeros(rng: np.random.Generator) -> str:
    """What begins with zeros, or holds many in a row."""
    if toss(rng):
        return "0" * int(rng.integers(1, 4)) + _digits(rng, int(rng.integers(1, 5)))
    return _digits(rng, int(rng.integers(1, 3))) + "0" * int(rng.integers(2, 6))


def _sample_grouped(rng: np.random.Generator) -> str:
    """Telephone and account numbers, cents as a fraction, marks of so many."""
    chance = float(rng.random())
    if chance < 0.3:
        return f"{pick(rng, ('00', '50', _digits(rng, 2)))}/100"
    if chance < 0.5:
        most = int(rng.choice((5, 10, 20, 25, 30, 40, 50, 80, 100)))
        return f"{int(rng.integers(most + 1))}/{most}"
    mark = pick(rng, "-/.")
    return mark.join(_digits(rng, int(rng.integers(2, 5))) for _ in range(int(rng.integers(2, 4))))


_KINDS: tuple[tuple[float, Callable[[np.random.Generator], str]], ...] = (
    (0.41, _sample_digits),
    (0.14, _sample_number),
    (0.15, _sample_decimal),
    (0.06, _sample_signed),
    (0.06, _sample_amount),
    (0.04, _sample_thousands),
    (0.07, _sample_date),
    (0.04, _sample_zeros),
    (0.03, _sample_grouped),
)
