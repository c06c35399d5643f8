import numpy as np
import pytest

from ocrdigits.errors import UsageError
from ocrdigits.model.compose.photo.bend import Bend
from ocrdigits.model.compose.photo.lighting import Caster
from ocrdigits.model.compose.photo.shot import (
    Framing,
    ShotSettings,
    ShotStyle,
    parse_megapixels,
    sample_shot,
)
from ocrdigits.model.compose.photo.wear import Wear

PAGE = Framing((1300, 1000), 0.75, 0.03)


def shots(count=300, framing=PAGE, **settings):
    rng = np.random.default_rng(6)
    return [sample_shot(rng, framing, ShotSettings(**settings)) for _ in range(count)]


def megapixels(shot):
    return shot.size[0] * shot.size[1] / 1e6


def test_sizes_stay_in_their_range_and_fill_it():
    areas = [megapixels(shot) for shot in shots()]
    assert 0.49 < min(areas) < 0.7 and 9 < max(areas) < 12.1
    assert all(0.99 < megapixels(shot) < 2.02 for shot in shots(50, megapixels=(1, 2)))


def test_the_camera_is_held_the_way_the_sheet_lies():
    assert all(shot.size[0] > shot.size[1] for shot in shots(20))
    assert all(shot.size[0] < shot.size[1] for shot in shots(20, Framing((600, 1400), 0.6, 0.03)))


def test_careful_photos_are_better_than_those_that_people_take():
    careful, usual = shots(care=1.0), shots(care=0.0)
    for measure in (
        lambda shot: abs(shot.pose.pitch_deg),
        lambda shot: shot.lens.defocus_px,
        lambda shot: shot.sensor.noise,
        lambda shot: shot.pose.bend.lift_deg,
        lambda shot: -shot.jpeg_quality,
        lambda shot: shot.light.caster is not Caster.NOBODY,
    ):
        assert np.mean([measure(s) for s in careful]) < np.mean([measure(s) for s in usual])
    assert all(shot.style is ShotStyle.PHOTO and shot.pose.crop_frac == 0 for shot in careful)


def test_a_few_shots_are_scans_and_photos_of_screens():
    styles = [shot.style for shot in shots(600)]
    assert 0.02 < styles.count(ShotStyle.SCAN) / 600 < 0.12
    assert 0.003 < styles.count(ShotStyle.SCREEN) / 600 < 0.05


def test_a_scan_has_the_shape_of_its_sheet_and_no_shadow():
    for shot in shots(20, scan_share=1.0):
        assert shot.size[1] / shot.size[0] == pytest.approx(1000 / 1300, abs=0.01)
        assert shot.light.caster is Caster.NOBODY and shot.pose.margin_frac < 0


def test_a_crop_is_a_part_of_a_photo_and_as_blurred():
    whole, part = shots(40), shots(40, Framing((1300, 1000), 0.75, 0.03, area_frac=0.25))
    assert [megapixels(s) for s in part] == pytest.approx(
        [0.25 * megapixels(s) for s in whole], rel=0.02
    )
    blur = [[shot.lens.blur_px for shot in series] for series in (whole, part)]
    assert blur[0] == pytest.approx(blur[1], rel=0.02)


def test_what_is_stiff_neither_bends_nor_creases():
    for shot in shots(40, Framing((1300, 1000), 0.75, 0.03, is_stiff=True)):
        assert shot.pose.bend == Bend() and shot.wear == Wear()


def test_the_same_chance_gives_the_same_shot():
    assert shots(3) == shots(3)


def test_impossible_settings_are_usage_errors():
    assert parse_megapixels("0.5-12") == (0.5, 12.0)
    assert parse_megapixels("2") == (2.0, 2.0)
    with pytest.raises(UsageError, match="no range"):
        parse_megapixels("big")
    with pytest.raises(UsageError, match="smaller first"):
        ShotSettings(megapixels=(3, 1))
    with pytest.raises(UsageError, match="care"):
        ShotSettings(care=1.5)
