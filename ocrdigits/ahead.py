"""Work that a thread does ahead, piece by piece, while who needs it uses the pieces before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, overload

Item = TypeVar("Item")
Result = TypeVar("Result")


class Ahead(Sequence[Result]):
    """Results in the order of their items; who asks for one too early waits for it.

    OpenCV and ONNX Runtime let go of Python's lock while they work: what the thread does is done
    by another core.
    """

    def __init__(self, work: Callable[[Item], Result], items: Sequence[Item]) -> None:
        pool = ThreadPoolExecutor(1, thread_name_prefix="ocrdigits")
        self._results = [pool.submit(work, item) for item in items]
        pool.shutdown(wait=False)

    def __len__(self) -> int:
        return len(self._results)

    @overload
    def __getitem__(self, place: int) -> Result: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Result]: ...

    def __getitem__(self, place: int | slice) -> Result | Sequence[Result]:
        if isinstance(place, slice):
            return [result.result() for result in self._results[place]]
        return self._results[place].result()
