import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from known_digits import training_cells

from ocrdigits.errors import InputError, OcrDigitsError, UsageError
from ocrdigits.model.augment import AugmentSettings
from ocrdigits.model.data import DigitSet
from ocrdigits.model.distill import Teachers
from ocrdigits.model.loop import one_cycle, pick_device, steady
from ocrdigits.model.network import LeNet5
from ocrdigits.model.train import (
    TrainSettings,
    accuracy,
    make_batch,
    predict,
    split_sets,
    train_network,
)
from ocrdigits.records import NOT_A_DIGIT

CPU = torch.device("cpu")
TINY = TrainSettings(
    architecture="lenet5", epochs=2, batch_size=32, device="cpu", held_out_share=0.1, seed=5
)


def tiny_set(count: int = 160, name: str = "mine", seed: int = 0) -> DigitSet:
    return DigitSet(name, *training_cells(count, seed))


def train(out: Path, settings: TrainSettings = TINY, **options):
    return train_network([tiny_set()], settings, out=out, **options)


def weights_of(trained):
    return trained.network.state_dict()


def are_equal(one, other) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


def changed(**changes) -> TrainSettings:
    return dataclasses.replace(TINY, **changes)


class PowerCutError(Exception):
    pass


def interrupt_in(epoch: int):
    def report(step):
        if step.epoch == epoch and step.step == 2:
            raise PowerCutError

    return report


def test_the_loss_falls_and_the_network_learns(tmp_path):
    settings = changed(epochs=10, average_decay=0.9, learning_rate=4e-3)
    trained = train_network([tiny_set(320)], settings, out=tmp_path)
    losses = [entry["loss"] for entry in trained.history]
    assert losses[-1] < 0.7 * losses[0]
    assert accuracy(trained.network, tiny_set(60, seed=9), CPU) > 0.7


def test_the_history_has_an_entry_for_every_epoch(tmp_path):
    history = train(tmp_path).history
    assert [entry["epoch"] for entry in history] == [1, 2]
    for entry in history:
        assert 0 <= entry["train_accuracy"] <= 1 and 0 <= entry["held_out_accuracy"] <= 1
        assert np.isfinite(entry["loss"]) and entry["seconds"] >= 0


def test_the_network_comes_back_ready_to_read(tmp_path):
    network = train(tmp_path).network
    assert not network.training
    assert {parameter.device for parameter in network.parameters()} == {CPU}
    scores = predict(network, tiny_set(7).cells, CPU)
    assert scores.shape == (7, 11)
    np.testing.assert_allclose(scores.sum(1), 1, atol=1e-5)


@pytest.mark.parametrize("architecture", ["lenet5", "digitnet"])
def test_the_same_seed_gives_the_same_weights_and_another_gives_others(tmp_path, architecture):
    settings = changed(architecture=architecture, epochs=1)
    one, same = train(tmp_path / "a", settings), train(tmp_path / "b", settings)
    other = train(tmp_path / "c", dataclasses.replace(settings, seed=6))
    assert are_equal(weights_of(one), weights_of(same))
    assert not are_equal(weights_of(one), weights_of(other))


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
@pytest.mark.parametrize("architecture", ["lenet5", "digitnet"])
def test_a_training_that_was_interrupted_ends_as_if_undisturbed(tmp_path, architecture, optimizer):
    settings = changed(architecture=architecture, optimizer=optimizer, epochs=3)
    undisturbed = train(tmp_path / "a", settings)
    with pytest.raises(PowerCutError):
        train(tmp_path / "b", settings, report=interrupt_in(epoch=2))
    torch.rand(99)  # whatever another process does with its luck
    resumed = train(tmp_path / "b", settings, resume=True)
    assert [entry["epoch"] for entry in resumed.history] == [1, 2, 3]
    assert are_equal(weights_of(undisturbed), weights_of(resumed))
    for one, other in zip(undisturbed.history, resumed.history, strict=True):
        assert one["loss"] == pytest.approx(other["loss"], rel=1e-6)


def test_resuming_a_finished_training_gives_its_weights(tmp_path):
    finished = train(tmp_path)
    steps = []
    again = train(tmp_path, resume=True, report=steps.append)
    assert steps == [] and are_equal(weights_of(finished), weights_of(again))


