"""What the command line owes its surroundings: one-line messages, exit codes, clean ends."""

from __future__ import annotations

import atexit
import errno
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

import typer

from ocrdigits.errors import ExitCode, MissingExtraError, OcrDigitsError
from ocrdigits.names import printable_name


class TerminatedError(BaseException):
    """SIGTERM arrived; unwinds the program so that nothing is left half done."""


def complain(message: str) -> None:
    """Print one line on standard error; whatever is in `message` cannot steer a terminal."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(f"ocrdigits: error: {printable_name(message)}", file=sys.stderr, flush=True)


def show_traceback(error: BaseException) -> None:
    """Print where an exception came from, line by line as safe as `complain`."""
    if sys.stderr is not None:
        for line in "".join(traceback.format_exception(error)).splitlines():
            print(printable_name(line), file=sys.stderr)


@contextmanager
def exit_codes(*, verbose: bool = False) -> Iterator[None]:
    """Turn every way to fail into one line on standard error and the right exit code.

    Args:
        verbose: Whether a defect of the program also shows its traceback.

    Raises:
        typer.Exit: With the code, if the body raised anything.
    """
    try:
        yield
    except OcrDigitsError as error:
        complain(str(error))
        raise typer.Exit(error.exit_code) from None
    except BrokenPipeError:
        _abandon_stdout()
        raise typer.Exit(ExitCode.CLOSED_PIPE) from None
    except KeyboardInterrupt:
        complain("interrupted")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except TerminatedError:
        complain("terminated")
        raise typer.Exit(ExitCode.TERMINATED) from None
    except typer.Exit:
        raise
    except Exception as error:
        if _says_full(error):
            raise typer.Exit(ExitCode.OUTPUT) from None
        reason = f"{type(error).__name__}: {error}"
        complain(f"a defect in ocrdigits ({reason}); please report it; -v shows where")
        if verbose:
            show_traceback(error)
        raise typer.Exit(ExitCode.DEFECT) from None


def _says_full(error: BaseException) -> bool:
    """Whether standard output, which has no file name, took no more; then the user is told."""
    if not isinstance(error, OSError) or error.errno != errno.ENOSPC or error.filename is not None:
        return False
    complain(f"standard output: cannot be written ({error.strerror}); give another place to write")
    return True


@contextmanager
def needs_extra(command: str, extra: str) -> Iterator[None]:
    """Say which optional part a command lacks, where one of its imports is not there.

    Args:
        command: As the user typed it.
        extra: The part that carries the import.

    Raises:
        MissingExtraError: Instead of the import error of a library; one of our own stays.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("ocrdigits"):
            raise
        raise MissingExtraError(command, extra) from error


def is_terminal(stream: object) -> bool:
    """Whether a stream is one that a person looks at."""
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty())


def run_to_exit(app: typer.Typer) -> NoReturn:
    """Run the program as a process of its own, from arguments to exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    warnings.simplefilter("ignore")  # of libraries; ours are errors with exit codes
    try:
        app()
        code = int(ExitCode.OK)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(ExitCode.DEFECT)
    except KeyboardInterrupt:
        code = int(ExitCode.INTERRUPTED)
    except TerminatedError:
        code = int(ExitCode.TERMINATED)
    except OSError as error:  # of help texts, which no command prints
        if not _says_full(error):
            raise
        code = int(ExitCode.OUTPUT)
    if code not in _HASTY:
        atexit._run_exitfuncs()  # `os._exit` does not run them
    _leave_now(code)


_HASTY = (
    ExitCode.OUTPUT,
    ExitCode.INTERRUPTED,
    ExitCode.CLOSED_PIPE,
    ExitCode.TERMINATED,
)


def _leave_now(code: int) -> NoReturn:
    """Leave without waiting for threads that are still reading photos nobody wants.

    And before Python takes itself apart: that takes 70 ms, a fifth of what reading a crop does.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def _terminate(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise TerminatedError


@contextmanager
def stopping_cleanly() -> Iterator[Callable[[], None]]:
    """Have the first Ctrl-C or SIGTERM noted, and the second end the program at once.

    Yields:
        Raises, once one has been noted; called wherever stopping leaves nothing half done.
    """
    asked: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        if asked:
            os._exit(ExitCode.TERMINATED if number == signal.SIGTERM else ExitCode.INTERRUPTED)
        asked.append(number)

    def check() -> None:
        if asked:
            raise TerminatedError if asked[0] == signal.SIGTERM else KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    heeded = [number for number, old in before.items() if old is not signal.SIG_IGN]
    for number in heeded:
        signal.signal(number, note)
    try:
        yield check
    finally:
        if not asked:  # afterwards a second one is still immediate
            for number in heeded:
                signal.signal(number, before[number])


def _abandon_stdout() -> None:
    """Keep Python from complaining at exit that it cannot flush the closed pipe."""
    with suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def hush_c_libraries() -> None:
    """Send what C code prints on standard error nowhere; Python's own messages still arrive.

    libtiff and libjpeg print warnings about damaged files on descriptor 2. `sys.stderr` moves to
    a copy of it. Does nothing where standard error is not descriptor 2, as in tests.
    """
    with suppress(OSError, ValueError, AttributeError):
        if sys.stderr.fileno() != 2:
            return
        copy = os.dup(2)
        encoding = sys.stderr.encoding
        sys.stderr = os.fdopen(copy, "w", encoding=encoding, errors="backslashreplace", buffering=1)
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        os.close(null)
