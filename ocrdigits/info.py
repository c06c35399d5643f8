"""What is installed: versions of the parts and the facts on the model's card."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ocrdigits import __version__
from ocrdigits.errors import WeightsError
from ocrdigits.model.card import read_card
from ocrdigits.model.runtime import find_weights, read_verified

_PARTS = {
    "numpy": "numpy",
    "opencv": "opencv-python-headless",
    "onnxruntime": "onnxruntime",
    "pillow": "pillow",
    "pi-heif": "pi-heif",
    "pypdfium2": "pypdfium2",
    "torch": "torch",
}


@dataclass(frozen=True, slots=True)
class WeightsInfo:
    """The weights in use.

    Attributes:
        folder: Where they are.
        architecture: Name of the network.
        parameters: Number of trained numbers.
        created: When they were written, UTC.
        sha256: SHA-256 of `digits.onnx`, checked against the file.
        metrics: Measured figures: set → figure → number.
    """

    folder: str
    architecture: str
    parameters: int
    created: str
    sha256: str
    metrics: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class ProgramInfo:
    """What is installed.

    Attributes:
        versions: Part → version, or None if it is not installed.
        weights: The weights, or None if they cannot be used.
        error: Why they cannot be used, or None.
    """

    versions: Mapping[str, str | None]
    weights: WeightsInfo | None
    error: str | None = None


def gather_info(weights_dir: Path | None = None) -> ProgramInfo:
    """Find out what is installed, without loading any of it.

    Args:
        weights_dir: Folder with weights; None for the ones that came along.

    Returns:
        The facts; missing or damaged weights are one of them.
    """
    versions: dict[str, str | None] = {
        "ocrdigits": __version__,
        "python": platform.python_version(),
    }
    versions |= {part: _version_of(package) for part, package in _PARTS.items()}
    try:
        return ProgramInfo(versions, _describe_weights(weights_dir))
    except WeightsError as error:
        return ProgramInfo(versions, None, str(error))


def info_as_json(info: ProgramInfo) -> str:
    """The facts as one JSON object."""
    return json.dumps(asdict(info), ensure_ascii=True, indent=2) + "\n"


def render_info(info: ProgramInfo) -> str:
    """The facts as aligned lines."""
    lines = {part: found or "not installed" for part, found in info.versions.items()}
    if info.weights is not None:
        lines |= {
            "weights": info.weights.folder,
            "architecture": f"{info.weights.architecture}, {info.weights.parameters:,} parameters",
            "created": info.weights.created,
            "sha256": info.weights.sha256,
        }
        for data_set, figures in info.weights.metrics.items():
            lines[data_set] = ", ".join(f"{name} {value:g}" for name, value in figures.items())
    width = max(len(name) for name in lines)
    return "".join(f"{name:<{width}}  {fact}\n" for name, fact in lines.items())


def _version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        # The other builds of OpenCV bring the same module.
        return _version_of("opencv-python") if package == "opencv-python-headless" else None


def _describe_weights(weights_dir: Path | None) -> WeightsInfo:
    folder = find_weights(weights_dir)
    card = read_card(folder / "digits.json")
    read_verified(folder / "digits.onnx", card)
    return WeightsInfo(
        folder=str(folder),
        architecture=card.architecture,
        parameters=card.parameter_count,
        created=card.created,
        sha256=card.sha256["digits.onnx"],
        metrics=card.metrics,
    )
