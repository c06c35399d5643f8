"""The `template` commands: options → one library call → print."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocrdigits.console import complain, exit_codes, hush_c_libraries
from ocrdigits.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from ocrdigits.settings import Settings
    from ocrdigits.template.form import Form

template_app = typer.Typer(
    help="Form templates: named fields on a reference picture, for `read --template`.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def load_form_option(
    template: Path | None, settings: Settings, *, needed: bool, beside: Mapping[str, object]
) -> Form | None:
    """What the user named with `--template`.

    Args:
        template: The file, or None.
        settings: Of loading, registering and finding ink.
        needed: Whether the format of the results needs one.
        beside: Options that a template decides field by field, and their values.

    Raises:
        UsageError: If it is needed and not given, wrong, or stands beside one of those.
    """
    if template is None:
        if needed:
            raise UsageError("--format fields needs the form's --template")
        return None
    for name, value in beside.items():
        if value is not None:
            raise UsageError(f"--template says what each field is; leave out --{name}")
    from ocrdigits.template.form import load_form

    return load_form(template, settings)


@template_app.command("new")
def new(
    picture: Annotated[
        Path,
        typer.Argument(
            metavar="REFERENCE", help="Scan or straight photo of the form, best a blank one."
        ),
    ],
    *,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The template to write.")
    ] = Path("form.toml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite an older template.")] = False,
    weights: Annotated[
        Path | None,
        typer.Option("--weights", metavar="DIR", help="Other weights than the built-in."),
    ] = None,
) -> None:
    """Propose a template: every field seen on the picture, for you to name and describe."""
    with exit_codes():
        hush_c_libraries()
        from ocrdigits.template.new import write_proposal

        done = write_proposal(picture, output, weights, overwrite=force)
        typer.echo(
            f"{output}: {done.field_count} fields proposed; name them and say what they hold"
        )
        if done.note:
            typer.echo(f"ocrdigits: {done.note}", err=True)


@template_app.command("check")
def check(
    template: Annotated[Path, typer.Argument(metavar="TEMPLATE", help="The template.")],
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO", help="Photos of the form.")],
    *,
    annotate: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the photos with the fields drawn where they land."),
    ] = None,
) -> None:
    """Say how well photos match a template, and draw where its fields land."""
    with exit_codes():
        hush_c_libraries()
        from ocrdigits.template.check import check_photos

        matched = failed = 0
        for outcome in check_photos(template, photos, annotate):
            if outcome.error is None:
                matched += 1
                typer.echo(outcome.line)
            else:
                failed += 1
                complain(outcome.error)
        if failed:
            raise typer.Exit(ExitCode.SOME_UNREADABLE if matched else ExitCode.NOTHING_READ)
