from __future__ import annotations

import pytest
from readings import field_reading, photo_reading

from ocrdigits.model.compare_grid import GridLoss, compare_grid, measure_grids

LABEL = ("102", "030", "450")


def reading_of(*rows: str, **changes):
    cells = tuple(
        field_reading("" if text == "0" else text, table=0, row=row, column=column)
        for row, line in enumerate(rows)
        for column, text in enumerate(line)
    )
    return photo_reading(strings=cells, **changes)


@pytest.mark.parametrize(
    ("rows", "losses"),
    [
        (LABEL, {}),
        (("102", "030", "400"), {GridLoss.MISSED: 1}),
        (("112", "030", "450"), {GridLoss.INVENTED: 1}),
        (("107", "030", "450"), {GridLoss.MISREAD: 1}),
        (("102", "030"), {GridLoss.SHAPE: 9}),
        (("401", "530", "002"), {GridLoss.TURN: 9}),
        ((), {GridLoss.NOT_FOUND: 9}),
    ],
)
def test_every_wrong_cell_has_its_cause(rows, losses):
    result = compare_grid(LABEL, reading_of(*rows))
    assert result.losses == losses
    assert result.is_right == (not losses) and result.cells_right == 9 - sum(losses.values())


def test_a_cell_read_as_0_is_not_blank():
    cells = reading_of(*LABEL).strings
    zeros = [field_reading("0", table=0, row=row, column=1) for row in (0, 2)]  # blank, and a 5
    kept = [cell for cell in cells if (cell.row, cell.column) not in {(0, 1), (2, 1)}]
    result = compare_grid(LABEL, photo_reading(strings=(*kept, *zeros)))
    assert result.losses == {GridLoss.INVENTED: 1, GridLoss.MISREAD: 1}


def test_a_photo_that_could_not_be_read_loses_its_grid():
    result = compare_grid(LABEL, photo_reading(error="broken"))
    assert result.losses == {GridLoss.UNREADABLE: 9} and not result.is_found


def test_photos_of_one_grid_count_as_one_puzzle():
    results = [compare_grid(LABEL, reading_of(*rows)) for rows in (LABEL, ("102", "030", "400"))]
    figures = measure_grids(results)
    assert (figures.grids, figures.grids_right, figures.puzzles) == (2, 1, 1)
    assert figures.puzzles_right == 0.5 and figures.losses["digit read as blank"] == 1


def test_digits_in_blank_cells_are_extra():
    comparison = compare_grid(LABEL, reading_of("112", "030", "450")).comparison
    assert len(comparison.strings) == 5 and [it.text for it in comparison.extra] == ["1"]
