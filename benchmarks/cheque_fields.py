"""A folder of labelled cheques in, what of them is found out, and what is read that is not there.

    python benchmarks/cheque_fields.py DIR

A label is the amount, the date where it stands in digits, and the printed number; each counts if
its digits are among the strings read with `--layout page`. Every other string is invented, but for
what the labels leave out: runs of nine zeros, a fraction of cents, and the day and year of a date
whose month stands in letters.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ocrdigits.api import Reader
from ocrdigits.model.data import read_labels
from ocrdigits.records import FieldReading, Layout, digits_of
from ocrdigits.settings import Settings

_YEAR = r"(19|20)\d\d"


def is_invented(string: FieldReading, others: Sequence[FieldReading], label: Sequence[str]) -> bool:
    """Whether a string stands nowhere on a cheque.

    Args:
        string: The string.
        others: All that was read on the cheque.
        label: The strings of the cheque's label.
    """
    text = string.text
    digits = digits_of(text)
    amount, *dates, _ = label
    cents = amount.partition(".")[2] or "00"
    return not (
        digits in map(digits_of, label)
        or re.fullmatch(r"0{9}|0{18}", digits)
        or re.fullmatch(rf"(0|00|{cents})?/?100", text)
        or (not dates and re.fullmatch(rf"(\d{{1,2}}[.,]?)?{_YEAR}", text))
        or (not dates and re.fullmatch(r"\d{1,2}[.,]?", text) and _has_year(string, others))
    )


def _has_year(day: FieldReading, others: Sequence[FieldReading]) -> bool:
    """Whether a year stands right behind what may be a day."""
    return any(
        re.fullmatch(_YEAR, other.text)
        and 0 <= other.box.x - day.box.right <= 1.5 * day.box.height
        and abs(other.box.y + other.box.bottom - day.box.y - day.box.bottom) < day.box.height
        for other in others
    )


def main() -> None:
    """Read the folder; print the counts, what is missing and what was invented."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path)
    arguments = parser.parse_args()
    reader = Reader(arguments.weights, Settings(layout=Layout.PAGE))
    found: Counter[str] = Counter()
    labels = read_labels(arguments.folder)
    for path, text in labels:
        strings, label = reader.read(path).strings, text.split("|")
        read = {string.digits for string in strings}
        has_amount, has_number = (digits_of(part) in read for part in (label[0], label[-1]))
        has_date = len(label) > 2 and digits_of(label[1]) in read
        found.update(amount=has_amount, number=has_number, both=has_amount and has_number)
        found.update({"date in digits": has_date, "dates": len(label) > 2})
        invented = [string for string in strings if is_invented(string, strings, label)]
        found.update(invented=len(invented), accepted=sum(it.accepted for it in invented))
        if not (has_amount and has_number):
            print(f"{path.name}: {text}: read {', '.join(sorted(read))}")
        if invented:
            print(f"{path.name}: {text}: invented {', '.join(it.text for it in invented)}")
    for what in ("amount", "number", "both"):
        print(f"{what}: {found[what]} of {len(labels)}")
    print(f"date in digits: {found['date in digits']} of {found['dates']}")
    share = found["invented"] / len(labels)
    print(
        f"invented: {found['invented']}, {share:.2f} a photo, {found['accepted']} of them accepted"
    )


if __name__ == "__main__":
    main()
