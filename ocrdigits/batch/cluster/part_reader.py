"""One part in, its photos read and its file written; what each machine of a cluster does.

Photos are read as the local job reads them, in a process of their own that one may take down at no
other's cost. Photos at a URL are copied to this machine first, a few ahead of the one being read.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ocrdigits.batch.cluster.listing import Listed
from ocrdigits.batch.cluster.part_text import part_format
from ocrdigits.batch.cluster.parts import Held, Part, Piece, count_held, state_name, state_of
from ocrdigits.batch.cluster.place import Place, fact_of, open_place
from ocrdigits.batch.crew import Limits
from ocrdigits.batch.photos import Stamp
from ocrdigits.batch.records import Counts, Result, Status, StoredPhoto, failure
from ocrdigits.batch.rows import reading_of, string_of
from ocrdigits.batch.setup import describe_setup
from ocrdigits.batch.supervisor import read_isolated
from ocrdigits.batch.worker import WorkPlan
from ocrdigits.errors import OcrDigitsError
from ocrdigits.output.formats import ExportFormat

_AHEAD = 8
"""Photos copied before their turn; as many lie on this machine's disk at most."""
_NOT_LISTED = Stamp(-1, 0, 0)


@dataclass(frozen=True, slots=True)
class ClusterJob:
    """What all machines need to know.

    Attributes:
        photos: Where the photos are, the same from everywhere.
        output: Where parts go, likewise.
        named: What the user called the photos' place; results name photos by it.
        chosen: How parts are written.
        plan: Settings, weights and limits; its folder is set on each machine.
        timeout_s: Seconds a photo.
        digest: Of the setup, see `digest_of`.
    """

    photos: str
    output: str
    named: str
    chosen: ExportFormat
    plan: WorkPlan
    timeout_s: float
    digest: str

    @property
    def field_names(self) -> tuple[str, ...]:
        """Of the template, if there is one."""
        return () if self.plan.form is None else self.plan.form.field_names


@dataclass(frozen=True, slots=True)
class PartDone:
    """What became of a part; made of JSON's plain types alone.

    Attributes:
        counts: Over its photos.
        new: Over those that were read for it; the others an earlier part held.
        failures: Path and reason of each of the new ones that could not be read.
    """

    counts: Counts
    new: Counts
    failures: tuple[tuple[str, str], ...]


def digest_of(plan: WorkPlan, chosen: ExportFormat) -> str:
    """What tells parts of two setups or formats apart, as this machine has them.

    Raises:
        WeightsError: If weights are missing or damaged.
    """
    return f"{chosen.value}-{describe_setup(plan).digest}"


def read_part(job: ClusterJob, part: Part) -> PartDone:
    """Read what earlier parts do not hold, and write the part.

    Args:
        job: What all parts have in common.
        part: Which one.

    Returns:
        What became of it; its file and the one that says what it holds are written.

    Raises:
        OcrDigitsError: If this machine cannot read as the others do.
        OutputError: If earlier parts cannot be read or this one cannot be written.
    """
    if digest_of(job.plan, job.chosen) != job.digest:
        raise OcrDigitsError(
            "a machine of the cluster has other weights or another version of ocrdigits; "
            "install the same on all of them"
        )
    photos = replace(open_place(job.photos), url=job.named)
    output = open_place(job.output)
    form = part_format(job.chosen, job.field_names)
    results = dict(_read(photos, [it for it in part.photos if it.path not in part.held], job))
    pieces: list[Any] = []
    held: list[Held] = []
    earlier = {name: output.read(name) for name in {it.piece.part for it in part.held.values()}}
    start = form.header
    for photo in part.photos:
        known, result = part.held.get(photo.path), results.get(photo.path)
        if known is not None:
            place = known.piece
            pieces.append(form.cut(earlier[place.part], place.start, place.size))
            about = known
        elif result is not None:
            name = photos.name(photo.path)
            pages = result.pages
            pieces.append(
                form.piece([reading_of(name, it, map(string_of, it["strings"])) for it in pages])
            )
            about = _about(photo, result)
        size = len(pieces[-1])
        held.append(replace(about, piece=Piece(part.name, start, size)))
        start += size
    data = form.join(pieces)
    output.remove(state_name(part.name))
    output.write(part.name, data)
    output.write(state_name(part.name), state_of(job.digest, len(data), form.header, held))
    failures = (
        (path, str(it.pages[-1]["error"]))
        for path, it in results.items()
        if it.status is not Status.READ
    )
    new = count_held(it for it in held if it.path in results)
    return PartDone(count_held(held), new, tuple(failures))


