"""Photos in, answers out as they come, each photo read by a worker process of a crew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ocrdigits.batch.crew import Crew, Limits, Lost, Task
from ocrdigits.batch.photos import Stamp, stable_slug
from ocrdigits.batch.records import Result, Status, StoredPhoto, failure
from ocrdigits.batch.worker import WorkPlan
from ocrdigits.errors import OutputError


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker found.

    Attributes:
        photo: The photo.
        stamp: Size and times of the file just before it was read.
        result: What became of it; None if its content is what the store knows.
        traceback: Lines, if the program failed.
    """

    photo: StoredPhoto
    stamp: Stamp
    result: Result | None
    traceback: tuple[str, ...] = ()


def read_isolated(
    photos: Iterable[StoredPhoto], plan: WorkPlan, limits: Limits
) -> Iterator[Answer | None]:
    """Read photos in processes of their own.

    Args:
        photos: What to read.
        plan: What all workers have in common.
        limits: What they may take.

    Yields:
        One answer for each, as they come; None in between, at least every 0.05 s, so that
        the caller can look after other things.

    Raises:
        OutputError: If pictures cannot be written.
        OcrDigitsError: If workers cannot start.
    """
    out: dict[int, StoredPhoto] = {}

    def tasks() -> Iterator[Task]:
        for photo in photos:
            out[photo.id] = photo
            slug = stable_slug(photo.path)
            words = {"path": photo.path, "slug": slug, "sha256": photo.sha256}
            yield Task(photo.id, words)

    def parse(task: Task, words: Mapping[str, Any]) -> Answer:
        if "stop" in words:
            raise OutputError(words["stop"])
        return _answer_of(out[task.id], words)

    crew = Crew(tasks(), plan, limits, parse)
    try:
        for reply in crew.replies():
            if reply is None:
                yield None
                continue
            task, answer = reply
            photo = out.pop(task.id)
            yield _failure(photo, answer) if isinstance(answer, Lost) else answer
    finally:
        crew.dismiss()


def _answer_of(photo: StoredPhoto, words: Mapping[str, Any]) -> Answer:
    stamp = Stamp(*words["stamp"])
    if words["status"] is None:
        return Answer(photo, stamp, None)
    result = Result(stamp, words["sha256"], Status(words["status"]), tuple(words["pages"]))
    return Answer(photo, stamp, result, tuple(words["traceback"]))


def _failure(photo: StoredPhoto, lost: Lost) -> Answer:
    return Answer(photo, photo.stamp, failure(photo.stamp, lost.status, lost.fact))
