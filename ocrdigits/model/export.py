"""A trained network → safetensors, ONNX and a card; the two weights files are proved to agree."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from collections.abc import Callable, Mapping
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
from ocrdigits.model.eight_bit import Inputs, agreement, quantize_onnx
from ocrdigits.model.network import ARCHITECTURES, CLASS_COUNT, count_parameters
from ocrdigits.model.runtime import find_weights, open_session, read_verified
from ocrdigits.records import CELL_PX, Cells

LARGEST_DIFFERENCE = 1e-4
"""How far the answers of both files may lie apart; what trained networks show is about 1e-5."""

LEAST_AGREEMENT = 0.97
"""Share of the answers in which an eight-bit file must put the same class first."""

_RANGES, _CHECK = 1, 2  # seeds: maps are measured on other samples than the copy is checked on


@dataclass(frozen=True, slots=True)
class NetworkKind:
    """What the files of one kind of network share.

    Attributes:
        name: Stem of the three files.
        architectures: The networks there are, by the name that the files carry.
        class_count: Columns of the answer.
        input_name: Of what the ONNX network takes …
        output_name: … and of what it gives.
        free_axes: Axes of the input that may have any length, with the name of each.
        make_proof: Makes the inputs on which both files must agree.
        make_typical: Makes what the network is shown as a rule, from a seed; None if there is no
            eight-bit file of it.
        exact_layers: How many layers stay in floats there, from the picture on.
    """

    name: str
    architectures: Mapping[str, Callable[[], nn.Module]]
    class_count: int
    input_name: str
    output_name: str
    free_axes: Mapping[int, Any]
    make_proof: Callable[[], Inputs]
    make_typical: Callable[[int], Inputs] | None = None
    exact_layers: int = 1


@dataclass(frozen=True, slots=True)
class Export:
    """What an export wrote.

    Attributes:
        onnx: The file.
        architecture: Of the network in it.
        parameter_count: Its trainable parameters.
        largest_difference: Largest distance of an answer from that of the safetensors file.
        sample_count: On how many inputs both were compared.
        eight_bit: As `ModelCard.eight_bit`.
    """

    onnx: Path
    architecture: str
    parameter_count: int
    largest_difference: float
    sample_count: int
    eight_bit: float | None = None


def save_weights(
    network: nn.Module,
    description: ModelDescription,
    folder: Path,
    *,
    kind: NetworkKind | None = None,
) -> ModelCard:
    """Write a network as safetensors, ONNX and card, e.g. `digits.safetensors`.

    Args:
        network: Of the architecture that the description names; left in its mode, on its device.
        description: What the card is to say of it.
        folder: Where to; made if need be.
        kind: What it reads; None for digits.

    Returns:
        The card as written.

    Raises:
        OutputError: If a file cannot be written.
        WeightsError: If both weights files would not agree; then nothing is written.
    """
    kind = kind or DIGITS
    safetensors, onnx = folder / f"{kind.name}.safetensors", folder / f"{kind.name}.onnx"
    tensors = {key: value.cpu().contiguous() for key, value in network.state_dict().items()}
    content = tensors_as_bytes(tensors, {"architecture": description.architecture})
    _export(_network_in(content, safetensors, kind), description.architecture, onnx, kind)
    write_bytes_atomically(safetensors, content)
    described = {f.name: getattr(description, f.name) for f in dataclasses.fields(ModelDescription)}
    card = ModelCard(
        **described,
        name=kind.name,
        class_count=kind.class_count,
        parameter_count=count_parameters(network),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        git_commit=commit_of_program(),
        sha256={path.name: sha256_of_file(path) for path in (onnx, safetensors)},
    )
    write_card(card, folder / f"{kind.name}.json")
    return card


def load_network(safetensors_path: Path, *, kind: NetworkKind | None = None) -> nn.Module:
    """The network of a safetensors file, in evaluation mode, on the CPU.

    Args:
        safetensors_path: A file that `save_weights` wrote; its metadata name the architecture.
        kind: What it reads; None for digits.

    Returns:
        The network.

    Raises:
        WeightsError: If the file is missing, damaged or of an unknown architecture.
    """
    return _network_in(_read(safetensors_path), safetensors_path, kind or DIGITS)


def export_onnx(
    safetensors_path: Path,
    onnx_path: Path,
    *,
    kind: NetworkKind | None = None,
    eight_bit: bool = False,
) -> Export:
    """Write the network of a safetensors file as ONNX and prove that both agree.

    Args:
        safetensors_path: The trained weights.
        onnx_path: The file to write.
        kind: What the network reads; None for digits.
        eight_bit: Write the copy that computes in eight bits, if the kind has one.

    Returns:
        What was written, and the largest difference found.

    Raises:
        WeightsError: If the weights cannot be used or the files do not agree.
        OutputError: If the ONNX file cannot be written.
    """
    kind = kind or DIGITS
    content = _read(safetensors_path)
    network = _network_in(content, safetensors_path, kind)
    return _export(network, _architecture_in(content, kind), onnx_path, kind, eight_bit=eight_bit)


def export_weights(
    weights_dir: Path | None = None,
    out: Path | None = None,
    *,
    kind: NetworkKind | None = None,
    eight_bit: bool = False,
) -> Export:
    """Write e.g. `digits.onnx` anew from `digits.safetensors`, and a card that fits it.

    Args:
        weights_dir: Folder of the weights; None for the package's own.
        out: Folder to write to; None for the folder of the weights.
        kind: What the network reads; None for digits.
        eight_bit: Write the copy that computes in eight bits, if the kind has one.

    Returns:
        What was written, and the largest difference found.

    Raises:
        WeightsError: If the weights cannot be used or the files do not agree.
        OutputError: If a file cannot be written.
    """
    kind = kind or DIGITS
    source = find_weights(weights_dir, kind.name)
    target = source if out is None else out
    safetensors, onnx = f"{kind.name}.safetensors", f"{kind.name}.onnx"
    card = read_card(source / f"{kind.name}.json")
    tensors = read_verified(source / safetensors, card)
    export = export_onnx(source / safetensors, target / onnx, kind=kind, eight_bit=eight_bit)
    write_bytes_atomically(target / safetensors, tensors)
    sums = {**card.sha256, onnx: sha256_of_file(export.onnx)}
    card = dataclasses.replace(card, sha256=sums, eight_bit=export.eight_bit)
    write_card(card, target / f"{kind.name}.json")
    return export


def render_export(export: Export) -> str:
    """What an export wrote, in one line for people."""
    line = (
        f"{export.onnx}: {export.architecture}, {export.parameter_count:,} parameters; "
        f"largest difference to the safetensors {export.largest_difference:.1e} "
        f"on {export.sample_count:,} samples (limit {LARGEST_DIFFERENCE:.0e})"
    )
    if export.eight_bit is None:
        return line
    return f"{line}; in eight bits, the same class first in {export.eight_bit:.2%} of the answers"


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


def _network_in(content: bytes, path: Path, kind: NetworkKind) -> nn.Module:
    try:
        network = kind.architectures[_architecture_in(content, kind)]()
        network.load_state_dict(load_tensors(content))
    except (SafetensorError, ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise WeightsError(
            f"{path}: holds no network of this program ({reason}); "
            "give other --weights or train again"
        ) from error
    return network.eval()


def _architecture_in(content: bytes, kind: NetworkKind) -> str:
    """The name in the file's header: eight bytes of length, then JSON."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    architecture = header.get("__metadata__", {}).get("architecture")
    if architecture not in kind.architectures:
        raise ValueError(f"architecture {architecture!r} is unknown")
    return str(architecture)


