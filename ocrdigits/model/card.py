"""The model card: what a weights file is, what made it, and what it must not be used for.

A card is a JSON file beside the weights (`digits.json` beside `digits.onnx` and
`digits.safetensors`); the SHA-256 sums in it are what the weights are checked against.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ocrdigits.errors import OutputError, WeightsError

DATA_LICENCES: Mapping[str, str] = MappingProxyType(
    {
        "mnist": "CC BY-SA 3.0",
        "qmnist": "BSD-style (facebookresearch/qmnist)",
        "emnist": "none stated (NIST Special Database 19, public domain)",
        "usps": "none stated (distributed with textbooks)",
        "cvl": '"freely available", competition ICDAR 2013 HDRC; no licence text in the copy',
        "nsysu": "ODbL 1.0 / DbCL 1.0 (SageLabTW/auto-grading)",
        "semeion": "CC BY 4.0 (UCI repository)",
        "logbook_cells": "none stated; published for a model-building challenge "
        "(Charitable-Analytics-International/AI4Good---Meza-OCR-Challenge)",
        "register_rows": "none stated (coastalcph/mgr-birthdates, ICFHR 2022)",
        "homework_numbers": "none stated (lilong-wen/hdsr)",
        "cheque_scans": "none stated (tianmingliu/Bank-check-OCR)",
        "drawn": "drawn by ocrdigits from its stroke model and free typefaces (OFL, Apache 2.0, "
        "Bitstream Vera)",
        "grids_printed": "CC BY 4.0 (wichtounet/sudoku_dataset)",
        "grids_filled": "CC BY 4.0 (wichtounet/sudoku_dataset)",
    }
)
"""Licences of the data sets a model may be trained or measured on, as their sources state them."""

UNKNOWN_LICENCE = "the user's own data"


def licence_of(data_set: str) -> str:
    """Licence of a data set by its name, e.g. `mnist train` or `logbook_cells/train`.

    Args:
        data_set: Its name; what follows a `/` or blank names a part of it.

    Returns:
        The licence as the source states it; for an unknown name, that the data are the user's.
    """
    return DATA_LICENCES.get(re.split("[ /:]", data_set.lower())[0], UNKNOWN_LICENCE)


@dataclass(frozen=True, slots=True)
class DataSetUse:
    """One set of data that went into a model.

    Attributes:
        name: Its name, e.g. `mnist/train`.
        count: How many of its digits or images were used.
        licence: The licence as its source states it.
        sha256: Sum of its files (`sha256_of_files`).
    """

    name: str
    count: int
    licence: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelDescription:
    """What only the one who trained a model can say about it.

    Attributes:
        architecture: A name of `network.ARCHITECTURES`.
        training: Settings of the training, by name.
        data: What it was trained on.
        metrics: Measured figures: set → figure → number, e.g. `{"mnist test": {"accuracy": 1.0}}`.
        limits: What it is known to do badly, a sentence each.
        must_not_be_used_for: What it must not be used for, a sentence each.
    """

    architecture: str
    training: Mapping[str, Any] = field(default_factory=dict)
    data: tuple[DataSetUse, ...] = ()
    metrics: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    must_not_be_used_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard(ModelDescription):
    """The whole card: the description and what `save_weights` found out itself.

    Attributes:
        name: Stem of the files, e.g. `digits`.
        class_count: Columns of the network's answer.
        parameter_count: Trainable parameters.
        created: When the weights were written, UTC, ISO 8601.
        git_commit: Commit of the program that trained them, or None outside a repository.
        sha256: File name → SHA-256 of the weights files beside the card.
        calibration: As `Calibration.to_json` gives it, or None before there is one.
        eight_bit: Where the ONNX file computes in eight bits, the share of answers in which it puts
            the same class first as the safetensors; None where it computes as they do.
    """

    name: str
    class_count: int
    parameter_count: int
    created: str
    git_commit: str | None
    sha256: Mapping[str, str]
    calibration: Mapping[str, Any] | None = None
    eight_bit: float | None = None


def describe_from(cards: Sequence[ModelCard], **changes: Any) -> ModelDescription:  # noqa: ANN401
    """What can be said of a model that was made of others.

    Args:
        cards: Of the others.
        changes: What is said of it otherwise than of the first one.

    Returns:
        The first one's description with all the data that went into any, and the changes.
    """
    described = {it.name: getattr(cards[0], it.name) for it in dataclasses.fields(ModelDescription)}
    described["data"] = tuple(dict.fromkeys(use for card in cards for use in card.data))
    return ModelDescription(**(described | changes))


def write_card(card: ModelCard, path: Path) -> None:
    """Write a card as JSON, whole or not at all.

    Args:
        card: What to write.
        path: The file, e.g. `weights/digits.json`.

    Raises:
        OutputError: If the file cannot be written.
    """
    text = json.dumps(dataclasses.asdict(card), indent=2, ensure_ascii=False)
    write_bytes_atomically(path, (text + "\n").encode())


def read_card(path: Path) -> ModelCard:
    """Read a card.

    Args:
        path: The JSON file.

    Returns:
        The card; keys of a newer program are left out.

    Raises:
        WeightsError: If the card is missing or damaged.
    """
    try:
        return _card_from_json(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise WeightsError(
            f"{path}: the model card cannot be read ({error.strerror}); "
            "install ocrdigits again or give other --weights"
        ) from error
    except (ValueError, TypeError, KeyError) as error:
        raise WeightsError(
            f"{path}: not a model card ({_first_line(error)}); "
            "install ocrdigits again or give other --weights"
        ) from error


def _card_from_json(entries: Any) -> ModelCard:  # noqa: ANN401
    if not isinstance(entries, dict):
        raise TypeError("not a JSON object")
    for key, kind in _REQUIRED.items():
        if not isinstance(entries.get(key), kind):
            raise TypeError(f"{key} is missing or of the wrong kind")
    known = {f.name for f in dataclasses.fields(ModelCard)}
    values = {key: value for key, value in entries.items() if key in known}
    values["data"] = tuple(DataSetUse(**use) for use in values["data"])
    values["limits"] = tuple(values["limits"])
    values["must_not_be_used_for"] = tuple(values["must_not_be_used_for"])
    if not isinstance(entries.get("calibration"), dict | None):
        raise TypeError("calibration is of the wrong kind")
    return ModelCard(**values)


_REQUIRED: Mapping[str, type | tuple[type, ...]] = MappingProxyType(
    {
        "name": str,
        "architecture": str,
        "class_count": int,
        "parameter_count": int,
        "created": str,
        "git_commit": (str, type(None)),
        "training": dict,
        "data": list,
        "metrics": dict,
        "limits": list,
        "must_not_be_used_for": list,
        "sha256": dict,
    }
)


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a file's bytes, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_files(paths: Iterable[Path]) -> str:
    """One SHA-256 for one or several files, the same wherever they lie.

    Args:
        paths: The files; their order does not matter.

    Returns:
        The file's own sum for one file; for several, the sum of the sorted lines `sum  name`.
    """
    sums = {path: sha256_of_file(path) for path in paths}
    if len(sums) == 1:
        return next(iter(sums.values()))
    lines = sorted(f"{digest}  {path.name}\n" for path, digest in sums.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def describe_use(name: str, count: int, files: Iterable[Path]) -> DataSetUse:
    """What a card says of a set whose licence its name tells.

    Args:
        name: As `licence_of` takes it.
        count: How many of its digits or images were used.
        files: Of the set; none if it was drawn as it was needed.

    Returns:
        The entry.
    """
    return DataSetUse(name, count, licence_of(name), sha256_of_files(files))


def sha256_of_folder(folder: Path) -> str:
    """SHA-256 of all files below a folder, as `sha256_of_files` makes it."""
    return sha256_of_files(path for path in folder.rglob("*") if path.is_file())


def write_bytes_atomically(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: a reader never sees half of it.

    Args:
        path: The file; its folder is made if need be.
        content: What to write.

    Raises:
        OutputError: If the file cannot be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise OutputError(
            f"{path}: cannot be written ({error.strerror}); give another folder or make room"
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
