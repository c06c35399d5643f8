"""The page in a real browser, by keyboard alone; skipped where there is no Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from batch_jobs import batch, rows_of
from browsers import least_contrast, nameless_controls, opened

pytest.importorskip("httpx")
pytest.importorskip("fastapi")

from review_desk import copy_job, make_job
from review_forms import make_form_job


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    return make_job(tmp_path_factory.mktemp("browser"), 6)


@contextmanager
def serving(store):
    options = ["--no-browser", "--by", "Ana", "--photos", str(store.parent / "photos")]
    process = subprocess.Popen(
        [sys.executable, "-m", "ocrdigits", "review", str(store), *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process.stdout.readline().strip()
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


@contextmanager
def window(browser, url, **options):
    with opened(browser, url, **options) as page:
        page.wait_for_selector("#work:not([hidden])")
        yield page


def verdicts(store):
    connection = sqlite3.connect(store)
    try:
        query = "SELECT verdict, text, made_by FROM decision ORDER BY id"
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def decided(page, count):
    page.get_by_text(f"{count} of 6 decided").wait_for()


def test_a_review_by_keyboard_from_the_job_to_the_corrected_results(browser, job, tmp_path):
    store = copy_job(job, tmp_path)
    with serving(store) as url, window(browser, url) as page:
        read = page.input_value("#text")
        for count, keys in enumerate(("", "31,50"), start=1):
            page.keyboard.type(keys)
            page.keyboard.press("Enter")
            decided(page, count)  # decisions on two strings may arrive in any order
        page.keyboard.press("u")
        decided(page, 3)
        page.keyboard.press("n")
        decided(page, 4)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("n")
        decided(page, 5)
        page.keyboard.press("z")
        decided(page, 4)
        page.keyboard.type("7")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.wait_for_selector("#done:not([hidden])")
        decided(page, 6)
        assert page.complaints == []
        # Killed here: what was decided is in the store.
    said = verdicts(store)
    assert said[0] == ("confirmed", read, "Ana")
    assert [verdict for verdict, *_ in said[1:6]] == [
        *("corrected", "unreadable", "not_a_number", "not_a_number"),
        "withdrawn",
    ]
    output = tmp_path / "out.csv"
    photos = store.parent / "photos"
    assert batch(photos, "-o", output, "--store", store, "--export-only").exit_code == 0
    sources = sorted((row["source"], row["text"]) for row in rows_of(output))
    assert ("corrected", "31,50") in sources
    assert ("corrected", "7") in sources
    assert ("unreadable", "") in sources
    assert ("", "") in sources  # the photo whose only string is no number


def test_a_second_window_sees_the_conflict(browser, job, tmp_path):
    store = copy_job(job, tmp_path)
    with serving(store) as url, window(browser, url) as one, window(browser, url) as two:
        one.keyboard.type("11")
        one.keyboard.press("Enter")
        decided(one, 1)
        two.keyboard.type("22")
        two.keyboard.press("Enter")
        two.wait_for_selector("#alert:not([hidden])")
        assert "not saved" in two.inner_text("#alert")
        assert "corrected 11 by Ana" in two.inner_text("#alert")
        assert two.input_value("#text") == "11"
    assert [text for _, text, _ in verdicts(store)] == ["11"]


def test_a_table_and_its_photo_find_each_other(browser, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    shutil.copy(Path(__file__).parents[2] / "samples" / "register_06.jpg", photos)
    output = tmp_path / "r.csv"
    assert batch(photos, "-o", output, "--layout", "table", "-j", "1").exit_code == 0
    with serving(tmp_path / "r.csv.ocrdigits") as url, window(browser, url) as page:
        page.wait_for_selector(".grid")
        cells = rows_of(output)
        doubtful = sum(cell["accepted"] == "false" for cell in cells)
        assert page.locator(".grid button").count() == len(cells) == 45
        assert page.locator(".grid .doubt, .grid .low").count() == doubtful > 0
        page.keyboard.press("t")
        page.keyboard.press("ArrowLeft")
        chosen = page.evaluate("document.activeElement.ariaLabel").split(":")[0]
        page.keyboard.press("Enter")
        page.locator("#place", has_text=chosen.lower()).wait_for()
        assert page.evaluate("document.activeElement.id") == "text"
        # Row 3, column 2 lies here on the photo: an accepted cell, which the queue does not hold.
        box = page.locator("#photo").bounding_box()
        cell = page.evaluate(
            "async () => (await (await fetch('api/strings?show=all&limit=200')).json())"
            ".find((it) => it.cell[1] === 2 && it.cell[2] === 1)"
        )
        scale = min(box["width"] / cell["page_width"], box["height"] / cell["page_height"])
        left = (box["width"] - cell["page_width"] * scale) / 2
        x, y, width, height = cell["box"]
        place = {"x": left + (x + width / 2) * scale, "y": (y + height / 2) * scale}
        page.locator("#photo").click(position=place)
        page.locator("#place", has_text="row 3, column 2").wait_for()
        assert "Row 3, column 2" in page.get_attribute(".grid .chosen", "aria-label")
        page.keyboard.press("u")
        page.locator(".grid .decided").wait_for()
        assert page.complaints == []


def test_failed_checks_are_shown_filtered_and_settled_by_keyboard(browser, tmp_path):
    broken = "922.40 + 58.00 is not 990.40"
    store = make_form_job(
        tmp_path, {}, {"total": "990.40"}, {"customer": ""}, {"date": "31.2.2026"}
    )
    with serving(store) as url, window(browser, url) as page:
        page.get_by_text("Failed checks only (5)").wait_for()
        page.locator("#field").select_option("total")
        page.get_by_text("0 of 1 decided").wait_for()
        page.locator("#failures", has_text=f"goods, freight, total: {broken}").wait_for()
        assert page.inner_text("#failing").strip() == broken
        assert page.locator(".grid .failed").count() == 3
        page.locator("#field").select_option("")
        page.get_by_text("0 of 5 decided").wait_for()
        page.locator("#show").select_option("all")
        page.get_by_text("0 of 32 decided").wait_for()
        page.locator("#text").focus()
        page.keyboard.press("x")
        page.get_by_text("0 of 5 decided").wait_for()
        # The list names a sum once; a click on it takes the first of its fields in hand.
        page.keyboard.press("ArrowRight")  # the blank comes last, as it is surest
        page.locator("#failures button", has_text=broken).click()
        page.wait_for_selector(".grid .chosen[aria-label^=goods]")
        page.keyboard.press("t")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        said = page.evaluate("document.activeElement.ariaLabel")
        assert said.startswith("total: 990.40") and said.endswith(f"failed check: {broken}")
        page.keyboard.press("Enter")
        page.locator("#place", has_text="total").wait_for()
        page.keyboard.type("980.40")
        page.keyboard.press("Enter")
        page.get_by_text("Failed checks only (2)").wait_for()
        assert page.complaints == []
    assert verdicts(store) == [("corrected", "980.40", "Ana")]


def test_a_correction_that_breaks_a_sum_brings_its_other_fields_before_the_end(browser, tmp_path):
    store = make_form_job(tmp_path, {"customer": ""})
    with serving(store) as url, window(browser, url) as page:
        page.wait_for_selector(".grid .chosen[aria-label^=customer]")
        page.keyboard.press("t")
        for _ in range(7):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.locator("#place", has_text="total").wait_for()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("n")
        page.wait_for_selector("#done:not([hidden])")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
        page.locator("#place", has_text="total").wait_for()
        page.keyboard.type("980.90")
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowRight")
        page.locator("#place", has_text="goods").wait_for()
        assert "is not 980.90" in page.inner_text("#failing")
        page.keyboard.press("Enter")
        page.locator("#place", has_text="freight").wait_for()
        page.keyboard.press("Enter")
        page.wait_for_selector("#done:not([hidden])")
        assert page.complaints == []


def test_filters_are_chosen_by_keys_without_losing_the_focus(browser, job, tmp_path):
    with serving(copy_job(job, tmp_path)) as url, window(browser, url) as page:
        page.keyboard.press("f")
        page.keyboard.press("ArrowDown")
        page.wait_for_selector("#done:not([hidden])")  # none is accepted
        page.keyboard.press("ArrowDown")
        page.wait_for_selector("#work:not([hidden])")
        assert page.input_value("#show") == "all"
        assert page.evaluate("document.activeElement.id") == "show"
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.id") == "text"


def test_the_last_answer_can_be_taken_back_without_a_keyboard(browser, job, tmp_path):
    with serving(copy_job(job, tmp_path)) as url, window(browser, url) as page:
        for _ in range(6):
            page.click("#unreadable")
        page.wait_for_selector("#done:not([hidden])")
        page.click("#done-undo")
        page.wait_for_selector("#work:not([hidden])")
        decided(page, 5)


def test_a_lost_photo_is_said_and_can_be_passed_by(browser, job, tmp_path):
    store = copy_job(job, tmp_path)
    for photo in (store.parent / "photos").rglob("*.jpg"):
        photo.unlink()
    with serving(store) as url, window(browser, url) as page:
        page.wait_for_selector("#crop-lost:not([hidden])")
        assert "no such file" in page.inner_text("#crop-lost")
        page.keyboard.press("u")
        decided(page, 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone_and_every_control_has_a_name(browser, job, tmp_path, scheme):
    store = copy_job(job, tmp_path)
    phone = {"viewport": {"width": 360, "height": 740}, "color_scheme": scheme}
    with serving(store) as url, window(browser, url, **phone) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        parts = ["#text", "#confirm", "#place", "#count", "#who", "#unreadable"]
        assert least_contrast(page, parts) >= 4.5
        assert nameless_controls(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_form_with_failed_checks_fits_a_phone_and_can_be_read(browser, tmp_path, scheme):
    store = make_form_job(tmp_path, {"total": "990.40"})
    phone = {"viewport": {"width": 360, "height": 740}, "color_scheme": scheme}
    with serving(store) as url, window(browser, url, **phone) as page:
        page.click("#filter-box summary")
        page.wait_for_selector(".grid .failed")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        parts = ["#failing li", "#failures button", ".grid .failed", ".grid th", "#failed-label"]
        assert least_contrast(page, parts) >= 4.5
        assert nameless_controls(page) == []


@pytest.mark.parametrize("width", [1280, 1500])
def test_a_form_stands_beside_its_photo_on_a_wide_screen(browser, tmp_path, width):
    store = make_form_job(tmp_path, {"total": "990.40"})
    size = {"viewport": {"width": width, "height": 800}}
    with serving(store) as url, window(browser, url, **size) as page:
        page.wait_for_selector(".grid .chosen")
        grid, photo = (page.locator(it).bounding_box() for it in ("#grid-box", "#photo-frame"))
        assert grid["x"] + grid["width"] <= photo["x"]
        assert grid["y"] + grid["height"] <= 800 and photo["y"] + photo["height"] <= 800
