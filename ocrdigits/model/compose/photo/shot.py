"""How photos are taken: a degree of care goes in, all that makes a photo what it is comes out.

A photo has one haste, from 0 (a careful person: readable, never perfect) to 1, and all that can go
wrong goes wrong together: who hurries holds the phone askew, shakes it, and casts a shadow.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np

from ocrdigits.errors import UsageError
from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.paper.surface import Size
from ocrdigits.model.compose.photo.bend import Bend
from ocrdigits.model.compose.photo.camera import Lens, Sensor
from ocrdigits.model.compose.photo.lighting import Lamp, Light
from ocrdigits.model.compose.photo.rooms import sample_light, warm_color
from ocrdigits.model.compose.photo.warp import Pose
from ocrdigits.model.compose.photo.wear import Wear

_MEGAPIXEL = 1e6


class ShotStyle(Enum):
    """What kind of picture a photo is."""

    PHOTO = "photo"
    SCAN = "scan"
    """From a scanner or a scanning app: flat, even, the sheet fills the frame."""
    SCREEN = "screen"
    """A photo of a screen that shows the sheet."""


@dataclass(frozen=True, slots=True)
class ShotSettings:
    """How people take the photos of a series.

    Attributes:
        care: 1 gives careful photos only; 0 everything from careful to hardly readable.
        megapixels: Smallest and largest photo; sizes are drawn evenly on a log scale.
        scan_share: Share of scans; less where photos are careful.
        screen_share: Share of photos of screens; likewise.
    """

    care: float = 0.0
    megapixels: tuple[float, float] = (0.5, 12.0)
    scan_share: float = 0.06
    screen_share: float = 0.02

    def __post_init__(self) -> None:
        low, high = self.megapixels
        if not 0 <= self.care <= 1:
            raise UsageError(f"care must be from 0 to 1, not {self.care}")
        if not 0.1 <= low <= high <= 50:
            raise UsageError(
                f"megapixels must be from 0.1 to 50, the smaller first, not {low}-{high}"
            )


@dataclass(frozen=True, slots=True)
class Framing:
    """How people frame one kind of page.

    Attributes:
        sheet_size: Height and width of the sheet.
        short_frac: Shorter side of the photo, share of the longer.
        margin_frac: Table around the sheet, share of the photo; negative crops the sheet.
        area_frac: Share of a whole photo; a crop is a part cut out of one.
        is_stiff: It neither bends nor creases.
    """

    sheet_size: Size
    short_frac: float
    margin_frac: float
    area_frac: float = 1.0
    is_stiff: bool = False

    def __post_init__(self) -> None:
        if not (0 < self.area_frac <= 1 and 0 < self.short_frac <= 1):
            raise ValueError("area_frac and short_frac must be above 0 and at most 1")


@dataclass(frozen=True, slots=True)
class Shot:
    """How one photo is taken.

    Attributes:
        size: Height and width of the photo in pixels.
        style: What kind of picture it is.
        pose: Camera and sheet.
        light: What falls on the sheet.
        lens: What blurs.
        sensor: What becomes of the light.
        wear: What the sheet went through.
        jpeg_quality: Of the file.
    """

    size: Size
    style: ShotStyle = ShotStyle.PHOTO
    pose: Pose = field(default_factory=Pose)
    light: Light = field(default_factory=Light)
    lens: Lens = field(default_factory=Lens)
    sensor: Sensor = field(default_factory=Sensor)
    wear: Wear = field(default_factory=Wear)
    jpeg_quality: int = 88


def parse_megapixels(text: str) -> tuple[float, float]:
    """Read `0.5-12` (or `2`) as a range.

    Raises:
        UsageError: If it is none.
    """
    try:
        low, high = (float(part) for part in (text.split("-") if "-" in text else (text, text)))
    except ValueError:
        raise UsageError(f"--megapixels: {text!r} is no range; write 0.5-12 or 2") from None
    return low, high


def sample_shot(
    rng: np.random.Generator, framing: Framing, settings: ShotSettings | None = None
) -> Shot:
    """Take a photo as somebody would.

    Args:
        rng: Source of chance.
        framing: What is photographed.
        settings: How carefully; without them as people do.

    Returns:
        Everything but the picture.
    """
    settings = settings or ShotSettings()
    carelessness = 1 - settings.care
    haste = carelessness * float(rng.beta(1.3, 1.7))
    draw = rng.random() / max(1e-9, carelessness)
    style = ShotStyle.PHOTO
    if draw < settings.scan_share + settings.screen_share:
        style = ShotStyle.SCAN if draw < settings.scan_share else ShotStyle.SCREEN
    size = _sample_size(rng, framing, settings, style)
    shot = _sample_photo(rng, framing, size, haste)
    if style is ShotStyle.SCAN:
        return _as_scan(rng, shot)
    return _as_screen(rng, shot) if style is ShotStyle.SCREEN else shot


def _sample_size(
    rng: np.random.Generator, framing: Framing, settings: ShotSettings, style: ShotStyle
) -> Size:
    """The camera is held the way the sheet lies; a scan has the sheet's own shape."""
    low, high = np.log(settings.megapixels)
    area = _MEGAPIXEL * framing.area_frac * float(np.exp(rng.uniform(low, high)))
    height, width = framing.sheet_size
    short_frac = framing.short_frac
    if style is ShotStyle.SCAN and framing.margin_frac >= 0:
        short_frac = min(height, width) / max(height, width)
    elif settings.care < 1 and framing.margin_frac >= 0 and toss(rng, 0.5):
        short_frac = pick(rng, (0.75, 0.75, 0.5625, 0.5, 0.6667))
    long_side = round(np.sqrt(area / short_frac))
    short_side = round(long_side * short_frac)
    return (short_side, long_side) if width >= height else (long_side, short_side)


