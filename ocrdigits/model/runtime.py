"""Weights on disk → a digit classifier on ONNX Runtime; nothing here needs torch."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from ocrdigits.errors import WeightsError
from ocrdigits.model.card import ModelCard, read_card
from ocrdigits.records import CELL_PX, NOT_A_DIGIT, Cells, DigitClassifier, DigitScores

CHUNK_CELLS = 16
"""Cells per run: their maps stay in the cache of one core."""

NETWORKS = ("digits", "strings", "glance")
"""Stems of the files of the networks that stand in for each other's absence."""

_PACKAGE = Path(__file__).resolve().parent.parent
_REMEDY = "install ocrdigits again or give other --weights"
_HARMFUL = ["QDQPropagationTransformer"]
"""Of ONNX Runtime's optimisations: it has the largest maps of eight-bit networks pooled as whole
numbers, twenty times as slowly as as floats."""
_SILENT = 4  # ONNX Runtime's "fatal": what it has to say otherwise comes back as an exception


class OnnxDigitClassifier:
    """A `DigitClassifier`: cells in, probabilities of eleven classes out."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401  (onnxruntime has no types)
        self._session = session

    def __call__(self, cells: Cells) -> DigitScores:
        """Classify cells; each answer depends on its own cell alone.

        Args:
            cells: (N, 28, 28) float32 in [0, 1]; N may be 0.

        Returns:
            (N, 11) float32, rows summing to 1.

        Raises:
            ValueError: If the cells have another shape or type.
        """
        if cells.dtype != np.float32 or cells.shape[1:] != (CELL_PX, CELL_PX):
            raise ValueError(
                f"cells must be (N, {CELL_PX}, {CELL_PX}) float32, not {cells.shape} {cells.dtype}"
            )
        scores = np.empty((len(cells), NOT_A_DIGIT + 1), dtype=np.float32)
        for start in range(0, len(cells), CHUNK_CELLS):
            chunk = cells[start : start + CHUNK_CELLS, None]  # (n, 1, 28, 28)
            logits = self._session.run(["logits"], {"cells": chunk})[0]
            scores[start : start + CHUNK_CELLS] = _softmax(logits)
        return scores


def find_weights(weights_dir: Path | None = None, name: str = "digits") -> Path:
    """The folder that holds the weights.

    Args:
        weights_dir: The folder the user named, or None for the one that came with the package.
        name: Stem of the files: `digits` or `strings`.

    Returns:
        A folder with `name`.json; an installed package carries it inside, a checkout beside.

    Raises:
        WeightsError: If there is none.
    """
    if weights_dir is not None:
        if not (weights_dir / f"{name}.json").is_file():
            raise WeightsError(
                f"{weights_dir}: no {name}.json there; "
                f"give --weights the folder that `ocrdigits train {name} --out` wrote"
            )
        return weights_dir
    for folder in (_PACKAGE / "weights", _PACKAGE.parent / "weights"):
        if (folder / f"{name}.json").is_file():
            return folder
    raise WeightsError(
        f"{_PACKAGE / 'weights'}: the weights are missing ({name}.json); "
        f"install ocrdigits again, or train some with `ocrdigits train {name}` and give --weights"
    )


def has_weights(weights_dir: Path | None = None, name: str = "digits") -> bool:
    """Whether `find_weights` finds a folder."""
    try:
        find_weights(weights_dir, name)
    except WeightsError:
        return False
    return True


def choose_folder(name: str, weights_dir: Path | None) -> Path | None:
    """The user's folder, unless it holds other networks alone.

    Args:
        name: Stem of the files, of `NETWORKS`.
        weights_dir: The folder the user named, or None.

    Returns:
        The folder to look in; None for the package's own, which then stands in.
    """
    if weights_dir is None or (weights_dir / f"{name}.json").is_file():
        return weights_dir
    holds_others = any((weights_dir / f"{other}.json").is_file() for other in NETWORKS)
    return None if holds_others else weights_dir


def load_digit_classifier(weights_dir: Path | None = None, *, threads: int = 1) -> DigitClassifier:
    """Load the digit network, checked against its card.

    Args:
        weights_dir: Folder with `digits.onnx` and `digits.json`; None for the package's own.
        threads: Threads of one run. One is right where several photos are read at a time.

    Returns:
        (N, 28, 28) cells → (N, 11) probabilities; safe to call from several threads.

    Raises:
        WeightsError: If the weights are missing, damaged or do not fit.
    """
    session = open_network(
        find_weights(weights_dir) / "digits.onnx",
        takes=("cells", [1, CELL_PX, CELL_PX]),
        gives=("logits", [NOT_A_DIGIT + 1]),
        threads=threads,
    )
    return OnnxDigitClassifier(session)


Port = tuple[str, list[int | None]]
"""Name of an input or output, and its axes after the first; None is any length."""


def open_network(path: Path, *, takes: Port, gives: Port, threads: int = 1) -> Any:  # noqa: ANN401
    """Open a network, checked against the card beside it.

    Args:
        path: The ONNX file.
        takes: Its one input.
        gives: Its one output.
        threads: Threads of one run.

    Returns:
        A session of ONNX Runtime.

    Raises:
        WeightsError: If the network or its card is missing or damaged, or it does not fit.
    """
    content = read_verified(path, read_card(path.with_suffix(".json")))
    session = open_session(path, content, threads)
    _require_fit(path, session, takes=takes, gives=gives)
    return session


def read_verified(path: Path, card: ModelCard) -> bytes:
    """A weights file's bytes, once their sum is the card's.

    Args:
        path: The file.
        card: The card beside it.

    Returns:
        Its content.

    Raises:
        WeightsError: If it cannot be read or its SHA-256 is not the card's.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path}: cannot be read ({error.strerror}); {_REMEDY}") from error
    if hashlib.sha256(content).hexdigest() != card.sha256.get(path.name):
        raise WeightsError(
            f"{path}: damaged, or not the file its card describes (SHA-256 differs); {_REMEDY}"
        )
    return content


