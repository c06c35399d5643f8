"""The `serve` command: options → one library call → the address."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocrdigits.batch_progress import say
from ocrdigits.cli_options import (
    AcceptOption,
    CalibrationOption,
    HostOption,
    MaxErrorOption,
    MaxMegapixelsOption,
    NoBrowserOption,
    PortOption,
    ReaderOption,
    SettingsOption,
    VerboseOption,
    WeightsOption,
    make_settings,
    read_calibration,
)
from ocrdigits.console import complain, exit_codes, hush_c_libraries, is_terminal, needs_extra
from ocrdigits.names import printable_name

if TYPE_CHECKING:
    from ocrdigits.serve.room import Refused


def serve(
    *,
    host: HostOption = "127.0.0.1",
    port: PortOption = 0,
    no_token: Annotated[
        bool,
        typer.Option("--no-token", help="Let in whoever reaches the address, without a token."),
    ] = False,
    no_browser: NoBrowserOption = False,
    max_upload: Annotated[
        int, typer.Option(min=1, metavar="MB", help="Refuse larger uploads.")
    ] = 64,
    timeout: Annotated[
        float, typer.Option(min=0.001, metavar="SECONDS", help="Give a photo up after this time.")
    ] = 60.0,
    max_memory: Annotated[
        int,
        typer.Option(min=1, metavar="MB", help="Give a photo up if reading it takes more memory."),
    ] = 4096,
    max_megapixels: MaxMegapixelsOption = None,
    reader_choice: ReaderOption = None,
    max_error: MaxErrorOption = None,
    accept: AcceptOption = None,
    calibration: CalibrationOption = None,
    weights: WeightsOption = None,
    settings_file: SettingsOption = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Worker processes. [default: all cores]"),
    ] = None,
    verbose: VerboseOption = False,
) -> None:
    """Try the reader in your browser, and read photos over HTTP."""
    with exit_codes(verbose=verbose), needs_extra("serve", "web"):
        from ocrdigits.batch.crew import Limits
        from ocrdigits.batch.setup import describe_setup
        from ocrdigits.batch.worker import WorkPlan
        from ocrdigits.jobs import all_cores
        from ocrdigits.serve.bench import ServePlan
        from ocrdigits.serve.room import ReadingRoom
        from ocrdigits.serve.server import make_app
        from ocrdigits.web.run import choose_token, run_server

        settings = make_settings(
            settings_file,
            None,
            accept,
            max_megapixels,
            reader=reader_choice,
            max_error=max_error,
        )
        fitted = read_calibration(calibration)
        # What is wrong with weights is said now.
        describe_setup(WorkPlan(Path(), settings, weights, fitted))
        hush_c_libraries()
        plan = ServePlan(settings, weights, fitted, max_memory)
        token = None if no_token else choose_token()
        limits = Limits(jobs or all_cores(), timeout)
        with ReadingRoom(plan, limits) as room, suppress(KeyboardInterrupt):  # the usual end
            run_server(
                lambda door: make_app(room, door, max_upload << 20, _tell_failure(verbose)),
                host,
                port,
                token,
                lambda url: tell_address(url, no_browser=no_browser),
            )


def _tell_failure(verbose: bool) -> Callable[[Refused], None]:
    def tell(refused: Refused) -> None:
        complain(refused.detail)
        for line in refused.traceback if verbose else ():
            say(printable_name(line))

    return tell


def tell_address(url: str, *, no_browser: bool) -> None:
    """Print where the page is and, for a person at a terminal, open it."""
    typer.echo(url)
    sys.stdout.flush()
    if not no_browser and is_terminal(sys.stdout):
        typer.launch(url)
        say("the page is open in your browser; Ctrl-C ends")