def _sample_photo(rng: np.random.Generator, framing: Framing, size: Size, haste: float) -> Shot:
    unit_px = float(np.sqrt(size[0] * size[1] / framing.area_frac / (1.5 * _MEGAPIXEL)))
    dark = haste * float(rng.random())
    light = sample_light(rng, haste)
    return Shot(
        size=size,
        pose=_sample_pose(rng, framing, haste),
        light=light,
        lens=_sample_lens(rng, haste, unit_px),
        sensor=_sample_sensor(rng, haste, dark, unit_px),
        wear=Wear() if framing.is_stiff else _sample_wear(rng, haste),
        jpeg_quality=round(between(rng, 80, 94) - 45 * haste * float(rng.random()) ** 2),
    )


def _sample_pose(rng: np.random.Generator, framing: Framing, haste: float) -> Pose:
    tilt = 2.5 + 13 * haste
    pitch, yaw = (float(np.clip(rng.normal(0, tilt / 2), -1.2 * tilt, 1.2 * tilt)) for _ in "py")
    margin = framing.margin_frac
    crop = 0.0
    if margin >= 0:
        margin += 0.14 * haste * float(rng.random()) ** 2
        crop = between(rng, 0.2, 0.85) if toss(rng, 0.35 * haste) else 0.0
        margin = 0.012 if crop else margin
    turn = 1.3 + 2.2 * haste
    return Pose(
        turn_deg=float(np.clip(rng.normal(0, turn), -3 * turn, 3 * turn)),
        pitch_deg=pitch,
        yaw_deg=yaw,
        focal_frac=between(rng, 0.75, 1.0),
        margin_frac=margin,
        crop_frac=crop,
        shift=(between(rng, -0.7, 0.7), between(rng, -0.7, 0.7)),
        bend=Bend() if framing.is_stiff else _sample_bend(rng, haste),
        distortion=float(np.clip(rng.normal(0, 0.004 + 0.008 * haste), -0.03, 0.03)),
    )


def _sample_bend(rng: np.random.Generator, haste: float) -> Bend:
    """Mostly along the sides of the sheet, as paper was rolled, folded or bound."""
    axis = 90.0 * int(rng.integers(4)) + float(rng.normal(0, 8))
    if toss(rng, 0.2):
        axis = between(rng, 0, 360)  # a corner that curls up
    lift = between(rng, 3, 12 + 24 * haste) if toss(rng, 0.45) else 0.0
    return Bend(
        axis_deg=axis,
        arch_deg=float(np.clip(rng.normal(0, 1.5 + 6 * haste), -10, 18)),
        ripple_deg=abs(float(rng.normal(0, 1.0 + 2.5 * haste))),
        ripples=between(rng, 0.7, 2.2),
        lift_deg=lift,
        lift_frac=between(rng, 0.2, 0.6),
    )


