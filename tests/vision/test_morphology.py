import numpy as np

from ocrdigits.vision.morphology import find_runs, keep_long_runs, open_ink

INK = np.array(
    [
        [1, 1, 1, 0, 1],
        [0, 1, 1, 1, 1],
        [0, 0, 0, 0, 0],
        [1, 0, 1, 1, 0],
    ],
    bool,
)


def test_runs_are_found_row_by_row():
    runs = find_runs(INK)
    found = list(zip(runs.rows, runs.starts, runs.stops, strict=True))
    assert found == [(0, 0, 3), (0, 4, 5), (1, 1, 5), (3, 0, 1), (3, 2, 4)]


def test_paper_has_no_runs():
    assert not len(find_runs(np.zeros((3, 4), bool)).rows)
    assert not keep_long_runs(np.zeros((3, 4), bool), 2).any()


def test_only_long_runs_are_kept_also_along_the_border():
    kept = keep_long_runs(INK, 3)
    wanted = INK.copy()
    wanted[0, 4] = wanted[3] = False
    np.testing.assert_array_equal(kept, wanted)


def test_keeping_long_runs_is_an_opening():
    ink = np.random.default_rng(3).random((40, 60)) < 0.7
    for length in (1, 3, 5, 9):
        np.testing.assert_array_equal(keep_long_runs(ink, length), open_ink(ink, 1, length))
