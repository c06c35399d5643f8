"""Table tops: a size goes in, what lies under the sheet comes out, seen from straight above.

Texture is made at the scale of the sheet that will lie on it; `cm_px` is a centimetre's length.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image, ImageDraw

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.fonts import bundled_typeface, load_typeface
from ocrdigits.model.compose.paper.surface import Color, Plane, Size, Surface, make_cloud

_Maker = Callable[[np.random.Generator, Size, float], Surface]


def make_tabletop(rng: np.random.Generator, size: Size, cm_px: float) -> Surface:
    """Something that people lay a sheet on.

    Args:
        rng: Source of chance.
        size: Height and width.
        cm_px: Pixels a centimetre.

    Returns:
        Its colours.
    """
    surface = pick(rng, _MAKERS)(rng, size, cm_px)
    return np.clip(surface, np.float32(0.012), np.float32(0.97), out=surface)


def _make_wood(rng: np.random.Generator, size: Size, cm_px: float) -> Surface:
    """Growth rings cut lengthwise: a sine of a field that is stretched along the grain."""
    height, width = size
    turned = toss(rng, 0.4)
    shade = _grain(rng, (width, height) if turned else size, cm_px)
    if toss(rng, 0.4):
        shade *= _seams(rng, shade.shape[0], cm_px)[:, None]
    shade = np.ascontiguousarray(shade.T) if turned else shade
    color = pick(rng, _WOODS)
    return _tint(shade, color, _fade(color, 0.16))


def _grain(rng: np.random.Generator, size: Size, cm_px: float) -> Plane:
    height, width = size
    bumps = make_cloud(rng, (height, max(8, width // 12)), 1.1 * cm_px)
    field = cv2.resize(bumps, (width, height), interpolation=cv2.INTER_CUBIC)
    across = np.linspace(0, between(rng, 0.5, 1.6) * height / cm_px, height, dtype=np.float32)
    rings = np.sin(between(rng, 2, 5) * field + across[:, None])
    streaks = make_cloud(rng, (height, max(8, width // 90)), 1.5)
    fine = cv2.resize(streaks, (width, height), interpolation=cv2.INTER_LINEAR)
    ring, streak = between(rng, 0.02, 0.10), between(rng, 0.03, 0.08)
    shade = 1 + ring * rings * (1 + 0.4 * field) + streak * fine
    return np.asarray(shade, np.float32)


def _seams(rng: np.random.Generator, height: int, cm_px: float) -> Plane:
    """Boards side by side: each a little lighter or darker, a dark gap between."""
    board = between(rng, 7, 14) * cm_px
    at = (np.arange(height) + between(rng, 0, board)) / board
    tone = rng.normal(1, 0.07, int(at[-1]) + 2)[at.astype(int)]
    gap = 1 - 0.6 * np.exp(-((np.minimum(at % 1, 1 - at % 1) * board / (0.08 * cm_px)) ** 2))
    return np.asarray(tone * gap, np.float32)


def _make_desk(rng: np.random.Generator, size: Size, cm_px: float) -> Surface:
    """A painted or laminated board: hardly any texture, some dust."""
    shade = 1 + 0.02 * make_cloud(rng, size, 1.0) + 0.02 * make_cloud(rng, size, 4 * cm_px)
    color = pick(rng, _DESKS)
    surface = _tint(shade, color, color)
    for _ in range(int(rng.integers(0, 25))):
        x, y = int(rng.integers(size[1])), int(rng.integers(size[0]))
        tone = between(rng, 0.6, 1.5)
        cv2.circle(surface, (x, y), 1, [tone * c for c in color], -1, cv2.LINE_AA)
    return surface


def _make_slate(rng: np.random.Generator, size: Size, cm_px: float) -> Surface:
    """Stone or a worktop: flecks of several sizes."""
    flecks = make_cloud(rng, size, 0.09 * cm_px)
    spots = np.clip(make_cloud(rng, size, 0.16 * cm_px) - 1.1, 0, 1)
    veins = np.abs(make_cloud(rng, size, 3 * cm_px))
    shade = np.asarray(1 + 0.10 * flecks + 0.10 * veins, np.float32)
    color = pick(rng, _STONES)
    bright = pick(rng, ((0.5, 0.5, 0.5), (0.7, 0.7, 0.72), (0.04, 0.04, 0.04)))
    surface = _tint(shade, color, color)
    spots3 = cv2.merge([spots, spots, spots]) * np.float32(between(rng, 0.0, 0.6))
    return np.asarray(surface + spots3 * (np.array(bright, np.float32) - surface), np.float32)


def _make_cloth(rng: np.random.Generator, size: Size, cm_px: float) -> Surface:
    """Warp and weft, each thread with its own shade; plain, striped or checked."""
    height, width = size
    pitch = max(2.5, between(rng, 0.05, 0.12) * cm_px)
    rows, columns = (np.arange(side, dtype=np.float32) * (2 * np.pi / pitch) for side in size)
    weave = np.outer(np.sin(rows), np.sin(columns))
    threads = (
        make_cloud(rng, (height, 2), pitch / 2)[:, :1] + make_cloud(rng, (2, width), pitch)[:1]
    )
    shade = 1 + 0.09 * weave + 0.025 * threads + 0.05 * make_cloud(rng, size, 2 * cm_px)
    color = pick(rng, _CLOTHS)
    if not toss(rng, 0.5):
        return _tint(np.asarray(shade, np.float32), color, _fade(color, 0.1))
    period = between(rng, 0.8, 4) * cm_px
    share = between(rng, 0.2, 0.55)
    across = (np.arange(width) % period < share * period).astype(np.float32)
    down = (np.arange(height) % period < share * period).astype(np.float32)
    pattern = 0.5 * (across[None, :] + down[:, None]) if toss(rng, 0.6) else across[None, :]
    other = np.array(pick(rng, _CLOTHS + ((0.85, 0.86, 0.87),) * 3), np.float32)
    base = np.array(color, np.float32)
    full = np.broadcast_to(pattern, size)[:, :, None]
    return np.asarray((base + full * (other - base)) * shade[:, :, None], np.float32)


def _make_keyboard(rng: np.random.Generator, size: Size, cm_px: float) -> Surface:
    """The keys that a desk is full of."""
    dark = toss(rng, 0.7)
    body, cap = ((0.05,) * 3, (0.09,) * 3) if dark else ((0.45,) * 3, (0.78, 0.79, 0.80))
    surface = np.empty((*size, 3), np.float32)
    surface[:] = body
    key, gap = 1.9 * cm_px, 0.25 * cm_px
    for row in range(int(size[0] / key) + 2):
        x = -between(rng, 0, key)
        while x < size[1]:
            wide = key * (pick(rng, (1.5, 2.0)) if toss(rng, 0.08) else 1.0)
            low = (round(x + gap), round(row * key - key / 3 + gap))
            high = (round(x + wide - gap / 2), round((row + 1) * key - key / 3 - gap / 2))
            tone = between(rng, 0.93, 1.07)
            cv2.rectangle(surface, low, high, [tone * 0.7 * c for c in cap], -1)
            inner = round(0.12 * cm_px)
            top = (high[0] - inner, high[1] - 2 * inner)
            cv2.rectangle(surface, (low[0] + inner, low[1]), top, [tone * c for c in cap], -1)
            legend = (round(low[0] + 0.35 * key), round(low[1] + 0.3 * key))
            mark = (round(legend[0] + between(rng, 0.06, 0.2) * key), round(legend[1] + 0.2 * key))
            ink = [0.55, 0.55, 0.55] if dark else [0.2, 0.2, 0.2]
            cv2.ellipse(
                surface,
                legend,
                (mark[0] - legend[0], mark[1] - legend[1]),
                0,
                between(rng, 0, 200),
                300,
                ink,
                max(1, round(0.05 * cm_px)),
                cv2.LINE_AA,
            )
            x += wide
    return np.asarray(cv2.GaussianBlur(surface, (0, 0), 0.05 * cm_px))


def _make_papers(rng: np.random.Generator, size: Size, cm_px: float) -> Surface:
    """Another printed sheet beneath: words of no language, without any digit."""
    face_name = pick(rng, ("DejaVuSans", "DejaVuSerif", "cmr10", "STIXGeneral"))
    body_px = max(6, round(between(rng, 0.28, 0.6) * cm_px))
    face = load_typeface(bundled_typeface(face_name), body_px)
    picture = Image.new("L", (size[1], size[0]), 0)
    draw = ImageDraw.Draw(picture)
    pitch = body_px * between(rng, 1.2, 1.7)
    for row in range(int(size[0] / pitch) + 1):
        if not toss(rng, 0.08):
            indent = -between(rng, 0, 6) * body_px
            draw.text(
                (indent, row * pitch), _babble(rng, int(2.4 * size[1] / body_px) + 12), 255, face
            )
    paper = np.array(pick(rng, _UNDER_PAPERS), np.float32)
    ink = np.asarray(picture, np.float32)[:, :, None] / np.float32(255 / between(rng, 0.5, 0.85))
    mottle = 1 + 0.01 * make_cloud(rng, size, 1.5)
    return np.asarray(paper * (1 - ink) * mottle[:, :, None], np.float32)


def _babble(rng: np.random.Generator, length: int) -> str:
    """Letters as often as in English, a new word now and then."""
    letters = rng.choice(list("eeetttaaooiinnsshhrrddlluucmfywgpbvk   ,    "), length)
    return "".join(letters.tolist())


def _tint(shade: Plane, dark: Color, light: Color) -> Surface:
    """Shade as colour: below 1 towards `dark` times it, above 1 towards `light` times it."""
    lift = np.clip(2.5 * (shade - 0.8), 0, 1)
    planes = [shade * (d + lift * (b - d)) for d, b in zip(dark, light, strict=True)]
    return np.asarray(cv2.merge([plane.astype(np.float32) for plane in planes]))


def _fade(color: Color, share: float) -> Color:
    """A colour on its way to white."""
    blue, green, red = (c + share * (1 - c) * c for c in color)
    return blue, green, red


_WOODS: tuple[Color, ...] = (
    (0.16, 0.30, 0.47),
    (0.10, 0.17, 0.28),
    (0.32, 0.50, 0.66),
    (0.06, 0.10, 0.16),
    (0.45, 0.60, 0.72),
    (0.12, 0.22, 0.42),
)
_DESKS: tuple[Color, ...] = (
    (0.42, 0.42, 0.41),
    (0.05, 0.05, 0.05),
    (0.72, 0.74, 0.75),
    (0.48, 0.56, 0.60),
    (0.20, 0.17, 0.13),
    (0.10, 0.22, 0.12),
)
_STONES: tuple[Color, ...] = (
    (0.08, 0.08, 0.08),
    (0.20, 0.20, 0.19),
    (0.42, 0.45, 0.47),
    (0.60, 0.63, 0.65),
)
_UNDER_PAPERS: tuple[Color, ...] = ((0.90, 0.92, 0.93), (0.76, 0.82, 0.84), (0.70, 0.84, 0.90))
_CLOTHS: tuple[Color, ...] = (
    (0.45, 0.24, 0.18),
    (0.18, 0.16, 0.45),
    (0.62, 0.68, 0.71),
    (0.14, 0.26, 0.16),
    (0.08, 0.08, 0.10),
    (0.45, 0.62, 0.70),
)
_MAKERS: tuple[_Maker, ...] = (
    *(_make_wood,) * 6,
    *(_make_desk,) * 4,
    *(_make_cloth,) * 3,
    *(_make_slate,) * 3,
    _make_keyboard,
    *(_make_papers,) * 2,
)
