"""A folder, a store and options in; every photo read once, results written, a summary out."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ocrdigits.batch.crew import Limits
from ocrdigits.batch.crops import crop_name, slug_of_crop
from ocrdigits.batch.export import Target, write_results
from ocrdigits.batch.photos import Found, find_photos, stable_slug
from ocrdigits.batch.records import Counts, Status, StoredPhoto
from ocrdigits.batch.setup import describe_setup
from ocrdigits.batch.store import Store
from ocrdigits.batch.supervisor import Answer, read_isolated
from ocrdigits.batch.worker import WorkPlan
from ocrdigits.errors import ExitCode, OutputError, UsageError
from ocrdigits.names import printable_name
from ocrdigits.output.formats import ExportFormat
from ocrdigits.vision.load import IMAGE_SUFFIX


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What to do.

    Attributes:
        plan: Folder, settings and pictures, as the workers need them.
        output: File for the results; None for standard output.
        export_format: How they are written.
        store: The job's store.
        limits: What the job may take.
        verify: Whether files are compared by content even if size and times are the same.
        retry_failed: Whether photos that failed are read again.
        export_only: Whether nothing is read.
    """

    plan: WorkPlan
    output: Path | None
    export_format: ExportFormat
    store: Path
    limits: Limits
    verify: bool = False
    retry_failed: bool = False
    export_only: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the job is.

    Attributes:
        to_do: Photos that this run has to look at …
        done: … and those that are done.
        read: Of these, read …
        failed: … and failed.
        to_review: Strings that were not accepted.
        started: Time on the clock of `time.monotonic` when reading began.
    """

    to_do: int
    done: int = 0
    read: int = 0
    failed: int = 0
    to_review: int = 0
    started: float = 0.0

    @property
    def per_second(self) -> float:
        """Photos a second since the start."""
        passed = time.monotonic() - self.started
        return self.done / passed if passed > 0 else 0.0

    def plus(self, answer: Answer) -> Progress:
        """With one photo more."""
        result = answer.result
        is_read = result is None or result.status is Status.READ
        pages = () if result is None else result.pages
        doubtful = sum(not row["accepted"] for page in pages for row in page["strings"])
        return replace(
            self,
            done=self.done + 1,
            read=self.read + is_read,
            failed=self.failed + (not is_read),
            to_review=self.to_review + doubtful,
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """How the job stands at the end.

    Attributes:
        counts: Over the whole folder.
        run: Of this run.
    """

    counts: Counts
    run: Progress

    @property
    def exit_code(self) -> ExitCode:
        """What the program should answer: the same however many runs it took."""
        if self.counts.defects:
            return ExitCode.DEFECT
        if self.counts.refused:
            return ExitCode.SOME_UNREADABLE if self.counts.read else ExitCode.NOTHING_READ
        return ExitCode.OK


class Onlooker(Protocol):
    """Is told how a job goes, in the process and thread of the job."""

    def begin(self, progress: Progress) -> None:
        """The folder is listed."""

    def failed(self, path: str, answer: Answer) -> None:
        """A photo could not be read; `path` as results name it."""

    def advance(self, progress: Progress) -> None:
        """Another photo is done."""

    def check(self) -> None:
        """Called often; raises if the job is to stop."""


def run_job(request: BatchRequest, onlooker: Onlooker) -> Summary:
    """Read what is not read yet, then write all results.

    Args:
        request: What to do.
        onlooker: Is told how it goes.

    Returns:
        How it ended.

    Raises:
        InputError: If the folder is missing or holds no photo.
        LockedError: If another job has the store.
        OutputError: If store, results or pictures cannot be written; the old results stay.
        WeightsError: If weights are missing or damaged.
        UsageError: If pictures or results would end up among the photos.
    """
    plan = request.plan
    _require_apart(request)
    with ExitStack() as stack:
        if request.export_only:
            store = stack.enter_context(Store.open(request.store))
            setup_id, run = _last_setup(store, request.store), Progress(to_do=0)
        else:
            setup = describe_setup(plan)
            next(find_photos(plan.folder))  # a folder that is not there leaves no store behind
            _make_folders(plan.picture_folders)
            store = stack.enter_context(Store.open(request.store, job=True))
            setup_id = store.begin(setup.digest, setup.facts)
            store.remember_folder(plan.folder)
            _list_folder(store, setup_id, plan, onlooker)
            run = _read_pending(store, setup_id, request, onlooker)
        target = Target(str(plan.folder), request.output, request.export_format)
        write_results(store, setup_id, target, onlooker.check)
        return Summary(store.counts(setup_id), run)


def _require_apart(request: BatchRequest) -> None:
    """Refuse, before hours of reading, what would end among the photos or cannot be written."""
    folder = request.plan.folder
    for path in request.plan.picture_folders:
        if path.resolve() == folder.resolve():
            shown = printable_name(str(path))
            raise UsageError(f"{shown}: holds the photos; give another folder for pictures of them")
    output, is_grid = request.output, request.export_format is ExportFormat.GRID
    if output is not None and output.exists() and output.is_dir() != is_grid:
        fact = "is no folder; name one" if is_grid else "is a folder; name a file in it"
        raise OutputError(f"{printable_name(str(output))}: {fact}")
    for file in (request.store, *([] if output is None else [output])):
        if IMAGE_SUFFIX.fullmatch(file.suffix):
            shown = printable_name(str(file))
            raise UsageError(f"{shown}: is named like a photo; results go elsewhere")


def _make_folders(folders: Iterable[Path]) -> None:
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            shown = printable_name(str(folder))
            fact = f"{shown}: the folder cannot be made ({error.strerror})"
            raise OutputError(f"{fact}; give another place") from error


def _last_setup(store: Store, path: Path) -> int:
    setup_id = store.current_setup()
    if setup_id is None:
        shown = printable_name(str(path))
        raise UsageError(f"{shown}: nothing has been read yet; leave --export-only out")
    return setup_id


def _list_folder(store: Store, setup_id: int, plan: WorkPlan, onlooker: Onlooker) -> None:
    """Bring the store's list of photos up to date; pictures that runs have made are none."""
    apart = store.add_picture_folders(plan.picture_folders)

    def watched() -> Iterator[Found]:
        for found in find_photos(plan.folder, apart):
            onlooker.check()
            yield found

    store.list_photos(watched(), setup_id)


