import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from drawn_lines import drawn_sample

from ocrdigits.ctc import encode_text, read_greedily, text_log_probability
from ocrdigits.errors import InputError, UsageError
from ocrdigits.model.strings import network as networks
from ocrdigits.model.strings.batches import stack_batch
from ocrdigits.model.strings.lines import LineSample
from ocrdigits.model.strings.network import StringNet
from ocrdigits.model.strings.training import (
    StringTrainSettings,
    TextFigures,
    count_right,
    measure_network,
    measure_texts,
    score_lines,
    string_loss,
    train_strings,
)
from ocrdigits.model.train import Trained

CPU = torch.device("cpu")
TINY = StringTrainSettings(
    epochs=2,
    steps_per_epoch=5,
    batch_size=6,
    pool_batches=2,
    processes=0,
    seed=5,
    device="cpu",
)
HELD_OUT = [drawn_sample(index) for index in range(1000, 1006)]


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(networks.ARCHITECTURES, "stringnet", lambda: StringNet(width=0.3))


def twenty(index: int) -> LineSample:
    return drawn_sample(index % 20)


def train(out: Path, settings: StringTrainSettings = TINY, **options) -> Trained:
    return train_strings(drawn_sample, HELD_OUT, settings, out=out, **options)


def changed(**changes) -> StringTrainSettings:
    return dataclasses.replace(TINY, **changes)


def are_equal(one: Trained, other: Trained) -> bool:
    theirs = other.network.state_dict()
    return all(torch.equal(value, theirs[name]) for name, value in one.network.state_dict().items())


class PowerCutError(Exception):
    pass


def test_twenty_strings_are_learnt_by_heart(tmp_path, monkeypatch):
    monkeypatch.setitem(networks.ARCHITECTURES, "stringnet", lambda: StringNet(0.5, dropout=0.0))
    settings = changed(
        epochs=6, steps_per_epoch=20, batch_size=20, learning_rate=4e-3, average_decay=0.9
    )
    samples = [twenty(index) for index in range(20)]
    trained = train_strings(twenty, samples, settings, out=tmp_path)
    losses = [entry["loss"] for entry in trained.history]
    assert losses[-1] < 0.05 * losses[0]
    assert trained.history[-1]["text_accuracy"] > 0.9
    assert measure_network(trained.network, samples, CPU).text > 0.9


def test_the_history_has_an_entry_for_every_epoch(tmp_path):
    trained = train(tmp_path)
    assert not trained.network.training
    assert [entry["epoch"] for entry in trained.history] == [1, 2]
    for entry in trained.history:
        assert np.isfinite(entry["loss"]) and 0 <= entry["text_accuracy"] <= 1
        assert entry["text_accuracy"] <= entry["digits_accuracy"] <= 1
        assert entry["character_accuracy"] <= 1


def test_a_resumed_training_ends_as_one_that_was_never_interrupted(tmp_path):
    settings = changed(epochs=3, steps_per_epoch=3, pool_batches=2)  # epochs start amid pools

    def cut(step):
        if step.epoch == 2 and step.step == 2:
            raise PowerCutError

    whole = train(tmp_path / "whole", settings)
    with pytest.raises(PowerCutError):
        train(tmp_path / "cut", settings, report=cut)
    resumed = train(tmp_path / "cut", settings, resume=True)
    assert are_equal(resumed, whole)
    assert [entry["loss"] for entry in resumed.history] == [
        entry["loss"] for entry in whole.history
    ]


def test_the_number_of_processes_changes_nothing(tmp_path):
    settings = changed(epochs=1)
    alone = train(tmp_path, settings)
    assert are_equal(train(tmp_path, dataclasses.replace(settings, processes=1)), alone)


def test_without_held_out_samples_the_figures_are_nan(tmp_path):
    trained = train_strings(drawn_sample, [], changed(epochs=1, steps_per_epoch=1), out=tmp_path)
    assert math.isnan(trained.history[0]["text_accuracy"])


def test_resuming_nothing_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="no checkpoint"):
        train(tmp_path, resume=True)


