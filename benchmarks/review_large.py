"""A store of many strings, and how long a review of it takes to give its first answers.

    python benchmarks/review_large.py --strings 100000
    python benchmarks/review_large.py --strings 100000 --template docs/templates/form.toml

Strings are invented, a third of them not accepted; with a template, photos are forms of which one
in three fails a sum. `ocrdigits review` runs as its own process; times are those of a client.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import numpy as np

from ocrdigits.batch.photos import Found, Stamp
from ocrdigits.batch.records import Result, Status
from ocrdigits.batch.rows import page_row
from ocrdigits.batch.setup import describe_setup
from ocrdigits.batch.store import Store
from ocrdigits.batch.worker import WorkPlan
from ocrdigits.records import Box, FieldReading, Kind, PhotoReading
from ocrdigits.settings import Settings
from ocrdigits.template.checks import check_sums, reject
from ocrdigits.template.form import Form, load_form
from ocrdigits.values import parse_value

STRINGS_A_PHOTO = 20
ACCEPTED_FROM = 0.9
ASKED = (
    ("first strings", "api/strings"),
    ("overview", "api/overview"),
    ("the same strings again", "api/strings"),
    ("strings at random", "api/strings?show=accepted"),
    ("strings that fail", "api/strings?failed=true"),
)


def main() -> None:
    """Build it, ask, print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strings", type=int, default=100_000)
    parser.add_argument("--template", type=Path)
    options = parser.parse_args()
    form = None if options.template is None else load_form(options.template, Settings())
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "large.ocrdigits"
        count = build(store, options.strings, form)
        print(f"{count:,} strings, {store.stat().st_size / 1e6:.0f} MB")
        measure(store)


def build(path: Path, strings: int, form: Form | None) -> int:
    """Fill a store; the number of its strings."""
    rng = np.random.default_rng(0)
    each = STRINGS_A_PHOTO if form is None else len(form.template.fields)
    photos = -(-strings // each)
    setup = describe_setup(WorkPlan(path.parent, Settings(), form=form))
    stamp = Stamp(1, 0, 0)
    with Store.open(path, job=True) as store:
        setup_id = store.begin(setup.digest, setup.facts)
        store.remember_folder(path.parent)
        store.list_photos((Found(f"{it:06d}.jpg", stamp) for it in range(photos)), setup_id)
        for photo_id in store.pending(setup_id):
            reading = invent(photo_id, each, form, rng)
            result = Result(stamp, f"{photo_id:064x}", Status.READ, (page_row(reading),))
            store.record(store.photo(photo_id, setup_id), setup_id, result)
    return photos * each


def invent(number: int, each: int, form: Form | None, rng: np.random.Generator) -> PhotoReading:
    """A photo's reading."""
    names = [None] * each if form is None else form.field_names
    strings = []
    for place, name in enumerate(names):
        text, left, top = f"{rng.integers(10_000)}", 40 + 300 * (place % 4), 60 * (place // 4)
        corners = ((left, top), (left + 200, top), (left + 200, top + 40), (left, top + 40))
        confidence = 1 - float(rng.random()) * 0.15
        strings.append(
            FieldReading(
                text=text,
                confidence=confidence,
                accepted=confidence >= ACCEPTED_FROM,
                kind=Kind.LINE,
                box=Box(left, top, 200, 40),
                polygon=corners,
                value=parse_value(text),
                field=name,
            )
        )
    reading = PhotoReading(file="x", width=1240, height=1754, strings=tuple(strings))
    return reading if form is None or number % 3 else fail(reading, form)


def fail(reading: PhotoReading, form: Form) -> PhotoReading:
    """The same form, its sums checked: invented numbers do not add up."""
    fields = {it.field or "": it for it in reading.strings}
    reasons, broken = check_sums(form.template.sums, fields)
    strings = (reject(it) if name in broken else it for name, it in fields.items())
    return replace(reading, strings=tuple(strings), review=reasons)


def measure(store: Path) -> None:
    """Start a review and ask it."""
    started = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "ocrdigits", "review", str(store), "--no-browser"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        url = server.stdout.readline().strip()
        print(f"program started: {time.perf_counter() - started:.2f} s")
        for name, path in ASKED:
            begun = time.perf_counter()
            with urllib.request.urlopen(url + path) as answer:
                size = len(answer.read())
            print(f"{name}: {time.perf_counter() - begun:.3f} s, {size:,} bytes")
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
