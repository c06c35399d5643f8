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
from ocrdigits.model.runtime import find_weights, has_weights, read_verified

_PARTS = {
    "numpy": "numpy",
    "opencv": "opencv-python-headless",
    "onnxruntime": "onnxruntime",
    "pillow": "pillow",
    "pi-heif": "pi-heif",
    "pypdfium2": "pypdfium2",
    "torch": "torch",
}

_NETWORKS = ("digits", "strings", "plain", "glance")
"""What weights there may be: the stems of their files."""


@dataclass(frozen=True, slots=True)
class WeightsInfo:
    """The weights of one network.

    Attributes:
        folder: Where they are.
        architecture: Name of the network.
        parameters: Number of trained numbers.
        created: When they were written, UTC.
        sha256: SHA-256 of its ONNX file, checked against the file.
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
        weights: Of the network that reads digits, or None if there are none to use …
        strings: … of the one that reads strings …
        plain: … of the one that looks at crops of them as they are …
        glance: … and of the one that tells the words of a page.
        error: Why weights cannot be used, or None.
    """

    versions: Mapping[str, str | None]
    weights: WeightsInfo | None
    strings: WeightsInfo | None = None
    plain: WeightsInfo | None = None
    glance: WeightsInfo | None = None
    error: str | None = None


def gather_info(weights_dir: Path | None = None) -> ProgramInfo:
    """Find out what is installed, without loading any of it.

    Args:
        weights_dir: Folder with weights; None for the ones that came along.

    Returns:
        The facts; it is an error if there are no weights at all, or if some are damaged.
    """
    versions: dict[str, str | None] = {
        "ocrdigits": __version__,
        "python": platform.python_version(),
    }
    versions |= {part: _version_of(package) for part, package in _PARTS.items()}
    found: dict[str, WeightsInfo] = {}
    errors: list[str] = []
    names = [name for name in _NETWORKS if has_weights(weights_dir, name)]
    for name in names or _NETWORKS[:1]:
        try:
            found[name] = _describe_weights(weights_dir, name)
        except WeightsError as error:
            errors.append(str(error))
    digits, strings, plain, glance = (found.get(name) for name in _NETWORKS)
    return ProgramInfo(versions, digits, strings, plain, glance, "; ".join(errors) or None)


def info_as_json(info: ProgramInfo) -> str:
    """The facts as one JSON object."""
    return json.dumps(asdict(info), ensure_ascii=True, indent=2) + "\n"


def render_info(info: ProgramInfo) -> str:
    """The facts as aligned lines."""
    lines = [(part, found or "not installed") for part, found in info.versions.items()]
    found = (info.weights, info.strings, info.plain, info.glance)
    for name, weights in zip(_NETWORKS, found, strict=True):
        lines.append((name, "none" if weights is None else weights.folder))
        if weights is None:
            continue
        lines.append(("  network", f"{weights.architecture}, {weights.parameters:,} parameters"))
        lines += [("  created", weights.created), ("  sha256", weights.sha256)]
        for data_set, figures in weights.metrics.items():
            shown = ", ".join(f"{figure} {value:g}" for figure, value in figures.items())
            lines.append((f"  {data_set}", shown))
    width = max(len(name) for name, _ in lines)
    return "".join(f"{name:<{width}}  {fact}\n" for name, fact in lines)


def _version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        # The other builds of OpenCV bring the same module.
        return _version_of("opencv-python") if package == "opencv-python-headless" else None


def _describe_weights(weights_dir: Path | None, name: str) -> WeightsInfo:
    folder = find_weights(weights_dir, name)
    card = read_card(folder / f"{name}.json")
    read_verified(folder / f"{name}.onnx", card)
    return WeightsInfo(
        folder=str(folder),
        architecture=card.architecture,
        parameters=card.parameter_count,
        created=card.created,
        sha256=card.sha256[f"{name}.onnx"],
        metrics=card.metrics,
    )
