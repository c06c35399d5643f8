"""Drawn photos in, how many of their comb fields are read right out, and each that is not.

    ocrdigits synth envelopes --count 220 --kinds envelope --seed 9707
    python benchmarks/boxed_codes.py envelopes

A comb (a code in boxes, on ticks, between dots, over single rules) is right if a string of the
photo has its digits.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from markdown import as_percent, as_table

import ocrdigits
from ocrdigits.errors import OcrDigitsError
from ocrdigits.model.drawn_pages import TRUTH_FILE
from ocrdigits.records import Kind, Layout, digits_of
from ocrdigits.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what is wrong and the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="from `ocrdigits synth`")
    parser.add_argument("--weights", type=Path, help="folder; the package's own without it")
    options = parser.parse_args(arguments)
    count = right = accepted = wrongly = 0
    try:
        reader = ocrdigits.Reader(options.weights, Settings(layout=Layout.PAGE))
        for page in json.loads((options.folder / TRUTH_FILE).read_text()):
            codes = [
                digits_of(string["text"])
                for string in page["strings"]
                if string["kind"] == Kind.COMB.value
            ]
            if not codes:
                continue
            strings = reader.read(options.folder / page["file"]).strings
            for code in codes:
                read = [string for string in strings if string.digits == code]
                count += 1
                right += bool(read)
                accepted += any(string.accepted for string in read)
                if not read:
                    found = ", ".join(string.text for string in strings)
                    print(f"{page['file']}: {code}: read {found}", file=sys.stderr)
            combs = [it for it in strings if it.kind is Kind.COMB and it.accepted]
            written = {digits_of(string["text"]) for string in page["strings"]}
            wrongly += sum(it.digits not in written for it in combs)
    except OcrDigitsError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    if not count:
        print(f"{options.folder}: no comb fields; draw envelopes or forms", file=sys.stderr)
        return 1
    cells = [f"{count}", as_percent(right / count), as_percent(accepted / count), f"{wrongly}"]
    head = ["codes", "right", "right and accepted", "combs accepted wrongly"]
    print(as_table([head, ["--:"] * 4, cells]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
