"""Every error a user can cause or meet, each with the exit code of the command line.

A message names the file, the fact and the remedy, in one line.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes of the command line; stable."""

    OK = 0
    DEFECT = 1
    USAGE = 2
    SOME_UNREADABLE = 3
    NOTHING_READ = 4
    OUTPUT = 5
    WEIGHTS = 6
    LOCKED = 7
    INTERRUPTED = 130
    CLOSED_PIPE = 141
    TERMINATED = 143


class OcrDigitsError(Exception):
    """A mistake of the input or the surroundings, not of the program."""

    exit_code = ExitCode.DEFECT


class UsageError(OcrDigitsError):
    """Options or settings that cannot be followed."""

    exit_code = ExitCode.USAGE


class InputError(OcrDigitsError):
    """A photo that cannot be read; the others still can."""

    exit_code = ExitCode.NOTHING_READ


class FormatError(InputError):
    """A file that is no photo of a format that is read."""


class SizeError(InputError):
    """A photo with more bytes or pixels than the limits allow."""


class OutputError(OcrDigitsError):
    """Results that cannot be written."""

    exit_code = ExitCode.OUTPUT


class WeightsError(OcrDigitsError):
    """Weights that are missing, damaged or do not fit."""

    exit_code = ExitCode.WEIGHTS


class LockedError(OcrDigitsError):
    """Another job holds the store."""

    exit_code = ExitCode.LOCKED


class MissingExtraError(UsageError):
    """An optional dependency that a command needs is not installed."""

    def __init__(self, need: str, extra: str) -> None:
        super().__init__(
            f"{need} needs an optional part that is not installed: pip install 'ocrdigits[{extra}]'"
        )