def test_there_is_nothing_to_resume_in_an_empty_folder(tmp_path):
    with pytest.raises(InputError, match="without --resume") as refusal:
        train(tmp_path, resume=True)
    assert "checkpoint.pt" in str(refusal.value) and "\n" not in str(refusal.value)


def test_a_checkpoint_that_is_damaged_or_of_another_network_is_refused(tmp_path):
    train(tmp_path, changed(epochs=1))
    with pytest.raises(InputError, match="does not fit"):
        train(tmp_path, changed(architecture="digitnet"), resume=True)
    checkpoint = tmp_path / "checkpoint.pt"
    checkpoint.write_bytes(checkpoint.read_bytes()[:500])
    with pytest.raises(InputError, match="damaged") as refusal:
        train(tmp_path, resume=True)
    assert "\n" not in str(refusal.value)


def test_training_writes_only_into_its_folder(tmp_path, monkeypatch):
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    train(tmp_path / "out" / "deep", changed(epochs=1))
    assert [path.name for path in (tmp_path / "out" / "deep").iterdir()] == ["checkpoint.pt"]
    assert list((tmp_path / "cwd").iterdir()) == []


def test_the_sets_given_are_not_changed(tmp_path):
    digits = tiny_set()
    before = digits.cells.copy(), digits.labels.copy()
    train_network([digits], changed(epochs=1), out=tmp_path)
    np.testing.assert_array_equal(digits.cells, before[0])
    np.testing.assert_array_equal(digits.labels, before[1])


def test_every_step_is_reported(tmp_path):
    steps = []
    train(tmp_path, report=steps.append)
    assert {step.epochs for step in steps} == {2}
    for epoch in (1, 2):
        of_epoch = [step for step in steps if step.epoch == epoch]
        assert [step.step for step in of_epoch] == list(range(1, of_epoch[0].steps + 1))
        assert all(step.loss > 0 and 0 <= step.accuracy <= 1 for step in of_epoch)


def test_fine_tuning_starts_from_the_weights_given(tmp_path):
    torch.manual_seed(1)
    init = LeNet5()
    before = {name: value.clone() for name, value in init.state_dict().items()}
    # SGD alone moves by its rate: a rate of next to nothing leaves what it started from.
    settings = changed(epochs=1, optimizer="sgd", learning_rate=1e-12)
    tuned = train(tmp_path, settings, init=init)
    for name, value in weights_of(tuned).items():
        torch.testing.assert_close(value, before[name], atol=1e-6, rtol=0)
    assert are_equal(before, init.state_dict())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"architecture": "vgg"}, ["--arch vgg", "digitnet", "lenet5"]),
        ({"optimizer": "lion"}, ["--optimizer lion", "adamw", "sgd"]),
        ({"epochs": 0}, ["--epochs"]),
        ({"batch_size": 3}, ["--batch-size"]),
        ({"learning_rate": -0.1}, ["rate"]),
        ({"learning_rate": 0.0}, ["rate"]),
        ({"learning_rate": float("nan")}, ["rate"]),
    ],
    ids=lambda value: "-".join(f"{k}={v}" for k, v in value.items()) if type(value) is dict else "",
)
def test_impossible_options_are_usage_errors_that_name_them(changes, words):
    with pytest.raises(UsageError) as refusal:
        changed(**changes)
    assert "\n" not in str(refusal.value)
    for word in words:
        assert word in str(refusal.value)


def test_a_device_that_is_not_there_is_a_usage_error():
    assert pick_device("cpu") == CPU
    for name in ("cuda:99", "abacus"):
        with pytest.raises(UsageError, match=f"--device {name}") as refusal:
            pick_device(name)
        assert "--device cpu" in str(refusal.value) and "\n" not in str(refusal.value)


def test_no_digits_at_all_are_an_input_error(tmp_path):
    with pytest.raises(InputError, match="--data"):
        train_network([], TINY, out=tmp_path)
    empty = DigitSet("none", np.zeros((0, 28, 28), np.float32), np.zeros(0, np.int64))
    with pytest.raises(InputError, match="--data"):
        train_network([empty], TINY, out=tmp_path)


def test_fewer_digits_than_a_batch_train_or_are_refused(tmp_path):
    settings = changed(batch_size=256, epochs=1)
    try:
        trained = train_network([tiny_set(40)], settings, out=tmp_path)
    except OcrDigitsError as refusal:
        assert "\n" not in str(refusal)
    else:
        assert np.isfinite(trained.history[0]["loss"])


