"""Printed forms, filled in by hand: labels, lines, boxes, combs, tables, stamps, signatures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.pages.contents import sample_name
from ocrdigits.model.compose.pages.formparts import (
    COMB_FIELDS,
    SECTIONS,
    add_cells,
    add_comb,
    add_line,
    add_signature,
    add_table,
    add_ticks,
    add_word_comb,
    open_form,
    print_foot,
    print_head,
    print_section,
    print_terms,
    sample_fields,
)
from ocrdigits.model.compose.pages.ornament import print_barcode
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.records import Box


def draw_form(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A form, filled in by one writer.

    Args:
        rng: Source of chance.
        supplies: Sources of handwriting.

    Returns:
        The sheet; its truth has every digit string, the printed ones included.
    """
    return pick(rng, LAYOUTS)(rng, supplies)


def draw_simple(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A head, labels on the left, lines to write on, two combs, tick boxes at the foot."""
    form = open_form(rng, supplies, (1380, 1060))
    y = print_head(form)
    for label, sample in sample_fields(rng, int(rng.integers(4, 6))):
        add_line(form, label, sample(rng), y)
        y += round(between(rng, 92, 112))
    for index in sorted(rng.choice(len(COMB_FIELDS), 2, replace=False).tolist()):
        y = add_comb(form, index, y)
    add_ticks(form, min(y, 1240))
    if toss(rng) and y < 1150:
        add_signature(form, y)
        y += 110
    print_terms(form, y + 60)
    print_foot(form)
    return form.desk.sheet


def draw_boxed(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Sections with grey heads; cells with small labels inside, two to four in a row."""
    form = open_form(rng, supplies, (1400, 1080))
    y = print_head(form)
    for section in rng.permutation(SECTIONS)[:3].tolist():
        y = print_section(form, section, y)
        for _ in range(int(rng.integers(2, 4))):
            y = add_cells(form, y)
        y += 36
    y = add_comb(form, int(rng.integers(len(COMB_FIELDS))), y + 62)
    if y < 1230:
        add_ticks(form, y)
    print_foot(form)
    return form.desk.sheet


def draw_with_table(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Two fields, a table of items with quantities, prices and a total, a signature, a stamp."""
    form = open_form(rng, supplies, (1400, 1060))
    y = print_head(form)
    for label, sample in sample_fields(rng, 2):
        add_line(form, label, sample(rng), y)
        y += 92
    y = print_section(form, pick(rng, ("Items", "Services", "Goods")), y - 36)
    y = add_table(form, y)
    add_signature(form, y)
    print_terms(form, y + 170)
    print_foot(form)
    return form.desk.sheet


def draw_combs(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Combs and little else, as machines want it: letters and digits one to a box."""
    form = open_form(rng, supplies, (1180, 1420))
    y = print_head(form)
    for index in rng.permutation(len(COMB_FIELDS))[: int(rng.integers(4, 6))].tolist():
        y = add_comb(form, int(index), y)
    word = sample_name(rng).split()[1].upper()
    if y < 1000:
        add_word_comb(form, word, y)
    print_barcode(rng, form.desk.sheet, Box(form.right - 330, 60, 320, 70))
    print_foot(form)
    return form.desk.sheet


LAYOUTS: tuple[Callable[[np.random.Generator, Supplies], Sheet], ...] = (
    draw_simple,
    draw_boxed,
    draw_with_table,
    draw_combs,
)
"""The layouts of this kind, equally likely."""
