"""Work on many pictures, shared by processes that each have a digit reader."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import TypeVar

import cv2

from ocrdigits.errors import OcrDigitsError
from ocrdigits.model.runtime import load_digit_classifier
from ocrdigits.records import DigitClassifier

_CHUNK = 16  # items handed to a process at a time
_WORTH_PROCESSES = 64  # items; fewer are done before a process has started

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_pictures(
    work: Callable[[Item, DigitClassifier], Result],
    items: Sequence[Item],
    digit_weights: Path | None,
    processes: int,
) -> Iterator[Result]:
    """Do something with each item.

    Args:
        work: What; a function of a module, as other processes must find it.
        items: Picklable.
        digit_weights: Folder of the digit reader's weights; None for the package's own.
        processes: That share the work.

    Yields:
        The results in the order of the items.

    Raises:
        WeightsError: If the digit weights are missing or damaged.
        OcrDigitsError: If a process was stopped.
    """
    if processes < 2 or len(items) < _WORTH_PROCESSES:
        classify = load_digit_classifier(digit_weights)
        yield from (work(item, classify) for item in items)
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy OpenCV's locked threads
    pool = ProcessPoolExecutor(processes, context, _start_worker, (digit_weights,))
    chunks = [items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK)]
    try:
        for results in pool.map(partial(_work_on, work), chunks):
            yield from results
    except BrokenProcessPool as error:
        fact = "a process that looks at pictures was stopped, perhaps for lack of memory"
        raise OcrDigitsError(f"{fact}; use fewer --processes") from error
    finally:  # also when the caller stops early: start nothing more
        pool.shutdown(wait=True, cancel_futures=True)


_classifiers: list[DigitClassifier] = []
"""In a worker: its digit reader."""


def _start_worker(digit_weights: Path | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends its workers
    cv2.setNumThreads(1)
    if hasattr(os, "nice"):
        os.nice(5)
    _classifiers.append(load_digit_classifier(digit_weights))


def _work_on(
    work: Callable[[Item, DigitClassifier], Result], items: Sequence[Item]
) -> list[Result]:
    return [work(item, _classifiers[-1]) for item in items]
