from dataclasses import replace

import pytest
import torch
from known_digits import classify, training_cells

from ocrdigits.model.augment import (
    AugmentSettings,
    augment_digits,
    compose_non_digits,
    damage,
    warp_to_cell,
)
from ocrdigits.model.habits import add_habits

SETTINGS = AugmentSettings()
STILL = AugmentSettings(
    photo_share=0, rotation_deg=0, shear=0, stretch=1, elastic_px=0, body_px=(20, 20)
)
COUNT = 200


def digits(count: int = COUNT):
    cells, labels = training_cells(count)
    return torch.from_numpy(cells).unsqueeze(1).clamp(0, 1), torch.from_numpy(labels)


def generator(seed: int = 0):
    return torch.Generator().manual_seed(seed)


def augmented(seed: int = 0):
    cells, _ = digits()
    return augment_digits(cells, cells.flip(0), SETTINGS, generator(seed))


def non_digits(seed: int = 0):
    return compose_non_digits(*digits(), SETTINGS, generator(seed))


def damaged(seed: int = 0):
    return damage(digits()[0], 1.0, generator(seed))


def longest_side(cells):
    """(N,) longest side of the ink of each cell."""
    inked = cells[:, 0] > 0.15
    rows, columns = inked.any(2), inked.any(1)

    def length(marks):
        places = torch.arange(marks.shape[1])
        last = torch.where(marks, places, -1).amax(1)
        return last - torch.where(marks, places, 99).amin(1) + 1

    return torch.maximum(length(rows), length(columns))


def centre(cells):
    """(N, 2) centre of mass of each cell, pixels from the middle."""
    places = torch.arange(28) - 13.5
    mass = cells.sum((1, 2, 3))
    across = (cells.sum((1, 2)) * places).sum(1) / mass
    down = (cells.sum((1, 3)) * places).sum(1) / mass
    return torch.stack([across, down], 1)


@pytest.mark.parametrize("make", [augmented, non_digits, damaged])
def test_cells_stay_cells(make):
    cells = make()
    assert cells.shape == (COUNT, 1, 28, 28) and cells.dtype == torch.float32
    assert torch.isfinite(cells).all()
    assert cells.min() >= 0 and cells.max() <= 1


@pytest.mark.parametrize("make", [augmented, non_digits, damaged])
def test_the_same_generator_gives_the_same_cells(make):
    assert torch.equal(make(3), make(3))
    assert not torch.equal(make(3), make(4))


def test_the_cells_given_are_not_changed():
    cells, labels = digits()
    before = cells.clone()
    augment_digits(cells, cells, SETTINGS, generator())
    compose_non_digits(cells, labels, SETTINGS, generator())
    damage(cells, 1.0, generator())
    assert torch.equal(cells, before)


def test_augmented_digits_stay_some_twenty_pixels_and_centred():
    cells = warp_to_cell(digits()[0], SETTINGS, generator())
    sides = longest_side(cells).float()
    assert 18 <= sides.mean() <= 22
    assert ((sides >= 15) & (sides <= 25)).float().mean() > 0.98
    assert centre(cells).abs().max() < 4
    assert centre(cells).mean(0).abs().max() < 0.5


def test_without_any_change_a_digit_stays_what_it_is():
    cells, labels = digits()
    same = warp_to_cell(cells, STILL, generator())
    looks_like = classify(same[:, 0].numpy())[:, :10].argmax(1)
    assert (looks_like == labels.numpy()).mean() > 0.95


def test_every_sample_gets_a_change_of_its_own():
    one = digits()[0][:1].expand(32, -1, -1, -1)
    changed = warp_to_cell(one, SETTINGS, generator()).flatten(1)
    assert len(torch.unique(changed, dim=0)) == 32


def test_larger_crops_are_fitted_to_the_cell():
    canvas = torch.zeros(4, 1, 50, 90)
    canvas[:, :, 5:45, 30:36] = 1
    cells = warp_to_cell(canvas, STILL, generator())
    assert cells.shape == (4, 1, 28, 28)
    assert (longest_side(cells) - 20).abs().max() <= 2


def test_empty_and_full_cells_are_survived():
    cells = torch.stack([torch.zeros(1, 28, 28), torch.ones(1, 28, 28)]).repeat(20, 1, 1, 1)
    labels = torch.zeros(40, dtype=torch.int64)
    for changed in (
        augment_digits(cells, cells, SETTINGS, generator()),
        compose_non_digits(cells, labels, SETTINGS, generator()),
        damage(cells, 1.0, generator()),
    ):
        assert torch.isfinite(changed).all() and changed.min() >= 0 and changed.max() <= 1


def test_damage_spares_the_share_that_was_not_asked_for():
    cells, _ = digits()
    assert torch.equal(damage(cells, 0.0, generator()), cells)
    changed = (damage(cells, 0.5, generator()) != cells).flatten(1).any(1).float().mean()
    assert 0.35 < changed < 0.65


def test_damage_leaves_the_digits_recognisable():
    cells, _ = digits()
    hurt = damage(cells, 1.0, generator())
    likeness = torch.stack(
        [
            torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1]
            for a, b in zip(hurt, cells, strict=True)
        ]
    )
    assert likeness.median() > 0.85 and likeness.min() > 0.3


def test_composed_non_digits_hold_ink_and_differ_from_their_digits():
    cells, labels = digits()
    made = compose_non_digits(cells, labels, SETTINGS, generator())
    assert (made.flatten(1).sum(1) > 5).float().mean() > 0.99
    likeness = torch.stack(
        [
            torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1]
            for a, b in zip(made, cells, strict=True)
        ]
    )
    assert likeness.median() < 0.6


def test_neighbours_reach_into_some_digits():
    cells = torch.zeros(COUNT, 1, 28, 28)
    cells[:, :, 6:22, 12:16] = 1
    neighbours = torch.ones(COUNT, 1, 28, 28)
    alone = augment_digits(cells, torch.zeros_like(cells), SETTINGS, generator())
    beside = augment_digits(cells, neighbours, SETTINGS, generator())
    reached = (beside - alone).clamp(min=0).flatten(1).sum(1) > 5
    assert 0.02 < reached.float().mean() < 0.5


def test_of_shape_alone_leaves_picture_strokes_and_habits_as_they_are():
    moved = AugmentSettings().of_shape_alone()
    cells, labels = digits()
    upright = replace(moved, rotation_deg=0, shear=0, stretch=1, body_px=(20, 20))
    shown = augment_digits(cells, cells.flip(0), upright, generator())
    shifted = warp_to_cell(cells, upright, generator())
    assert torch.equal(shown, shifted)
    assert torch.equal(add_habits(cells, labels, moved.habits, generator()), cells)
    turned = augment_digits(cells, cells.flip(0), moved, generator())
    assert (turned - shown).abs().mean() > 0.01
