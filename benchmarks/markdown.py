"""Cells and shares in, a Markdown table out."""

from __future__ import annotations

from collections.abc import Sequence


def as_table(lines: Sequence[Sequence[str]]) -> str:
    """Lines of cells as a table, without a line break at the end; the second line rules."""
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_percent(share: float | None) -> str:
    """A share of one as a percentage; a dash where there is none."""
    return "–" if share is None else f"{100 * share:.1f} %"
