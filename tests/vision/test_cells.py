from __future__ import annotations

import cv2
import numpy as np

from ocrdigits.settings import Settings
from ocrdigits.vision.cells import FlatTable, find_table_ink, find_writing

SETTINGS = Settings()
SIDE_PX = 72


def flat_table(paper, ink, rule_share=0.3):
    """4 × 4 cells with a 7 in each, their paper and ink as dark as given, (4, 4) grey levels."""
    lines = np.arange(5) * SIDE_PX
    grow = np.ones((SIDE_PX, SIDE_PX))
    gray, pen = np.kron(paper, grow), np.kron(ink, grow)
    digits = np.zeros(gray.shape, np.uint8)
    for y in lines[:-1]:
        for x in lines[:-1]:
            cv2.putText(digits, "7", (int(x) + 22, int(y) + 52), 0, 1.4, 1, 3)
    gray[digits > 0] = pen[digits > 0]
    for at in lines:
        gray[max(0, at - 1) : at + 2] *= rule_share
        gray[:, max(0, at - 1) : at + 2] *= rule_share
    return FlatTable(gray.astype(np.uint8), lines, lines, np.zeros((5, 5, 2)))


def is_written(table, row, column):
    ink = find_table_ink(table, SETTINGS.table, SETTINGS.enhance_page)
    page = ink.cut(table.cell_box(row, column, SETTINGS.table.rim)).page
    return bool(find_writing(page, SETTINGS.table)[1].any())


def test_in_a_shadow_paler_ink_is_as_dark_beside_its_paper():
    paper, ink = np.full((4, 4), 200.0), np.full((4, 4), 70.0)
    paper[3, :], ink[3, :] = 70.0, 42.0
    assert is_written(flat_table(paper, ink), 3, 2)


def test_a_cell_without_ink_is_blank_in_a_shadow_too():
    paper, ink = np.full((4, 4), 200.0), np.full((4, 4), 70.0)
    paper[3, :] = ink[3, :] = 70.0
    assert not is_written(flat_table(paper, ink), 3, 2)
