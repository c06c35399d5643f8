r"""Drawn pages in, what tells their numbers from their letters out, as defaults of `settings.py`.

    ocrdigits synth letters1 --count 40 --kinds letters --seed 5151
    ocrdigits synth letters2 --count 40 --kinds letters --seed 5353 --megapixels 0.5-6
    ocrdigits synth pages1 --count 42 --seed 5252 --megapixels 1-3 \
        --kinds cheque,form,register,envelope,list,meter,eurocheque
    ocrdigits synth pages2 --count 42 --seed 5454 --megapixels 1-3 \
        --kinds cheque,form,register,envelope,list,meter,eurocheque
    ocrdigits synth cheques1 --count 60 --seed 5555 --megapixels 0.3-0.8 \
        --kinds cheque,cheque,eurocheque
    ocrdigits synth registers1 --count 24 --seed 5656 --kinds register,form,register,list
    python benchmarks/number_chance.py letters1 letters2 pages1 pages2 registers1 \
        cheques1 cheques1 --weights weights

Cheques count twice: nothing else has so much fine print among so few numbers.

A reading that lies where a number does is one, even if it is misread; one that only touches
numbers is left out. Run it for new weights, before `package_calibration.py`; the counts below the
weights are those of pages that had no part in the fit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from gathering import gather_samples
from numpy.typing import NDArray

from ocrdigits.api import Reader
from ocrdigits.model.calibrate import folds_of
from ocrdigits.model.logistic import Floats, NormalPrior, fit_logistic, sigmoid
from ocrdigits.number_chance import FEATURES, is_number, traits_of
from ocrdigits.records import Box, FieldReading, Layout
from ocrdigits.settings import FusionSettings, NumberSettings, Settings
from ocrdigits.vision.geometry import covered_share

_SAME = 0.45  # of what a reading and a number cover together, if both do
_LEAST_SAME = 0.2  # … if the digits are right
_APART = 0.1  # of what the two cover: less is no part of a number …
_BARE = 0.2  # … where no more of the reading lies in numbers
_SPREAD = 0.02
"""Of a weight around the present one, for a trait of spread 1. Drawn pages hold few lone digits
away from columns and cells: fitted to them alone, the weights leave such digits out."""
_CHANCES = (0.3, 0.5, 0.6, 0.7)


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading of a drawn page.

    Attributes:
        page: Its file.
        reading: The reading …
        traits: … and what `traits_of` gives for it.
        is_number: Whether a number stands there.
        is_right: Whether it was read rightly.
    """

    page: str
    reading: FieldReading
    traits: tuple[float, ...]
    is_number: bool
    is_right: bool


def gather_folder(folder: Path, weights: Path) -> list[Sample]:
    """All readings of a folder from `synth`, those that are mostly left out too."""
    takes_all = replace(
        Settings(),
        layout=Layout.PAGE,
        fusion=FusionSettings(min_confidence=0.0, least_posterior=0.0),
        number=NumberSettings(least_chance=0.0),
    )
    reader = Reader(weights, takes_all)
    pages = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    samples: list[Sample] = []
    for page in pages:
        numbers = [(_box_of(it["polygon"]), it["text"]) for it in page["strings"]]
        strings = reader.read(folder / page["file"]).strings
        samples += _judge(strings, numbers, str(folder / page["file"]))
    return samples


def _box_of(polygon: Iterable[tuple[float, float]]) -> Box:
    x, y = np.asarray(list(polygon)).T
    left, top = int(x.min()), int(y.min())
    return Box(left, top, max(1, int(x.max()) - left), max(1, int(y.max()) - top))


def _judge(
    strings: Iterable[FieldReading], numbers: list[tuple[Box, str]], page: str
) -> Iterator[Sample]:
    for string in strings:
        evidence = string.evidence
        traits = None if evidence is None else traits_of(evidence, string.digits)
        shares = [(_common_share(box, string.box), text) for box, text in numbers]
        share, text = max(shares, default=(0.0, ""))
        is_right = share > _LEAST_SAME and string.digits == "".join(filter(str.isdigit, text))
        found = is_right or share >= _SAME
        covered = sum(covered_share(string.box, box) for box, _ in numbers)
        if traits is not None and (found or (share <= _APART and covered <= _BARE)):
            yield Sample(page, string, traits, found, is_right)


def _common_share(one: Box, other: Box) -> float:
    """What two boxes share, of all that they cover."""
    common = covered_share(one, other) * one.width * one.height
    return common / (one.width * one.height + other.width * other.height - common)


def fit_weights(traits: Floats, found: NDArray[np.bool_]) -> Floats:
    """(K,) what each trait counts for, hardly farther from the present weights than it must be."""
    scale = np.maximum(traits.std(axis=0), 1e-9)
    scale[0] = 1 / 5  # of the bias hardly anything is known
    present = np.array([getattr(NumberSettings(), name) for name in FEATURES])
    free = np.full(len(scale), -np.inf)
    prior = NormalPrior(present * scale, np.full(len(scale), _SPREAD), free)
    return fit_logistic(traits / scale, found, prior) / scale


def cross_fit(samples: list[Sample], traits: Floats, found: NDArray[np.bool_]) -> Floats:
    """(N,) chance of each sample by weights that its page had no part in."""
    pages = np.unique([sample.page for sample in samples], return_inverse=True)[1]
    part = np.random.default_rng(0).permutation(pages.max() + 1)[pages] % 5
    chances = np.zeros(len(samples))
    for left_out in folds_of(part):
        chances[left_out] = sigmoid(
            traits[left_out] @ fit_weights(traits[~left_out], found[~left_out])
        )
    return chances


def main() -> None:
    """Fit and print."""
    samples = gather_samples(__doc__, gather_folder)
    traits = np.asarray([sample.traits for sample in samples])
    found = np.asarray([sample.is_number for sample in samples])
    right = np.asarray([sample.is_right for sample in samples])
    for name, weight in zip(FEATURES, fit_weights(traits, found), strict=True):
        print(f"    {name}: float = {weight:.2f}")
    chances = cross_fit(samples, traits, found)
    print(f"{len(samples):,} readings, {found.sum():,} numbers, {right.sum():,} read rightly")
    for least in (0.0, *_CHANCES):
        settings = replace(Settings(), number=NumberSettings(least_chance=least))
        stays = np.array(
            [
                is_number(sample.reading, chance, settings)
                for sample, chance in zip(samples, chances, strict=True)
            ]
        )
        print(
            f"at least {least:.1f}: {(stays & ~found).sum():,} are none, "
            f"{(stays & right).sum():,} numbers stay that are read rightly"
        )


if __name__ == "__main__":
    main()
