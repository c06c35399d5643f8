"""The `batch` command: options → a request → one library call → a summary."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocrdigits.batch_progress import BatchProgress, render_summary, say
from ocrdigits.cli_options import (
    AcceptOption,
    AnnotateOption,
    CalibrationOption,
    ContentOption,
    DebugDirOption,
    DecimalOption,
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
from ocrdigits.cli_template import load_form_option
from ocrdigits.console import exit_codes, hush_c_libraries, stopping_cleanly
from ocrdigits.errors import OutputError, UsageError
from ocrdigits.output.formats import ExportFormat

if TYPE_CHECKING:
    from ocrdigits.batch.job import Onlooker, Summary

_STDOUT = "-"


class Engine(Enum):
    """Where photos are read."""

    LOCAL = "local"
    RAY = "ray"


def batch(
    folder: Annotated[
        str,
        typer.Argument(
            metavar="FOLDER",
            help="Folder of photos, searched to the bottom; with --engine ray also its URL.",
        ),
    ],
    *,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where results go at the end, whole or not at all: .csv, .jsonl or .parquet; "
            "- for standard output, with --store. With --format grid a folder, one file a photo; "
            "with --engine ray a folder or URL for the parts.",
        ),
    ],
    export_format: Annotated[
        ExportFormat | None,
        typer.Option(
            "--format",
            help="How results are written: those of `read`, or parquet. [default: by the name of "
            "-o]",
        ),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="What remembers each photo's result. [default: -o, .ocrdigits]"
        ),
    ] = None,
    export_only: Annotated[
        bool,
        typer.Option("--export-only", help="Read nothing; write what the last run has read."),
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Read photos that failed once more.")
    ] = False,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify", help="Compare photos by content, even if size and times are the same."
        ),
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=0.001, metavar="SECONDS", help="Give a photo up after this time.")
    ] = 120.0,
    max_memory: Annotated[
        int,
        typer.Option(min=1, metavar="MB", help="Give a photo up if reading it takes more memory."),
    ] = 4096,
    crops: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Keep a picture of each string that was not accepted, to check it."
        ),
    ] = None,
    template: TemplateOption = None,
    engine: Annotated[
        Engine,
        typer.Option(
            help="local: worker processes of this machine; ray: a cluster, photos and results at "
            "URLs (docs/cluster.md)."
        ),
    ] = Engine.LOCAL,
    part_size: Annotated[
        int, typer.Option(min=1, metavar="N", help="With --engine ray: photos a part.")
    ] = 200,
    layout: LayoutOption = None,
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
    """Read a folder of photos as a job that can be stopped, resumed and repeated."""
    with exit_codes(verbose=verbose), stopping_cleanly() as check:
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
            needed=export_format is ExportFormat.FIELDS and not export_only,
            beside={"layout": layout, "pattern": pattern, "content": content, "decimal": decimal},
        )
        fitted = read_calibration(calibration)
        hush_c_libraries()
        from ocrdigits.batch.worker import WorkPlan

        plan = WorkPlan(
            folder=Path(folder),
            settings=settings,
            weights=weights,
            calibration=fitted,
            form=form,
            max_memory_mb=max_memory,
            crops_dir=crops,
            annotate_dir=annotate,
            debug_dir=debug_dir,
        )
        run: Callable[[Onlooker], Summary]
        if engine is Engine.RAY:
            _refuse_beside_ray(
                store=store, export_only=export_only, verify=verify, crops=crops,
                annotate=annotate, debug_dir=debug_dir,
            )  # fmt: skip
            from ocrdigits.batch.cluster.job import ClusterRequest, run_parts
            from ocrdigits.batch.cluster.part_text import choose_part_format
            from ocrdigits.batch.cluster.ray_engine import read_on_ray

            on_cluster = ClusterRequest(
                photos=folder,
                output=output,
                chosen=choose_part_format(output, export_format),
                plan=plan,
                timeout_s=timeout,
                jobs=jobs,
                part_size=part_size,
                retry_failed=retry_failed,
            )
            run, kept = partial(run_parts, on_cluster, machines=read_on_ray), output
        else:
            from ocrdigits.batch.crew import Limits
            from ocrdigits.batch.export import choose_format
            from ocrdigits.batch.job import BatchRequest, run_job
            from ocrdigits.jobs import all_cores

            target = None if output == _STDOUT else Path(output)
            here = BatchRequest(
                plan=plan,
                output=target,
                export_format=choose_format(target, export_format),
                store=store or _store_beside(target),
                limits=Limits(jobs or all_cores(), timeout),
                verify=verify,
                retry_failed=retry_failed,
                export_only=export_only,
            )
            run, kept = partial(run_job, here), str(here.store)
        with BatchProgress(check, wanted=not quiet, verbose=verbose) as onlooker:
            try:
                summary = run(onlooker)
            except BaseException:
                _tell_what_is_kept(onlooker, kept)
                raise
        if not quiet:
            say(render_summary(summary))
        raise typer.Exit(summary.exit_code)


def _refuse_beside_ray(**options: object) -> None:
    """Refuse what needs a store, or folders of this machine."""
    for name, value in options.items():
        if value:
            shown = name.replace("_", "-")
            raise UsageError(f"--engine ray keeps results in parts only; leave out --{shown}")


def _store_beside(output: Path | None) -> Path:
    """The default store; pipes and devices have no place for one beside them."""
    if output is None or (output.exists() and not output.is_file() and not output.is_dir()):
        shown = output or "standard output"
        raise OutputError(f"{shown}: a pipe or device; name a place for the job with --store FILE")
    place = output.resolve() if output.name in ("", "..") else output
    return place.with_name(f"{place.name}.ocrdigits")


def _tell_what_is_kept(onlooker: BatchProgress, kept: str) -> None:
    progress = onlooker.progress
    if progress is not None and progress.to_do:
        say(
            f"{progress.done:,} of {progress.to_do:,} photos are done and kept in {kept}; "
            "the same command goes on from there"
        )
