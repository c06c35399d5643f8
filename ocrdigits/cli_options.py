"""Options that commands share, and the settings they make."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ocrdigits.contents import CONTENTS
from ocrdigits.values import DecimalMark

if TYPE_CHECKING:
    from ocrdigits.calibration import Calibration
    from ocrdigits.settings import Settings


class LayoutName(Enum):
    """`records.Layout`, apart from it so that `--help` need not import NumPy (0.1 s)."""

    AUTO = "auto"
    PAGE = "page"
    LINE = "line"
    DIGIT = "digit"
    TABLE = "table"


class ReaderName(Enum):
    """`records.ReaderChoice`, apart from it for the same reason."""

    BOTH = "both"
    SEGMENTS = "segments"
    STRINGS = "strings"


WeightsOption = Annotated[
    Path | None,
    typer.Option("--weights", metavar="DIR", help="Folder with other weights than the built-in."),
]
ReaderOption = Annotated[
    ReaderName | None,
    typer.Option(
        "--reader",
        help="Which reader is asked: segments (digit by digit), strings (the whole line) or both. "
        "[default: both]",
    ),
]
MaxErrorOption = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=1,
        metavar="RATE",
        help="Accept strings so sure that at most this share of them is wrong. [default: 0.01]",
    ),
]
AcceptOption = Annotated[
    float | None,
    typer.Option(
        min=0, max=1, metavar="CONFIDENCE", help="Accept strings with at least this confidence."
    ),
]
CalibrationOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Confidences fitted to your own images by `ocrdigits calibrate`."
    ),
]
PatternOption = Annotated[
    str | None,
    typer.Option(
        metavar="REGEX", help="Regular expression that every string matches as a whole: '\\d{5}'."
    ),
]
ContentOption = Annotated[
    str | None,
    typer.Option(
        metavar="KIND",
        help="What kind of number every string is; its check digits or the calendar must agree: "
        f"{', '.join(CONTENTS)}.",
    ),
]
LayoutOption = Annotated[
    LayoutName | None,
    typer.Option(
        help="What the image shows: a whole page, exactly one string (line), exactly one "
        "digit, ruled tables; auto decides from the image. [default: auto]"
    ),
]
DecimalOption = Annotated[
    DecimalMark | None,
    typer.Option(
        help="What stands before the decimals where the value could be two numbers (6,800). "
        "[default: auto, no value]"
    ),
]
AnnotateOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Write photos with every string outlined and labelled."),
]
DebugDirOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Write a picture of each stage, and a page that shows them."),
]
TemplateOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Form template: read its fields and nothing else; photos that do not show the form "
        "are errors. See `ocrdigits template`.",
    ),
]
SettingsOption = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="TOML file with settings.")
]
MaxMegapixelsOption = Annotated[
    float | None, typer.Option(help="Refuse larger images. [default: 120]")
]
HostOption = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS",
        help="Address to listen to; 0.0.0.0 lets other devices in your network in, unencrypted.",
    ),
]
PortOption = Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for any that is free.")]
NoBrowserOption = Annotated[
    bool, typer.Option("--no-browser", help="Print the address, open nothing.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Say more: times, tracebacks of defects.")
]


def make_settings(
    file: Path | None,
    layout: LayoutName | None,
    accept: float | None,
    max_megapixels: float | None,
    *,
    pattern: str | None = None,
    content: str | None = None,
    decimal: DecimalMark | None = None,
    reader: ReaderName | None = None,
    max_error: float | None = None,
) -> Settings:
    """The defaults, overridden by the settings file, overridden by options.

    Raises:
        UsageError: If they contradict each other or cannot be followed.
    """
    from ocrdigits.overrides import override_settings
    from ocrdigits.records import Layout, ReaderChoice
    from ocrdigits.settings import Settings, load_settings

    return override_settings(
        load_settings(file) if file is not None else Settings(),
        layout=None if layout is None else Layout(layout.value),
        pattern=pattern,
        content=content,
        decimal=decimal,
        reader=None if reader is None else ReaderChoice(reader.value),
        accept=accept,
        max_error=max_error,
        max_megapixels=max_megapixels,
    )


def read_calibration(file: Path | None) -> Calibration | None:
    """What the user named with `--calibration`.

    Raises:
        InputError: If it is none.
    """
    from ocrdigits.calibration import load_calibration

    return None if file is None else load_calibration(file)
