import dataclasses

import numpy as np
import pytest

from ocrdigits.model.compose.photo.grid import CoarseGrid
from ocrdigits.model.compose.photo.lighting import Caster, Lamp, Light, draw_glare, light_scene

WHITE = (1.0, 1.0, 1.0)
FROM_THE_RIGHT = Light((Lamp(0, 35, 1.5, WHITE, 1.0),), sky=0.2, vignette=0.0)


def places():
    points = CoarseGrid((480, 640), 8).points()
    return (points - (320, 240)) / 640


def light(setting, rise=0.0):
    points = places()
    slope = (np.full(points.shape[:2], rise, np.float32), (1.0, 0.0))
    return light_scene(np.random.default_rng(3), setting, points, slope)


def test_it_is_brighter_on_the_side_of_the_lamp():
    table, relief = light(FROM_THE_RIGHT)
    assert np.median(table) >= 0.68
    assert table[30, -5].min() > 1.5 * table[30, 5].max()
    assert np.allclose(relief, 1, atol=1e-5)


def test_a_slope_that_faces_the_lamp_is_brighter():
    assert light(FROM_THE_RIGHT, rise=-0.3)[1].mean() > 1.1  # falls towards the lamp
    assert light(FROM_THE_RIGHT, rise=0.3)[1].mean() < 0.9


@pytest.mark.parametrize("caster", [Caster.HAND, Caster.PHONE, Caster.PERSON])
def test_a_shadow_darkens_a_part_and_never_all(caster):
    setting = dataclasses.replace(FROM_THE_RIGHT, sky=0.4, caster=caster, caster_height=0.1)
    ratio = light(setting)[0].mean(axis=2) / light(
        dataclasses.replace(setting, caster=Caster.NOBODY)
    )[0].mean(axis=2)
    ratio /= ratio.max()
    assert ratio.min() > 0.2
    assert 0.01 < (ratio < 0.85).mean() < 0.9


def test_lamps_of_two_colours_colour_the_two_sides():
    warm, cool = Lamp(0, 35, 1.5, (0.7, 0.95, 1.1), 1.0), Lamp(180, 35, 1.5, (1.1, 1.0, 0.9), 1.0)
    table, _ = light(Light((warm, cool), sky=0.1))
    ratio = table[..., 2] / table[..., 0]
    assert ratio[30, -5] > 1.2 * ratio[30, 5]


def test_corners_are_darker():
    table, _ = light(dataclasses.replace(FROM_THE_RIGHT, sky=1.0, vignette=0.3))
    assert table[1, 1].max() < 0.8 * table[30, 40].min()


def test_glare_is_brightest_in_one_place():
    glare = draw_glare(
        np.random.default_rng(0), dataclasses.replace(FROM_THE_RIGHT, glare=0.5), places()
    )
    assert 0.3 < glare.max() <= 0.65
    assert np.median(glare) < 0.2 * glare.max()
