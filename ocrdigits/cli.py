"""Commands: options → settings → one library call → print; nothing else prints or exits."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from ocrdigits import __version__
from ocrdigits.console import (
    complain,
    exit_codes,
    hush_c_libraries,
    needs_extra,
    run_to_exit,
    show_traceback,
)
from ocrdigits.errors import UsageError, WeightsError
from ocrdigits.output.formats import ResultFormat

if TYPE_CHECKING:
    from ocrdigits.inputs import Source
    from ocrdigits.jobs import Outcome
    from ocrdigits.model.train import StepReport
    from ocrdigits.settings import Settings

Say = Callable[[str], None]

app = typer.Typer(
    name="ocrdigits",
    help="Read handwritten and printed digit strings from photos.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class LayoutName(Enum):
    """`records.Layout`, apart from it so that `--help` need not import NumPy (0.1 s)."""

    AUTO = "auto"
    PAGE = "page"
    LINE = "line"
    DIGIT = "digit"


class InfoFormat(Enum):
    """How `info` answers."""

    TEXT = "text"
    JSON = "json"


def main() -> None:
    """Run the program; the entry point of `ocrdigits` and `python -m ocrdigits`."""
    run_to_exit(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ocrdigits {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    pass


WeightsOption = Annotated[
    Path | None,
    typer.Option("--weights", metavar="DIR", help="Folder with other weights than the built-in."),
]


@app.command()
def read(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH",
            help="Photos, folders of photos, or - for one image on standard input. JPEG, PNG, "
            "WebP, BMP, TIFF; HEIC and PDF with the optional parts.",
        ),
    ] = None,
    *,
    files_from: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Read more paths from FILE (- for standard input), one a line or NUL-separated.",
        ),
    ] = None,
    recursive: Annotated[
        bool, typer.Option("--recursive", "-r", help="Search folders to the bottom.")
    ] = False,
    layout: Annotated[
        LayoutName | None,
        typer.Option(
            help="What the image shows: a whole page, exactly one string (line), exactly one "
            "digit; auto decides from the image. [default: auto]"
        ),
    ] = None,
    result_format: Annotated[
        ResultFormat,
        typer.Option(
            "--format",
            help="text: one string a line, after the path and a tab if several photos were named; "
            "csv: one row a string; json: one object a photo.",
        ),
    ] = ResultFormat.TEXT,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write results to FILE, whole or not at all."
        ),
    ] = None,
    accept: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Accept strings with at least this confidence. [default: 0.9]"
        ),
    ] = None,
    annotate: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write photos with every string outlined and labelled."),
    ] = None,
    debug_dir: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write a picture of each stage, and a page that shows them."
        ),
    ] = None,
    weights: WeightsOption = None,
    settings_file: Annotated[
        Path | None, typer.Option("--settings", metavar="FILE", help="TOML file with settings.")
    ] = None,
    max_megapixels: Annotated[
        float | None, typer.Option(help="Refuse larger images. [default: 120]")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Photos read side by side. [default: all cores]"),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say more: times, tracebacks of defects.")
    ] = False,
) -> None:
    """Read the digit strings in photos."""
    with exit_codes(verbose=verbose):
        settings = _settings(settings_file, layout, accept, max_megapixels)
        sources = _sources(paths or [], files_from, recursive=recursive)
        hush_c_libraries()
        from ocrdigits.api import Reader
        from ocrdigits.output.atomic import open_results
        from ocrdigits.reading import ReadRequest, read_to_sink

        request = ReadRequest(
            sources=tuple(sources),
            result_format=result_format,
            several_photos=_names_several(paths or [], files_from),
            jobs=jobs,
            for_terminal=output is None and _is_terminal(sys.stdout),
            annotate_dir=annotate,
            debug_dir=debug_dir,
        )
        reader = Reader(weights, settings, threads=request.threads)
        bar_wanted = not quiet and len(sources) > 1 and not request.for_terminal
        with (
            open_results(output, getattr(sys.stdout, "buffer", None)) as sink,
            _progress(len(sources), wanted=bar_wanted) as advance,
        ):
            tally = read_to_sink(reader, request, sink, lambda it: _report(it, advance, verbose))
        if verbose:
            failed = tally.refused + tally.defects
            typer.echo(f"ocrdigits: {tally.read} read, {failed} could not be read", err=True)
        raise typer.Exit(tally.exit_code)


@app.command()
def info(
    weights: WeightsOption = None,
    info_format: Annotated[
        InfoFormat, typer.Option("--format", help="How to answer.")
    ] = InfoFormat.TEXT,
) -> None:
    """Show versions, and the weights with their measured figures."""
    with exit_codes():
        from ocrdigits.info import gather_info, info_as_json, render_info

        facts = gather_info(weights)
        show = info_as_json if info_format is InfoFormat.JSON else render_info
        typer.echo(show(facts), nl=False)
        if facts.error is not None:
            raise WeightsError(facts.error)


train_app = typer.Typer(help="Build weights from labelled data.", no_args_is_help=True)
app.add_typer(train_app, name="train")


@train_app.command("digits")
def train_digits(
    data: Annotated[
        list[Path],
        typer.Option(
            metavar="PATH",
            help="Folder with MNIST/, usps.bz2, *.npz, labelled digits (labels.csv or folders 0 … "
            "9, x) or labelled strings (labels.csv); or one .npz file. Repeat for more.",
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where everything is written.")],
    *,
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Take mnist, qmnist, emnist or usps from the first --data. Repeatable."
        ),
    ] = None,
    download: Annotated[
        bool, typer.Option(help="Fetch missing sets named with --set into the first --data.")
    ] = False,
    architecture: Annotated[
        str, typer.Option("--arch", help="digitnet, or lenet5 as the reference.")
    ] = "digitnet",
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the data.")] = 30,
    batch_size: Annotated[int, typer.Option(min=16, help="Cells a step.")] = 256,
    optimizer: Annotated[str, typer.Option(help="adamw, or sgd with momentum.")] = "adamw",
    learning_rate: Annotated[
        float | None, typer.Option(help="Highest rate. [default: 0.002 adamw, 0.1 sgd]")
    ] = None,
    augmentation: Annotated[
        float, typer.Option(min=0, max=2, help="How far samples are changed; 0 for not at all.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same machine: same weights.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    bf16: Annotated[
        bool, typer.Option(help="Compute in bfloat16; faster on processors that have it.")
    ] = False,
    init: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Start from these weights (fine-tuning).")
    ] = None,
    resume: Annotated[bool, typer.Option(help="Go on from the checkpoint in --out.")] = False,
    drawn: Annotated[int, typer.Option(min=0, help="Printed digits to draw; 0 for none.")] = 12_000,
    fonts: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Typefaces (or folders) for them. Repeatable."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show tracebacks.")] = False,
) -> None:
    """Train the network that reads single digits."""
    with exit_codes(verbose=verbose), needs_extra("train digits", "train"):
        from ocrdigits.model.augment import AugmentSettings
        from ocrdigits.model.digit_training import DigitTrainingJob, render_card
        from ocrdigits.model.digit_training import train_digits as train
        from ocrdigits.model.train import TrainSettings

        settings = TrainSettings(
            architecture=architecture,
            epochs=epochs,
            batch_size=batch_size,
            optimizer=optimizer,
            learning_rate=learning_rate,
            seed=seed,
            device=device,
            bf16=bf16,
            augment=AugmentSettings().scaled(augmentation),
        )
        job = DigitTrainingJob(
            data=tuple(data),
            out=out,
            settings=settings,
            torchvision_sets=None if sets is None else tuple(sets),
            download=download,
            init=init,
            resume=resume,
            drawn=drawn,
            fonts=tuple(fonts or ()),
        )
        with _training_progress(wanted=not quiet) as (report, say):
            card = train(job, report, say)
        typer.echo(render_card(card))


@app.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Images with labels.csv.")],
    *,
    layout: Annotated[LayoutName, typer.Option(help="What the images show.")] = LayoutName.AUTO,
    evaluation_format: Annotated[
        InfoFormat, typer.Option("--format", help="How to answer.")
    ] = InfoFormat.TEXT,
    report_dir: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="DIR", help="Where plots go. [default: runs/evaluate/FOLDER]"
        ),
    ] = None,
    accept: Annotated[
        float | None, typer.Option(min=0, max=1, help="Accept from this confidence on.")
    ] = None,
    weights: WeightsOption = None,
    settings_file: Annotated[
        Path | None, typer.Option("--settings", metavar="FILE", help="TOML file with settings.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Images read side by side.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show tracebacks.")] = False,
) -> None:
    """Measure how well labelled images are read, and where the losses arise."""
    with exit_codes(verbose=verbose):
        from ocrdigits.model import evaluate as evaluation

        labelled = evaluation.read_labelled_photos(folder)
        hush_c_libraries()
        from ocrdigits.api import Reader
        from ocrdigits.jobs import all_cores

        reader = Reader(weights, _settings(settings_file, layout, accept, None))
        with _progress(len(labelled), wanted=not quiet) as advance:
            done = evaluation.evaluate_folder(
                folder, reader.read, jobs=jobs or all_cores(), advance=advance
            )
        as_json = evaluation_format is InfoFormat.JSON
        typer.echo(
            evaluation.evaluation_as_json(done).rstrip()
            if as_json
            else evaluation.render_evaluation(done)
        )
        report = evaluation.write_report(
            done, report_dir or evaluation.default_report_folder(folder)
        )
        if report.note:
            typer.echo(f"ocrdigits: {report.note}", err=True)
        if not quiet:
            typer.echo(f"ocrdigits: report in {report.folder}", err=True)


@app.command()
def export(
    weights: WeightsOption = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where to write. [default: beside the weights]"),
    ] = None,
) -> None:
    """Write ONNX from safetensors, and prove that they agree."""
    with exit_codes(), needs_extra("export", "train"):
        from ocrdigits.model.export import export_weights, render_export

        typer.echo(render_export(export_weights(weights, out)))


@app.command()
def synth(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder to write to.")],
    *,
    count: Annotated[int, typer.Option(min=1, help="How many photos.")] = 8,
    kinds: Annotated[
        str,
        typer.Option(help="Kinds in turn, separated by commas; a kind may come twice."),
    ] = "cheque,form,envelope,list,crop,eurocheque,register,meter,letters",
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same photos.")] = 0,
    care: Annotated[
        float,
        typer.Option(min=0, max=1, help="How carefully they are taken; 0 for as people do."),
    ] = 0.0,
    megapixels: Annotated[
        str, typer.Option(metavar="LOW-HIGH", help="Size of the photos.")
    ] = "0.5-12",
    masks: Annotated[
        bool, typer.Option("--masks", help="Also write what each pixel shows, into OUT/masks.")
    ] = False,
    digits: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of digit sets; some writers write with these."),
    ] = None,
    fonts: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Handwriting typefaces (or folders). Repeatable."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Photos drawn side by side. [default: all cores]"),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show tracebacks.")] = False,
) -> None:
    """Draw labelled photos of invented pages, as people take them."""
    with exit_codes(verbose=verbose), needs_extra("synth", "train"):
        from ocrdigits.jobs import all_cores
        from ocrdigits.model.compose.hand.supplies import load_supplies
        from ocrdigits.model.compose.photo.shot import ShotSettings, parse_megapixels
        from ocrdigits.model.compose.photo_folder import write_photos
        from ocrdigits.model.compose.synth import SynthSettings, parse_kinds

        shots = ShotSettings(care, parse_megapixels(megapixels))
        chosen, supplies = parse_kinds(kinds), load_supplies(tuple(fonts or ()), digits)
        settings = SynthSettings(count, chosen, seed, supplies, shots)
        with _progress(count, wanted=not quiet, label="Drawing") as advance:
            report = write_photos(
                out, settings, jobs=jobs or all_cores(), masks=masks, advance=advance
            )
        typer.echo(f"{len(report.files)} photos with {report.string_count} strings in {out}")


def _settings(
    file: Path | None,
    layout: LayoutName | None,
    accept: float | None,
    max_megapixels: float | None,
) -> Settings:
    """The defaults, overridden by the settings file, overridden by options."""
    from dataclasses import replace

    from ocrdigits.records import Layout
    from ocrdigits.settings import Settings, load_settings

    settings = load_settings(file) if file is not None else Settings()
    if layout is not None:
        settings = replace(settings, layout=Layout(layout.value))
    if accept is not None:
        settings = replace(settings, decode=replace(settings.decode, accept_confidence=accept))
    if max_megapixels is not None:
        settings = replace(settings, load=replace(settings.load, max_megapixels=max_megapixels))
    return settings


def _sources(paths: list[str], files_from: str | None, *, recursive: bool) -> list[Source]:
    from ocrdigits.inputs import expand_inputs, read_name_list

    if not paths and files_from is None:
        raise UsageError("nothing to read; name photos or folders, or - for standard input")
    if "-" in paths and files_from == "-":
        raise UsageError("- (standard input) cannot be both an image and --files-from")
    stdin = _stdin(needed="-" in (*paths, files_from))
    listed = [] if files_from is None else read_name_list(files_from, stdin)
    return expand_inputs([*paths, *listed], stdin, recursive=recursive)


def _stdin(*, needed: bool) -> BinaryIO:
    if sys.stdin is not None:
        return sys.stdin.buffer
    if needed:
        raise UsageError("standard input is closed; name files")
    return io.BytesIO()


def _names_several(paths: list[str], files_from: str | None) -> bool:
    """As grep does: it depends on what was named, not on how many photos happen to be there."""
    return len(paths) > 1 or files_from is not None or any(Path(path).is_dir() for path in paths)


def _is_terminal(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty())


@contextmanager
def _progress(total: int, *, wanted: bool, label: str = "Reading") -> Iterator[Callable[[], None]]:
    """A bar on standard error if that is a terminal; gives a function that moves it by one."""
    if not wanted or not _is_terminal(sys.stderr):
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task(label, total=total)
        yield lambda: bar.advance(task)


@contextmanager
def _training_progress(*, wanted: bool) -> Iterator[tuple[Callable[[StepReport], None], Say]]:
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
    if not _is_terminal(sys.stderr):
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


def _report(outcome: Outcome, advance: Callable[[], None], verbose: bool) -> None:
    reading, failure = outcome.reading, outcome.failure
    if failure is not None:
        complain(reading.error or str(failure))
        if outcome.is_defect and verbose:
            show_traceback(failure)
    elif verbose:
        from ocrdigits.names import printable_name

        count, place = len(reading.strings), printable_name(reading.file)
        typer.echo(f"{place}: {count} strings, {reading.seconds:.2f} s", err=True)
    if reading.page == 1:
        advance()
