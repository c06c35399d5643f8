import cv2
import numpy as np
import onnx
import pytest
import torch
from known_digits import training_cells, training_images

from ocrdigits.errors import UsageError
from ocrdigits.model.average import AverageJob, average_weights
from ocrdigits.model.card import DataSetUse, ModelDescription, read_card
from ocrdigits.model.export import export_onnx, load_network, save_weights
from ocrdigits.model.join import JoinJob, join_networks
from ocrdigits.model.network import (
    ARCHITECTURES,
    DigitNet,
    LeNet5,
    count_parameters,
)
from ocrdigits.records import NOT_A_DIGIT
from ocrdigits.vision.normalize import center_digit

STEPS = 150


def saved(folder, network, name, *names):
    data = tuple(DataSetUse(it, 60, "the user's own data", "11") for it in names)
    save_weights(
        network, ModelDescription(architecture=name, training={"of": name}, data=data), folder
    )
    return folder


def blurred(picture):
    return cv2.GaussianBlur(picture, (0, 0), 2)


def write_sets(folder):
    """Crisp digits of one source, and blurred ones of another with a valid part."""
    folder.mkdir()
    images, labels = training_images(120)
    np.savez(folder / "crisp.npz", x=images, y=labels)
    soft = np.stack([blurred(image) for image in images])
    parts = {"x_train": soft, "y_train": labels, "x_valid": soft[:20], "y_valid": labels[:20]}
    np.savez(folder / "soft.npz", **parts)
    return folder


@pytest.fixture(scope="module")
def joined(tmp_path_factory):
    """A job, its card, and the pair that it wrote."""
    root = tmp_path_factory.mktemp("join")
    torch.manual_seed(5)
    job = JoinJob(
        saved(root / "main", DigitNet(), "digitnet", "soft", "crisp"),
        saved(root / "slim", ARCHITECTURES["digitnet-slim"](), "digitnet-slim", "crisp"),
        (write_sets(root / "data"),),
        root / "pair",
        steps=STEPS,
        batch_size=32,
        drawn=0,
    )
    steps = []
    card = join_networks(job, steps.append)
    return job, card, steps, load_network(job.out / "digits.safetensors")


def as_input(cells):
    return torch.from_numpy(np.asarray(cells, np.float32))[:, None]


def test_a_pair_is_within_the_limit_of_parameters():
    assert count_parameters(ARCHITECTURES["digitnet-pair"]()) <= 400_000


def test_the_gate_tells_the_slim_networks_source_from_others(joined):
    _, _, steps, pair = joined
    assert [step.step for step in steps] == list(range(1, STEPS + 1))
    cells, _ = training_cells(60, 9)
    soft = np.stack([center_digit(blurred(cell)) for cell in cells])
    with torch.no_grad():
        known, other = (pair.weigh(as_input(it))[1] for it in (cells, soft))  # (N, 1) each
    assert (known > other.T).float().mean() > 0.95  # how often a cell of the source ranks above


def test_both_networks_stay_as_they_were(joined):
    job, _, _, pair = joined
    for part, folder in ((pair.main, job.main), (pair.slim, job.slim)):
        before = load_network(folder / "digits.safetensors").state_dict()
        assert all(torch.equal(it, before[name]) for name, it in part.state_dict().items())


def test_the_slim_opinion_counts_as_far_as_the_gate_is_open_and_of_digits_alone(joined):
    pair = joined[3]
    cells = as_input(training_cells(20, 2)[0])
    with torch.no_grad():
        logits, known = pair.weigh(cells)
        opinion = pair.slim(cells)[:, :NOT_A_DIGIT].log_softmax(1)
        main = pair.main(cells)
    assert torch.equal(logits, pair(cells))
    assert torch.allclose(logits[:, NOT_A_DIGIT], main[:, NOT_A_DIGIT], atol=1e-5)
    expected = main[:, :NOT_A_DIGIT] + torch.sigmoid(4 * known) * opinion
    assert torch.allclose(logits[:, :NOT_A_DIGIT], expected, atol=1e-4)


def test_the_card_tells_of_both_networks_and_all_their_sets(joined):
    job, card, _, _ = joined
    assert card == read_card(job.out / "digits.json")
    assert card.architecture == "digitnet-pair"
    assert card.training == {
        "main": {"of": "digitnet"},
        "slim": {"of": "digitnet-slim"},
        "gate": {"steps": STEPS, "batch_size": 32, "seed": 0},
    }
    assert [use.name for use in card.data] == ["soft", "crisp"]
    assert card.metrics["soft valid"]["count"] == 20


def test_a_pair_can_be_averaged_and_its_logit_of_not_a_digit_moved(joined, tmp_path):
    out = joined[0].out
    average_weights(AverageJob((out, out), tmp_path, non_digit_logit=-2.0))
    cells = as_input(training_cells(10)[0])
    change = load_network(tmp_path / "digits.safetensors")(cells) - joined[3](cells)
    expected = torch.zeros(10, NOT_A_DIGIT + 1)
    expected[:, NOT_A_DIGIT] = -2.0
    assert torch.allclose(change, expected, atol=1e-4)


def test_the_first_layers_and_the_last_ones_of_all_columns_stay_in_floats(joined, tmp_path):
    path = tmp_path / "digits.onnx"
    export_onnx(joined[0].out / "digits.safetensors", path, eight_bit=True)
    model = onnx.load(path)
    quantized = {it.output[0] for it in model.graph.node if it.op_type == "DequantizeLinear"}
    exact = [
        it
        for it in model.graph.node
        if it.op_type in ("Conv", "Gemm") and it.input[1] not in quantized
    ]
    assert [it.op_type for it in exact].count("Conv") == 4
    assert [it.op_type for it in exact].count("Gemm") == 3


def test_what_cannot_be_joined_is_refused_before_anything_is_written(joined, tmp_path):
    job = joined[0]
    other = saved(tmp_path / "other", LeNet5(), "lenet5")
    slim_network = ARCHITECTURES["digitnet-slim"]()
    stranger = saved(tmp_path / "stranger", slim_network, "digitnet-slim", "nowhere")
    out = tmp_path / "out"
    refused = [
        ((other, job.slim), "is a lenet5; `train join` takes"),
        ((job.slim, job.main), "is a digitnet-slim; `train join` takes"),
        ((job.main, stranger), r"trained on \(nowhere\), and others"),
    ]
    for (main, slim), words in refused:
        with pytest.raises(UsageError, match=words):
            join_networks(JoinJob(main, slim, job.data, out, drawn=0))
    assert not (out / "digits.safetensors").exists()
    with pytest.raises(UsageError, match="at least 1"):
        JoinJob(job.main, job.slim, job.data, out, steps=0)