def open_session(path: Path, onnx: bytes, threads: int = 1) -> Any:  # noqa: ANN401
    """Open a network whose bytes need no more checking.

    Args:
        path: Its file, for the message.
        onnx: The file's content.
        threads: Threads of one run.

    Returns:
        A session of ONNX Runtime.

    Raises:
        WeightsError: If ONNX Runtime cannot load it.
    """
    import onnxruntime  # 0.16 s, which `--help` does not need

    onnxruntime.set_default_logger_severity(_SILENT)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _SILENT
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Waiting threads sleep instead of spinning: other photos want the core.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(
            onnx,
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=_HARMFUL,
        )
    except Exception as error:  # its exceptions have no common base of their own
        reason = str(error).partition("\n")[0]
        raise WeightsError(f"{path}: ONNX Runtime cannot load it ({reason}); {_REMEDY}") from error


def _require_fit(path: Path, session: Any, *, takes: Port, gives: Port) -> None:  # noqa: ANN401
    """Refuse a network of another version of this program."""
    inputs = [(entry.name, _fixed_axes(entry)) for entry in session.get_inputs()]
    outputs = [(entry.name, _fixed_axes(entry)) for entry in session.get_outputs()]
    if (inputs, outputs) != ([takes], [gives]):
        raise WeightsError(
            f"{path}: does not fit this version (it takes {inputs} and gives {outputs}, "
            f"not {[takes]} and {[gives]}); {_REMEDY}"
        )


def _fixed_axes(entry: Any) -> list[int | None]:  # noqa: ANN401
    """Lengths of the axes after the first; free ones have names or formulas, which are None."""
    return [length if isinstance(length, int) else None for length in entry.shape[1:]]


def _softmax(logits: DigitScores) -> DigitScores:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float32)
