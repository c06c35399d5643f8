"""The `review` and `corrections` commands: options → one library call → print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ocrdigits.batch_progress import say
from ocrdigits.cli_options import HostOption, NoBrowserOption, PortOption
from ocrdigits.cli_serve import tell_address
from ocrdigits.console import exit_codes, hush_c_libraries, needs_extra

StoreArgument = Annotated[
    Path, typer.Argument(metavar="STORE", help="What `batch` keeps, such as results.csv.ocrdigits.")
]
PhotosOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="The photos, if they have moved since they were read."),
]


def review(
    store: StoreArgument,
    *,
    photos: PhotosOption = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Who decides. [default: the name you are logged in by]"),
    ] = None,
    host: HostOption = "127.0.0.1",
    port: PortOption = 0,
    no_browser: NoBrowserOption = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show tracebacks.")] = False,
) -> None:
    """Settle what is in doubt in your browser, least certain first, and keep every decision."""
    with exit_codes(verbose=verbose), needs_extra("review", "web"):
        from ocrdigits.review.desk import Desk
        from ocrdigits.review.server import make_app
        from ocrdigits.web.run import choose_token, run_server

        hush_c_libraries()
        with Desk.open(store, photos, by or _login_name()) as desk:
            try:
                run_server(
                    lambda door: make_app(desk, door),
                    host,
                    port,
                    choose_token(),
                    lambda url: tell_address(url, no_browser=no_browser),
                )
            except KeyboardInterrupt:
                pass  # the usual end
            finally:
                say(f"{desk.count_decisions():,} decisions are kept in {store}")


def corrections(
    store: StoreArgument,
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", help="A new folder to write to.")
    ],
    photos: PhotosOption = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show tracebacks.")] = False,
) -> None:
    """Write what was confirmed or corrected as labelled pictures, to train and calibrate on."""
    with exit_codes(verbose=verbose):
        from ocrdigits.review.corrections import write_corrections

        hush_c_libraries()
        done = write_corrections(store, output, photos)
        for reason in done.lost.values():
            say(f"left out: {reason}")
        typer.echo(f"{done.labels:,} labels, {done.corrected:,} of them corrected, in {output}")


def _login_name() -> str:
    from getpass import getuser

    try:
        return getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
