from itertools import pairwise

import numpy as np
import pytest

from ocrdigits.model.compose.pages.combs import MANNERS, Comb, print_comb
from ocrdigits.model.compose.pages.rulings import RULINGS, Ruling, print_ruling
from ocrdigits.model.compose.paper.grounds import make_security_paper
from ocrdigits.model.compose.paper.handling import handle_paper
from ocrdigits.model.compose.paper.surface import PAPERS, make_paper, sample_paper
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import InkClass
from ocrdigits.records import Box

SIZE = (300, 400)


@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_has_its_color(name):
    paper = sample_paper(np.random.default_rng(0), SIZE, (name,))
    assert paper.shape == (*SIZE, 3)
    assert paper.dtype == np.float32
    assert np.abs(paper.mean(axis=(0, 1)) - PAPERS[name]).max() < 0.08


def test_two_pieces_of_paper_differ():
    rng = np.random.default_rng(0)
    assert np.abs(make_paper(rng, SIZE) - make_paper(rng, SIZE)).mean() > 0.005


def test_paper_may_be_larger_than_the_tile_it_is_cut_from():
    assert make_paper(np.random.default_rng(0), (2100, 40)).shape == (2100, 40, 3)


@pytest.mark.parametrize("seed", range(12))
def test_security_paper_stays_light_enough_to_write_on(seed):
    paper = make_security_paper(np.random.default_rng(seed), SIZE)
    assert paper.shape == (*SIZE, 3)
    assert paper.max() <= 1
    assert np.percentile(paper.mean(axis=2), 5) > 0.5


def test_handling_leaves_the_given_paper_alone():
    paper = make_paper(np.random.default_rng(0), SIZE)
    before = paper.copy()
    for seed in range(10):
        handled = handle_paper(np.random.default_rng(seed), paper, has_holes=True)
        assert handled.shape == paper.shape
        assert (handled.min(axis=2)[:, :40] < 0.3).any()  # a hole shows the table
    assert np.array_equal(paper, before)


@pytest.mark.parametrize("manner", RULINGS)
def test_ruled_lines_are_rules(manner):
    sheet = Sheet(np.ones((*SIZE, 3), np.float32))
    ruling = Ruling(manner, 40, 40, (0.5, 0.5, 0.5), 0, 2)
    print_ruling(np.random.default_rng(0), sheet, ruling)
    assert set(np.unique(sheet.ink)) == {InkClass.GROUND, InkClass.RULE}


@pytest.mark.parametrize("manner", MANNERS)
def test_combs_of_every_manner_give_boxes_to_write_in(manner):
    sheet, comb = Sheet(np.ones((*SIZE, 3), np.float32)), Comb(manner, (0.3, 0.3, 0.9), 2)
    cells = print_comb(np.random.default_rng(0), sheet, comb, Box(20, 40, 350, 60), 6)
    assert len(cells) == 6
    assert all(a.right <= b.x for a, b in pairwise(cells))
    assert {cell.height for cell in cells} == {60}
    assert sheet.surface.min() < 0.9
    for cell in cells:
        inside = sheet.ink[cell.y + 5 : cell.bottom - 5, cell.x + 5 : cell.right - 5]
        assert not inside.any()
