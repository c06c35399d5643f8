import numpy as np
import pytest

from ocrdigits.model.compose.photo.camera import Lens, Sensor, develop, focus

PLAIN = Sensor(exposure=1.0, noise=0, smoothing=0, sharpening=0, contrast=0, haze=0, saturation=1.0)


def rng():
    return np.random.default_rng(4)


def gray(level, size=(80, 90)):
    return np.full((*size, 3), level, np.float32)


def step():
    scene = gray(0.2)
    scene[:, 45:] = 0.6
    return scene


def plain(**changes):
    fields = {name: getattr(PLAIN, name) for name in PLAIN.__dataclass_fields__}
    return Sensor(**{**fields, **changes})


def test_black_white_and_order_stay_what_they_are():
    image = develop(rng(), np.concatenate([gray(0.0), gray(0.4), gray(1.0)]), PLAIN)
    assert image[0].max() <= 3 and image[-1].min() == 255
    assert 60 < image[120, 0, 0] < 160


def test_noise_is_as_strong_as_asked_and_stronger_when_raw():
    spreads = [
        develop(rng(), gray(0.8, (300, 300)), plain(noise=0.03, smoothing=s)).std() for s in (0, 1)
    ]
    assert 4 < spreads[0] < 12
    assert 1 < spreads[1] < 0.7 * spreads[0]


def test_noise_covers_photos_larger_than_its_tile():
    image = develop(rng(), gray(0.5, (1300, 1100)), plain(noise=0.02))
    assert image[1100:, 1050:].std() > 1
    assert image.shape == (1300, 1100, 3)


def test_sharpening_overshoots_beside_an_edge():
    soft, sharp = (develop(rng(), step(), plain(sharpening=s)) for s in (0, 1.0))
    assert sharp[40].max() > soft[40].max() + 10
    assert sharp[40].min() < soft[40].min() - 10


def test_no_saturation_is_grey():
    scene = gray(0.5) * np.array([0.4, 0.8, 1.2], np.float32)
    image = develop(rng(), scene, plain(saturation=0.0))
    assert np.ptp(image.astype(int), axis=2).max() == 0


@pytest.mark.parametrize(
    "lens", [Lens(1.5), Lens(0.4, defocus_px=3), Lens(0.4, soft_px=4), Lens(0.4, motion_px=9)]
)
def test_every_blur_widens_an_edge_and_keeps_the_light(lens):
    sharp, blurred = focus(rng(), step(), Lens(0.3)), focus(rng(), step(), lens)
    steepest = [
        np.abs(np.diff(scene[..., 0], axis=1)).mean(axis=0).max() for scene in (sharp, blurred)
    ]
    assert steepest[1] < 0.85 * steepest[0]
    assert blurred.mean() == pytest.approx(step().mean(), rel=0.02)


def test_the_scene_is_not_changed():
    scene = step()
    before = scene.copy()
    develop(rng(), focus(rng(), scene, Lens(0.5, 2, 2, 4)), Sensor(noise=0.05))
    develop(rng(), scene, Sensor())
    assert np.array_equal(scene, before)
