"""Folders of data in, the source that a string network trains on and what watches it out.

Strings are composed of the digits in folders of digit sets, or of drawn ones where no set is
named; folders with `labels.csv` hold real lines; drawn pages hold numbers among other ink.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ocrdigits.errors import InputError, UsageError
from ocrdigits.jobs import all_cores
from ocrdigits.model.card import DataSetUse, describe_use
from ocrdigits.model.compose.hand.digitstock import stock_digits
from ocrdigits.model.data import load_training_sets
from ocrdigits.model.drawn import draw_sets
from ocrdigits.model.drawn_pages import TRUTH_FILE, holds_drawn_pages, read_drawn_pages
from ocrdigits.model.strings.compose import ComposedSource, ComposeSettings
from ocrdigits.model.strings.folders import LabelledLines, LineFolder, open_folders
from ocrdigits.model.strings.looks import Look
from ocrdigits.model.strings.page_lines import PageLine, PageSource, load_page_lines
from ocrdigits.model.strings.places import PLACES_FILE
from ocrdigits.model.strings.real import LineSource, MixedSource, RealSource
from ocrdigits.model.strings.suspects import read_left_out

Say = Callable[[str], None]

_SHARE_BESIDE_REAL = 0.6
_SHARE_OF_DRAWN = 0.3  # without real digits they keep old knowledge alive and teach little
_DRAWN_DIGITS = 2000
_WATCHING_LINES = 400
_BEYOND = 1 << 40  # no training comes to samples of this number


@dataclass(frozen=True, slots=True)
class LineDataSettings:
    """What lines are made of.

    Attributes:
        data: Folders and `.npz` files: digit sets, folders of labelled strings (`labels.csv`), and
            of drawn pages (`truth.json`).
        composed_share: Share of the composed lines; None for 0.6 beside real ones, 0.3 where
            their digits are drawn too, and 1 without any.
        left_out: CSV files whose column `file` names pictures that train nothing.
        compose: How lines are composed.
        look: What the network is shown.
        seed: Of all chance.
    """

    data: tuple[Path, ...]
    composed_share: float | None = None
    left_out: tuple[Path, ...] = ()
    compose: ComposeSettings = field(default_factory=lambda: ComposeSettings(wordless_share=0.06))
    look: Look = Look.INK
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.data:
            raise UsageError("--data is missing: name folders with digits or labelled strings")
        if self.composed_share is not None and not 0 <= self.composed_share <= 1:
            raise UsageError(f"--composed-share {self.composed_share}: must be in 0 … 1")


@dataclass(frozen=True, slots=True)
class LineData:
    """Everything that lines are made of.

    Attributes:
        composed: Source of composed lines; None where none are wanted.
        composed_share: Their share.
        digits: The digits they are composed of, for the card.
        folders: Of real lines.
        pages: Lines of drawn pages, numbers and other ink.
        page_uses: Their folders, for the card.
        look: What the network is shown.
        seed: Of all chance.
    """

    composed: ComposedSource | None
    composed_share: float
    digits: tuple[DataSetUse, ...]
    folders: tuple[LineFolder, ...]
    pages: tuple[PageLine, ...]
    page_uses: tuple[DataSetUse, ...]
    look: Look
    seed: int

    def mix(self, without: Collection[Path] = ()) -> MixedSource:
        """Mix composed lines and those of the folders, each folder by the root of its size.

        Args:
            without: Pictures that this time train nothing either.

        Returns:
            The source to train on; it may be sent to other processes.

        Raises:
            InputError: If nothing is left, or pictures do not show what their labels say.
        """
        sources: list[LineSource] = [] if self.composed is None else [self.composed]
        shares = [] if self.composed is None else [self.composed_share]
        counts = [sum(p not in without for p, _ in folder.training) for folder in self.folders]
        whole = sum(map(math.sqrt, [*counts, len(self.pages)]))
        for number, (folder, count) in enumerate(zip(self.folders, counts, strict=True), start=1):
            if count and self.composed_share < 1:
                out, seed = {*folder.unused, *folder.left_out, *without}, self.seed + 101 * number
                real = RealSource(
                    seed,
                    [folder.path],
                    places=folder.boxes,
                    others=folder.others,
                    left_out=out,
                    look=self.look,
                )
                real.sample(0)  # raises here what would be raised amid the training
                sources.append(real)
                shares.append((1 - self.composed_share) * math.sqrt(count) / whole)
        if self.pages and self.composed_share < 1:
            seed = self.seed + 101 * (len(counts) + 1)
            sources.append(PageSource(seed, self.pages, look=self.look))
            shares.append((1 - self.composed_share) * math.sqrt(len(self.pages)) / whole)
        if not sources:
            raise InputError("no line is left to train on; name more --data")
        return MixedSource(self.seed, sources[0], sources[1:], shares)

    def read_held_out(self) -> list[LabelledLines]:
        """The lines that watch a training: a tenth of each folder; else composed ones."""
        found = [folder.read_lines(folder.held_out, self.look) for folder in self.folders]
        found = [lines for lines in found if lines.samples]
        if found or self.composed is None:
            return found
        samples = tuple(self.composed.sample(_BEYOND + k) for k in range(_WATCHING_LINES))
        return [LabelledLines("composed lines", samples, ("composed",) * len(samples))]


def gather_lines(
    settings: LineDataSettings, out: Path, say: Say = lambda _: None, *, init: Path | None = None
) -> LineData:
    """Load digits and labels, and find the lines on labelled pages.

    Args:
        settings: What lines are made of.
        out: Folder that keeps what was found on pages.
        say: Called with a line about each part.
        init: Folder of weights; if it has digit weights too, they find labels on pages.

    Returns:
        The data.

    Raises:
        InputError: If data are missing or damaged.
        UsageError: If nothing is left to train on.
    """
    for path in settings.data:
        if not path.exists():
            raise InputError(f"{path}: no such folder; correct --data")
    drawn = [path for path in settings.data if holds_drawn_pages(path)]
    real = [p for p in settings.data if (p / "labels.csv").is_file() and p not in drawn]
    of_digits = [path for path in settings.data if path not in real and path not in drawn]
    share = settings.composed_share
    if share is None:
        share = (_SHARE_BESIDE_REAL if of_digits else _SHARE_OF_DRAWN) if real or drawn else 1.0
    if not real and not drawn and share < 1:
        raise UsageError(f"--composed-share {share}: --data names no labelled strings")
    composed, uses = _compose(settings, of_digits, say) if share > 0 else (None, ())
    has_digits = init is not None and (init / "digits.json").is_file()
    digit_weights = init if has_digits else None
    folders = open_folders(
        real,
        out / PLACES_FILE,
        read_left_out(settings.left_out),
        digit_weights,
        say,
    )
    pages, page_uses = _load_pages(drawn, digit_weights, say)
    return LineData(composed, share, uses, folders, pages, page_uses, settings.look, settings.seed)


def _load_pages(
    drawn: Sequence[Path], digit_weights: Path | None, say: Say
) -> tuple[tuple[PageLine, ...], tuple[DataSetUse, ...]]:
    lines: list[PageLine] = []
    uses = []
    for path in drawn:
        say(f"{path}: cutting numbers and other ink out of drawn pages")
        found = load_page_lines(path, digit_weights, all_cores())
        numbers = sum(bool(line.text) for line in found)
        say(f"{path.name}: {numbers:,} numbers, {len(found) - numbers:,} other pieces of ink")
        name = f"drawn: {path.name}"
        files = (path / TRUTH_FILE, *read_drawn_pages(path))
        uses.append(describe_use(name, len(found), files))
        lines += found
    return tuple(lines), tuple(uses)


def _compose(
    settings: LineDataSettings, paths: Sequence[Path], say: Say
) -> tuple[ComposedSource, tuple[DataSetUse, ...]]:
    compose = settings.compose
    sets = [part for path in paths for part in load_training_sets(path)]
    if not sets:
        say("no digit sets in --data: composed lines are drawn, by strokes and in print")
        sets = draw_sets(_DRAWN_DIGITS, settings.seed)[:1]  # parts of neighbours
        strokes = compose.real_share + compose.stroke_share
        compose = replace(compose, real_share=0.0, stroke_share=strokes)
    for part in sets:
        say(f"{part.name}: {len(part.labels):,} digits to compose strings of")
    uses = tuple(describe_use(part.name, len(part.labels), part.files) for part in sets)
    stock = stock_digits(sets, "--data")
    return ComposedSource(settings.seed, stock, compose, look=settings.look), uses
