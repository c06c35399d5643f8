"""The page of `evaluate`: whole in one file, nothing from outside, names that are only names."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from browsers import opened
from pictures import number_image
from typer.testing import CliRunner

from ocrdigits.cli import app

EVIL = '<img src=x onerror=alert(1)>".png'


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labelled")
    for name, text in {"a.png": "1234", "b.png": "77", EVIL: "905"}.items():
        number_image(text).save(folder / name)
    quoted = EVIL.replace('"', '""')
    labels = f'file,text\na.png,1234\nb.png,79\n"{quoted}",5\n'
    (folder / "labels.csv").write_text(labels)
    path = folder / "out" / "report.html"
    options = ["--layout", "line", "--report", str(path), "-q"]
    done = CliRunner().invoke(app, ["evaluate", str(folder), *options])
    assert done.exit_code == 0, done.output
    assert [it.name for it in path.parent.iterdir()] == ["report.html"]
    return path


def test_the_page_holds_all_it_shows_and_lets_nothing_else_in(page):
    text = page.read_text(encoding="utf-8")
    assert "http" not in text.replace('http-equiv="Content-Security-Policy"', "")
    assert re.findall(r'(?:src|href)="(?!data:image/jpeg;base64,)', text) == []
    assert "default-src 'none'" in text and "unsafe" not in text
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in text


def test_names_are_escaped(page):
    text = page.read_text(encoding="utf-8")
    assert "<img src=x" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;&quot;.png" in text


def test_mistakes_are_shown_with_pictures_and_sorted_by_a_click(browser, page):
    with opened(browser, page.as_uri()) as window:
        rows = window.locator("#mistakes tbody tr")
        assert rows.count() == 2
        widths = "[...document.images].map((it) => it.naturalWidth)"
        assert all(window.evaluate(widths)) and window.evaluate(widths)
        assert "digits exactly right" in window.inner_text(".figures >> nth=0")
        assert window.locator("svg polyline").count() == 2
        labels = window.locator("#mistakes tbody td:nth-child(3)")
        window.click("#mistakes th:nth-child(3) button")
        assert labels.all_inner_texts() == ["5", "79"]
        window.click("#mistakes th:nth-child(3) button")
        assert labels.all_inner_texts() == ["79", "5"]
        assert window.get_attribute("#mistakes th:nth-child(3)", "aria-sort") == "descending"
        assert window.complaints == []
