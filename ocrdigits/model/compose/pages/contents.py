"""What people write: invented names, places, amounts, dates, codes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Sample = Callable[[np.random.Generator], str]
"""Invents a text, another one each time."""
_SWAPPED = str.maketrans(",.", ".,")


def split_words(text: str) -> list[str]:
    """A list of words, written as one line."""
    return text.split()


_FIRST = split_words(
    "Anna Tom Lena Paul Rosa Jonas Maria Karl Nina Oskar Ida Felix Emma Leo Vera Sam Aisha Bruno "
    "Clara Dmitri Elif Farid Greta Hugo Ines Jamal Kofi Livia Mateo Noor Olga Priya Quentin Ravi "
    "Sofia Tariq Uma Victor Wanda Xenia Yusuf Zoe"
)
_LAST = split_words(
    "Hartwell Lindholm Moreno Fischer Okafor Tanaka Marsh Novak Keller Duarte Osei Abelson Brandt "
    "Castell Delacroix Engstrom Farrow Gupta Holloway Ivanova Janssen Kowalski Lefevre Mbeki Nyman "
    "Orsini Petrov Quist Rahman Sandoval Thorne Ueda Vasquez Whitlock Yilmaz Zeller"
)
_SHOPS = [
    "Green Leaf Farm",
    "Corner Books",
    "River Dental",
    "Blue Door Cafe",
    "Hill Garage",
    "Maple Plumbing Co.",
    "Northgate Water",
    "Sunny Day Nursery",
    "Old Mill Bakery",
    "Lakeside Vets",
    "Harper & Lane Ltd.",
    "City of Milbrook",
]
_STREETS = split_words(
    "Elm Mill Harbor Cedar Church Garden Station Orchard Meadow Canal Bridge Quarry Willow Castle "
    "Forest Market Park Ridge Spring Tower"
)
_TOWNS = split_words(
    "Hartwell Fairview Lindenau Oakridge Eastport Milbrook Sandhaven Westford Norrvik Clairmont "
    "Rosenfeld Vallorbe Greyford Port-Amel Kestrel Dunmore Bellac Altenau"
)
_MONTHS = split_words(
    "January February March April May June July August September October November December"
)
_STATES = split_words("ME VT OH IA KS UT OR NM")
_ONES = split_words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = split_words("zero ten twenty thirty forty fifty sixty seventy eighty ninety")
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


def sample_month(rng: np.random.Generator) -> str:
    """A month's name, at times its first three letters."""
    month = _pick(rng, _MONTHS)
    return month if rng.random() < 0.6 else month[:3]


def sample_long_date(rng: np.random.Generator) -> str:
    """A date with the month in letters, e.g. `March 14, 2024` or `14 Mar 2024`."""
    month, day, year = sample_month(rng), int(rng.integers(1, 29)), int(rng.integers(1998, 2027))
    return f"{month} {day}, {year}" if rng.random() < 0.5 else f"{day} {month} {year}"


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


def format_european(cents: int, *, grouped: bool = True) -> str:
    """123456 as `1.234,56`, or `1234,56` without grouping."""
    return format_amount(cents, grouped=grouped).translate(_SWAPPED)


def choose_manner(rng: np.random.Generator) -> Callable[[Sample], Sample]:
    """One writer's marks in numbers: groups of three or none, a point or a comma for decimals.

    Args:
        rng: Source of chance.

    Returns:
        Makes a source of numbers like `1,234.5` one of numbers as that writer puts them.
    """
    is_grouped, is_european = rng.random() < 0.5, rng.random() < 0.6

    def adopt(sample: Sample) -> Sample:
        def sample_in_manner(rng: np.random.Generator) -> str:
            text = sample(rng)
            if not is_grouped:
                text = text.replace(",", "")
            return text.translate(_SWAPPED) if is_european else text

        return sample_in_manner

    return adopt


_FRENCH_ONES = split_words(
    "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
    "seize dix-sept dix-huit dix-neuf"
)
_FRENCH_TENS = split_words("- dix vingt trente quarante cinquante soixante - quatre-vingt")
_GERMAN_ONES = split_words(
    "null ein zwei drei vier fuenf sechs sieben acht neun zehn elf zwoelf dreizehn vierzehn "
    "fuenfzehn sechzehn siebzehn achtzehn neunzehn"
)
_GERMAN_TENS = split_words(
    "- zehn zwanzig dreissig vierzig fuenfzig sechzig siebzig achtzig neunzig"
)


def spell_french(number: int) -> str:
    """A whole number below a million in French words, e.g. `deux cent quatre-vingt-sept`."""
    if number < 20:
        return _FRENCH_ONES[number]
    for size, name in ((1000, "mille"), (100, "cent")):
        if number >= size:
            count, rest = divmod(number, size)
            many = f"{spell_french(count)} " if count > 1 else ""
            return f"{many}{name}" + (f" {spell_french(rest)}" if rest else "")
    tens, ones = divmod(number, 10)
    if tens in (7, 9):  # counted on from sixty and eighty
        tens, ones = tens - 1, ones + 10
    word, joint = _FRENCH_TENS[tens], " et " if ones in (1, 11) and tens < 8 else "-"
    return f"{word}{joint}{_FRENCH_ONES[ones]}" if ones else word


def spell_german(number: int) -> str:
    """A whole number below a million in German words, e.g. `zweihundertsiebenundachtzig`."""
    if number < 20:
        return _GERMAN_ONES[number]
    for size, name in ((1000, "tausend"), (100, "hundert")):
        if number >= size:
            count, rest = divmod(number, size)
            return f"{spell_german(count)}{name}" + (spell_german(rest) if rest else "")
    tens, ones = divmod(number, 10)
    return (f"{_GERMAN_ONES[ones]}und" if ones else "") + _GERMAN_TENS[tens]
