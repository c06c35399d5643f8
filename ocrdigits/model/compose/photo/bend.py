"""Shape of a sheet that does not lie flat: a few angles go in, its profile comes out.

Paper bends about one direction and stays straight along it (a cylinder in the wide sense), so that
lengths on it never change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_KNOTS = 513


@dataclass(frozen=True, slots=True)
class Bend:
    """How a sheet fails to lie flat; all zero is flat.

    Attributes:
        axis_deg: Direction on the sheet along which its height changes; 0 is to the right.
        arch_deg: Slope at both ends of one arch over the whole sheet; below 0 a hollow.
        ripple_deg: Slope of waves.
        ripples: Number of waves.
        lift_deg: Slope at the end that curls up.
        lift_frac: Share of the sheet that curls up.
    """

    axis_deg: float = 0.0
    arch_deg: float = 0.0
    ripple_deg: float = 0.0
    ripples: float = 1.5
    lift_deg: float = 0.0
    lift_frac: float = 0.3

    def slope_deg(self, along: NDArray[np.float64]) -> NDArray[np.float64]:
        """Slope at places from 0 to 1 along the axis; beyond both the sheet goes on straight."""
        t = np.clip(along, 0, 1)
        lift = np.clip((t - 1) / self.lift_frac + 1, 0, 1)
        ripple = np.sin(2 * np.pi * (self.ripples * t + 0.2))
        bent = self.arch_deg * np.cos(np.pi * t) + self.ripple_deg * ripple
        slope: NDArray[np.float64] = bent + self.lift_deg * lift**1.5
        return slope


def make_profile(bend: Bend, length: float) -> NDArray[np.float64]:
    """Walk along the bent sheet and note where each step leads.

    Args:
        bend: Its shape.
        length: Of the sheet along the axis.

    Returns:
        (4, K), measured from the sheet's middle and beyond both its ends: distance on the paper,
        distance on the table, height above the lowest point of the sheet, slope in radians.
    """
    along = np.linspace(-0.6, 1.6, _KNOTS)
    slope = np.deg2rad(bend.slope_deg(along))
    step = (along[1] - along[0]) * length
    reach, height = (
        np.concatenate([[0], np.cumsum((f[1:] + f[:-1]) / 2)]) * step
        for f in (np.cos(slope), np.sin(slope))
    )
    on_sheet = (along >= 0) & (along <= 1)
    middle = np.interp(0.5, along, reach)
    return np.stack(
        [(along - 0.5) * length, reach - middle, height - height[on_sheet].min(), slope]
    )
