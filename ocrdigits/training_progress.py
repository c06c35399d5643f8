"""How far a training is, on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from ocrdigits.console import is_terminal

if TYPE_CHECKING:
    from ocrdigits.model.train import StepReport

Say = Callable[[str], None]


@contextmanager
def training_progress(*, wanted: bool) -> Iterator[tuple[Callable[[StepReport], None], Say]]:
    """A bar with loss and accuracy on a terminal, a line an epoch elsewhere; both on stderr."""

    def say(line: str) -> None:
        typer.echo(f"ocrdigits: {line}", err=True)

    def say_epochs(step: StepReport) -> None:
        if step.step == step.steps:
            say(
                f"epoch {step.epoch}/{step.epochs}: loss {step.loss:.4f}, "
                f"accuracy {step.accuracy:.2%}"
            )

    if not wanted:
        yield (lambda _: None), (lambda _: None)
        return
    if not is_terminal(sys.stderr):
        yield say_epochs, say
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), redirect_stdout=False) as bar:
        task = bar.add_task("gathering data", total=None)

        def move(step: StepReport) -> None:
            bar.update(
                task,
                total=step.steps * step.epochs,
                completed=step.steps * (step.epoch - 1) + step.step,
                description=f"epoch {step.epoch}/{step.epochs}  loss {step.loss:.4f}  "
                f"accuracy {step.accuracy:.2%}",
            )

        yield move, lambda line: bar.console.print(line, markup=False, highlight=False)