def _export(
    network: nn.Module,
    architecture: str,
    path: Path,
    kind: NetworkKind,
    *,
    eight_bit: bool = False,
) -> Export:
    onnx = _onnx_bytes(network, architecture, kind)
    proof = kind.make_proof()
    session = open_session(path, onnx)
    difference = _largest_difference(network, session, proof)
    if not difference <= LARGEST_DIFFERENCE:  # NaN is refused too
        raise WeightsError(
            f"{path}: ONNX and safetensors differ by {difference:.1e} "
            f"(limit {LARGEST_DIFFERENCE:.0e}); train again, or report the versions of torch and "
            "onnxruntime"
        )
    agreed = None
    if eight_bit and kind.make_typical is not None:
        copy = quantize_onnx(
            onnx, kind.input_name, kind.make_typical(_RANGES), exact_layers=kind.exact_layers
        )
        agreed = _agreement(session, copy, path, kind.input_name, kind.make_typical(_CHECK))
        onnx = copy
    write_bytes_atomically(path, onnx)
    samples = sum(len(inputs) for inputs in proof)
    return Export(path, architecture, count_parameters(network), difference, samples, agreed)


def _agreement(session: Any, copy: bytes, path: Path, input_name: str, inputs: Inputs) -> float:  # noqa: ANN401
    """How often an eight-bit copy puts the same class first; refused if that is too rarely."""
    agreed = agreement(session, open_session(path, copy), input_name, inputs)
    if not agreed >= LEAST_AGREEMENT:
        raise WeightsError(
            f"{path}: in eight bits the network answers as before in {agreed:.1%} of the samples "
            f"(at least {LEAST_AGREEMENT:.0%}); export it without --eight-bit"
        )
    return agreed