def _about(photo: Listed, result: Result) -> Held:
    accepted = [row["accepted"] for page in result.pages for row in page["strings"]]
    to_review = len(accepted) - sum(accepted)
    nowhere = Piece("", 0, 0)
    return Held(photo.path, photo.stamp, result.status, sum(accepted), to_review, nowhere)


def _read(place: Place, photos: list[Listed], job: ClusterJob) -> Iterator[tuple[str, Result]]:
    """Each photo's path and result, as they come."""
    sound = []
    for photo in photos:
        if photo.error is None:
            sound.append(photo)
        else:
            yield photo.path, failure(_NOT_LISTED, Status.REFUSED, photo.error)
    if not sound:
        return
    paths = [photo.path for photo in sound]
    missed: dict[str, Result] = {}
    with ExitStack() as stack:
        if place.local is not None:
            folder = place.local
            queue: Iterator[StoredPhoto] = (
                StoredPhoto(index, path, _NOT_LISTED, None) for index, path in enumerate(paths)
            )
        else:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="ocrdigits-")))
            pool = stack.enter_context(ThreadPoolExecutor(_AHEAD))
            queue = _copied(place, paths, folder, (pool, missed))
        plan = replace(job.plan, folder=folder)
        for answer in read_isolated(queue, plan, Limits(1, job.timeout_s)):
            if answer is not None and answer.result is not None:
                yield paths[answer.photo.id], answer.result
                if place.local is None:
                    (folder / answer.photo.path).unlink(missing_ok=True)
    yield from missed.items()


def _copied(
    place: Place,
    paths: list[str],
    folder: Path,
    means: tuple[ThreadPoolExecutor, dict[str, Result]],
) -> Iterator[StoredPhoto]:
    """Photos of a URL, copied to this machine; those that cannot be are noted as missed."""
    pool, missed = means
    queue = iter(enumerate(paths))

    def start(index: int, path: str) -> tuple[int, Future[None]]:
        return index, pool.submit(place.fetch, path, folder / str(index))

    waiting = deque(start(*it) for it in islice(queue, _AHEAD))
    try:
        while waiting:
            index, copying = waiting.popleft()
            error = copying.exception()
            waiting.extend(start(*it) for it in islice(queue, 1))
            if error is None:
                yield StoredPhoto(index, str(index), _NOT_LISTED, None)
            else:
                is_gone = isinstance(error, FileNotFoundError)
                fact = "no such file" if is_gone else f"cannot be opened ({fact_of(error)})"
                refused = failure(_NOT_LISTED, Status.REFUSED, f"{fact}; check the path")
                missed[paths[index]] = refused
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class PartReader:
    """`read_part` as Ray Data calls it: a row in, a row out; made once for each actor."""

    def __init__(self, job: ClusterJob) -> None:
        """Read parts of `job`."""
        self._job = job

    def __call__(self, row: dict[str, str]) -> dict[str, str]:
        """`{"part": JSON}` in, `{"done": JSON}` out: a `PartDone`, or the error that stops it."""
        try:
            done = asdict(read_part(self._job, Part.from_json(row["part"])))
        except OcrDigitsError as error:
            done = {"error": str(error), "exit_code": int(error.exit_code)}
        return {"done": json.dumps(done)}
