"""The README's commands and options, tried on the program."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer

from ocrdigits.cli import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(<!--[^>]*-->\n)?```sh\n(.*?)```", README, flags=re.DOTALL)
COMMAND_BLOCKS = [
    "\n".join(line for line in block.splitlines() if not line.startswith("pip "))
    for marker, block in BLOCKS
    if not marker
]


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    rng = np.random.default_rng(0)
    digits = np.zeros((60, 28, 28), np.uint8)
    digits[:, 6:22, 10:18] = rng.integers(60, 255, (60, 16, 8), dtype=np.uint8)
    np.savez(tmp_path / "my_digits.npz", x=digits, y=np.arange(60) % 10)
    return tmp_path


def _run(script, folder):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_every_block_of_the_readme_is_a_command_or_marked():
    assert len(COMMAND_BLOCKS) >= 6


def test_the_readme_commands_run_one_after_the_other(folder):
    for block in COMMAND_BLOCKS:
        done = _run(block, folder)
        assert done.returncode == 0, f"{block}\n{done.stderr}"
        assert "Traceback" not in done.stderr
    assert (folder / "strings.csv").read_text().startswith("file,page,field,table,row,column,text")
    assert (folder / "runs" / "exported" / "digits.onnx").is_file()
    assert list((folder / "overlays").iterdir())
    assert (folder / "stages" / "index.html").is_file()


def test_the_commands_of_the_page_on_templates_run(folder):
    page = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    for block in re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL):
        done = _run(block, folder / "docs")
        assert done.returncode == 0, f"{block}\n{done.stderr}"
    notes = (folder / "docs" / "notes.csv").read_text(encoding="utf-8")
    assert "480217,20457,12,14.3.2026,73301954,912.40,58.00,970.40" in notes
    assert "total: 77.25 + 12.50 is not 98.75" in notes
    assert len(list((folder / "docs" / "landed").iterdir())) == 2


def test_the_readme_python_runs(folder):
    (code,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_every_command_and_every_option_of_read_and_batch_is_in_the_readme():
    group = typer.main.get_command(app)
    for name in group.commands:
        assert f"ocrdigits {name}" in README
    for parameter in (*group.commands["read"].params, *group.commands["batch"].params):
        for option in parameter.opts:
            if option.startswith("--") and option not in ("--help",):
                short = [each for each in parameter.opts if len(each) == 2]
                assert any(each in README for each in (option, *short)), option
