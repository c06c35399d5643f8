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
from ocrdigits.cli_batch import batch
from ocrdigits.cli_options import (
    AcceptOption,
    AnnotateOption,
    CalibrationOption,
    ContentOption,
    DebugDirOption,
    DecimalOption,
    LayoutName,
    LayoutOption,
    MaxErrorOption,
    MaxMegapixelsOption,
    PatternOption,
    QuietOption,
    ReaderOption,
    SettingsOption,
    TemplateOption,
    VerboseOption,
    WeightsOption,
    make_settings,
    read_calibration,
)
from ocrdigits.cli_review import corrections, review
from ocrdigits.cli_serve import serve
from ocrdigits.cli_template import load_form_option, template_app
from ocrdigits.cli_training import train_app
from ocrdigits.console import (
    complain,
    exit_codes,
    hush_c_libraries,
    is_terminal,
    needs_extra,
    run_to_exit,
    show_traceback,
)
from ocrdigits.errors import UsageError, WeightsError
from ocrdigits.memory import collect_seldom, keep_freed_memory
from ocrdigits.output.formats import ResultFormat

if TYPE_CHECKING:
    from ocrdigits.inputs import Source
    from ocrdigits.jobs import Outcome

app = typer.Typer(
    name="ocrdigits",
    help="Read handwritten and printed digit strings from photos.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class InfoFormat(Enum):
    """How `info` answers."""

    TEXT = "text"
    JSON = "json"


def main() -> None:
    """Run the program; the entry point of `ocrdigits` and `python -m ocrdigits`."""
    collect_seldom()
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
    layout: LayoutOption = None,
    result_format: Annotated[
        ResultFormat,
        typer.Option(
            "--format",
            help="text: one string a line, after the path and a tab if several photos were named; "
            "csv: one row a string; json: one object a photo; grid: the cells of tables as CSV; "
            "fields: with a template, one row a photo and one column a field.",
        ),
    ] = ResultFormat.TEXT,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write results to FILE, whole or not at all; with --format grid to a folder, one "
            "file a photo, if several photos were named or FILE is one.",
        ),
    ] = None,
    template: TemplateOption = None,
    pattern: PatternOption = None,
    content: ContentOption = None,
    decimal: DecimalOption = None,
    reader_choice: ReaderOption = None,
    max_error: MaxErrorOption = None,
    accept: AcceptOption = None,
    calibration: CalibrationOption = None,
    annotate: AnnotateOption = None,
    debug_dir: DebugDirOption = None,
    weights: WeightsOption = None,
    settings_file: SettingsOption = None,
    max_megapixels: MaxMegapixelsOption = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Photos read side by side. [default: all cores]"),
    ] = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Read the digit strings in photos."""
    with exit_codes(verbose=verbose):
        settings = make_settings(
            settings_file,
            layout,
            accept,
            max_megapixels,
            pattern=pattern,
            content=content,
            decimal=decimal,
            reader=reader_choice,
            max_error=max_error,
        )
        form = load_form_option(
            template,
            settings,
            needed=result_format is ResultFormat.FIELDS,
            beside={"layout": layout, "pattern": pattern, "content": content, "decimal": decimal},
        )
        fitted = read_calibration(calibration)
        sources = _sources(paths or [], files_from, recursive=recursive)
        hush_c_libraries()
        keep_freed_memory()
        from ocrdigits.api import Reader
        from ocrdigits.output.atomic import open_results
        from ocrdigits.reading import ReadRequest, read_to_sink

        several = _names_several(paths or [], files_from)
        is_folder = output is not None and (several or output.is_dir())
        grid_dir = output if result_format is ResultFormat.GRID and is_folder else None
        request = ReadRequest(
            sources=tuple(sources),
            result_format=result_format,
            several_photos=several,
            jobs=jobs,
            annotate_dir=annotate,
            debug_dir=debug_dir,
            field_names=() if form is None else form.field_names,
            grid_dir=grid_dir,
        )
        reader = Reader(
            weights,
            settings,
            calibration=fitted,
            form=form,
            threads=request.threads,
            wait=False,
        )
        bar_wanted = not (quiet or len(sources) < 2 or (output is None and is_terminal(sys.stdout)))
        with (
            open_results(
                output if grid_dir is None else None, getattr(sys.stdout, "buffer", None)
            ) as sink,
            _progress(len(sources), wanted=bar_wanted) as advance,
        ):
            tally = read_to_sink(reader, request, sink, lambda it: _report(it, advance, verbose))
        if verbose:
            failed = tally.refused + tally.defects
            typer.echo(f"ocrdigits: {tally.read} read, {failed} could not be read", err=True)
        raise typer.Exit(tally.exit_code)


app.command()(batch)
app.command()(review)
app.command()(corrections)
app.command()(serve)


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


app.add_typer(template_app, name="template")
app.add_typer(train_app, name="train")


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
            "--report",
            metavar="PATH",
            help="Folder for plots and page, or FILE.html for the page alone. "
            "[default: runs/evaluate/FOLDER]",
        ),
    ] = None,
    reader_choice: ReaderOption = None,
    max_error: MaxErrorOption = None,
    accept: AcceptOption = None,
    calibration: CalibrationOption = None,
    pattern: PatternOption = None,
    content: ContentOption = None,
    weights: WeightsOption = None,
    settings_file: SettingsOption = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Images read side by side.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show tracebacks.")] = False,
) -> None:
    """Measure how well labelled images are read, and where the losses arise."""
    with exit_codes(verbose=verbose):
        from ocrdigits.model import evaluate as evaluation

        settings = make_settings(
            settings_file,
            layout,
            accept,
            None,
            pattern=pattern,
            content=content,
            reader=reader_choice,
            max_error=max_error,
        )
        fitted = read_calibration(calibration)
        labelled = evaluation.read_labelled_photos(folder)
        hush_c_libraries()
        from ocrdigits.api import Reader
        from ocrdigits.jobs import all_cores

        reader = Reader(weights, settings, calibration=fitted)
        aim = None if settings.decode.accept_confidence is not None else settings.decode.max_error
        with _progress(len(labelled), wanted=not quiet) as advance:
            done = evaluation.evaluate_folder(
                folder,
                reader.read,
                max_error=aim,
                jobs=jobs or all_cores(),
                advance=advance,
                are_grids=layout is LayoutName.TABLE,
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
def calibrate(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Images with labels.csv.")],
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write.")
    ] = Path("calibration.json"),
    layout: Annotated[LayoutName, typer.Option(help="What the images show.")] = LayoutName.AUTO,
    reader_choice: ReaderOption = None,
    max_error: MaxErrorOption = None,
    weights: WeightsOption = None,
    settings_file: SettingsOption = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Images read side by side.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show tracebacks.")] = False,
) -> None:
    """Fit the confidence to your own labelled images; a hundred are enough to help."""
    with exit_codes(verbose=verbose):
        from ocrdigits.model import calibrate_folder as fitting
        from ocrdigits.model.card_calibration import read_weights_calibration
        from ocrdigits.model.evaluate import read_labelled_photos

        settings = make_settings(
            settings_file, layout, None, None, reader=reader_choice, max_error=max_error
        )
        labelled = read_labelled_photos(folder)
        hush_c_libraries()
        from ocrdigits.api import Reader
        from ocrdigits.jobs import all_cores

        prior = read_weights_calibration(weights)
        reader = Reader(weights, settings, calibration=prior)
        aim = settings.decode.max_error
        with _progress(len(labelled), wanted=not quiet) as advance:
            done = fitting.calibrate_folder(
                folder, reader.read, prior, max_error=aim, jobs=jobs or all_cores(), advance=advance
            )
        fitting.write_calibration(done.calibration, output)
        typer.echo(fitting.render_calibration(done))
        if not quiet:
            typer.echo(f"ocrdigits: use it with --calibration {output}", err=True)


@app.command()
def export(
    weights: WeightsOption = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where to write. [default: beside the weights]"),
    ] = None,
    eight_bit: Annotated[
        bool, typer.Option(help="Networks that compute in eight bits: twice as fast.")
    ] = False,
) -> None:
    """Write ONNX from safetensors, and prove that they agree."""
    with exit_codes(), needs_extra("export", "train"):
        from ocrdigits.model.export import render_export
        from ocrdigits.model.export_all import export_all

        for written in export_all(weights, out, eight_bit=eight_bit):
            typer.echo(render_export(written))


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


@contextmanager
def _progress(total: int, *, wanted: bool, label: str = "Reading") -> Iterator[Callable[[], None]]:
    """A bar on standard error if that is a terminal; gives a function that moves it by one."""
    if not wanted or not is_terminal(sys.stderr):
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(file=sys.stderr)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task(label, total=total)
        yield lambda: bar.advance(task)


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
