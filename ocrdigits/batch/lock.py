"""One job a store: a lock that ends with its process, however that ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ocrdigits.errors import LockedError, OutputError
from ocrdigits.names import printable_name


@contextmanager
def holding_lock(path: Path, store: Path) -> Iterator[None]:
    """Hold a lock file; the operating system lets go of it when the process ends.

    SQLite's own locks would not do: readers, such as a review, may look into the store meanwhile.

    Args:
        path: The lock file; gone after a clean end.
        store: What it guards, for the message.

    Raises:
        LockedError: If another process holds it.
        OutputError: If the file cannot be made.
    """
    descriptor = _acquire(path, store)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(descriptor)


def _acquire(path: Path, store: Path) -> int:
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            place = printable_name(str(path))
            raise OutputError(
                f"{place}: cannot be written ({error.strerror}); give another -o or --store"
            ) from error
        try:
            _lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            place = printable_name(str(store))
            raise LockedError(
                f"{place}: another job is using it; wait for its end or give another -o"
            ) from error
        if _is_still(path, descriptor):
            return descriptor
        os.close(descriptor)  # the job before removed the file between our two calls


def _lock(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_still(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError:
        return False
