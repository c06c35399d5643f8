"""Strokes that some writers add: drawn where they belong, and nowhere else."""

from __future__ import annotations

import torch

from ocrdigits.model.habits import HabitShares, add_habits

ALL = HabitShares(1.0, 1.0, 1.0)


def ring(pen_px: int = 2):
    """(1, 28, 28) a round 0 of 20 pixels."""
    ys, xs = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    radius = torch.hypot(xs - 13.5, ys - 13.5)
    return ((radius <= 10) & (radius >= 10 - pen_px)).float().unsqueeze(0)


def stem():
    cell = torch.zeros(1, 28, 28)
    cell[0, 4:24, 13:15] = 1
    return cell


def change(cell, label: int, shares: HabitShares = ALL, seed: int = 1):
    generator = torch.Generator().manual_seed(seed)
    return add_habits(cell.unsqueeze(0), torch.tensor([label]), shares, generator)[0]


def test_a_zero_is_slashed_through_its_middle():
    slashed = change(ring(), 0)
    assert slashed[0, 12:16, 12:16].max() > 0.5
    assert torch.equal(torch.maximum(slashed, ring()), slashed)  # nothing is taken away
    assert slashed.max() <= 1


def test_a_one_is_flagged_on_the_left_of_its_top():
    added = change(stem(), 1) - stem()
    ys, xs = torch.nonzero(added[0] > 0.5, as_tuple=True)
    assert len(xs)
    assert (xs < 15).all()
    assert ys.min() < 9


def test_a_seven_is_crossed_on_both_sides_of_its_stem():
    added = change(stem(), 7) - stem()
    ys, xs = torch.nonzero(added[0] > 0.5, as_tuple=True)
    assert xs.min() < 13
    assert xs.max() > 15
    assert 8 < ys.min() < ys.max() < 20


def test_other_digits_and_none_stay_as_they_are():
    for label in (2, 3, 4, 5, 6, 8, 9, 10):
        assert torch.equal(change(ring(), label), ring())
    assert torch.equal(change(ring(), 0, HabitShares(0.0, 0.0, 0.0)), ring())


def test_a_broad_pen_leaves_no_room_for_a_slash():
    assert torch.equal(change(ring(pen_px=8), 0), ring(pen_px=8))


def test_the_same_seed_draws_the_same():
    assert torch.equal(change(ring(), 0, seed=5), change(ring(), 0, seed=5))
    assert not torch.equal(change(ring(), 0, seed=5), change(ring(), 0, seed=6))
