"""A writer's habits: chance in, a `Hand` out; what one person does the same way on a whole page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ocrdigits.model.compose.hand.alphabet import (
    JOINED_SKELETONS,
    NUMERAL_SKELETONS,
    SKELETONS,
    Points,
    Skeleton,
    Stroke,
)

_X_HEIGHT = 0.53  # small letters begin this far above the baseline in the alphabet
_HOMES: tuple[Mapping[str, Mapping[str, float]], ...] = (
    {"1": {"bare": 6, "long flag": 0.1}, "7": {"crossed": 0.4, "crossed, hooked": 0.3}},
    {"1": {"bare": 0.7, "flag": 4}, "7": {"crossed": 3, "crossed, hooked": 1.5}},
    {"1": {"bare": 0.2, "long flag": 6}, "7": {"plain": 0.1, "hooked": 0.1, "crossed": 3}},
    {"1": {"long flag": 0.3}},
)
"""How often manners go together: North American, Central European, French; and anyone."""
_RARE = {"slashed": 0.15, "one sweep": 0.6, "foot": 0.6}


@dataclass(frozen=True, slots=True)
class Hand:
    """How one person writes, in heights of a digit unless said otherwise.

    Attributes:
        shapes: The person's own form of each character.
        slant_frac: Shift to the right per height.
        width_frac: Width of the characters, 1 as in the alphabet.
        gap_frac: Free space between neighbours.
        tremor_frac: How far each knot strays from one time to the next.
        wander_frac: How far the line leaves its baseline.
        size_spread: Relative spread of the characters' sizes.
        joined: The form of each small letter that this person joins to its neighbours.
        join_share: How many of two neighbouring small letters are joined, 0 to 1.
        speed: 0 for careful writing to 1 for a scrawl: corners get round, ends fly off.
        shape_spread: How far a character's proportions change from one time to the next.
        word_gap_frac: Free space between words.
        touch_share: How many neighbouring digits touch or join.
        change_share: How often the person falls into another manner.
        slip_share: How many lines hold something that the person struck out.
        gap_spread: Relative spread of the free spaces.
    """

    shapes: Mapping[str, Skeleton]
    slant_frac: float = 0.0
    width_frac: float = 1.0
    gap_frac: float = 0.2
    tremor_frac: float = 0.0
    wander_frac: float = 0.0
    size_spread: float = 0.0
    joined: Mapping[str, Skeleton] = field(default_factory=dict)
    join_share: float = 0.0
    speed: float = 0.0
    shape_spread: float = 0.0
    word_gap_frac: float = 0.44
    touch_share: float = 0.0
    change_share: float = 0.0
    slip_share: float = 0.0
    gap_spread: float = 0.25


def plain_hand(gap_frac: float = 0.22) -> Hand:
    """The alphabet's first manners without any personality: a monoline typeface."""
    shapes = {character: forms[0] for character, forms in SKELETONS.items()}
    return Hand(shapes, gap_frac=gap_frac, gap_spread=0.0)


def sample_hand(rng: np.random.Generator, characters: Sequence[str] | None = None) -> Hand:
    """Invent a writer.

    Args:
        rng: Source of chance.
        characters: Those the writer will need; all of the alphabet by default.

    Returns:
        A hand that writes every character in one manner of its own.
    """
    build = _sample_build(rng)
    if characters is not None:  # who asks for a `d` does not expect a `D`
        build = replace(build, block_letters=False)
    known = SKELETONS if characters is None else characters
    shapes = {c: _reshape(rng, build, c, _pick_form(rng, build, c)) for c in known}
    joins = characters is None and not build.block_letters and bool(rng.random() < 0.5)
    letters = sorted(JOINED_SKELETONS) if joins else []
    joined = {c: _reshape(rng, build, c, _pick_joined(rng, c)) for c in letters}
    speed = float(rng.beta(1.6, 2.2))
    return Hand(
        shapes=shapes,
        slant_frac=float(np.clip(rng.normal(0.13, 0.18), -0.25, 0.6)),
        width_frac=float(rng.uniform(0.82, 1.32)),
        gap_frac=float(rng.uniform(0.1, 0.3)),
        tremor_frac=float(rng.uniform(0.004, 0.011)),
        wander_frac=float(rng.uniform(0.005, 0.045)),
        size_spread=float(rng.uniform(0.02, 0.08)),
        joined=joined,
        join_share=float(rng.uniform(0.6, 1.0)) if joins else 0.0,
        speed=speed,
        shape_spread=float(rng.uniform(0.03, 0.1)) * (0.7 + 0.8 * speed),
        word_gap_frac=float(rng.uniform(0.36, 0.75)),
        touch_share=float(rng.choice([0.0, 0.03, 0.15], p=[0.45, 0.35, 0.2])),
        change_share=float(rng.uniform(0.0, 0.08)),
        slip_share=0.012,
        gap_spread=float(rng.uniform(0.25, 0.5)),
    )


