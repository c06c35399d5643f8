"""URLs and options in; every photo read once on some machine, parts written, a summary out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from ocrdigits.batch.cluster.listing import list_photos
from ocrdigits.batch.cluster.part_reader import ClusterJob, digest_of
from ocrdigits.batch.cluster.part_text import SUFFIXES
from ocrdigits.batch.cluster.parts import (
    NameRule,
    Part,
    count_held,
    find_parts,
    plan_parts,
    setup_name,
    state_name,
)
from ocrdigits.batch.cluster.place import open_place
from ocrdigits.batch.job import Onlooker, Progress, Summary
from ocrdigits.batch.photos import Stamp
from ocrdigits.batch.records import Counts, Status, StoredPhoto, failure
from ocrdigits.batch.setup import describe_setup
from ocrdigits.batch.supervisor import Answer
from ocrdigits.batch.worker import WorkPlan
from ocrdigits.errors import ExitCode, OcrDigitsError
from ocrdigits.output.formats import ExportFormat

_NOT_LISTED = Stamp(-1, 0, 0)


@dataclass(frozen=True, slots=True)
class ClusterRequest:
    """What to do.

    Attributes:
        photos: URL or path of the photos' folder, which all machines reach.
        output: URL or path of the folder for the parts, likewise.
        chosen: How they are written.
        plan: Settings, weights and limits.
        timeout_s: Seconds a photo.
        jobs: Photos read side by side; None for all cores of the cluster.
        part_size: Photos a part.
        retry_failed: Whether photos that failed are read again.
    """

    photos: str
    output: str
    chosen: ExportFormat
    plan: WorkPlan
    timeout_s: float = 120.0
    jobs: int | None = None
    part_size: int = 200
    retry_failed: bool = False


class Machines(Protocol):
    """What reads parts, in any order and on any machine."""

    def __call__(
        self, job: ClusterJob, parts: Sequence[Part], jobs: int | None, check: Callable[[], None]
    ) -> Iterator[dict[str, Any]]:
        """What `PartReader` says of each part, as they are done; `check` is called often."""


def run_parts(request: ClusterRequest, onlooker: Onlooker, machines: Machines) -> Summary:
    """Read what no part holds yet.

    Args:
        request: What to do.
        onlooker: Is told how it goes, part by part.
        machines: Do the reading; see `ray_engine.read_on_ray`.

    Returns:
        How it ended.

    Raises:
        MissingExtraError: If fsspec or what the machines need is not installed.
        UsageError: If a URL cannot be followed.
        InputError: If there is no photo.
        OutputError: If parts cannot be read or written.
        WeightsError: If weights are missing or damaged.
    """
    photos, output = open_place(request.photos), open_place(request.output)
    digest, suffix = digest_of(request.plan, request.chosen), SUFFIXES[request.chosen]
    listed = list_photos(photos)
    onlooker.check()
    # For those who look at the parts later; and what cannot be written is known at once.
    output.write(setup_name(), describe_setup(request.plan).facts.encode())
    earlier, others = find_parts(output, digest, suffix)
    rule = NameRule(digest, suffix, request.part_size)
    todo = plan_parts(listed, earlier, rule, retry_failed=request.retry_failed)
    counts = count_held(todo.there)
    to_do = sum(len(part.photos) - len(part.held) for part in todo.to_write)
    progress = Progress(to_do=to_do, started=time.monotonic())
    onlooker.begin(progress)
    job = ClusterJob(
        photos=photos.everywhere,
        output=output.everywhere,
        named=request.photos,
        chosen=request.chosen,
        plan=request.plan,
        timeout_s=request.timeout_s,
        digest=digest,
    )
    for done in machines(job, todo.to_write, request.jobs, onlooker.check):
        if "error" in done:
            raise _StoppedError(done["error"], ExitCode(done["exit_code"]))
        counts = counts.plus(Counts(**done["counts"]))
        new = Counts(**done["new"])
        progress = replace(
            progress,
            done=progress.done + new.photos,
            read=progress.read + new.read,
            failed=progress.failed + new.photos - new.read,
            to_review=progress.to_review + new.to_review,
        )
        for path, error in done["failures"]:
            onlooker.failed(photos.name(path), _failed(path, error))
        onlooker.advance(progress)
    for name in {*others, *earlier} - todo.names:  # what they held is in other parts by now
        output.remove(name)
        output.remove(state_name(name))
    return Summary(counts, progress)


def _failed(path: str, error: str) -> Answer:
    photo = StoredPhoto(0, path, _NOT_LISTED, None)
    return Answer(photo, _NOT_LISTED, failure(_NOT_LISTED, Status.REFUSED, error))


class _StoppedError(OcrDigitsError):
    """A machine of the cluster cannot go on; with the exit code that the error has there."""

    def __init__(self, message: str, exit_code: ExitCode) -> None:
        super().__init__(message)
        self.exit_code = exit_code
