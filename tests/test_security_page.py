"""What `docs/security.md` says is what the program and its tests hold."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def sources() -> dict[str, str]:
    files = (ROOT / "ocrdigits").rglob("*.py")
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in files}


def modules_with(pattern: str) -> set[str]:
    return {name for name, text in sources().items() if re.search(pattern, text)}


def test_every_test_that_the_page_names_is_there():
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
    assert len(named) > 20
    for file, test in named:
        text = (ROOT / file).read_text(encoding="utf-8")
        assert not test or f"def {test}(" in text, f"{file}::{test}"


def test_all_ten_of_pillows_recommendations_are_answered():
    table = PAGE.partition("## Pillow's own recommendations")[2].partition("\n## ")[0]
    assert len(re.findall(r"^\| \d+\. ", table, flags=re.MULTILINE)) == 10


def test_pillow_opens_files_at_the_gate_alone_and_evaluates_nothing():
    assert modules_with(r"Image\.open\(") == {"ocrdigits/vision/load.py"}
    assert modules_with("ImageMath|ImageShow|EpsImagePlugin") == set()


def test_pickles_are_made_by_the_job_for_its_workers_and_by_nobody_else():
    assert modules_with(r"pickle\.loads?\(|marshal|shelve|joblib") == {"ocrdigits/batch/worker.py"}
    loads = re.findall(r"torch\.load\([^)]*\)", "".join(sources().values()))
    assert loads and all("weights_only=True" in call for call in loads)
    loads = re.findall(r"np\.load\([^)]*\)", "".join(sources().values()))
    assert loads and all("allow_pickle=False" in call for call in loads)
