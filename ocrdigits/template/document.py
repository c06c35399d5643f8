"""A template file in, its fields and sums out; nothing that cannot be right gets through."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from ocrdigits.constraint import Constraint
from ocrdigits.errors import UsageError
from ocrdigits.names import printable_name
from ocrdigits.records import Box
from ocrdigits.template.demands import Demands, make_demanded
from ocrdigits.template.tables import Table, suggest
from ocrdigits.values import DecimalMark

COLUMNS_BEFORE = ("file", "page")
COLUMNS_AFTER = ("needs_review", "reason", "error")
CONFIDENCE = "_confidence"
"""Columns of `--format fields` besides the fields' own, which have a second one with this end."""

_NAME = re.compile(r"[^\W\d_][\w-]*")
_REFERENCE_KEYS = ("file", "width", "height", "sha256", "blank")
_FIELD_KEYS = (
    *("name", "box", "content", "pattern", "length", "range", "checksum", "required", "decimal"),
)
_SUM_KEYS = ("total", "parts")


@dataclass(frozen=True, slots=True)
class ReferencePicture:
    """The picture that the fields were drawn on.

    Attributes:
        path: Where it is.
        width: Its columns …
        height: … and rows, turned as EXIF says.
        sha256: Of the file, hexadecimal.
        blank: Whether the form on it is not filled in, so that all its ink is print.
    """

    path: Path
    width: int
    height: int
    sha256: str
    blank: bool = False


@dataclass(frozen=True, slots=True)
class FormField:
    """A named place on the form.

    Attributes:
        name: Column of the results.
        box: Where it is, pixels of the reference picture.
        demands: What its text must be.
        required: Whether it must not be blank.
    """

    name: str
    box: Box
    demands: Demands
    required: bool

    @property
    def constraint(self) -> Constraint | None:
        """What steers the reading; None where any text will do."""
        return make_demanded(self.demands)


@dataclass(frozen=True, slots=True)
class FormSum:
    """Fields that must add up.

    Attributes:
        total: Name of the field with the sum.
        parts: Names of the fields that it is the sum of; blank ones count 0.
    """

    total: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """What a template file says.

    Attributes:
        path: The file.
        reference: The picture.
        fields: In the order of the file.
        sums: What must hold among them.
    """

    path: Path
    reference: ReferencePicture
    fields: tuple[FormField, ...]
    sums: tuple[FormSum, ...] = ()


def read_template(path: Path) -> Template:
    """Read a template file.

    Args:
        path: TOML with `[reference]`, `[[fields]]` and perhaps `[[sums]]`.

    Returns:
        The template; the picture has not been looked at yet.

    Raises:
        UsageError: If the file cannot be read or says something that cannot be right; the message
            names file, field and key.
    """
    shown = printable_name(str(path))
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        fact = f"{shown}: the template cannot be read ({error.strerror})"
        raise UsageError(
            f"{fact}; check --template, or make one with ocrdigits template new"
        ) from (error)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{shown}: not a TOML file ({error}); see docs/templates.md") from error
    top = Table(content, shown, ("reference", "fields", "sums"))
    reference = _read_reference(
        Table(top.table("reference"), f"{shown}: reference", _REFERENCE_KEYS), path
    )
    fields = tuple(
        _read_field(values, f"{shown}: field {number}", reference)
        for number, values in enumerate(top.tables("fields"), start=1)
    )
    if not fields:
        raise UsageError(f"{shown}: no fields; add [[fields]] with a name and a box")
    _require_distinct_columns(fields, shown)
    names = [field.name for field in fields]
    sums = tuple(
        _read_sum(Table(values, f"{shown}: sum {number}", _SUM_KEYS), names)
        for number, values in enumerate(top.tables("sums"), start=1)
    )
    return Template(path, reference, fields, sums)


def _read_reference(table: Table, path: Path) -> ReferencePicture:
    sha256 = table.text("sha256").lower()
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        raise table.refuse("sha256", "must be 64 hexadecimal digits, as sha256sum prints them")
    return ReferencePicture(
        path=path.parent / table.text("file"),
        width=table.count("width"),
        height=table.count("height"),
        sha256=sha256,
        blank=table.switch("blank"),
    )


def _read_field(values: object, place: str, reference: ReferencePicture) -> FormField:
    name = values.get("name") if isinstance(values, dict) else None
    if isinstance(name, str):
        place = f"{place} ({printable_name(name)})"
    table = Table(values, place, _FIELD_KEYS)
    name = table.text("name")
    if not _NAME.fullmatch(name):
        raise table.refuse("name", "must be a letter, then letters, digits, - or _")
    x, y, width, height = table.counts("box", 4, "[x, y, width, height] in pixels")
    if width < 4 or height < 4:
        raise table.refuse("box", f"is {width} × {height} pixels; make it at least 4 × 4")
    if x + width > reference.width or y + height > reference.height:
        size = f"{reference.width} × {reference.height} pixels"
        raise table.refuse("box", f"ends at ({x + width}, {y + height}), the picture has {size}")
    demands = Demands(
        content=table.text_or_none("content"),
        pattern=table.text_or_none("pattern"),
        length=table.span("length"),
        limits=table.limits("range"),
        checksum=table.text_or_none("checksum"),
        decimal=_read_decimal(table),
    )
    try:
        make_demanded(demands)  # what is wrong with it is said at once
    except UsageError as error:
        raise UsageError(f"{table.place}: {error}") from None
    return FormField(name, Box(x, y, width, height), demands, table.switch("required"))


def _read_decimal(table: Table) -> DecimalMark:
    value = table.text_or_none("decimal") or DecimalMark.AUTO.value
    try:
        return DecimalMark(value)
    except ValueError:
        choices = " or ".join(repr(mark.value) for mark in DecimalMark)
        raise table.refuse("decimal", f"must be {choices}, not {value!r}") from None


def _read_sum(table: Table, names: list[str]) -> FormSum:
    total, parts = table.text("total"), table.texts("parts")
    for name in (total, *parts):
        if name not in names:
            raise UsageError(f"{table.place}: no field is called {name!r}; {suggest(name, names)}")
    if total in parts:
        raise table.refuse("parts", f"hold the total, {total!r}, itself")
    return FormSum(total, parts)


def _require_distinct_columns(fields: tuple[FormField, ...], shown: str) -> None:
    taken = {*COLUMNS_BEFORE, *COLUMNS_AFTER}
    for field in fields:
        for column in (field.name, field.name + CONFIDENCE):
            if column in taken:
                fact = f"{shown}: field {field.name}: the results have a column {column} already"
                raise UsageError(f"{fact}; choose another name")
            taken.add(column)
