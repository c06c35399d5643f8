"""Where results go: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from ocrdigits.errors import OutputError
from ocrdigits.names import printable_name


class ResultSink:
    """Takes lines of results and passes each on at once."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        """Write to `stream`, called `name` in messages."""
        self._stream = stream
        self._name = name

    @property
    def is_terminal(self) -> bool:
        """Whether a person looks at it, on a screen that names must not steer."""
        return not self._stream.closed and self._stream.isatty()

    def write(self, text: str) -> None:
        """Write whole lines.

        Args:
            text: The lines; lone surrogates stand for bytes that are not UTF-8.

        Raises:
            OutputError: If they cannot be written, e.g. as the disk is full.
            BrokenPipeError: If nobody reads the pipe any more.
        """
        if not text:
            return
        try:
            self._stream.write(text.encode("utf-8", "surrogateescape"))
            self._stream.flush()
        except BrokenPipeError:
            raise
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            raise _refusal(self._name, error) from error


@contextmanager
def open_results(target: Path | None, stdout: BinaryIO | None) -> Iterator[ResultSink]:
    """Open the place for results.

    Args:
        target: File to write, or None for `stdout`. Lines go into a new file beside it, which
            takes its place at the end; if anything fails before, an old file stays as it was.
            Pipes and devices are written directly.
        stdout: Standard output; None if it is closed.

    Yields:
        Takes the results.

    Raises:
        OutputError: If the target cannot be written.
    """
    if target is None:
        if stdout is None:
            raise OutputError("standard output is closed; write to a file with -o")
        yield ResultSink(stdout, "standard output")
    elif target.exists() and not target.is_file() and not target.is_dir():
        with _direct(target) as stream:
            yield ResultSink(stream, str(target))
    else:
        with writing_whole(target) as stream:
            yield ResultSink(stream, str(target))


@contextmanager
def writing_whole(target: Path) -> Iterator[BinaryIO]:
    """Open a stream whose content becomes a file if the body ends without an exception.

    Args:
        target: An old file of this name stays as it was until then.

    Yields:
        Takes the bytes.

    Raises:
        OutputError: If they cannot be written.
    """
    try:
        final = target.resolve()  # a link stays a link; what it points to is replaced
        if final.is_dir():
            raise IsADirectoryError(None, "Is a directory")
        descriptor, temporary = tempfile.mkstemp(dir=final.parent, prefix=".ocrdigits-")
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: a loop of links
        raise _refusal(str(target), error) from error
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            _settle(stream, target, final)
        Path(temporary).replace(final)
    except BrokenPipeError:  # not ours: a file has no reader
        raise
    except OSError as error:
        raise _refusal(str(target), error) from error
    finally:
        with suppress(OSError):
            Path(temporary).unlink()


def write_whole(target: Path, data: bytes) -> None:
    """Write a file that appears whole or not at all, whatever interrupts.

    Args:
        target: An old file of this name stays as it was until the new one is complete.
        data: Its content.

    Raises:
        OutputError: If it cannot be written.
    """
    with writing_whole(target) as stream:
        stream.write(data)


def write_into(folder: Path, name: str, data: bytes) -> None:
    """Write a whole file into a folder, which is made if it is missing.

    Args:
        folder: The folder.
        name: Of the file.
        data: Its content.

    Raises:
        OutputError: If either cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refusal(str(folder), error) from error
    write_whole(folder / name, data)


def _refusal(name: str, error: Exception) -> OutputError:
    fact = getattr(error, "strerror", None) or str(error)
    where = printable_name(name)
    return OutputError(f"{where}: cannot be written ({fact}); give another place to write")


@contextmanager
def _direct(target: Path) -> Iterator[BinaryIO]:
    try:
        stream = target.open("wb", buffering=0)
    except OSError as error:
        raise _refusal(str(target), error) from error
    with stream:
        yield stream


def _settle(stream: BinaryIO, target: Path, final: Path) -> None:
    """Bring the bytes to the disk, with the rights that the file had or would have got."""
    stream.flush()
    os.fsync(stream.fileno())
    if final.exists():
        rights = final.stat().st_mode & 0o777
    else:
        mask = os.umask(0)
        os.umask(mask)
        rights = 0o666 & ~mask
    os.fchmod(stream.fileno(), rights)
