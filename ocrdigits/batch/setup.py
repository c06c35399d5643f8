"""Everything but the photo that a reading depends on, with a digest that tells two apart."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from ocrdigits import __version__
from ocrdigits.calibration import Calibration
from ocrdigits.model.card import read_card
from ocrdigits.model.card_calibration import read_weights_calibration
from ocrdigits.model.runtime import choose_folder, find_weights, has_weights, read_verified
from ocrdigits.records import ReaderChoice
from ocrdigits.settings import Settings


@dataclass(frozen=True, slots=True)
class Setup:
    """What readings depend on.

    Attributes:
        facts: Version, settings, weights' checksums and calibration, as JSON.
        digest: SHA-256 of the facts, in hexadecimal.
    """

    facts: str
    digest: str


def describe_setup(
    settings: Settings, weights: Path | None = None, calibration: Calibration | None = None
) -> Setup:
    """Gather the facts, without loading a network.

    Args:
        settings: Of all stages.
        weights: Folder the user named, or None.
        calibration: What the user named, or None for the weights' own.

    Returns:
        The same digest for the same readings, wherever the files lie.

    Raises:
        WeightsError: If weights are missing or damaged.
    """
    names = ["digits"]
    if settings.reader is not ReaderChoice.SEGMENTS:
        names.append("strings")
        names += ["plain"] if has_weights(choose_folder("strings", weights), "plain") else []
    fitted = calibration or read_weights_calibration(weights)
    facts = {
        "ocrdigits": __version__,
        "settings": asdict(settings),
        "weights": {name: _checksum(name, weights) for name in names},
        "calibration": fitted.to_json(),
    }
    text = json.dumps(facts, sort_keys=True, default=_plain)
    return Setup(text, hashlib.sha256(text.encode()).hexdigest())


def _checksum(name: str, weights: Path | None) -> str:
    path = find_weights(choose_folder(name, weights), name) / f"{name}.onnx"
    return hashlib.sha256(read_verified(path, read_card(path.with_suffix(".json")))).hexdigest()


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a setting may be
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"{value!r} has no place in a setup")
