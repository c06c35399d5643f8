import cv2
import numpy as np
import pytest
from pages import PAPER, page_of_lines, paper, put_text

from ocrdigits.vision.panels import lighten_panels


def with_panel(tone: int = 40, writing: int = 220):
    """A page with a line on paper and one on a dark panel."""
    gray = paper(600, 800)
    put_text(gray, "20589", (120, 140), 40)
    cv2.rectangle(gray, (200, 260), (640, 420), tone, cv2.FILLED)
    put_text(gray, "73084", (250, 370), 60, tone=writing, pen_px=6)
    return gray


@pytest.mark.parametrize(("tone", "writing"), [(40, 220), (20, 110), (120, 250)])
def test_writing_on_a_dark_panel_becomes_dark_on_light(tone, writing):
    gray = with_panel(tone, writing)
    inside = np.s_[270:410, 210:630]
    turned = lighten_panels(gray)[inside]
    was_ground = gray[inside] == tone
    assert turned[was_ground].min() > PAPER - 20
    assert np.median(turned[gray[inside] == writing]) < PAPER - 60


def test_what_stands_on_paper_stays_as_it_is():
    gray = with_panel()
    assert np.array_equal(lighten_panels(gray)[:240], gray[:240])


def test_a_leaning_panel_within_a_ring_is_found():
    gray = with_panel()
    turn = cv2.getRotationMatrix2D((400, 300), 8, 1.0)
    gray = cv2.warpAffine(gray, turn, (800, 600), borderValue=PAPER)
    cv2.circle(gray, (400, 330), 330, 50, 14)
    assert np.median(lighten_panels(gray)[320:360, 220:600]) > PAPER - 20


@pytest.mark.parametrize("name", ["print", "table top", "blank panel", "bold bar", "tinted boxes"])
def test_other_dark_things_stay(name):
    gray = page_of_lines()
    if name == "table top":
        gray[:, :60] = 40
        gray[100:500:20, 10:40] = 200
    if name == "blank panel":
        gray[300:400, 100:400] = 40
    if name == "bold bar":
        gray[300:308, 50:450] = 20
    if name == "tinted boxes":
        for x in range(60, 420, 70):
            gray[300:400, x : x + 62] = 150
    assert lighten_panels(gray) is gray
