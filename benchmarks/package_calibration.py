r"""Images that trained nothing in, the calibration of the package's weights out, into their card.

    ocrdigits synth crops --count 400 --kinds crop --seed 3001
    ocrdigits synth mail --count 120 --seed 3002 --kinds cheque,eurocheque,envelope,letters
    ocrdigits synth forms --count 120 --seed 3003 --kinds form,list,meter,register,letters
    python benchmarks/package_calibration.py --weights weights --data DATA \
        --crops crops --pages mail --pages forms

Held-out tenths of the labelled strings in DATA (as `train` leaves them out, by name), and drawn
crops and pages, whose truth names everything: what is read beside it is wrong. Each is a source of
its own: thresholds must hold for sources that a fit never saw. With `--looks-only` the crops alone
are read, and all but the map and the table of sure looks stay what they are in the card; with
`--pages-only` the maps of crops, the table of sure looks, and the temperature, with which the
weights of the fusion were fitted.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

from ocrdigits.api import Reader
from ocrdigits.asking import show_lines
from ocrdigits.calibration import Calibration, readers_asked
from ocrdigits.errors import OcrDigitsError
from ocrdigits.fusion import fuse_texts
from ocrdigits.jobs import all_cores
from ocrdigits.model.align import AlignSettings, is_held_out
from ocrdigits.model.calibrate import Sample, fit_calibration
from ocrdigits.model.calibrate_folder import gather_samples
from ocrdigits.model.card_calibration import read_weights_calibration, store_calibration
from ocrdigits.model.compare import compare_photo
from ocrdigits.model.evaluate import LabelledPhoto, read_labelled_photos
from ocrdigits.model.figures import PhotoResult
from ocrdigits.model.readers import load_readers
from ocrdigits.model.strings.real import read_gray
from ocrdigits.model.temperature import fit_temperature
from ocrdigits.records import Agreement, Layout, ReaderChoice, digits_of
from ocrdigits.settings import FusionSettings, Settings
from ocrdigits.vision.plain_line import find_line

Source = tuple[str, Layout, list[LabelledPhoto]]
_DRAWN_CROPS, _DRAWN_PAGES = "drawn crops", "drawn pages"

_MANY = FusionSettings(candidates=8)
_TAKES_ALL = FusionSettings(min_confidence=0.0)


def list_sources(data: Path, crops: Path, pages: Sequence[Path]) -> Iterator[Source]:
    """Name, layout and pictures of each source."""
    share = AlignSettings().held_out_share
    for name, layout in (("logbook_cells", Layout.LINE), ("register_rows", Layout.AUTO)):
        photos = read_labelled_photos(data / name / "train")
        yield f"{name}/train, held out", layout, [p for p in photos if is_held_out(p.path, share)]
    yield _DRAWN_CROPS, Layout.LINE, list(read_labelled_photos(crops))
    for number, folder in enumerate(pages, start=1):
        yield f"{_DRAWN_PAGES} {number}", Layout.AUTO, list(read_labelled_photos(folder))


def find_temperature(sources: list[Source], weights: Path) -> float:
    """What makes the string reader's candidates as probable as they are right."""
    readers = load_readers(weights)
    found = []
    for _, layout, photos in sources:
        for photo in photos if layout is Layout.LINE else []:
            gray = read_gray(photo.path)
            if gray is None or len(photo.strings) != 1:
                continue
            (line,) = show_lines([find_line(gray)], readers)
            texts = () if line is None else fuse_texts([], line.looks, _MANY).texts
            digits = [text.digits for text in texts]
            if digits_of(photo.strings[0]) in digits:
                index = digits.index(digits_of(photo.strings[0]))
                log_probabilities = [math.log(max(it.probability, 1e-300)) for it in texts]
                found.append((log_probabilities, index))
    return fit_temperature(found)


def gather_source(
    source: Source, choice: ReaderChoice, weights: Path, calibration: Calibration
) -> list[Sample]:
    """The evidence of every string of a source, as these readers read it."""
    name, layout, photos = source
    # What is left out for being unlikely has to be known too.
    settings = replace(Settings(), layout=layout, reader=choice, fusion=_TAKES_ALL)
    reader = Reader(weights, settings, calibration=calibration)
    readings = [reader.read(photo.path) for photo in photos]
    compared = [
        PhotoResult(photo.file, reading, compare_photo(photo.strings, reading))
        for photo, reading in zip(photos, readings, strict=True)
    ]
    return gather_samples(compared, with_extra=name.startswith("drawn"))


def with_looks_of(known: Calibration, fitted: Calibration) -> Calibration:
    """A calibration whose map and table of sure looks are those of another."""
    looks = Agreement.LOOKS
    table = readers_asked(looks)
    return replace(
        known,
        groups={**known.groups, looks: fitted.groups[looks]},
        risk_coverage={**known.risk_coverage, table: fitted.risk_coverage[table]},
    )


def main() -> None:
    """Fit, store and say what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name in ("weights", "data", "crops"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--pages", type=Path, default=[], action="append")
    parser.add_argument("--looks-only", action="store_true")
    parser.add_argument("--pages-only", action="store_true")
    parser.add_argument("--jobs", type=int, default=all_cores())
    args = parser.parse_args()
    try:
        sources = list(list_sources(args.data, args.crops, args.pages))
        # A page that lies on its side is known by confidences: those of the last run, if any.
        known = read_weights_calibration(args.weights)
        choices = tuple(ReaderChoice)
        if args.looks_only:
            sources = [source for source in sources if source[1] is Layout.LINE]
            choices = (ReaderChoice.BOTH,)
        elif not args.pages_only:
            known = replace(known, temperature=find_temperature(sources, args.weights))
        tasks = [(source, choice, args.weights, known) for source in sources for choice in choices]
        with ProcessPoolExecutor(args.jobs) as pool:
            parts = pool.map(gather_source, *zip(*tasks, strict=True))
            sets: dict[str, list[Sample]] = {}
            for (source, *_), samples in zip(tasks, parts, strict=True):
                sets.setdefault(source[0], []).extend(samples)
        fitted = fit_calibration(sets, Calibration(temperature=known.temperature))
        if args.looks_only:
            fitted = with_looks_of(known, fitted)
        elif args.pages_only:
            fitted = replace(with_looks_of(fitted, known), groups=known.groups)
        store_calibration(fitted, args.weights / "strings.json")
    except OcrDigitsError as error:
        sys.exit(f"{parser.prog}: {error}")
    print(f"temperature {fitted.temperature:.3f}")
    for name, samples in sets.items():
        right = sum(is_right for _, is_right in samples)
        print(f"{name}: {len(samples):,} readings, {right / len(samples):.2%} right")
    for error in (0.001, 0.01, 0.02, 0.05):
        both, looks = (
            fitted.least_confidence(error, it) for it in (Agreement.AGREED, Agreement.LOOKS)
        )
        print(f"at most {error:.1%} wrong: confidence {both:.4f}, of sure looks {looks:.4f}")


if __name__ == "__main__":
    main()