def _sample_lens(rng: np.random.Generator, haste: float, unit_px: float) -> Lens:
    """Blur grows with the photo: the same lens draws the same sheet on more pixels."""
    defocus = float(rng.gamma(1.5, 0.8 * haste)) if haste and toss(rng, 0.6) else 0.0
    soft = between(rng, 0.5, 2.5) * haste if toss(rng, 0.3) else 0.0
    motion = float(rng.gamma(1.5, 0.5 + 1.3 * haste)) if toss(rng, 0.5) else 0.0
    return Lens(
        blur_px=between(rng, 0.4, 0.75) * max(0.8, unit_px**0.7),
        defocus_px=min(3.6, defocus) * unit_px,
        soft_px=soft * unit_px,
        motion_px=min(1.5 + 7 * haste, motion) * unit_px,
    )


def _sample_sensor(rng: np.random.Generator, haste: float, dark: float, unit_px: float) -> Sensor:
    """Small photos are mostly large ones made smaller, which averages the noise away."""
    grain = min(1.0, max(0.5, unit_px))
    return Sensor(
        exposure=between(rng, 0.80 - 0.35 * dark, 0.98 + 0.12 * haste),
        noise=between(rng, 0.010, 0.026 + 0.07 * dark) * grain,
        smoothing=between(rng, 0.2, 0.95),
        sharpening=between(rng, 0.15, 0.7 + 0.6 * haste),
        halo_px=between(rng, 0.9, 1.8) * max(1.0, unit_px**0.5),
        contrast=between(rng, -0.05, 0.45),
        haze=between(rng, 0.0, 0.02 + 0.05 * haste),
        saturation=between(rng, 0.7, 1.2) if not toss(rng, 0.06 * haste) else 0.0,
    )


def _sample_wear(rng: np.random.Generator, haste: float) -> Wear:
    return Wear(
        creases=int(rng.poisson(0.4 + 3 * haste)) if toss(rng, 0.4) else 0,
        crease_depth=between(rng, 0.015, 0.04 + 0.05 * haste),
        show_through=between(rng, 0.02, 0.06 + 0.06 * haste) if toss(rng, 0.15) else 0.0,
    )


def _as_scan(rng: np.random.Generator, shot: Shot) -> Shot:
    """The same sheet under a scanner's lid, or straightened and brightened by an app."""
    pose = Pose(
        turn_deg=float(rng.normal(0, 0.4)),
        focal_frac=4.0,
        margin_frac=min(shot.pose.margin_frac, -0.002),
        bend=Bend(shot.pose.bend.axis_deg, ripple_deg=min(1.5, shot.pose.bend.ripple_deg)),
    )
    sensor = replace(
        shot.sensor,
        exposure=between(rng, 0.95, 1.12),
        noise=0.4 * shot.sensor.noise,
        contrast=between(rng, 0.1, 0.8),
        haze=0.0,
        saturation=0.0 if toss(rng, 0.35) else between(rng, 0.8, 1.2),
    )
    lamp = Lamp(between(rng, 0, 360), 60.0, 12.0, (1.0, 1.0, 1.0), 1.0)
    light = Light((lamp,), sky=0.7, vignette=0.0)
    lens = Lens(blur_px=shot.lens.blur_px)
    return replace(shot, style=ShotStyle.SCAN, pose=pose, sensor=sensor, light=light, lens=lens)


def _as_screen(rng: np.random.Generator, shot: Shot) -> Shot:
    """A screen is flat and shines by itself; what is on it has no creases."""
    lamp = Lamp(between(rng, 0, 360), 40.0, 6.0, warm_color(-between(rng, 0, 0.06)), 1.0)
    light = Light((lamp,), sky=0.85, vignette=between(rng, 0.05, 0.2), glare=shot.light.glare / 3)
    return replace(
        shot,
        style=ShotStyle.SCREEN,
        pose=replace(shot.pose, bend=Bend()),
        light=light,
        wear=Wear(),
    )
