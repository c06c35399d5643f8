"""A folder of labelled cheques in, the share of photos whose amount and number are found out.

    python benchmarks/cheque_fields.py DIR

The first string of a label is the amount, the last the printed number; a photo counts if the
digits of both are among the strings read with `--layout page`.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from ocrdigits.api import Reader
from ocrdigits.model.data import read_labels
from ocrdigits.records import Layout
from ocrdigits.settings import Settings


def digits_of(text: str) -> str:
    """The digits of a text alone."""
    return "".join(character for character in text if character.isdigit())


def main() -> None:
    """Read the folder and print the counts, and what was read where one is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path)
    arguments = parser.parse_args()
    reader = Reader(arguments.weights, Settings(layout=Layout.PAGE))
    found: Counter[str] = Counter()
    labels = read_labels(arguments.folder)
    for path, text in labels:
        read = {string.digits for string in reader.read(path).strings}
        strings = [digits_of(part) for part in text.split("|")]
        has_amount, has_number = strings[0] in read, strings[-1] in read
        found.update(amount=has_amount, number=has_number, both=has_amount and has_number)
        if not (has_amount and has_number):
            print(f"{path.name}: {text}: read {', '.join(sorted(read))}")
    for what in ("amount", "number", "both"):
        print(f"{what}: {found[what]} of {len(labels)}")


if __name__ == "__main__":
    main()
