"""Folders in, samples gathered from each out: what programs that fit defaults have in common."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TypeVar

from ocrdigits.errors import OcrDigitsError
from ocrdigits.jobs import all_cores

_Sample = TypeVar("_Sample")


def gather_samples(doc: str | None, gather_folder: Callable[..., list[_Sample]]) -> list[_Sample]:
    """Gather samples of all folders that the command line names, several at a time.

    Args:
        doc: Of the program; its first line says what it does.
        gather_folder: From a folder, and `weights`, to its samples; of a module's top level.

    Returns:
        The samples in the order of the folders; ends the program with one line if it cannot.
    """
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--jobs", type=int, default=all_cores())
    args = parser.parse_args()
    try:
        with ProcessPoolExecutor(args.jobs) as pool:
            parts = pool.map(partial(gather_folder, weights=args.weights), args.folders)
            return list(chain.from_iterable(parts))
    except (OcrDigitsError, OSError) as error:
        sys.exit(f"{parser.prog}: {error}")