def test_a_set_of_non_digits_alone_is_no_defect(tmp_path):
    cells, _ = training_cells(64)
    signs = DigitSet("signs", cells, np.full(64, NOT_A_DIGIT, np.int64))
    assert len(train_network([signs], changed(epochs=1), out=tmp_path).history) == 1


def test_held_out_digits_train_nothing():
    sets = [tiny_set(100, "a"), tiny_set(60, "b", seed=1)]
    training, held_out = split_sets(sets, changed(held_out_share=0.25))
    assert len(training.labels) + len(held_out.labels) == 160
    assert 20 <= len(held_out.labels) <= 60
    again = split_sets(sets, changed(held_out_share=0.25))
    np.testing.assert_array_equal(held_out.cells, again[1].cells)
    everything = np.concatenate([training.cells, held_out.cells])
    given = np.concatenate([part.cells for part in sets])
    np.testing.assert_array_equal(np.sort(everything.sum((1, 2))), np.sort(given.sum((1, 2))))


def test_a_batch_holds_its_digits_and_composed_non_digits():
    cells, labels = training_cells(85)
    generator = torch.Generator().manual_seed(0)
    inputs, targets = make_batch(
        torch.from_numpy(cells), torch.from_numpy(labels), AugmentSettings(), 0.15, generator
    )
    assert inputs.shape == (100, 1, 28, 28) and targets.shape == (100,)
    assert targets[:85].tolist() == labels.tolist()
    assert set(targets[85:].tolist()) == {NOT_A_DIGIT}
    assert inputs.min() >= 0 and inputs.max() <= 1


def test_a_surplus_of_non_digits_in_training_lowers_their_probability_in_reading(tmp_path):
    cells, labels = training_cells(320)
    noise = np.random.default_rng(1).random((320, 28, 28), np.float32)
    sets = [DigitSet("digits", cells, labels), DigitSet("none", noise, np.full(320, NOT_A_DIGIT))]
    quick = changed(epochs=6, average_decay=0.9, learning_rate=4e-3, non_digit_share=0.0)
    even, surplus = (
        train_network(
            sets, dataclasses.replace(quick, non_digit_surplus=times), out=tmp_path / str(times)
        )
        for times in (1.0, 20.0)
    )
    asked = tiny_set(60, seed=9).cells
    odds_even = predict(even.network, asked, CPU)[:, NOT_A_DIGIT].median()
    odds_surplus = predict(surplus.network, asked, CPU)[:, NOT_A_DIGIT].median()
    assert odds_surplus < 0.3 * odds_even


def test_the_last_epochs_change_the_cells_less(tmp_path, monkeypatch):
    seen = []

    def watch(cells, neighbours, settings, generator):
        seen.append(settings.rotation_deg)
        return cells

    monkeypatch.setattr("ocrdigits.model.train.augment_digits", watch)
    train(tmp_path, changed(epochs=4, calm_share=0.25, calm_augmentation=0.5))
    steps = len(seen) // 4
    full = AugmentSettings().rotation_deg
    assert seen == [full] * (3 * steps) + [0.5 * full] * steps


def test_the_rate_rises_then_falls():
    rates = [one_cycle(step / 100) for step in range(101)]
    peak = int(np.argmax(rates))
    assert 0 < peak < 30 and max(rates) == pytest.approx(1, abs=0.01)
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert 0 < rates[-1] < 0.05


def test_nothing_to_predict_is_nothing():
    none = np.zeros((0, 28, 28), np.float32)
    assert predict(LeNet5(), none, CPU).shape == (0, 11)
    assert np.isnan(accuracy(LeNet5(), DigitSet("a", none, np.zeros(0, np.int64)), CPU))


def test_named_sets_are_used_as_often_as_the_user_says(tmp_path):
    sets = [tiny_set(64, "mnist train"), tiny_set(64, "cvl train", seed=1)]
    steps = []
    settings = changed(epochs=1, held_out_share=0.0, set_repeats={"mnist": 2.0, "cvl": 0.5})
    train_network(sets, settings, out=tmp_path, report=steps.append)
    cells = 2.0 * 64 + 0.5 * 64
    assert steps[-1].steps == int(0.995 * cells) // round(32 * 0.9)


