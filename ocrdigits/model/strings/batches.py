"""A source of line samples in, padded batches out, composed ahead of the training by processes.

Sample k of a source is the same whoever asks, so any number of processes gives the same batches.
A pool of samples is sorted by width and cut into batches, which are then shuffled: little padding,
and every batch of the pool holds other widths.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset

from ocrdigits.ctc import encode_text, least_frames
from ocrdigits.model.strings.alter import alter_line
from ocrdigits.model.strings.lines import (
    LineSample,
    frame_count,
    require_line,
    stack_lines,
)
from ocrdigits.records import LineImage

SampleSource = Callable[[int], LineSample]
"""Sample k: a line and its text. It must be picklable where processes are asked for."""


@dataclass(frozen=True, slots=True)
class LineBatch:
    """Samples of about one width.

    Attributes:
        lines: (N, 1, 32, W), each line at the left, paper to its right.
        frames: (N,) int64, the frames that belong to each line; what follows is padding.
        texts: What they show.
    """

    lines: NDArray[np.float32]
    frames: NDArray[np.int64]
    texts: tuple[str, ...]

    @property
    def targets(self) -> NDArray[np.int64]:
        """(N, longest text, at least 1) classes of the characters, 0 after the last."""
        classes = [encode_text(text) for text in self.texts]
        padded = np.zeros((len(classes), max(1, *map(len, classes))), np.int64)
        for row, found in zip(padded, classes, strict=True):
            row[: len(found)] = found
        return padded

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(N,) number of characters."""
        return np.asarray([len(text) for text in self.texts], np.int64)


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """How samples become batches.

    Attributes:
        batch_size: Samples a batch.
        pool_batches: Batches whose samples are sorted by width together.
        processes: That compose ahead; 0 composes in this one.
        seed: Of the order of the batches in a pool, and of what is altered.
        repeats: How often a sample is in its pool: as it is, then altered (`alter_line`).
    """

    batch_size: int
    pool_batches: int
    processes: int
    seed: int
    repeats: int = 1


def stack_batch(samples: Sequence[LineSample]) -> LineBatch:
    """Put samples into one batch, as wide as the widest.

    Args:
        samples: At least one.

    Returns:
        The batch.

    Raises:
        ValueError: If a sample is no line.
    """
    for line, _ in samples:
        require_line(line)
    widths = [line.shape[1] for line, _ in samples]
    return LineBatch(
        stack_lines([line for line, _ in samples], max(widths)),
        np.asarray([frame_count(width) for width in widths], np.int64),
        tuple(text for _, text in samples),
    )


def compose_pool(source: SampleSource, pool: int, settings: BatchSettings) -> list[LineBatch]:
    """Compose the batches of a pool.

    Args:
        source: Of the samples.
        pool: Number of the pool, from 0; its samples follow those of the pool before.
        settings: Sizes and seed.

    Returns:
        `pool_batches` batches, each of like widths, in random order.
    """
    count = -(-settings.pool_batches * settings.batch_size // settings.repeats)
    rng = np.random.default_rng([settings.seed, pool])
    samples = [source(index) for index in range(pool * count, (pool + 1) * count)]
    for _ in range(settings.repeats - 1):
        samples += [(_alter(rng, line, text), text) for line, text in samples[:count]]
    samples.sort(key=lambda sample: sample[0].shape[1])
    order = rng.permutation(settings.pool_batches)
    starts = order * settings.batch_size
    return [stack_batch(samples[start : start + settings.batch_size]) for start in starts]


def _alter(rng: np.random.Generator, line: LineImage, text: str) -> LineImage:
    """Another look of a line, unless its text no longer fits into it."""
    altered = alter_line(rng, line)
    return altered if least_frames(text) <= frame_count(altered.shape[1]) else line


def compose_batches(
    source: SampleSource, settings: BatchSettings, first: int, stop: int
) -> Generator[LineBatch, None, None]:
    """Give the batches `first` to `stop` of the endless row, as many processes as wanted ahead.

    Args:
        source: Of the samples.
        settings: How.
        first: Number of the first batch.
        stop: Number past the last.

    Yields:
        One batch after the other, the same for any `first` and any number of processes.
    """
    size = settings.pool_batches
    loader: DataLoader[list[LineBatch]] = DataLoader(
        _Pools(source, settings),
        batch_size=None,
        sampler=range(first // size, -(-stop // size)),
        num_workers=settings.processes,
        collate_fn=_as_it_is,
        worker_init_fn=_calm_down if settings.processes else None,
        # A fork would copy OpenCV's locked threads.
        multiprocessing_context="spawn" if settings.processes else None,
    )
    number = first - first % size
    for batches in loader:
        for batch in batches:
            if first <= number < stop:
                yield batch
            number += 1


class _Pools(Dataset[list[LineBatch]]):
    """Pool k as the loader asks for it."""

    def __init__(self, source: SampleSource, settings: BatchSettings) -> None:
        self._source, self._settings = source, settings

    def __getitem__(self, pool: int) -> list[LineBatch]:
        return compose_pool(self._source, pool, self._settings)


def _as_it_is(batches: Any) -> Any:  # noqa: ANN401
    """Keep NumPy arrays: tensors would travel through shared memory, which containers lack."""
    return batches


def _calm_down(_: int) -> None:
    """The training and the other processes want the cores too."""
    import cv2

    cv2.setNumThreads(1)
    if hasattr(os, "nice"):
        os.nice(5)