def _read_pending(
    store: Store, setup_id: int, request: BatchRequest, onlooker: Onlooker
) -> Progress:
    """Have the workers read what is to be read, and keep each answer at once."""
    pending = store.pending(setup_id, verify=request.verify, retry_failed=request.retry_failed)
    crops_dir = request.plan.crops_dir
    without_crop = set() if crops_dir is None else _photos_without_crop(store, setup_id, crops_dir)
    pending += sorted(without_crop.difference(pending))
    progress = Progress(to_do=len(pending), started=time.monotonic())
    onlooker.begin(progress)

    def photos() -> Iterator[StoredPhoto]:
        for photo_id in pending:
            photo = store.photo(photo_id, setup_id, retry_failed=request.retry_failed)
            yield replace(photo, sha256=None) if photo_id in without_crop else photo

    limits = replace(request.limits, jobs=min(request.limits.jobs, len(pending)))
    for answer in read_isolated(photos(), request.plan, limits):
        onlooker.check()
        if answer is not None:
            _keep(store, setup_id, answer)
            progress = progress.plus(answer)
            if answer.result is not None and answer.result.status is not Status.READ:
                onlooker.failed(str(request.plan.folder / answer.photo.path), answer)
            onlooker.advance(progress)
    if crops_dir is not None:
        _remove_stale_crops(store, setup_id, crops_dir)
    return progress


def _keep(store: Store, setup_id: int, answer: Answer) -> None:
    if answer.result is None:
        store.confirm(answer.photo, setup_id, answer.stamp)
    else:
        store.record(answer.photo, setup_id, answer.result)


def _photos_without_crop(store: Store, setup_id: int, crops_dir: Path) -> set[int]:
    """Photos read without `--crops`, or whose pictures somebody has removed."""
    there = _names_in(crops_dir)
    return {
        photo_id
        for photo_id, path, page, place in store.doubtful(setup_id)
        if crop_name(stable_slug(path), page, place) not in there
    }


def _names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _remove_stale_crops(store: Store, setup_id: int, crops_dir: Path) -> None:
    """Remove pictures of strings that are no longer in doubt, or of photos that are gone."""
    ours = {stable_slug(path) for path in store.paths()}
    wanted = {
        crop_name(stable_slug(path), page, place)
        for _, path, page, place in store.doubtful(setup_id)
    }
    for name in _names_in(crops_dir) - wanted:
        if slug_of_crop(name) in ours:
            (crops_dir / name).unlink(missing_ok=True)
