"""A name in an address in, a file of a page out; only files that a page lists can be had."""

from __future__ import annotations

from importlib.resources import files
from pathlib import PurePath

from starlette.exceptions import HTTPException
from starlette.responses import Response

_KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_COMMON = ("base.css", "grid.js", "icon.svg")


class PageParts:
    """The files of one page and those that all pages share."""

    def __init__(self, package: str, names: tuple[str, ...]) -> None:
        """Offer `names` in the folder `page` of `package`; an empty name is `index.html`."""
        self._places = dict.fromkeys(names, package) | dict.fromkeys(_COMMON, "ocrdigits.web")

    def answer(self, name: str) -> Response:
        """One file.

        Raises:
            HTTPException: 404 if the page has none of this name.
        """
        name = name or "index.html"
        if name not in self._places:
            raise HTTPException(404, "nothing here")
        content = (files(self._places[name]) / "page" / name).read_bytes()
        return Response(content, media_type=_KINDS[PurePath(name).suffix])
