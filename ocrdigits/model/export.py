"""A trained network → safetensors, ONNX and a card; the two weights files are proved to agree."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as tensors_as_bytes
from torch import nn

from ocrdigits.errors import WeightsError
from ocrdigits.model.card import (
    ModelCard,
    ModelDescription,
    read_card,
    sha256_of_file,
    write_bytes_atomically,
    write_card,
)
from ocrdigits.model.network import ARCHITECTURES, CLASS_COUNT, count_parameters
from ocrdigits.model.runtime import find_weights, read_verified
from ocrdigits.records import CELL_PX, Cells

LARGEST_DIFFERENCE = 1e-4
"""How far the logits of both files may lie apart; what trained networks show is about 1e-5."""


@dataclass(frozen=True, slots=True)
class Export:
    """What an export wrote.

    Attributes:
        onnx: The file.
        architecture: Of the network in it.
        parameter_count: Its trainable parameters.
        largest_difference: Largest distance of a logit from that of the safetensors file.
        cell_count: On how many cells both were compared.
    """

    onnx: Path
    architecture: str
    parameter_count: int
    largest_difference: float
    cell_count: int


def save_weights(
    network: nn.Module, description: ModelDescription, folder: Path, *, name: str = "digits"
) -> ModelCard:
    """Write a network as `name`.safetensors, `name`.onnx and `name`.json.

    Args:
        network: (N, 1, 28, 28) cells → (N, 11) logits; left in its mode, on its device.
        description: What the card is to say of it.
        folder: Where to; made if need be.
        name: Stem of the three files.

    Returns:
        The card as written.

    Raises:
        OutputError: If a file cannot be written.
        WeightsError: If both weights files would not agree; then nothing is written.
    """
    safetensors, onnx = folder / f"{name}.safetensors", folder / f"{name}.onnx"
    tensors = {key: value.cpu().contiguous() for key, value in network.state_dict().items()}
    content = tensors_as_bytes(tensors, {"architecture": description.architecture})
    _export(_network_in(content, safetensors), description.architecture, onnx)
    write_bytes_atomically(safetensors, content)
    described = {f.name: getattr(description, f.name) for f in dataclasses.fields(ModelDescription)}
    card = ModelCard(
        **described,
        name=name,
        class_count=CLASS_COUNT,
        parameter_count=count_parameters(network),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        git_commit=commit_of_program(),
        sha256={path.name: sha256_of_file(path) for path in (onnx, safetensors)},
    )
    write_card(card, folder / f"{name}.json")
    return card


def load_network(safetensors_path: Path) -> nn.Module:
    """The network of a safetensors file, in evaluation mode, on the CPU.

    Args:
        safetensors_path: A file that `save_weights` wrote; its metadata name the architecture.

    Returns:
        The network.

    Raises:
        WeightsError: If the file is missing, damaged or of an unknown architecture.
    """
    return _network_in(_read(safetensors_path), safetensors_path)


def export_onnx(safetensors_path: Path, onnx_path: Path) -> Export:
    """Write the network of a safetensors file as ONNX and prove that both agree.

    Args:
        safetensors_path: The trained weights.
        onnx_path: The file to write.

    Returns:
        What was written, and the largest difference found.

    Raises:
        WeightsError: If the weights cannot be used or the files do not agree.
        OutputError: If the ONNX file cannot be written.
    """
    content = _read(safetensors_path)
    network = _network_in(content, safetensors_path)
    return _export(network, _architecture_in(content), onnx_path)


def export_weights(weights_dir: Path | None = None, out: Path | None = None) -> Export:
    """Write `digits.onnx` anew from `digits.safetensors`, and a card that fits it.

    Args:
        weights_dir: Folder of the weights; None for the package's own.
        out: Folder to write to; None for the folder of the weights.

    Returns:
        What was written, and the largest difference found.

    Raises:
        WeightsError: If the weights cannot be used or the files do not agree.
        OutputError: If a file cannot be written.
    """
    source = find_weights(weights_dir)
    target = source if out is None else out
    card = read_card(source / "digits.json")
    tensors = read_verified(source / "digits.safetensors", card)
    export = export_onnx(source / "digits.safetensors", target / "digits.onnx")
    write_bytes_atomically(target / "digits.safetensors", tensors)
    sums = {**card.sha256, "digits.onnx": sha256_of_file(export.onnx)}
    write_card(dataclasses.replace(card, sha256=sums), target / "digits.json")
    return export


def render_export(export: Export) -> str:
    """What an export wrote, in one line for people."""
    return (
        f"{export.onnx}: {export.architecture}, {export.parameter_count:,} parameters; "
        f"largest difference to the safetensors {export.largest_difference:.1e} "
        f"on {export.cell_count:,} cells (limit {LARGEST_DIFFERENCE:.0e})"
    )


def commit_of_program() -> str | None:
    """Commit of the checkout this program runs from, `+changes` if it has any; None elsewhere."""
    checkout = Path(__file__).resolve().parents[2]
    if not (checkout / ".git").exists():
        return None
    try:
        commit = _git(checkout, "rev-parse", "HEAD")
        changed = _git(checkout, "status", "--porcelain", "--", "ocrdigits")
    except (OSError, subprocess.CalledProcessError):
        return None
    return f"{commit}+changes" if changed else commit


def _git(checkout: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(checkout), *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise WeightsError(
            f"{path}: cannot be read ({error.strerror}); give other --weights"
        ) from error


def _network_in(content: bytes, path: Path) -> nn.Module:
    try:
        network = ARCHITECTURES[_architecture_in(content)]()
        network.load_state_dict(load_tensors(content))
    except (SafetensorError, ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise WeightsError(
            f"{path}: holds no network of this program ({reason}); "
            "give other --weights or train again"
        ) from error
    return network.eval()


def _architecture_in(content: bytes) -> str:
    """The name in the file's header: eight bytes of length, then JSON."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    architecture = header.get("__metadata__", {}).get("architecture")
    if architecture not in ARCHITECTURES:
        raise ValueError(f"architecture {architecture!r} is unknown")
    return str(architecture)


