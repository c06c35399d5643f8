"""A folder of weights in, the ONNX files of all its networks written anew."""

from __future__ import annotations

from pathlib import Path

from ocrdigits.model.export import DIGITS, Export, export_weights
from ocrdigits.model.glance.export import GLANCE
from ocrdigits.model.runtime import has_weights
from ocrdigits.model.strings.export import PLAIN, STRINGS

KINDS = (DIGITS, STRINGS, PLAIN, GLANCE)
"""All networks whose weights a folder may hold."""


def export_all(
    weights_dir: Path | None = None, out: Path | None = None, *, eight_bit: bool = False
) -> list[Export]:
    """Write the ONNX files of all weights in a folder anew, as `export_weights` does.

    Args:
        weights_dir: Folder with weights of any of the networks; None for the package's.
        out: Folder to write to; None for the folder of the weights.
        eight_bit: Have the larger networks compute in eight bits.

    Returns:
        What was written.

    Raises:
        WeightsError: If there are none, or they cannot be used or do not agree.
        OutputError: If a file cannot be written.
    """
    kinds = [kind for kind in KINDS if has_weights(weights_dir, kind.name)]
    return [
        export_weights(weights_dir, out, kind=kind, eight_bit=eight_bit)
        for kind in kinds or [DIGITS]
    ]
