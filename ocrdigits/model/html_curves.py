"""Compared strings in, reliability and risk–coverage as SVG for a page out."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ocrdigits.model.compare import StringResult
from ocrdigits.model.figures import ReadRate, accepted_rate, confidences_of, risk_coverage
from ocrdigits.model.reliability import equal_width_bins

_WIDTH, _HEIGHT = 420, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 24, 10, 40
_LEAST_RATE = 1e-3
"""Of errors: where the logarithmic axis ends."""
_MOST_POINTS = 800

Point = tuple[float, float]


def draw_reliability(strings: Sequence[StringResult]) -> str:
    """Share right by confidence, with 95 % intervals; where both are the same, it is true."""
    bins = equal_width_bins(*confidences_of(strings))
    parts = [_line((0, 0), (1, 1), "ideal")]
    for it in bins:
        parts.append(_line((it.confidence, it.low), (it.confidence, it.high), "band"))
        note = f"confidence {it.confidence:.3f}: {it.right:.3f} of {it.count:,} right"
        parts.append(_dot((it.confidence, it.right), "dot", note))
    parts.append(_curve([(it.confidence, it.right) for it in bins]))
    ticks = [(share, f"{share:g}") for share in (0, 0.25, 0.5, 0.75, 1)]
    said = "; ".join(f"{it.confidence:.2f} said, {it.right:.2f} right" for it in bins)
    return _svg(parts, ticks, ticks, ("confidence", "share right"), f"Reliability: {said}")


def draw_risk_coverage(strings: Sequence[StringResult], max_error: float | None) -> str:
    """Error among what is read by how much is read, over all thresholds; ◆ what was accepted."""
    rates = risk_coverage(strings)
    step = max(1, len(rates) // _MOST_POINTS)
    shown = [*rates[::step], *rates[-1:]]
    parts = [_curve([_risk_point(rate) for rate in shown])]
    accepted = accepted_rate(strings, max_error)
    said = "nothing accepted"
    if accepted.coverage is not None and accepted.error is not None:
        said = f"accepted: {accepted.coverage:.1%} read, of these {accepted.error:.2%} wrong"
        parts.append(_dot(_risk_point(accepted), "accepted", said))
    across = [(share, f"{share:.0%}") for share in (0, 0.25, 0.5, 0.75, 1)]
    up = [(0.0, "≤ 0.1 %"), *((_log(rate), f"{100 * rate:g} %") for rate in (0.01, 0.1, 1))]
    axes = ("strings read", "of these wrong")
    return _svg(parts, across, up, axes, f"Risk by coverage; {said}")


def _risk_point(rate: ReadRate) -> Point:
    return rate.coverage or 0, _log(rate.error or 0)


def _log(rate: float) -> float:
    """0 for the least rate that is told apart, 1 for 100 %."""
    return 1 - math.log10(max(rate, _LEAST_RATE)) / math.log10(_LEAST_RATE)


def _at(point: Point) -> Point:
    x = _LEFT + point[0] * (_WIDTH - _LEFT - _RIGHT)
    return round(x, 1), round(_TOP + (1 - point[1]) * (_HEIGHT - _TOP - _BOTTOM), 1)


def _line(start: Point, end: Point, kind: str) -> str:
    (x1, y1), (x2, y2) = _at(start), _at(end)
    return f'<line class="{kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>'


def _curve(points: Sequence[Point]) -> str:
    return f'<polyline class="curve" points="{" ".join(f"{x},{y}" for x, y in map(_at, points))}"/>'


def _dot(point: Point, kind: str, note: str) -> str:
    x, y = _at(point)
    return f'<circle class="{kind}" cx="{x}" cy="{y}" r="5"><title>{note}</title></circle>'


def _svg(
    parts: Sequence[str],
    across: Sequence[tuple[float, str]],
    up: Sequence[tuple[float, str]],
    axes: tuple[str, str],
    said: str,
) -> str:
    frame = []
    for share, name in across:
        x, y = _at((share, 0))
        frame.append(_line((share, 0), (share, 1), "axis"))
        frame.append(f'<text x="{x}" y="{y + 15}" text-anchor="middle">{name}</text>')
    for share, name in up:
        x, y = _at((0, share))
        frame.append(_line((0, share), (1, share), "axis"))
        frame.append(f'<text x="{x - 6}" y="{y + 4}" text-anchor="end">{name}</text>')
    x, y = _at((0.5, 0))
    frame.append(f'<text x="{x}" y="{y + 32}" text-anchor="middle">{axes[0]}</text>')
    x, y = _at((0, 0.5))
    turned = f'transform="rotate(-90 12 {y})"'
    frame.append(f'<text x="12" y="{y}" text-anchor="middle" {turned}>{axes[1]}</text>')
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{said}">'
        f"{''.join(frame)}{''.join(parts)}</svg>"
    )