def test_a_training_may_start_from_other_weights_of_its_architecture_only(tmp_path):
    init = train(tmp_path).network
    settings = changed(epochs=1, steps_per_epoch=1, learning_rate=1e-9)
    fine = train(tmp_path, settings, init=init).network
    weights = dict(fine.named_parameters())
    for name, value in init.named_parameters():
        torch.testing.assert_close(value, weights[name], atol=1e-5, rtol=0)
    with pytest.raises(UsageError, match="not of the architecture"):
        train(tmp_path, init=StringNet(width=0.6))


def test_a_teacher_is_followed_and_left_as_it_was(tmp_path):
    torch.manual_seed(1)
    teacher = StringNet(width=0.3).eval()
    before = {name: value.clone() for name, value in teacher.state_dict().items()}
    settings = changed(teacher_share=1.0, epochs=1, steps_per_epoch=30, average_decay=0.8)
    taught = train(tmp_path, settings, teacher=teacher).network
    own = train(tmp_path, dataclasses.replace(settings, teacher_share=0.0), teacher=teacher).network
    assert all(torch.equal(value, before[name]) for name, value in teacher.state_dict().items())
    lines = [line for line, _ in HELD_OUT]
    aim = np.concatenate(score_lines(teacher, lines, CPU))
    far, near = (
        np.abs(np.concatenate(score_lines(network, lines, CPU)) - aim).mean()
        for network in (own, taught)
    )
    assert near < 0.5 * far


def test_the_loss_is_what_the_forward_algorithm_says_and_padding_costs_nothing():
    draw = np.random.default_rng(2)
    widths, texts = (16, 40), ("1", "22.5")
    samples = [
        (np.zeros((32, width), np.float32), text) for width, text in zip(widths, texts, strict=True)
    ]
    batch = stack_batch(samples)
    scores = torch.from_numpy(draw.normal(size=(2, 20, 15)).astype(np.float32)).log_softmax(2)
    expected = -np.mean(
        [
            text_log_probability(score[:frames].numpy(), text)
            for score, frames, text in zip(scores, batch.frames, texts, strict=True)
        ]
    )
    assert string_loss(scores, batch, None, 0.5).item() == pytest.approx(expected, rel=1e-4)
    answers = scores.clone()
    answers[0, 8:] = 7.0  # past the end of the first line
    assert string_loss(scores, batch, answers, 1.0).item() == pytest.approx(0, abs=1e-5)


def test_a_text_that_does_not_fit_into_its_line_costs_nothing():
    batch = stack_batch([(np.zeros((32, 4), np.float32), "123456")])
    scores = torch.zeros(1, 2, 15).log_softmax(2)
    assert string_loss(scores, batch, None, 0.5).item() == 0


def test_right_texts_are_counted_within_their_own_frames():
    batch = stack_batch(
        [(np.zeros((32, 8), np.float32), "7"), (np.zeros((32, 12), np.float32), "")]
    )
    scores = torch.zeros(2, 6, 15)
    scores[:, :, 0] = 1
    scores[0, 2, encode_text("7")[0]] = 2
    scores[0, 5, encode_text("9")[0]] = 2  # padding
    assert count_right(scores, batch) == 2


def test_lines_are_scored_alone_or_together_alike(untrained_strings):
    lines = [line for line, _ in HELD_OUT]
    together = score_lines(untrained_strings, lines, CPU)
    assert [read_greedily(score) for score in together] == [
        read_greedily(score_lines(untrained_strings, [line], CPU)[0]) for line in lines
    ]
    assert score_lines(untrained_strings, [], CPU) == []


def test_figures_tell_texts_digits_and_characters_apart():
    figures = measure_texts(["1.5", "15", "7"], ["1.5", "1.5", "9"])
    assert figures == TextFigures(text=1 / 3, digits=2 / 3, cer=2 / 7)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"architecture": "lenet5"}, "--arch"),
        ({"epochs": 0}, "--epochs"),
        ({"batch_size": 1}, "--batch-size"),
        ({"learning_rate": 0.0}, "--learning-rate"),
        ({"teacher_share": 1.5}, "teacher_share"),
    ],
)
def test_impossible_settings_are_refused(changes, message):
    with pytest.raises(UsageError, match=message):
        changed(**changes)


def test_bf16_trains_too(tmp_path):
    trained = train(tmp_path, changed(epochs=1, steps_per_epoch=2, bf16=True))
    assert np.isfinite(trained.history[0]["loss"])
