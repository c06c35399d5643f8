"""What the shared export needs to know of the glance network, and the strips that prove it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from ocrdigits.model.export import NetworkKind
from ocrdigits.model.glance.network import ARCHITECTURES
from ocrdigits.model.glance.runtime import GLANCE_NAME
from ocrdigits.vision.strip import STEP_PX, STRIP_PX

_PROOF_WIDTHS_PX = (64, 32, 160, 320)


def _proof_strips() -> list[NDArray[np.float32]]:
    """Strips on which both files must agree: noise, and blots of it on paper."""
    draw = np.random.default_rng(20261129)
    return [
        (
            draw.random((16, 1, STRIP_PX, width)) * (draw.random((16, 1, STRIP_PX, width)) < 0.3)
        ).astype(np.float32)
        for width in _PROOF_WIDTHS_PX
    ]


GLANCE = NetworkKind(
    name=GLANCE_NAME,
    architectures=ARCHITECTURES,
    class_count=1,
    input_name="strips",
    output_name="logits",
    free_axes={0: torch.export.Dim("n"), 3: STEP_PX * torch.export.Dim("steps")},
    make_proof=_proof_strips,
)
"""`GlanceNet`: (N, 1, 24, W) strips → (N, W / 4) logits."""