def _export(network: nn.Module, architecture: str, path: Path) -> Export:
    onnx = _onnx_bytes(network, architecture)
    cells = _proof_cells()
    difference = _largest_difference(network, onnx, cells)
    if not difference <= LARGEST_DIFFERENCE:  # NaN is refused too
        raise WeightsError(
            f"{path}: ONNX and safetensors differ by {difference:.1e} "
            f"(limit {LARGEST_DIFFERENCE:.0e}); train again, or report the versions of torch and "
            "onnxruntime"
        )
    write_bytes_atomically(path, onnx)
    return Export(path, architecture, count_parameters(network), difference, len(cells))


def _onnx_bytes(network: nn.Module, architecture: str) -> bytes:
    program = torch.onnx.export(
        network,
        (torch.zeros(2, 1, CELL_PX, CELL_PX),),
        input_names=["cells"],
        output_names=["logits"],
        dynamic_shapes=({0: torch.export.Dim("n")},),
        dynamo=True,
        verbose=False,
    )
    if program is None:
        raise ValueError("torch.onnx.export gave nothing")
    model = program.model_proto
    _strip_traces(model)
    model.metadata_props.add(key="architecture", value=architecture)
    return bytes(model.SerializeToString(deterministic=True))


def _strip_traces(model: Any) -> None:  # noqa: ANN401  (protobuf has no types)
    """Take out the exporter's stack traces: they hold paths of the machine that trained."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.value_info, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.doc_string = ""
    for tensor in graph.initializer:
        del tensor.metadata_props[:]


def _proof_cells() -> Cells:
    """Cells on which both files must agree: noise, blank, full, and strokes as pens make them."""
    draw = np.random.default_rng(20261120)
    noise = draw.random((128, CELL_PX, CELL_PX), dtype=np.float32)
    plain = np.stack([np.zeros((CELL_PX, CELL_PX)), np.ones((CELL_PX, CELL_PX))])
    strokes = np.stack([_stroke(draw) for _ in range(384)])
    return np.concatenate([noise, plain, strokes]).astype(np.float32)


def _stroke(draw: np.random.Generator) -> Cells:
    """A curve through three random points, two to three pixels wide, soft at its edge."""
    time = np.linspace(0, 1, 40)[:, None]
    a, b, c = draw.uniform(4, CELL_PX - 4, (3, 1, 2))
    curve = (1 - time) ** 2 * a + 2 * time * (1 - time) * b + time**2 * c  # (40, 2)
    rows, columns = np.mgrid[:CELL_PX, :CELL_PX]
    distances = np.hypot(rows[..., None] - curve[:, 0], columns[..., None] - curve[:, 1])
    return np.asarray(np.clip(2 - distances.min(axis=-1), 0, 1), dtype=np.float32)


def _largest_difference(network: nn.Module, onnx: bytes, cells: Cells) -> float:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    with torch.inference_mode():
        ours = network(torch.from_numpy(cells[:, None])).numpy()
    theirs = session.run(["logits"], {"cells": cells[:, None]})[0]
    return float(np.abs(ours - theirs).max())
