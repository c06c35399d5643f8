"""How far a job is, on standard error: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from ocrdigits.console import complain, is_terminal
from ocrdigits.names import printable_name

if TYPE_CHECKING:
    from ocrdigits.batch.job import Progress, Summary
    from ocrdigits.batch.supervisor import Answer

_LINE_EVERY_S = 10.0


class BatchProgress:
    """An `Onlooker` that shows what it is told; a context manager, as a bar must be taken away."""

    def __init__(self, check: Callable[[], None], *, wanted: bool, verbose: bool) -> None:
        """Show a job.

        Args:
            check: Raises if the job is to stop.
            wanted: Whether progress is shown.
            verbose: Whether a defect's traceback is.
        """
        self.check = check
        self._wanted = wanted
        self._verbose = verbose
        self._bar: Any = None
        self._task: Any = None
        self._said_at = 0.0
        self.progress: Progress | None = None

    def __enter__(self) -> BatchProgress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def begin(self, progress: Progress) -> None:
        """The folder is listed."""
        self.progress = progress
        self._said_at = progress.started
        if self._wanted and progress.to_do and is_terminal(sys.stderr):
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
            from rich.progress import Progress as Bar

            columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
            console = Console(file=sys.stderr)
            self._bar = Bar(*columns, console=console, transient=True, redirect_stdout=False)
            self._task = self._bar.add_task(_describe(progress), total=progress.to_do)
            self._bar.start()

    def failed(self, path: str, answer: Answer) -> None:
        """Say why a photo could not be read."""
        pages = () if answer.result is None else answer.result.pages
        reasons = [page["error"] for page in pages if page["error"] is not None]
        complain(f"{printable_name(path)}: {reasons[-1] if reasons else 'cannot be read'}")
        if self._verbose:
            for line in answer.traceback:
                typer.echo(printable_name(line), err=True)

    def advance(self, progress: Progress) -> None:
        """Move the bar, or write a line now and then."""
        self.progress = progress
        if self._bar is not None:
            text = _describe(progress)
            self._bar.update(self._task, completed=progress.done, description=text)
        elif self._wanted and time.monotonic() - self._said_at >= _LINE_EVERY_S:
            self._said_at = time.monotonic()
            say(f"{progress.done:,} of {progress.to_do:,} photos, {_describe(progress)}")


def say(line: str) -> None:
    """Write one line on standard error."""
    typer.echo(f"ocrdigits: {printable_name(line)}", err=True)


def render_summary(summary: Summary) -> str:
    """The last line: the whole job, and what this run did for it."""
    counts, run = summary.counts, summary.run
    return (
        f"{counts.photos:,} photos: {counts.read:,} read, "
        f"{counts.refused + counts.defects:,} failed; "
        f"{counts.accepted + counts.to_review:,} strings: {counts.accepted:,} accepted, "
        f"{counts.to_review:,} to review; this run: {run.done:,} photos, "
        f"{run.per_second:.1f} a second"
    )


def _describe(progress: Progress) -> str:
    rate = progress.per_second
    left = _duration((progress.to_do - progress.done) / rate) if rate else "?"
    return (
        f"{rate:.1f}/s, {left} left; {progress.read:,} read, "
        f"{progress.to_review:,} to review, {progress.failed:,} failed"
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
