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

playwright = pytest.importorskip("playwright.sync_api")
pytest.importorskip("httpx")
pytest.importorskip("fastapi")

from review_desk import copy_job, make_job  # noqa: E402


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    return make_job(tmp_path_factory.mktemp("browser"), 6)


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        own = driver.chromium.executable_path
        path = own if Path(own).exists() else shutil.which("chromium")
        if path is None:
            pytest.skip("no Chromium")
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


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
    context = browser.new_context(**options)
    page = context.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda it: page.complaints.append(it.text) if it.type == "error" else None)
    page.goto(url)
    page.wait_for_selector("#work:not([hidden])")
    yield page
    context.close()


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
        page.keyboard.press("Enter")
        page.keyboard.type("31,50")
        page.keyboard.press("Enter")
        page.keyboard.press("u")
        page.keyboard.press("n")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("n")
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
        ratio = page.evaluate(CONTRAST)
        assert ratio >= 4.5, ratio
        nameless = page.evaluate(
            "[...document.querySelectorAll('button, input, select, img, progress')].filter(it => "
            "!(it.labels?.length || it.ariaLabel || it.alt || it.textContent.trim() || "
            "it.getAttribute('aria-labelledby'))).map(it => it.id)"
        )
        assert nameless == []


CONTRAST = """() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((it) => {
      const share = it / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratios = ["#text", "#confirm", "#place", "#count", "#who", "#unreadable"].map((name) => {
    let behind = document.querySelector(name);
    const ink = light(getComputedStyle(behind).color);
    const isClear = () => getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)";
    while (isClear()) behind = behind.parentElement;
    const paper = light(getComputedStyle(behind).backgroundColor);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  });
  return Math.min(...ratios);
}"""
"""WCAG 2.1's contrast of text and what is behind it, the lowest of several parts of the page."""
