"""The fuzz target on some seeds: it passes over what is read or refused, and finds all else."""

from __future__ import annotations

import pytest
from fuzz.fuzz_load import main, try_bytes
from hostile import BOMBS, CUTS, FORMATS, ODD_FILES, bomb, mutations
from pictures import encoded, gradient_image

from ocrdigits.errors import InputError
from ocrdigits.vision import load


def test_seeds_are_read_or_refused():
    seeds = [encoded(gradient_image(), name, **options) for name, options in FORMATS]
    cut = [data[: int(share * len(data))] for data in seeds for share in CUTS]
    bombs = [bomb(*facts) for facts in BOMBS]
    for data in [b"", *seeds, *cut, *bombs, *ODD_FILES, *mutations(gradient_image(), 100)]:
        try_bytes(data)


@pytest.mark.parametrize("error", [ZeroDivisionError("no"), InputError("two\nlines")])
def test_whatever_else_comes_of_a_file_is_a_finding(monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(load, "load_photos", fail)
    with pytest.raises((ZeroDivisionError, AssertionError)):
        try_bytes(b"any")


def test_findings_can_be_tried_again(tmp_path, capsys):
    (tmp_path / "finding").write_bytes(b"hello")
    assert main(["--replay", str(tmp_path / "finding")]) == 0
    assert capsys.readouterr().out.startswith("1 files tried")
