"""Drawn pages become fields, and fields a network that tells words from numbers."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from known_digits import training_images

from ocrdigits.errors import InputError, UsageError, WeightsError
from ocrdigits.model.compose.photo.shot import ShotSettings
from ocrdigits.model.compose.photo_folder import write_photos
from ocrdigits.model.compose.synth import PageKind, SynthSettings
from ocrdigits.model.glance.fields import KnownField, harvest_fields
from ocrdigits.model.glance.runtime import load_glance
from ocrdigits.model.glance.training import (
    GlanceTrainingJob,
    GlanceTrainSettings,
    alter_field,
    measure_glance,
    render_glance_card,
    train_glance,
    train_network,
)

QUICK = GlanceTrainSettings(
    epochs=2, steps_per_epoch=30, batch_size=8, average_decay=0.5, device="cpu"
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    shots = ShotSettings(care=1.0, megapixels=(1.0, 1.5), scan_share=0, screen_share=0)
    write_photos(folder, SynthSettings(2, (PageKind.LIST, PageKind.LETTERS), seed=5, shots=shots))
    return folder


@pytest.fixture(scope="module")
def photos(pages):
    return harvest_fields(pages, processes=1)


def bars(count: int, *, are_digits: bool) -> KnownField:
    """Upright bars, which are digits here, or level ones, which are none."""
    strip = np.zeros((24, 16 * count), np.uint8)
    if are_digits:
        strip[3:21, 4::16] = strip[3:21, 5::16] = 255
    else:
        strip[4::8] = strip[5::8] = 255
    return KnownField(strip, np.full(4 * count, are_digits))


def test_fields_know_the_columns_of_their_digits(pages, photos):
    truth = json.loads((pages / "truth.json").read_text())
    assert len(photos) == len(truth) == 2
    numbers = [sum(bool(field.is_digit.any()) for field in fields) for fields in photos]
    strings = [len(photo["strings"]) for photo in truth]
    assert 0.6 * strings[0] <= numbers[0] and numbers[1] == strings[1] == 0
    for fields in photos:
        for field in fields:
            assert field.strip.shape == (24, 4 * len(field.is_digit))
            assert field.strip.dtype == np.uint8 and field.strip.max() == 255
    digits = [field for field in photos[0] if field.is_digit.any()]
    dark = [
        np.repeat(field.is_digit, 4)[np.flatnonzero(field.strip.max(axis=0))].mean()
        for field in digits
    ]
    assert np.median(dark) > 0.7


def test_the_first_of_four_pages_is_shown_turned_as_well(pages, photos):
    assert len(photos[0]) > 2 * sum(bool(field.is_digit.any()) for field in photos[0])


def test_a_changed_field_keeps_its_digits_under_their_columns():
    draw = np.random.default_rng(3)
    field = bars(6, are_digits=False)
    field.strip[:] = 0
    field.strip[4:20, 40:56] = 255
    field.is_digit[10:14] = True
    for _ in range(30):
        strip, is_digit = alter_field(draw, field)
        inked = strip.max(axis=0).reshape(-1, 4).mean(axis=1)
        assert strip.shape[1] == 4 * len(is_digit)
        assert inked[is_digit > 0].mean() > 0.5 > inked[is_digit == 0].mean()


def test_a_few_steps_teach_what_is_simple_and_the_same_seed_teaches_the_same(tmp_path):
    fields = [bars(5, are_digits=True), bars(7, are_digits=True), bars(6, are_digits=False)]
    first, second = (
        train_network(fields, fields, QUICK, out=tmp_path / name) for name in ("a", "b")
    )
    figures = measure_glance(first.network, fields)
    assert figures == {"numbers_kept": 1.0, "words_left_out": 1.0, "numbers": 2.0, "words": 1.0}
    for one, other in zip(first.network.parameters(), second.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_training_that_was_interrupted_goes_on_to_the_same_end(tmp_path):
    fields = [bars(5, are_digits=True), bars(6, are_digits=False)]
    whole = train_network(fields, fields, QUICK, out=tmp_path / "whole")

    class StoppedError(Exception):
        pass

    def stop(step):
        if step.epoch == 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        train_network(fields, fields, QUICK, out=tmp_path / "part", report=stop)
    resumed = train_network(fields, fields, QUICK, out=tmp_path / "part", resume=True)
    assert [entry["epoch"] for entry in resumed.history] == [1, 2]
    for one, other in zip(whole.network.parameters(), resumed.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_the_job_writes_weights_that_read_and_a_card_that_names_the_pages(pages, tmp_path):
    said: list[str] = []
    settings = dataclasses.replace(QUICK, epochs=1, held_out_share=0.0)
    digits = tmp_path / "mine.npz"
    images, labels = training_images(30)
    np.savez(digits, x=images, y=labels)
    job = GlanceTrainingJob((pages,), tmp_path / "out", settings, digits=(digits,))
    card = train_glance(job, say=said.append)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "glance.onnx",
        "glance.safetensors",
        "glance.json",
        "curves.png",
        "checkpoint.pt",
    }
    assert [use.name for use in card.data] == [f"drawn: {pages.name}", "mine"]
    assert card.data[0].licence.startswith("drawn by ocrdigits")
    assert "glancenet" in render_glance_card(card) and len(said) == 2
    glance = load_glance(tmp_path / "out")
    strips = [field.ink for field in (bars(3, are_digits=True), bars(9, are_digits=False))]
    together = glance(strips)
    assert [len(it) for it in together] == [12, 36]
    for strip, chances in zip(strips, together, strict=True):
        assert np.array_equal(glance([strip])[0], chances)
        assert ((chances > 0) & (chances < 1)).all()
    assert glance([]) == []


def test_pages_without_words_or_without_numbers_are_refused(tmp_path):
    for are_digits in (False, True):
        with pytest.raises(InputError, match="words as well as numbers"):
            train_network([bars(4, are_digits=are_digits)], [], QUICK, out=tmp_path)


def test_unknown_architectures_and_odd_numbers_are_refused():
    for wrong in ({"architecture": "vgg"}, {"epochs": 0}, {"learning_rate": 0.0}):
        with pytest.raises(UsageError):
            dataclasses.replace(QUICK, **wrong)


def test_weights_of_another_network_are_refused(weights):
    with pytest.raises(WeightsError, match=r"glance\.json"):
        load_glance(weights)
