"""A writer's hand: text in, the pen's path out; one manner of writing held over a whole page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compose.alphabet import SKELETONS, Points, Skeleton, Stroke

Path = Points
"""(M, 2) densely sampled stroke."""

_STEPS = 7  # points per knot: under half a pixel off the curve at 60 px digits
_RAMP = np.linspace(0, 1, _STEPS, endpoint=False)[:, None]
_BASIS = np.concatenate(  # Catmull–Rom, (_STEPS, 4)
    [
        -0.5 * _RAMP + _RAMP**2 - 0.5 * _RAMP**3,
        1 - 2.5 * _RAMP**2 + 1.5 * _RAMP**3,
        0.5 * _RAMP + 2 * _RAMP**2 - 1.5 * _RAMP**3,
        -0.5 * _RAMP**2 + 0.5 * _RAMP**3,
    ],
    axis=1,
)


@dataclass(frozen=True, slots=True)
class Hand:
    """How one person writes, in heights of a digit unless said otherwise.

    Attributes:
        shapes: The person's own form of each character.
        slant_frac: Shift to the right per height.
        width_frac: Width of the characters, 1 as in the alphabet.
        gap_frac: Free space between neighbours.
        tremor_frac: How far each knot strays from one time to the next.
        wander_frac: How far a character leaves the baseline.
        size_spread: Relative spread of the characters' sizes.
    """

    shapes: Mapping[str, Skeleton]
    slant_frac: float = 0.0
    width_frac: float = 1.0
    gap_frac: float = 0.2
    tremor_frac: float = 0.0
    wander_frac: float = 0.0
    size_spread: float = 0.0


@dataclass(frozen=True, slots=True)
class WrittenCharacter:
    """One character as the pen went: digit height 1, origin at the string's left on the baseline.

    Attributes:
        text: The character.
        paths: One (M, 2) curve per stroke.
    """

    text: str
    paths: tuple[Path, ...]


def plain_hand(gap_frac: float = 0.22) -> Hand:
    """The alphabet's first manners without any personality: a monoline typeface."""
    return Hand(
        {character: manners[0] for character, manners in SKELETONS.items()}, gap_frac=gap_frac
    )


def sample_hand(rng: np.random.Generator, characters: Sequence[str] | None = None) -> Hand:
    """Invent a writer.

    Args:
        rng: Source of chance.
        characters: Those the writer will need; all of the alphabet by default.

    Returns:
        A hand that writes every character in one manner.
    """
    known = SKELETONS if characters is None else characters
    stray = rng.uniform(0.012, 0.03)
    return Hand(
        shapes={character: _sample_shape(rng, character, stray) for character in known},
        slant_frac=float(np.clip(rng.normal(0.1, 0.14), -0.2, 0.5)),
        width_frac=float(rng.uniform(0.85, 1.15)),
        gap_frac=float(rng.uniform(0.16, 0.32)),
        tremor_frac=float(rng.uniform(0.006, 0.016)),
        wander_frac=float(rng.uniform(0.0, 0.035)),
        size_spread=float(rng.uniform(0.01, 0.06)),
    )


def _sample_shape(rng: np.random.Generator, character: str, stray: float) -> Skeleton:
    manners = SKELETONS[character]
    skeleton = manners[int(rng.integers(len(manners)))]
    return tuple(
        Stroke(stroke.knots + rng.normal(0, stray, stroke.knots.shape), stroke.is_corner)
        for stroke in skeleton
    )


def write_text(rng: np.random.Generator, hand: Hand, text: str) -> tuple[WrittenCharacter, ...]:
    """Write a string on a straight line.

    Args:
        rng: Source of what differs from one time to the next.
        hand: The writer.
        text: Characters of the hand's shapes, and spaces.

    Returns:
        The characters but for the spaces, left to right.

    Raises:
        KeyError: If the hand lacks a character.
    """
    written, x = [], 0.0
    for character in text:
        if character == " ":
            x += 0.44 * hand.width_frac
            continue
        paths = _trace_character(rng, hand, hand.shapes[character])
        low = min(float(path[:, 0].min()) for path in paths)
        high = max(float(path[:, 0].max()) for path in paths)
        offset = (x - low, float(rng.normal(0, hand.wander_frac)))
        slanted = tuple(_slant(path + offset, hand.slant_frac) for path in paths)
        written.append(WrittenCharacter(character, slanted))
        thin = 0.08 if high - low < 0.12 else 0.0  # people leave a bare 1 more air
        x += high - low + thin + hand.gap_frac * float(rng.uniform(0.75, 1.25))
    return tuple(written)


def _trace_character(rng: np.random.Generator, hand: Hand, shape: Skeleton) -> list[Path]:
    size = 1 + float(np.clip(rng.normal(0, hand.size_spread), -0.15, 0.15))
    scale = np.array([size * hand.width_frac, size])
    paths = []
    for stroke in shape:
        knots = stroke.knots + rng.normal(0, hand.tremor_frac, stroke.knots.shape)
        paths.append((trace_spline(knots, stroke.is_corner) - (0, 1)) * scale)
    return paths


def trace_spline(knots: Points, is_corner: NDArray[np.bool_]) -> Path:
    """Draw a smooth curve through knots.

    Args:
        knots: (N, 2) points to pass, N at least 2.
        is_corner: (N,) True where the curve may turn sharply.

    Returns:
        (M, 2) points along the curve.

    Reference:
        Catmull and Rom 1974, "A Class of Local Interpolating Splines".
    """
    points = np.repeat(knots, 1 + is_corner.astype(np.intp), axis=0)
    padded = np.concatenate([points[:1], points, points[-1:]])
    spans = np.stack([padded[k : len(padded) - 3 + k] for k in range(4)], axis=1)  # (S, 4, 2)
    moves = (spans[:, 1] != spans[:, 2]).any(axis=1)  # the span inside a doubled knot would curl
    curve = (_BASIS @ spans[moves]).reshape(-1, 2)  # (S, _STEPS, 2) → (S · _STEPS, 2)
    path: Path = np.concatenate([curve, points[-1:]])
    return path


def _slant(path: Path, slant_frac: float) -> Path:
    slanted = path.copy()
    slanted[:, 0] -= slant_frac * path[:, 1]
    return slanted


def path_bounds(paths: Sequence[Path]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of curves."""
    points = np.concatenate(paths)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return float(left), float(top), float(right), float(bottom)
