"""What people write: invented names, places, amounts, dates, codes."""

from __future__ import annotations

import numpy as np


def _words(text: str) -> list[str]:
    return text.split()


_FIRST = _words("Anna Tom Lena Paul Rosa Jonas Maria Karl Nina Oskar Ida Felix Emma Leo Vera Sam")
_LAST = _words("Hartwell Lindholm Moreno Fischer Okafor Tanaka Marsh Novak Keller Duarte Osei")
_SHOPS = ["Green Leaf Farm", "Corner Books", "River Dental", "Blue Door Cafe", "Hill Garage"]
_STREETS = _words("Elm Mill Harbor Cedar Church Garden Station Orchard Meadow Canal")
_TOWNS = _words("Hartwell Fairview Lindenau Oakridge Eastport Milbrook Sandhaven Westford")
_STATES = _words("ME VT OH IA KS UT OR NM")
_ONES = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = _words("zero ten twenty thirty forty fifty sixty seventy eighty ninety")
_WEIGHTS = (3, 7, 1)


def _pick(rng: np.random.Generator, words: list[str]) -> str:
    return words[int(rng.integers(len(words)))]


def sample_name(rng: np.random.Generator) -> str:
    """First and last name."""
    return f"{_pick(rng, _FIRST)} {_pick(rng, _LAST)}"


def sample_payee(rng: np.random.Generator) -> str:
    """Who gets a cheque: a person or a business."""
    return sample_name(rng) if rng.random() < 0.5 else _pick(rng, _SHOPS)


def sample_street(rng: np.random.Generator) -> str:
    """A street without its number."""
    return f"{_pick(rng, _STREETS)} {_pick(rng, ['Street', 'Road', 'Lane', 'Avenue'])}"


def sample_town(rng: np.random.Generator) -> str:
    """A town."""
    return _pick(rng, _TOWNS)


def sample_state(rng: np.random.Generator) -> str:
    """Two letters of a US state."""
    return _pick(rng, _STATES)


def sample_digits(rng: np.random.Generator, count: int) -> str:
    """Digits, each as likely as any other."""
    return "".join(str(digit) for digit in rng.integers(10, size=count).tolist())


def sample_cents(rng: np.random.Generator, low: float = 8, high: float = 9999) -> int:
    """An amount in cents from `low` to `high` whole units, small and round ones more often."""
    whole = int(np.exp(rng.uniform(np.log(low), np.log(high))))
    return 100 * whole + (0 if rng.random() < 0.3 else int(rng.integers(100)))


def format_amount(cents: int, *, grouped: bool = True) -> str:
    """123456 as `1,234.56`, or `1234.56` without grouping."""
    whole, rest = divmod(cents, 100)
    return f"{whole:,}.{rest:02}" if grouped else f"{whole}.{rest:02}"


def sample_date(rng: np.random.Generator, separators: str = "/-.") -> str:
    """A date in one of the common manners, e.g. `3/14/2024` or `14-03-24`."""
    month, day, year = (int(rng.integers(1, top)) for top in (13, 29, 27))
    separator = separators[int(rng.integers(len(separators)))]
    whole_year = f"20{year:02}" if rng.random() < 0.6 else f"{year:02}"
    if rng.random() < 0.5:
        return separator.join([str(month), str(day), whole_year])
    return separator.join([f"{day:02}", f"{month:02}", whole_year])


def sample_routing(rng: np.random.Generator) -> str:
    """Nine digits like a US routing number: right check digit, a prefix (99) that no bank has."""
    body = "99" + sample_digits(rng, 6)
    total = sum(int(digit) * _WEIGHTS[k % 3] for k, digit in enumerate(body))
    return body + str(-total % 10)


def spell_amount(cents: int) -> str:
    """The words of a legal amount, e.g. `Forty two and 05/100`."""
    whole, rest = divmod(cents, 100)
    words = _spell(whole)
    return f"{words[0].upper()}{words[1:]} and {rest:02}/100"


def _spell(number: int) -> str:
    if number < 20:
        return _ONES[number]
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            count, rest = divmod(number, size)
            return f"{_spell(count)} {name}" + (f" {_spell(rest)}" if rest else "")
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (f" {_ONES[ones]}" if ones else "")
