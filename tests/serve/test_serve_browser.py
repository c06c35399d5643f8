"""The page in a real browser: photos, overlay, stages, the pad; skipped without Chromium."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from browsers import least_contrast, nameless_controls, opened
from pictures import encoded, number_image

pytest.importorskip("fastapi")

READ_MS = 120_000
ROOT = Path(__file__).parents[2]
SEVEN = [(0.3, 0.2), (0.5, 0.2), (0.4, 0.8)]


@pytest.fixture(scope="module")
def server():
    process = subprocess.Popen(
        [sys.executable, "-m", "ocrdigits", "serve", "--no-browser", "-j", "1"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OCRDIGITS_TOKEN": "token-of-the-tests"},
    )
    yield process, process.stdout.readline().strip()
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("serve") / "<img src=x>.png"
    path.write_bytes(encoded(number_image("1234"), "PNG"))
    return path


def read(page, photo):
    page.set_input_files("#file", photo)
    page.wait_for_selector("#result:not([hidden])", timeout=READ_MS)


def wait_for_nothing(page):
    """Until the pad says nothing; the content policy lets Playwright's own waiting not in."""
    while page.inner_text("#pad-text"):
        page.wait_for_timeout(50)


def test_a_photo_its_reading_and_its_stages(browser, server, photo):
    with opened(browser, server[1]) as page:
        read(page, photo)
        assert page.inner_text("#strings tbody button") == "1234"
        assert "<img src=x>.png" in page.inner_text("#facts")
        assert page.locator("#overlay polygon:not(.halo)").count() == 1
        box = page.locator("#overlay polygon.halo").bounding_box()
        frame = page.locator("#photo-image").bounding_box()
        assert frame["x"] < box["x"] < frame["x"] + frame["width"] * 0.2
        page.locator("#overlay g").dispatch_event("click")
        assert page.evaluate("document.activeElement.textContent") == "1234"
        page.click("#stages summary")
        names = page.locator("#stage-list b").all_inner_texts()
        assert names[:2] == ["load", "rectify"] and names[-1] == "decode"
        widths = page.evaluate(
            "[...document.querySelectorAll('figure img')].map(it => it.complete && it.naturalWidth)"
        )
        assert all(widths)
        assert '"text": "1234"' in page.text_content("#json")
        assert "1 2 3 4" in page.inner_text("#spoken")
        assert page.complaints == []


def test_a_table_is_a_grid_whose_cells_find_the_photo(browser, server):
    with opened(browser, server[1]) as page:
        page.click("#options summary")
        page.select_option("#layout", "table")
        read(page, ROOT / "samples" / "register_06.jpg")
        page.locator(".grid button").first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert "Row 2, column 1" in page.evaluate("document.activeElement.ariaLabel")
        assert page.locator("#overlay g.chosen").count() == 1
        assert page.complaints == []


def test_what_cannot_be_read_is_shown_in_one_line(browser, server, tmp_path):
    (tmp_path / "note.txt").write_text("no photo")
    with opened(browser, server[1]) as page:
        page.set_input_files("#file", tmp_path / "note.txt")
        page.wait_for_selector("#alert:not([hidden])", timeout=READ_MS)
        assert "note.txt: not a JPEG" in page.inner_text("#alert")
        assert page.is_hidden("#busy") and page.is_hidden("#result")


def test_the_pad_reads_what_is_drawn_with_a_pointer(browser, server):
    with opened(browser, f"{server[1]}#draw") as page:
        box = page.locator("#pad").bounding_box()
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in SEVEN]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=6)
        page.mouse.up()
        page.locator("#pad-text", has_text="7").wait_for(timeout=READ_MS)
        page.click("#pad-clear")
        wait_for_nothing(page)
        assert page.complaints == []


def test_the_pad_can_be_drawn_on_with_keys(browser, server):
    with opened(browser, f"{server[1]}#draw") as page:
        page.focus("#pad")
        page.keyboard.press(" ")
        for _ in range(16):
            page.keyboard.press("ArrowDown")
        page.keyboard.press(" ")
        page.locator("#pad-text", has_text="1").wait_for(timeout=READ_MS)
        page.keyboard.press("z")
        wait_for_nothing(page)


def test_drawing_begins_at_the_top_on_a_pad_that_a_low_window_does_not_squeeze(browser, server):
    with opened(browser, server[1], viewport={"width": 1280, "height": 480}) as page:
        page.click("nav a[href='#draw']")
        box = page.locator("#pad").bounding_box()
        assert page.evaluate("scrollY") == 0
        assert box["width"] / box["height"] == pytest.approx(2.5, abs=0.05)
        assert box["height"] < 0.6 * 480


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone_and_every_control_has_a_name(browser, server, photo, scheme):
    phone = {"viewport": {"width": 360, "height": 740}, "color_scheme": scheme, "has_touch": True}
    with opened(browser, server[1], is_mobile=True, **phone) as page:
        assert page.get_attribute("#camera", "capture") == "environment"
        assert page.is_visible("#camera-label")
        read(page, photo)
        page.click("#options summary")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        parts = ["#facts", "#strings td", ".legend .doubt", ".legend .low", "footer a", "nav a"]
        assert least_contrast(page, parts) >= 4.5
        assert nameless_controls(page) == []
        assert "in-aadhaar" in page.locator("#content option").all_inner_texts()


def test_the_server_ends_with_its_workers(server):
    process, _ = server
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    workers = [int(pid) for pid in children.read_text().split()] if children.exists() else []
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 143
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)
