from __future__ import annotations

import io
import os
import stat
import threading
from pathlib import Path

import pytest

from ocrdigits.errors import OutputError
from ocrdigits.output.atomic import open_results


def write(target: Path | None, text: str, stdout=None):
    with open_results(target, stdout) as sink:
        sink.write(text)


def test_results_go_to_standard_output_at_once():
    stdout = io.BytesIO()
    with open_results(None, stdout) as sink:
        sink.write("caf\udce9\t1\n")
        assert stdout.getvalue() == b"caf\xe9\t1\n"


def test_a_closed_standard_output_is_refused():
    with pytest.raises(OutputError, match="closed"):
        write(None, "1\n", None)


def test_a_file_appears_whole(tmp_path):
    target = tmp_path / "out.csv"
    with open_results(target, None) as sink:
        sink.write("1\n")
        assert not target.exists()
        sink.write("2\n")
    assert target.read_text() == "1\n2\n"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("end", [RuntimeError, KeyboardInterrupt, OutputError])
def test_an_old_file_stays_if_anything_fails(tmp_path, end):
    target = tmp_path / "out.csv"
    target.write_text("old")
    with pytest.raises(end), open_results(target, None) as sink:
        sink.write("new")
        raise end
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_rights_of_the_old_file_are_kept_and_new_ones_follow_the_umask(tmp_path):
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    old.write_text("old")
    old.chmod(0o640)
    write(old, "1\n")
    write(new, "1\n")
    (tmp_path / "plain").touch()
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert new.stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")
    write(tmp_path / "link.csv", "new")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(OutputError, match="Is a directory"):
        write(tmp_path, "1\n")


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(OutputError, match="No such file or directory"):
        write(tmp_path / "none" / "out.csv", "1\n")


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    target = tmp_path / "out.csv"
    target.write_text("old")

    def fail(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError, match=r"out.csv: cannot be written \(No space left"):
        write(target, "new")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_full_device_is_told():
    with pytest.raises(OutputError, match="No space left"):
        write(Path("/dev/full"), "1\n")


def test_a_pipe_is_written_directly(tmp_path):
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write(pipe, "1\n")
    reader.join(timeout=10)
    assert got == [b"1\n"] and stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_pipe_that_nobody_reads_is_no_output_error():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb", buffering=0) as stream, pytest.raises(BrokenPipeError):
        write(None, "1\n", stream)