def test_a_set_that_is_not_there_is_not_repeated(tmp_path):
    with pytest.raises(UsageError, match="mnits") as refusal:
        train(tmp_path, changed(set_repeats={"mnits": 2.0}))
    assert "mine" in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"light_share": 1.5}, "--light-share"),
        ({"set_repeats": {"mine": 0.0}}, "--repeat"),
        ({"set_repeats": {"mine": 1e9}}, "--repeat"),
    ],
)
def test_shares_and_repeats_must_make_sense(changes, name):
    with pytest.raises(UsageError, match=name):
        changed(**changes)


def test_lightly_changed_cells_lie_nearer_to_the_clean_ones(tmp_path, monkeypatch):
    strengths = []

    def keep_strength(cells, labels, augment, share, generator):
        strengths.append((len(cells), augment.rotation_deg))
        return make_batch(cells, labels, augment, share, generator)

    monkeypatch.setattr("ocrdigits.model.train.make_batch", keep_strength)
    settings = changed(epochs=1, light_share=0.75, light_augmentation=0.5, calm_share=0.0)
    train(tmp_path, settings)
    full = settings.augment.rotation_deg
    assert {strength for _, strength in strengths} == {full / 2, full}
    light = sum(count for count, strength in strengths if strength < full)
    assert light / sum(count for count, _ in strengths) == pytest.approx(0.75, abs=0.03)


class Stubborn(torch.nn.Module):
    """Takes every cell for the same digit, or else for a second one."""

    def __init__(self, digit: int, second: int | None = None) -> None:
        super().__init__()
        self.digit, self.second = digit, second

    def forward(self, cells):
        logits = torch.zeros(len(cells), 11)
        logits[:, self.digit] = 9.0
        if self.second is not None:
            logits[:, self.second] = 8.0
        return logits


def test_a_network_learns_what_its_teachers_find_likely_beside_the_label(tmp_path):
    settings = changed(epochs=10, average_decay=0.9, learning_rate=4e-3, teacher_share=0.9)
    teachers = [Stubborn(3, second=8)]
    pupil = train_network([tiny_set(320)], settings, out=tmp_path, teachers=teachers).network
    asked = tiny_set(60, seed=9)
    mean = predict(pupil, asked.cells[asked.labels == 3], CPU).mean(0)
    assert set(mean.topk(2).indices.tolist()) == {3, 8}


def test_teachers_that_disagree_are_averaged():
    logits = torch.zeros(1, 11)
    inputs, targets = torch.zeros(1, 1, 28, 28), torch.tensor([1])
    losses = torch.zeros(1)
    both = Teachers([Stubborn(1), Stubborn(2)], 1.0, 1.0, CPU)
    even = both.mix(losses, logits, inputs, targets)
    leaning = both.mix(losses, torch.eye(11)[[1]] * 9, inputs, targets)
    split = both.mix(losses, (torch.eye(11)[[1]] + torch.eye(11)[[2]]) * 9, inputs, targets)
    assert split < even < leaning
    assert split < 0.01


def test_teachers_are_heard_only_where_they_name_the_right_digit():
    logits, inputs = torch.zeros(3, 11), torch.zeros(3, 1, 28, 28)
    targets = torch.tensor([NOT_A_DIGIT, 3, 1])
    losses = torch.full((3,), 0.5)
    mixed = Teachers([Stubborn(1)], 0.6, 2.0, CPU).mix(losses, logits, inputs, targets)
    assert mixed[0] == mixed[1] == 0.5 != mixed[2]
    assert torch.equal(Teachers([], 0.6, 2.0, CPU).mix(losses, logits, inputs, targets), losses)


@pytest.mark.parametrize("options", [{"teacher_share": 1.1}, {"teacher_temperature": 0.0}])
def test_impossible_teaching_is_refused(options):
    with pytest.raises(UsageError, match="teacher_share must be"):
        changed(**options)


def test_a_steady_rate_rises_as_the_other_does_and_stays():
    rates = [steady(step / 100) for step in range(101)]
    assert rates[:8] == [one_cycle(step / 100) for step in range(8)]
    assert rates[8:] == pytest.approx([1.0] * 93)


def test_settings_for_one_source_change_its_shape_alone_and_keep_the_rate():
    settings = TrainSettings(epochs=3, seed=5)
    one = settings.for_one_source()
    assert one.steady_rate and one.average_decay > settings.average_decay
    assert (one.augment.photo_share, one.augment.stroke_share) == (0, 0)
    assert (one.epochs, one.seed) == (3, 5)
