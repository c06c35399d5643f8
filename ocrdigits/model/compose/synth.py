"""Kinds of pages: a kind and a seed go in, a composed photo with its truth comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from ocrdigits.errors import UsageError
from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.pages.cheque import draw_cheque
from ocrdigits.model.compose.pages.crops import draw_number_crop
from ocrdigits.model.compose.pages.envelope import draw_envelope
from ocrdigits.model.compose.pages.eurocheque import draw_eurocheque
from ocrdigits.model.compose.pages.forms import draw_form
from ocrdigits.model.compose.pages.letters import draw_letters
from ocrdigits.model.compose.pages.meters import draw_meter
from ocrdigits.model.compose.pages.numbers import draw_number_list
from ocrdigits.model.compose.pages.register import draw_register
from ocrdigits.model.compose.photo.photograph import photograph
from ocrdigits.model.compose.photo.shot import Framing, ShotSettings, sample_shot
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import ComposedPhoto


class PageKind(Enum):
    """What a composed photo shows."""

    CHEQUE = "cheque"
    FORM = "form"
    ENVELOPE = "envelope"
    LIST = "list"
    CROP = "crop"
    EUROCHEQUE = "eurocheque"
    REGISTER = "register"
    METER = "meter"
    LETTERS = "letters"
    """Pages without a digit."""


@dataclass(frozen=True, slots=True)
class PagePlan:
    """How photos of one kind are made.

    Attributes:
        draw: Makes the sheet.
        area_frac: Share of a whole photo; a crop is a part cut out of one.
        short_frac: Shorter side, as a share of the longer; None for the shape of the sheet.
        margin_frac: Table around the sheet, share of the photo; negative crops the sheet.
        is_stiff: It neither bends nor creases.
    """

    draw: Callable[[np.random.Generator, Supplies], Sheet]
    area_frac: float
    short_frac: float | None
    margin_frac: float
    is_stiff: bool = False


PLANS: Mapping[PageKind, PagePlan] = {
    PageKind.CHEQUE: PagePlan(draw_cheque, 1.0, 0.56, 0.035),
    PageKind.FORM: PagePlan(draw_form, 1.0, 0.75, 0.03),
    PageKind.ENVELOPE: PagePlan(draw_envelope, 1.0, 0.66, 0.04),
    PageKind.LIST: PagePlan(draw_number_list, 1.0, 0.75, 0.03),
    PageKind.CROP: PagePlan(draw_number_crop, 0.1, None, -0.04),
    PageKind.EUROCHEQUE: PagePlan(draw_eurocheque, 1.0, 0.56, 0.035),
    PageKind.REGISTER: PagePlan(draw_register, 1.0, 0.75, 0.02),
    PageKind.METER: PagePlan(draw_meter, 0.6, 0.75, -0.06, is_stiff=True),
    PageKind.LETTERS: PagePlan(draw_letters, 1.0, 0.75, 0.03),
}


@dataclass(frozen=True, slots=True)
class SynthSettings:
    """What to compose.

    Attributes:
        count: How many photos.
        kinds: Photo k is of the kind `kinds[k % len(kinds)]`.
        seed: The same seed gives the same photos with the same versions of the libraries.
        supplies: Sources of handwriting.
        shots: How people take the photos.
    """

    count: int
    kinds: tuple[PageKind, ...] = tuple(PageKind)
    seed: int = 0
    supplies: Supplies = field(default_factory=Supplies)
    shots: ShotSettings = field(default_factory=ShotSettings)

    def __post_init__(self) -> None:
        if self.count < 1 or self.seed < 0 or not self.kinds:
            raise UsageError("synth needs a count above 0, a seed of at least 0, and a kind")


def parse_kinds(text: str) -> tuple[PageKind, ...]:
    """Read `cheque,form` as kinds of pages; repeats are allowed.

    Raises:
        UsageError: If a kind is unknown.
    """
    try:
        return tuple(PageKind(word.strip()) for word in text.split(","))
    except ValueError as error:
        choices = ", ".join(kind.value for kind in PageKind)
        raise UsageError(f"--kinds: {error}; choose from {choices}") from None


def compose_photo(
    kind: PageKind,
    index: int,
    seed: int,
    supplies: Supplies | None = None,
    shots: ShotSettings | None = None,
) -> ComposedPhoto:
    """Compose one photo; it depends on nothing but the arguments, so that many can be made at once.

    Args:
        kind: What it shows.
        index: Its number in its series.
        seed: The series.
        supplies: Sources of handwriting.
        shots: How people take the photos.

    Returns:
        The photo and its truth.
    """
    rng = np.random.default_rng([seed, index])
    plan = PLANS[kind]
    sheet = plan.draw(rng, supplies or Supplies())
    sides = (sheet.height, sheet.width)
    framing = Framing(
        sides,
        plan.short_frac or min(sides) / max(sides),
        plan.margin_frac,
        plan.area_frac,
        plan.is_stiff,
    )
    return photograph(rng, sheet, sample_shot(rng, framing, shots))
