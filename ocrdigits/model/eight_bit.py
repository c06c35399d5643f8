"""An ONNX network in, the same network computing in eight bits out: in about half the time.

Weights and maps become whole numbers, with one scale for each output channel and one for each map;
a layer's ReLU is the lower end of its map's range. Where all samples have one shape, a range leaves
out the outermost hundred-thousandth of its map's values, which halves the distance to the network
in floats. The first layers, which see the picture itself, and the last ones, which answer, stay as
they are. Weights use seven bits, so that sums do not overflow on processors without VNNI. What
rounding does to the mean of a layer's maps is taken off again.

Reference:
    Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient
    Integer-Arithmetic-Only Inference"; Nagel et al. 2019, "Data-Free Quantization through Weight
    Equalization and Bias Correction" (means).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

_QUANTIZED = ("Conv", "Relu", "Add", "MaxPool", "Gemm")
_LAYERS = ("Conv", "Gemm")

Inputs = Sequence[NDArray[np.float32]]
"""Batches of what a network takes, of any lengths."""


def quantize_onnx(onnx: bytes, input_name: str, typical: Inputs, *, exact_layers: int = 1) -> bytes:
    """Make an eight-bit copy of a network.

    Args:
        onnx: The network.
        input_name: Of what it takes.
        typical: What it is shown as a rule; the ranges of its maps are measured on these.
        exact_layers: How many layers of each column stay in floats, from the picture on.

    Returns:
        The copy, for the same inputs.
    """
    from onnxruntime.quantization import (
        CalibrationMethod,
        QuantFormat,
        QuantType,
        quantize_static,
    )
    from onnxruntime.quantization.shape_inference import quant_pre_process

    is_even = len({batch.shape for batch in typical}) == 1  # histograms take no others
    with TemporaryDirectory() as folder, _hushed():
        given, prepared, made = (Path(folder) / name for name in ("given", "prepared", "made"))
        given.write_bytes(onnx)
        quant_pre_process(str(given), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(made),
            _reader_of(input_name, typical),
            quant_format=QuantFormat.QDQ,
            calibrate_method=(
                CalibrationMethod.Percentile if is_even else CalibrationMethod.MinMax
            ),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=list(_QUANTIZED),
            nodes_to_exclude=_ends_of(prepared, exact_layers),
        )
        return _correct_biases(prepared, made, input_name, typical)


def agreement(session: Any, copy: Any, input_name: str, inputs: Inputs) -> float:  # noqa: ANN401
    """Share of the answers in which both networks put the same class first.

    Args:
        session: Of ONNX Runtime, with a network whose last axis is that of the classes.
        copy: One with another network for the same inputs.
        input_name: Of what they take.
        inputs: What both are asked.

    Returns:
        From 0 to 1.
    """
    same = []
    for batch in inputs:
        answers = [it.run(None, {input_name: batch})[0].argmax(axis=-1) for it in (session, copy)]
        same.append(np.mean(answers[0] == answers[1]))
    return float(np.mean(same))


def _reader_of(input_name: str, typical: Inputs) -> Any:  # noqa: ANN401
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self._left = iter(typical)

        def get_next(self) -> dict[str, NDArray[np.float32]] | None:
            batch = next(self._left, None)
            return None if batch is None else {input_name: batch}

    return Reader()


def _correct_biases(exact: Path, copy: Path, input_name: str, typical: Inputs) -> bytes:
    """The copy, each of its layers moved by as much as its maps lie off, layer by layer.

    It halves the distance to the network in floats.
    """
    import onnx
    from onnx import numpy_helper

    model, floats = onnx.load(copy), onnx.load(exact)
    made_by = {name: node for node in model.graph.node for name in node.output}
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    known = {node.name: node.output[0] for node in floats.graph.node}
    layers = [
        node
        for node in model.graph.node
        if node.op_type in _LAYERS and len(node.input) > 2 and node.input[2] in made_by
    ]  # those whose biases are whole numbers
    wanted = _means_of(floats, [known[it.name] for it in layers], input_name, typical)
    for layer, goal in zip(layers, wanted, strict=True):
        (mean,) = _means_of(model, [layer.output[0]], input_name, typical)
        name, scale = made_by[layer.input[2]].input[:2]
        steps = np.rint((goal - mean) / numpy_helper.to_array(tensors[scale]))
        bias = numpy_helper.to_array(tensors[name])
        moved = (bias + steps).astype(bias.dtype)
        tensors[name].CopyFrom(numpy_helper.from_array(moved, name))
    return bytes(model.SerializeToString(deterministic=True))


def _means_of(
    model: Any,  # noqa: ANN401  (protobuf has no types)
    maps: Sequence[str],
    input_name: str,
    typical: Inputs,
) -> list[NDArray[np.float64]]:
    """(C,) the mean of each channel of some maps, (N, C, …) each, over all samples."""
    import onnx
    import onnxruntime

    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    watched.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in maps)
    options = onnxruntime.SessionOptions()
    # Else steps would be joined, and maps between them be gone.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        watched.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    sums: list[Any] = [0.0 for _ in maps]
    counts = [0 for _ in maps]
    for batch in typical:
        for place, values in enumerate(session.run(list(maps), {input_name: batch})):
            across = tuple(axis for axis in range(values.ndim) if axis != 1)
            sums[place] = sums[place] + values.sum(axis=across, dtype=np.float64)
            counts[place] += values.size // values.shape[1]
    return [total / count for total, count in zip(sums, counts, strict=True)]


def _ends_of(path: Path, exact_layers: int) -> list[str]:
    """Names of layers with fewer than so many before them, and of all steps with none behind."""
    import onnx

    nodes = onnx.load(path).graph.node  # each stands behind those whose maps it takes
    leading_to: dict[str, set[str]] = {}  # a map → the steps that it comes out of
    before: dict[str, set[str]] = {}  # a layer → the steps before it
    for node in nodes:
        steps = set[str]().union(*(leading_to.get(name, set()) for name in node.input))
        if node.op_type in _LAYERS:
            before[node.name] = steps
        leading_to |= dict.fromkeys(node.output, steps | {node.name})
    followed = set[str]().union(*before.values())
    firsts = [layer for layer, steps in before.items() if len(steps & before.keys()) < exact_layers]
    return [*firsts, *(node.name for node in nodes if node.name not in followed)]


@contextmanager
def _hushed() -> Iterator[None]:
    """Without what the quantiser tells the root logger and standard output."""
    level = logging.root.level
    logging.root.setLevel(logging.ERROR)
    try:
        with redirect_stdout(StringIO()):
            yield
    finally:
        logging.root.setLevel(level)
