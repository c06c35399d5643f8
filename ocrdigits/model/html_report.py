"""Results of an evaluation in, one HTML page out that holds everything it shows.

Nothing in it comes from outside or goes there: its content policy allows its own style, its own
script and pictures within the page. Names and texts are escaped.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrdigits.model.compare import StringResult
from ocrdigits.model.figures import DIGIT_NAMES, Figures, PhotoResult
from ocrdigits.model.html_curves import draw_reliability, draw_risk_coverage
from ocrdigits.model.mistakes import list_mistakes, open_photo, picture_of
from ocrdigits.names import printable_name
from ocrdigits.records import FieldReading

_PICTURE_PX = (480, 200)
_COLUMNS = ("picture", "file", "label", "read", "sure", "accepted", "what happened")


def render_report(
    photos: Sequence[PhotoResult],
    folder: Path,
    figures: Figures,
    rows: Sequence[tuple[str, str]],
) -> str:
    """Make the page.

    Args:
        photos: Results of the evaluation.
        folder: Where the photos lie.
        figures: What the results come to.
        rows: Figures by their names, as people read them.

    Returns:
        The page's text.
    """
    strings = [string for photo in photos for string in photo.comparison.strings]
    style, script = (
        (files("ocrdigits.model") / "page" / name).read_text(encoding="utf-8")
        for name in ("report.css", "report.js")
    )
    policy = (
        f"default-src 'none'; img-src data:; style-src {_allowance(style)}; "
        f"script-src {_allowance(script)}; base-uri 'none'; form-action 'none'"
    )
    name = _escaped(str(folder))
    mistakes = list(_mistake_rows(photos, folder))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{name} · ocrdigits evaluate</title>
<style>{style}</style>
</head>
<body>
<h1>{name}</h1>
<p class="quiet">{figures.photos:,} photos, {figures.strings:,} strings. The pictures below show
the photos: keep this page as private as they are.</p>
<table class="figures"><caption>Figures</caption><tbody>{_figure_rows(rows)}</tbody></table>
<h2>Curves</h2>
<div class="curves">
<figure><figcaption>Reliability: share right by confidence, 95 % intervals</figcaption>
{draw_reliability(strings)}</figure>
<figure><figcaption>Risk–coverage: error by share read; the dot is what was accepted</figcaption>
{draw_risk_coverage(strings, figures.accepted.max_error)}</figure>
</div>
<h2>Where strings were lost</h2>
<table class="figures"><tbody>{_figure_rows(_losses(figures))}</tbody></table>
<h2>Digits, true by read</h2>
<div class="wide">{_confusion_table(figures)}</div>
<h2>Mistakes</h2>
<div class="wide">{_mistake_table(mistakes)}</div>
<script>{script}</script>
</body>
</html>
"""


def _allowance(text: str) -> str:
    """The words of a content policy that allow exactly this style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _escaped(text: str) -> str:
    return html.escape(printable_name(text))


def _figure_rows(rows: Sequence[tuple[str, str]]) -> str:
    return "".join(
        f'<tr><th scope="row">{_escaped(name)}</th><td>{_escaped(value.strip())}</td></tr>'
        for name, value in rows
    )


def _losses(figures: Figures) -> list[tuple[str, str]]:
    losses = [(cause, f"{count:,}") for cause, count in figures.losses.items()]
    losses.append(("separators only", f"{figures.separators_wrong:,}"))
    return [*losses, ("right, but not accepted", f"{figures.right_not_accepted:,}")]


def _confusion_table(figures: Figures) -> str:
    most = max(
        (count for true, row in enumerate(figures.confusion) for read, count in enumerate(row)
         if true != read),
        default=0,
    )  # fmt: skip
    heads = "".join(f'<th scope="col">{name}</th>' for name in DIGIT_NAMES)
    rows = []
    for true, row in enumerate(figures.confusion):
        cells = "".join(
            f'<td class="{_confusion_kind(true == read, count, most)}">{count or ""}</td>'
            for read, count in enumerate(row)
        )
        rows.append(f'<tr><th scope="row">{DIGIT_NAMES[true]}</th>{cells}</tr>')
    caption = "rows: what was written, columns: what was read; none: invented or dropped"
    return (
        f'<table class="confusion"><caption>{caption}</caption>'
        f'<thead><tr><th scope="col">true</th>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _confusion_kind(is_right: bool, count: int, most: int) -> str:
    if is_right or not count:
        return "right"
    return "much" if count > most / 2 else "wrong"


def _mistake_table(rows: Sequence[str]) -> str:
    if not rows:
        return "<p>None.</p>"
    heads = '<th scope="col">picture</th>' + "".join(
        f'<th scope="col"><button type="button">{name}</button></th>' for name in _COLUMNS[1:]
    )
    caption = f"{len(rows):,} mistakes, the surest first; a heading sorts"
    return (
        f'<table id="mistakes"><caption>{caption}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _mistake_rows(photos: Sequence[PhotoResult], folder: Path) -> Iterator[str]:
    """Wrong strings, the surest first, then readings that no label accounts for."""
    pictures = _pictures(photos, folder)
    for photo, string in list_mistakes(photos):
        picture = pictures[id(string)]
        yield _mistake_row(photo, string.label, string.reading, string.outcome.value, picture)
    for photo in photos:
        for reading in photo.comparison.extra:
            yield _mistake_row(photo, "", reading, "extra", pictures[id(reading)])


def _pictures(photos: Sequence[PhotoResult], folder: Path) -> dict[int, str]:
    """Of every mistake, by its identity; each photo is opened once, and one at a time."""
    found: dict[int, str] = {}
    for photo in photos:
        wrong: list[StringResult] = [it for it in photo.comparison.strings if not it.is_right]
        if wrong or photo.comparison.extra:
            image = open_photo(folder / photo.file)
            found |= {id(it): _data_uri(picture_of(image, it.reading)) for it in wrong}
            extra = photo.comparison.extra
            found |= {id(it): _data_uri(picture_of(image, it)) for it in extra}
    return found


def _data_uri(picture: NDArray[np.uint8]) -> str:
    image = Image.fromarray(picture).convert("RGB")
    image.thumbnail(_PICTURE_PX)
    content = io.BytesIO()
    image.save(content, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(content.getvalue()).decode()}"


def _mistake_row(
    photo: PhotoResult, label: str, reading: FieldReading | None, outcome: str, picture: str
) -> str:
    text = "" if reading is None else reading.text
    sure = "" if reading is None else f"{reading.confidence:.4f}"
    accepted = "" if reading is None else "yes" if reading.accepted else "no"
    alt = _escaped(f"{photo.file}: {label or 'nothing'} read as {text or 'nothing'}")
    cells = (
        f'<img alt="{alt}" src="{picture}">',
        _escaped(photo.file),
        f"<code>{_escaped(label)}</code>",
        f"<code>{_escaped(text)}</code>",
        sure,
        accepted,
        outcome,
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