@dataclass(frozen=True, slots=True)
class _Build:
    """What all characters of a hand share: proportions, and where the person learnt to write."""

    home: Mapping[str, Mapping[str, float]]
    stray_frac: float
    x_height_frac: float
    tail_frac: float
    capital_frac: float
    roundness: float
    freedom: float
    block_letters: bool


def _sample_build(rng: np.random.Generator) -> _Build:
    return _Build(
        home=_HOMES[int(rng.integers(len(_HOMES)))],
        stray_frac=float(rng.uniform(0.01, 0.032)),
        x_height_frac=float(rng.uniform(0.4, 0.64)),
        tail_frac=float(rng.uniform(0.7, 1.3)),
        capital_frac=float(rng.uniform(0.95, 1.25)),
        roundness=float(rng.normal(0, 0.09)),
        freedom=float(rng.uniform(0.5, 1.5)),
        block_letters=bool(rng.random() < 0.14),
    )


def _pick_form(rng: np.random.Generator, build: _Build, character: str) -> Skeleton:
    if character in NUMERAL_SKELETONS:
        return pick_numeral(rng, character, build.home)
    if build.block_letters and character.islower() and character.upper() in SKELETONS:
        character = character.upper()
    forms = SKELETONS[character]
    return forms[int(rng.integers(len(forms)))]


def pick_numeral(
    rng: np.random.Generator, digit: str, home: Mapping[str, Mapping[str, float]]
) -> Skeleton:
    """Choose a manner of a digit, then one of its forms.

    Args:
        rng: Source of chance.
        digit: `0` to `9`.
        home: Digit, manner, how likely it is; 1 where nothing is said.

    Returns:
        The skeleton.
    """
    manners = NUMERAL_SKELETONS[digit]
    weights = np.array([home.get(digit, {}).get(m, _RARE.get(m, 1.0)) for m in manners])
    forms = list(manners.values())[int(rng.choice(len(weights), p=weights / weights.sum()))]
    return forms[int(rng.integers(len(forms)))]


def _pick_joined(rng: np.random.Generator, letter: str) -> Skeleton:
    forms = JOINED_SKELETONS[letter]
    return forms[int(rng.integers(len(forms)))]


def _reshape(
    rng: np.random.Generator, build: _Build, character: str, skeleton: Skeleton
) -> Skeleton:
    """The person's own version of a form: their proportions, and a little that is just theirs.

    Width, lean, where the waist is, which half is wider: in these, people's digits differ most.
    """
    free = build.freedom * (1.0 if character in "0234568" else 0.5)  # a 1 must not become a 7
    wide, lean, waist, flare = (rng.normal(0, free, 4) * (0.23, 0.11, 0.07, 0.42)).tolist()
    wide = float(np.exp(np.clip(wide + (0.12 if character == "0" else 0.03), -0.4, 0.42)))
    strokes = []
    for stroke in skeleton:
        knots = stroke.knots + rng.normal(0, build.stray_frac, stroke.knots.shape)
        x, y = knots[:, 0], knots[:, 1]
        height = np.clip(y, 0, 1)
        bulge = build.roundness * np.sin(np.pi * height) + flare * (height - 0.5)
        reshaped = np.column_stack(
            [
                0.27 + (x - 0.27) * wide * (1 + bulge) - lean * (y - 0.5),
                y + waist * np.sin(np.pi * height),
            ]
        )
        strokes.append(Stroke(_scale_letter(build, character, reshaped), stroke.is_corner))
    return tuple(strokes)


def _scale_letter(build: _Build, character: str, knots: Points) -> Points:
    """Heights of small letters, their stems and tails, and of capitals; digits stay 1 high."""
    if not character.isalpha():
        return knots
    if character.isupper() or build.block_letters:
        size = build.capital_frac * (1.0 if character.isupper() else 0.8)
        return (knots - (0, 1)) * (0.5 + 0.5 * size, size) + (0, 1)
    above = 1 - knots[:, 1]
    heights = np.interp(
        above,
        [-0.4, 0, _X_HEIGHT, 1.05],
        [-0.4 * build.tail_frac, 0, build.x_height_frac, 1.02 * build.capital_frac],
    )
    width = 0.45 + 0.55 * build.x_height_frac / _X_HEIGHT
    return np.column_stack([knots[:, 0] * width, 1 - heights])