def _onnx_bytes(network: nn.Module, architecture: str, kind: NetworkKind) -> bytes:
    program = torch.onnx.export(
        network,
        (torch.from_numpy(kind.make_proof()[0][:2]),),
        input_names=[kind.input_name],
        output_names=[kind.output_name],
        dynamic_shapes=(dict(kind.free_axes),),
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


def _proof_cells() -> list[Cells]:
    """Cells on which both files must agree: noise, blank, full, and strokes as pens make them."""
    draw = np.random.default_rng(20261120)
    noise = draw.random((128, CELL_PX, CELL_PX), dtype=np.float32)
    plain = np.stack([np.zeros((CELL_PX, CELL_PX)), np.ones((CELL_PX, CELL_PX))])
    strokes = np.stack([_stroke(draw) for _ in range(384)])
    return [np.concatenate([noise, plain, strokes]).astype(np.float32)[:, None]]


def _typical_cells(seed: int) -> list[Cells]:
    """Drawn digits and letters, a hundred a batch."""
    from ocrdigits.model.drawn import draw_sets

    cells = np.concatenate([part.cells for part in draw_sets(1000, seed)])
    order = np.random.default_rng(seed).permutation(len(cells) // 100 * 100)
    return list(cells[order].reshape(-1, 100, 1, CELL_PX, CELL_PX))


def _stroke(draw: np.random.Generator) -> Cells:
    """A curve through three random points, two to three pixels wide, soft at its edge."""
    time = np.linspace(0, 1, 40)[:, None]
    a, b, c = draw.uniform(4, CELL_PX - 4, (3, 1, 2))
    curve = (1 - time) ** 2 * a + 2 * time * (1 - time) * b + time**2 * c  # (40, 2)
    rows, columns = np.mgrid[:CELL_PX, :CELL_PX]
    distances = np.hypot(rows[..., None] - curve[:, 0], columns[..., None] - curve[:, 1])
    return np.asarray(np.clip(2 - distances.min(axis=-1), 0, 1), dtype=np.float32)


def _largest_difference(network: nn.Module, session: Any, proof: Inputs) -> float:  # noqa: ANN401
    name = session.get_inputs()[0].name
    differences = []
    for inputs in proof:
        with torch.inference_mode():
            ours = network(torch.from_numpy(inputs)).numpy()
        theirs = session.run(None, {name: inputs})[0]
        differences.append(np.abs(ours - theirs).max())
    return float(np.max(differences))


DIGITS = NetworkKind(
    name="digits",
    architectures=ARCHITECTURES,
    class_count=CLASS_COUNT,
    input_name="cells",
    output_name="logits",
    free_axes={0: torch.export.Dim("n")},
    make_proof=_proof_cells,
    make_typical=_typical_cells,
    exact_layers=2,
)
"""`DigitNet` and `LeNet5`: (N, 1, 28, 28) cells → (N, 11) logits."""
