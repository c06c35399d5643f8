"""A photo and a reference picture in, the map between them out: features, then tracked corners.

SIFT features that agree on a homography find the form whichever way it lies; corners of its print,
tracked from the reference into the flattened photo, make the map exact and count how much of the
form is really there. What is left of their drift shows how the paper bends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, GrayImage, Homography
from ocrdigits.settings import RegisterSettings
from ocrdigits.vision.geometry import map_points
from ocrdigits.vision.light import flatten_light
from ocrdigits.vision.rectify import shrink

Points = NDArray[np.float64]
"""(N, 2) x and y of pixel centres."""

_PATCH_PX = 21  # side of what is compared around a corner
_FLAT_WINDOW_PX = 41
_ROUNDS = ((31, 3), (21, 2), (21, 1))  # window and pyramid levels of the tracking: far, then exact
_LEAST_CORNERS = 8
_FITS, _RIDGE = 6, 0.05
_BEND_FRAC = 0.006  # of the picture's long side: what a flat sheet's corners stray from one map
_STRAY_FRAC = 0.003  # … and a bent one's from what their surface does
_MAX_BEND_FRAC = 0.06


@dataclass(frozen=True, slots=True)
class Reference:
    """A picture that photos are registered to.

    Attributes:
        gray: (h, w) the picture, shrunk.
        flat: (h, w) the same without light and shade.
        scale: Its pixels per pixel of the whole picture.
        places: (N, 2) of its features, shrunk picture …
        descriptors: (N, 128) … and what they look like.
        corners: (M, 2) of its print, shrunk picture.
    """

    gray: GrayImage
    flat: GrayImage
    scale: float
    places: Points
    descriptors: NDArray[np.float32]
    corners: Points


@dataclass(frozen=True, slots=True)
class Registration:
    """How a photo shows the reference.

    Attributes:
        photo_from_reference: The map, pixels of both whole pictures.
        places: (M, 2) the corners of the print, reference pixels.
        drift: (M, 2) how far each lies from where the map says, reference pixels.
        agrees: (M,) whether the photo shows the same there.
        bend_px: Median length of the drift where it does, reference pixels.
    """

    photo_from_reference: Homography
    places: Points
    drift: Points
    agrees: NDArray[np.bool_]
    bend_px: float

    @property
    def agreeing(self) -> int:
        """How many corners agree."""
        return int(self.agrees.sum())

    @property
    def turn_deg(self) -> int:
        """Quarter turn, clockwise, that makes the photo upright: 0, 90, 180 or 270."""
        middle = self.places.mean(axis=0) if len(self.places) else np.zeros(2)
        step = map_points(middle + np.array([[0.0, 0.0], [1.0, 0.0]]), self.photo_from_reference)
        angle_deg = np.degrees(np.arctan2(*(step[1] - step[0])[::-1]))
        return int(-round(float(angle_deg) / 90) * 90) % 360


def prepare_reference(
    gray: GrayImage, filled: Sequence[Box], settings: RegisterSettings
) -> Reference:
    """Look for what photos of the form will have in common with its picture.

    Args:
        gray: (H, W) the picture.
        filled: Places that look different on every copy; nothing in them counts.
        settings: Sizes and numbers.

    Returns:
        The reference; with few or no features where the picture is bare.
    """
    small, scale = shrink(gray, settings.long_side_px)
    allowed = np.full(small.shape, 255, np.uint8)
    for box in filled:
        rim = 0.15 * min(box.width, box.height)  # its printed sides do count
        left, top = round((box.x + rim) * scale), round((box.y + rim) * scale)
        right, bottom = round((box.right - rim) * scale), round((box.bottom - rim) * scale)
        allowed[top:bottom, left:right] = 0
    places, descriptors = _find_features(small, allowed, settings.features)
    found = cv2.goodFeaturesToTrack(
        flatten_light(small, _FLAT_WINDOW_PX),
        settings.corners,
        0.02,
        0.012 * max(small.shape),
        mask=allowed,
        blockSize=5,
    )
    corners = np.zeros((0, 2)) if found is None else found.reshape(-1, 2).astype(np.float64)
    return Reference(
        small, flatten_light(small, _FLAT_WINDOW_PX), scale, places, descriptors, corners
    )


def register_photo(
    gray: GrayImage, reference: Reference, settings: RegisterSettings
) -> Registration | None:
    """Find the reference in a photo.

    Args:
        gray: (H, W) the whole photo.
        reference: What to find.
        settings: Sizes and numbers.

    Returns:
        The map and how far it holds; whether that is enough is for `is_found` to say. None where
        no features agree on any map.
    """
    best = None
    for long_side_px in (settings.long_side_px, settings.retry_long_side_px):
        small, scale = shrink(gray, long_side_px)
        rough = _match_features(small, reference, settings)
        if rough is not None:
            found = _track_corners(small, scale, reference, rough)
            if best is None or found.agreeing > best.agreeing:
                best = found
        if best is not None and is_found(best, settings):
            return best
        if max(gray.shape) <= long_side_px:
            break
    return best


def is_found(registration: Registration, settings: RegisterSettings) -> bool:
    """Tell whether so much agrees that the photo must show the form."""
    total = len(registration.places)
    least = max(settings.min_agreeing, settings.min_agreeing_share * total)
    return registration.agreeing >= least


def local_map(registration: Registration, box: Box) -> Homography:
    """The map around one place: corners near it say how the paper bends there.

    Args:
        registration: Of the photo.
        box: The place, reference pixels.

    Returns:
        Takes reference points near the box to the photo.
    """
    places = registration.places[registration.agrees]
    drift = registration.drift[registration.agrees]
    middle = np.array([box.x + box.width / 2, box.y + box.height / 2])
    reach = 0.1 * _extent(registration.places)
    outside = np.maximum(
        np.abs(places - middle) - (box.width / 2, box.height / 2), 0.0
    )  # of the box
    weights = np.exp(-0.5 * (outside**2).sum(axis=1) / reach**2)
    if weights.sum() < 1.0:
        return registration.photo_from_reference
    steps = (places - middle) / reach
    columns = np.column_stack([np.ones(len(steps)), steps])
    # Ridge: a slope must be earned by corners on more than one side.
    normal = (columns * weights[:, None]).T @ columns + np.diag([0.3, 2.0, 2.0])
    move = np.linalg.solve(normal, (columns * weights[:, None]).T @ drift)  # (3, 2)
    bent = np.eye(3)
    bent[:2, :2] += move[1:].T / reach
    bent[:2, 2] = move[0] - move[1:].T @ middle / reach
    return np.asarray(registration.photo_from_reference @ bent)


def agreeing_near(registration: Registration, box: Box) -> tuple[int, int]:
    """Count the corners around a place.

    Args:
        registration: Of the photo.
        box: The place, reference pixels.

    Returns:
        How many of them agree, and how many there are.
    """
    reach = 0.06 * _extent(registration.places)
    x, y = registration.places.T
    near = (x > box.x - reach) & (x < box.right + reach)
    near &= (y > box.y - reach) & (y < box.bottom + reach)
    return int((near & registration.agrees).sum()), int(near.sum())


def _extent(places: Points) -> float:
    return float(np.ptp(places, axis=0).max()) if len(places) else 1.0


def _find_features(
    gray: GrayImage, allowed: NDArray[np.uint8] | None, count: int
) -> tuple[Points, NDArray[np.float32]]:
    detector = cv2.SIFT.create(count)
    keypoints, descriptors = detector.detectAndCompute(gray, allowed)
    if descriptors is None:
        return np.zeros((0, 2)), np.zeros((0, 128), np.float32)
    places = np.array([keypoint.pt for keypoint in keypoints], np.float64)
    # RootSIFT (Arandjelović and Zisserman 2012): distances of shares, not of sizes.
    shares = descriptors / np.maximum(descriptors.sum(axis=1, keepdims=True), 1e-6)
    return places, np.sqrt(shares).astype(np.float32)


def _match_features(
    small: GrayImage, reference: Reference, settings: RegisterSettings
) -> Homography | None:
    """The map from the shrunk reference to the shrunk photo that most features agree on."""
    places, descriptors = _find_features(small, None, settings.features)
    if min(len(places), len(reference.places)) < settings.min_matches:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(reference.descriptors, descriptors, k=2)
    good = [pair[0] for pair in pairs if pair[0].distance < settings.ratio * pair[1].distance]
    if len(good) < settings.min_matches:
        return None
    source = reference.places[[match.queryIdx for match in good]]
    target = places[[match.trainIdx for match in good]]
    found, inliers = cv2.findHomography(source, target, cv2.USAC_MAGSAC, 4.0, None, 5000, 0.999)
    if found is None or int(inliers.sum()) < settings.min_matches:
        return None
    matrix = np.asarray(found, np.float64)
    return matrix if _is_plausible(matrix, reference.gray.shape) else None


def _is_plausible(photo_from_reference: Homography, shape: tuple[int, ...]) -> bool:
    """Whether a sheet can look like this: not mirrored, not folded, not seen from its edge."""
    height, width = shape
    corners = np.array([[0.0, 0], [width, 0], [width, height], [0, height]])
    depths = np.column_stack([corners, np.ones(4)]) @ photo_from_reference[2]
    if (depths * depths[0] <= 0).any() or np.abs(depths).max() > 6 * np.abs(depths).min():
        return False
    seen = map_points(corners, photo_from_reference)
    sides = np.roll(seen, -1, axis=0) - seen
    after = np.roll(sides, -1, axis=0)
    turns = sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0]
    lengths = np.linalg.norm(sides, axis=1)
    return bool((turns > 0).all() and lengths.max() < 20 * lengths.min())


def _track_corners(
    small: GrayImage, scale: float, reference: Reference, rough: Homography
) -> Registration:
    """Make the map exact by the corners, and see which of them the photo shows."""
    corners = reference.corners
    drift, agrees = np.zeros_like(corners), np.zeros(len(corners), np.bool_)
    matrix, extent = rough, max(reference.gray.shape)
    for window_px, levels in _ROUNDS:
        start = corners + _smooth_drift(corners, drift, agrees, extent)
        moved, tracked = _track_once(small, reference, matrix, start, (window_px, levels))
        if tracked.sum() < _LEAST_CORNERS:
            agrees = tracked
            break
        found = map_points(moved, matrix)  # shrunk photo
        refit, _ = cv2.findHomography(
            corners[tracked], found[tracked], cv2.RANSAC, _BEND_FRAC * extent
        )
        if refit is None:
            break
        matrix = np.asarray(refit, np.float64)
        drift = map_points(found, np.asarray(np.linalg.inv(matrix), np.float64)) - corners
        strays = np.linalg.norm(drift - _smooth_drift(corners, drift, tracked, extent), axis=1)
        agrees = tracked & (strays < _STRAY_FRAC * extent)
        agrees &= np.linalg.norm(drift, axis=1) < _MAX_BEND_FRAC * extent
    drift = np.where(agrees[:, None], drift, 0.0) / reference.scale
    bend_px = float(np.median(np.linalg.norm(drift[agrees], axis=1))) if agrees.any() else np.inf
    whole = _centred(1 / scale) @ matrix @ _centred(reference.scale)
    return Registration(whole, _whole_points(corners, reference.scale), drift, agrees, bend_px)


def _smooth_drift(
    corners: Points, drift: Points, known: NDArray[np.bool_], extent: float
) -> Points:
    """The drift of every corner as a bent sheet would have it: a cubic that most of them obey."""
    if known.sum() < _LEAST_CORNERS:
        return np.zeros_like(corners)
    x, y = (2 * corners / extent - 1).T
    powers = [x**i * y**j for i in range(4) for j in range(4 - i)]
    columns = np.column_stack(powers)
    own, seen = columns[known], drift[known]
    weights = np.ones(len(own))
    for _ in range(_FITS):
        heavy = own * weights[:, None]
        bend = np.linalg.solve(heavy.T @ own + _RIDGE * np.eye(len(powers)), heavy.T @ seen)
        strays = np.linalg.norm(seen - own @ bend, axis=1)
        weights = 1 / (1 + (strays / (_STRAY_FRAC * extent)) ** 2)
    return np.asarray(columns @ bend)


def _track_once(
    small: GrayImage,
    reference: Reference,
    matrix: Homography,
    start: Points,
    search: tuple[int, int],
) -> tuple[Points, NDArray[np.bool_]]:
    """Where the corners are in the flattened photo, reference frame, and which look the same."""
    height, width = reference.gray.shape
    seen = cv2.warpPerspective(
        small, matrix, (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    flat = flatten_light(np.asarray(seen, np.uint8), _FLAT_WINDOW_PX)
    if not len(start):
        return start, np.zeros(0, np.bool_)
    window = (search[0], search[0])
    here = reference.corners.astype(np.float32).reshape(-1, 1, 2)
    there = start.astype(np.float32).reshape(-1, 1, 2)
    guess = cv2.OPTFLOW_USE_INITIAL_FLOW
    forth, ok, _ = cv2.calcOpticalFlowPyrLK(
        reference.flat, flat, here, there.copy(), winSize=window, maxLevel=search[1], flags=guess
    )
    back, ok_back, _ = cv2.calcOpticalFlowPyrLK(
        flat, reference.flat, forth, here.copy(), winSize=window, maxLevel=search[1], flags=guess
    )
    strayed = np.linalg.norm((back - here).reshape(-1, 2), axis=1)
    tracked = (ok[:, 0] == 1) & (ok_back[:, 0] == 1) & (strayed < 1.0)
    moved = forth.reshape(-1, 2).astype(np.float64)
    for index in np.flatnonzero(tracked):
        tracked[index] = _looks_alike(reference.flat, flat, reference.corners[index], moved[index])
    return moved, tracked


def _looks_alike(one: GrayImage, other: GrayImage, here: Points, there: Points) -> bool:
    size = (_PATCH_PX, _PATCH_PX)
    first = cv2.getRectSubPix(one, size, (float(here[0]), float(here[1]))).astype(np.float32)
    second = cv2.getRectSubPix(other, size, (float(there[0]), float(there[1]))).astype(np.float32)
    first, second = first - first.mean(), second - second.mean()
    norm = float(np.linalg.norm(first) * np.linalg.norm(second))
    return norm > 0 and float((first * second).sum()) > 0.6 * norm


def _centred(scale: float) -> Homography:
    """Scaling of pixel centres: ½ is the middle of the first pixel."""
    return np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2], [0, 0, 1.0]])


def _whole_points(points: Points, scale: float) -> Points:
    return np.asarray((points + 0.5) / scale - 0.5)
