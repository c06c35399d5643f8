"""Settings and a caller's own options in, the settings that follow from both out."""

from __future__ import annotations

from dataclasses import replace

from ocrdigits.constraint import make_constraint
from ocrdigits.errors import UsageError
from ocrdigits.records import Layout, ReaderChoice
from ocrdigits.settings import Settings
from ocrdigits.values import DecimalMark


def override_settings(  # noqa: PLR0913 - the options of `read`, each by its name
    settings: Settings,
    *,
    layout: Layout | None = None,
    pattern: str | None = None,
    content: str | None = None,
    decimal: DecimalMark | None = None,
    reader: ReaderChoice | None = None,
    accept: float | None = None,
    max_error: float | None = None,
    max_megapixels: float | None = None,
) -> Settings:
    """Put options in the place of what settings say; None leaves that as it is.

    Raises:
        UsageError: If they contradict each other or cannot be followed.
    """
    if accept is not None and max_error is not None:
        raise UsageError("--accept and --max-error exclude each other; leave one of them out")
    if layout is not None:
        settings = replace(settings, layout=layout)
    if accept is not None:
        settings = replace(settings, decode=replace(settings.decode, accept_confidence=accept))
    if max_error is not None:  # it takes the place of a confidence in the settings
        decode = replace(settings.decode, accept_confidence=None, max_error=max_error)
        settings = replace(settings, decode=decode)
    if reader is not None:
        settings = replace(settings, reader=reader)
    if max_megapixels is not None:
        settings = replace(settings, load=replace(settings.load, max_megapixels=max_megapixels))
    if pattern is not None or content is not None:  # either takes the place of both
        settings = replace(settings, pattern=pattern, content=content)
    make_constraint(settings.pattern, settings.content)  # what is wrong with it is said at once
    return settings if decimal is None else replace(settings, decimal=decimal)
