"""Shared by all tests; its being here also puts `tests/` on the import path."""

import shutil
from pathlib import Path

import pytest


def pytest_addoption(parser):
    parser.addoption(
        "--rewrite-golden", action="store_true", help="take today's readings as the right ones"
    )


@pytest.fixture(scope="module")
def browser():
    """Chromium; skips where there is none."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        own = driver.chromium.executable_path
        path = own if Path(own).exists() else shutil.which("chromium")
        if path is None:
            pytest.skip("no Chromium")
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
