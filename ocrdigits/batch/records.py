"""What a job's store takes and gives: records, and how a reading may end."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from enum import Enum

from ocrdigits.batch.photos import Stamp
from ocrdigits.batch.rows import Row


class Status(Enum):
    """How the reading of a photo ended.

    `REFUSED` is the photo's own fault, `DEFECT` ours; the others took their worker down or were
    ended with it.
    """

    READ = "read"
    REFUSED = "refused"
    DEFECT = "defect"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """A photo that is still to be read.

    Attributes:
        id: Its row.
        path: Relative to the folder.
        stamp: Size and times as listed.
        sha256: Of the content that this setup's reading is of, in hexadecimal; None if there is no
            such reading, or it is to be replaced in any case.
    """

    id: int
    path: str
    stamp: Stamp
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a photo.

    Attributes:
        stamp: Size and times of the file just before it was read.
        sha256: Of its content, in hexadecimal; None if it could not be read.
        status: How it ended.
        pages: Rows as `rows.page_row` makes them; at least one.
    """

    stamp: Stamp
    sha256: str | None
    status: Status
    pages: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class StoredPage:
    """One page of a finished photo, as rows.

    Attributes:
        path: The photo's path, relative to the folder.
        sha256: Of the content that was read; None if it could not be.
        row: `PAGE_COLUMNS`.
        strings: Rows with `STRING_COLUMNS` and `id`, in reading order.
    """

    path: str
    sha256: bytes | None
    row: Row
    strings: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a job is.

    Attributes:
        photos: Photos in the folder.
        read: Of these, read …
        refused: … unreadable, too slow or too large for the memory …
        defects: … not read as the program failed.
        accepted: Strings that need no check …
        to_review: … and those that do.
    """

    photos: int = 0
    read: int = 0
    refused: int = 0
    defects: int = 0
    accepted: int = 0
    to_review: int = 0

    def plus(self, other: Counts) -> Counts:
        """Both together."""
        pairs = zip(astuple(self), astuple(other), strict=True)
        return Counts(*(one + another for one, another in pairs))


def failure(stamp: Stamp, status: Status, error: str) -> Result:
    """The result of a photo of which nothing could be read.

    Args:
        stamp: Size and times of the file.
        status: How it ended.
        error: Fact and remedy, without the file's name.
    """
    page: Row = {"page": 1, "width": 0, "height": 0, "turn_deg": 0, "error": error, "strings": []}
    page |= {"review": "[]", "tables": "[]"}
    return Result(stamp, None, status, (page,))
