r"""Labelled crops in, what the paths of their lattices cost out, as defaults of `settings.py`.

    ocrdigits synth crops --count 400 --kinds crop --seed 3001
    ocrdigits synth crops_train --count 1250 --kinds crop --seed 31001 --fonts FONTS
    python benchmarks/decode_costs.py held crops crops_train --weights weights

`held` has the logbook cells that trained nothing. Folders count alike, whatever their number of
crops. The costs are those under which the labels' digits are the likeliest among all paths
(Sarawagi & Cohen 2004, semi-Markov conditional random fields). Prints how many crops of each
folder are read rightly with the defaults, with costs that a crop had no part in, and with those
fitted on all. The defaults are such costs, rounded; but what is left unread costs a little more,
and a digit less, than these two folders and `crops_train` ask for: that loses fewer on pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from gathering import gather_samples
from numpy.typing import NDArray
from torch import Tensor

from ocrdigits.decode import (
    ANSWER_FLOOR,
    PRICED,
    decode_lattice,
    expect_non_digits,
    is_slash,
    measure_glyphs,
    unread_size,
)
from ocrdigits.model.evaluate import read_labelled_photos
from ocrdigits.model.runtime import load_digit_classifier
from ocrdigits.records import NOT_A_DIGIT, DigitScores, Lattice, Layout, digits_of
from ocrdigits.segmenting import segment_photo
from ocrdigits.settings import DecodeSettings, SegmentSettings, Settings
from ocrdigits.vision.load import load_photos

_COSTS = (
    "answer_weight",
    "doubt_weight",
    "digit_cost",
    *PRICED,
    "one_cost",
    "skip_cost",
    "slash_score",
)
_LEAST_LOG = -12.0  # a string that no path spells counts no more
_STRENGTH = 4e-4  # of the pull towards the defaults
_PARTS = 3
_NEVER = -1e9


@dataclass(frozen=True, slots=True)
class Sample:
    """One crop.

    Attributes:
        folder: Where it lies.
        digits: Of its label.
        lattice: Of its field.
        answers: (N, 11) probabilities, for each glyph.
    """

    folder: str
    digits: str
    lattice: Lattice
    answers: DigitScores


def gather_folder(folder: Path, weights: Path) -> list[Sample]:
    """Lattices of all crops with one field and a label."""
    classify = load_digit_classifier(weights)
    settings = replace(Settings(), layout=Layout.LINE)
    samples = []
    for labelled in read_labelled_photos(folder):
        digits = digits_of("".join(labelled.strings))
        for photo in load_photos(labelled.path, labelled.path.name, settings.load):
            lattices = segment_photo(photo, settings).lattices
            if len(lattices) == 1 and lattices[0].glyphs and digits:
                cells = np.stack([glyph.cell for glyph in lattices[0].glyphs])
                samples.append(Sample(str(folder), digits, lattices[0], classify(cells)))
    return samples


class Lattices:
    """Lattices side by side, what does not depend on the costs computed.

    S samples of at most A atoms and T digits, glyphs of at most L atoms.
    """

    def __init__(self, samples: Sequence[Sample]) -> None:
        """Lay samples side by side."""
        count, longest = len(samples), SegmentSettings().max_atoms
        atoms = max(sample.lattice.atom_count for sample in samples)
        self.atoms = torch.tensor([sample.lattice.atom_count for sample in samples])
        self.lengths = torch.tensor([len(sample.digits) for sample in samples])
        self.digits = torch.zeros(count, int(self.lengths.max()), dtype=torch.long)
        self.logs = torch.full((count, atoms, longest, NOT_A_DIGIT + 1), _NEVER)
        self.traits = torch.zeros(count, atoms, longest, len(PRICED))
        self.sizes = torch.zeros(count, atoms)
        self.slashes = torch.zeros(count, atoms, dtype=torch.bool)
        for number, sample in enumerate(samples):
            self._place(number, sample)

    def _place(self, number: int, sample: Sample) -> None:
        lattice, settings = sample.lattice, DecodeSettings()
        starts = [glyph.start for glyph in lattice.glyphs]
        spans = [glyph.stop - glyph.start - 1 for glyph in lattice.glyphs]
        answers = expect_non_digits(sample.answers, settings.non_digit_odds)
        logs = np.log(np.maximum(answers, ANSWER_FLOOR))
        self.logs[number, starts, spans] = torch.from_numpy(logs)
        traits = measure_glyphs(lattice).astype(np.float32)
        self.traits[number, starts, spans] = torch.from_numpy(traits)
        for glyph in lattice.glyphs:
            if glyph.stop == glyph.start + 1:
                self.sizes[number, glyph.start] = unread_size(glyph, lattice)
                self.slashes[number, glyph.start] = is_slash(glyph, lattice, settings)
        self.digits[number, : len(sample.digits)] = torch.tensor([*map(int, sample.digits)])

    def weigh(self, costs: Tensor) -> tuple[Tensor, Tensor]:
        """(S, A, L, 10) what each digit is worth, and (S, A) leaving each atom unread."""
        sure, doubt, each, *priced, one, skip, slash = costs
        price = each + self.traits @ torch.stack(priced)
        worth = sure * self.logs[..., :NOT_A_DIGIT] - doubt * self.logs[..., NOT_A_DIGIT:]
        worth = worth - price[..., None] - one * torch.eye(10)[1]
        worth = torch.where(self.logs[..., :NOT_A_DIGIT] > _NEVER / 2, worth, _NEVER)
        return worth, torch.where(self.slashes, slash, -skip * self.sizes)

    def log_likelihood(self, costs: Tensor) -> Tensor:
        """(S,) log of the share of the paths that spell the label."""
        worth, unread = self.weigh(costs)
        count, atoms, longest, _ = worth.shape
        spelled = self.digits[:, None, None, :].expand(count, atoms, longest, -1)
        right, any_digit = worth.gather(3, spelled), worth.logsumexp(3)
        never = torch.full((count, 1), _NEVER)
        all_paths = [torch.zeros(count)]
        good = [torch.cat([torch.zeros(count, 1), never.expand(-1, self.digits.shape[1])], 1)]
        for stop in range(1, atoms + 1):
            of_all = [all_paths[-1] + unread[:, stop - 1]]
            of_good = [good[-1] + unread[:, stop - 1, None]]
            for start in range(max(0, stop - longest), stop):
                of_all.append(all_paths[start] + any_digit[:, start, stop - start - 1])
                spell = good[start][:, :-1] + right[:, start, stop - start - 1]
                of_good.append(torch.cat([never, spell], 1))
            all_paths.append(torch.stack(of_all).logsumexp(0))
            good.append(torch.stack(of_good).logsumexp(0))
        each = torch.arange(count)
        done = torch.stack(good, 1)[each, self.atoms, self.lengths]
        return done - torch.stack(all_paths, 1)[each, self.atoms]


def fit_costs(lattices: Lattices, shares: Tensor) -> Tensor:
    """Find the costs under which the labels are likeliest; they start as the defaults.

    Args:
        lattices: Of S samples.
        shares: (S,) what each counts for, in all 1.

    Returns:
        (K,) costs.
    """
    first = _default_costs()
    costs = first.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([costs], max_iter=60, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        logs = lattices.log_likelihood(costs).clamp(min=_LEAST_LOG)
        total = _STRENGTH * (costs - first).square().sum() - (shares * logs).sum()
        total.backward()
        return total.detach()

    optimizer.step(loss)
    return costs.detach()


def _default_costs() -> Tensor:
    return torch.tensor([getattr(DecodeSettings(), name) for name in _COSTS])


def _are_right(samples: Sequence[Sample], costs: Tensor) -> NDArray[np.bool_]:
    """(S,) whether the best path spells the label."""
    named = dict(zip(_COSTS, costs.tolist(), strict=True))
    settings = replace(DecodeSettings(), **named)
    best = (next(iter(decode_lattice(it.lattice, it.answers, settings)), None) for it in samples)
    read = ["" if path is None else digits_of(path.text) for path in best]
    labels = [sample.digits for sample in samples]
    return np.asarray([text == label for text, label in zip(read, labels, strict=True)])


def _share_alike(folders: NDArray[np.str_]) -> Tensor:
    """(S,) what each sample counts for: folders alike."""
    _, numbers, counts = np.unique(folders, return_inverse=True, return_counts=True)
    return torch.from_numpy((1 / (counts[numbers] * len(counts))).astype(np.float32))


def _count(right: NDArray[np.bool_], folders: NDArray[np.str_]) -> str:
    counts = (
        f"{folder} {right[folders == folder].sum():,} of {(folders == folder).sum():,}"
        for folder in np.unique(folders)
    )
    return ", ".join(counts)


def _cross_check(samples: Sequence[Sample], shares: Tensor) -> Iterator[NDArray[np.bool_]]:
    lattices = Lattices(samples)
    part = np.random.default_rng(0).integers(0, _PARTS, len(samples))
    for left_out in range(_PARTS):
        is_out = part == left_out
        fitted = fit_costs(lattices, shares * torch.from_numpy(~is_out) * _PARTS / (_PARTS - 1))
        yield _are_right(samples, fitted) & is_out


def main() -> None:
    """Fit and print."""
    samples = gather_samples(__doc__, gather_folder)
    folders = np.asarray([sample.folder for sample in samples])
    shares = _share_alike(folders)
    print("defaults:", _count(_are_right(samples, _default_costs()), folders))
    crossed = np.logical_or.reduce([*_cross_check(samples, shares)])
    print("fitted on other crops:", _count(crossed, folders))
    costs = fit_costs(Lattices(samples), shares)
    print("fitted on these:", _count(_are_right(samples, costs), folders))
    for name, cost in zip(_COSTS, costs.tolist(), strict=True):
        print(f"    {name}: float = {cost:.2f}")


if __name__ == "__main__":
    main()
