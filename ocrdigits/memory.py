"""How the C library keeps memory, and how often Python looks for garbage."""

from __future__ import annotations

import ctypes
import gc
import sys
from contextlib import suppress

_YOUNG_OBJECTS = 250_000  # a photo, start of the program included, leaves 100,000


def collect_seldom() -> None:
    """Let Python look for cyclic garbage once in many photos.

    Reading leaves next to none. Looked for after every 700 new objects, as usual, it cost one part
    in twenty of what a single photo takes.
    """
    gc.set_threshold(_YOUNG_OBJECTS, *gc.get_threshold()[1:])


def keep_freed_memory() -> None:
    """Tell glibc to keep what it frees: every stage, or step, asks for the same large blocks again.

    Without this, on a virtual machine, training steps spent most of their time on page faults, and
    a single photo one part in twenty.
    """
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL("libc.so.6").mallopt
        mallopt(-3, 32 << 20)  # M_MMAP_THRESHOLD
        mallopt(-1, 2**31 - 1)  # M_TRIM_THRESHOLD
        mallopt(-2, 256 << 20)  # M_TOP_PAD
