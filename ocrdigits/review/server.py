"""A desk in, a web application out: one page and the few requests that it makes."""

from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.requests import Request
from starlette.types import ASGIApp

from ocrdigits.batch.decisions import ConflictError, Seen, Verdict
from ocrdigits.errors import InputError
from ocrdigits.review.desk import Desk, shown_decision
from ocrdigits.review.queue import Filters, Show
from ocrdigits.web.guard import Door, Guard, Rules
from ocrdigits.web.parts import PageParts

_PAGE = PageParts(
    "ocrdigits.review", ("index.html", "review.css", "review.js", "tables.js", "view.js")
)
_KEPT_BY_BROWSER = {"Cache-Control": "private, max-age=3600"}

_SQLITE_INT = Field(ge=0, lt=2**63)
StringId = Annotated[int, _SQLITE_INT]


class SeenBody(BaseModel):
    """What the person saw; see `Seen`."""

    model_config = ConfigDict(extra="forbid", strict=True)
    text: str
    box: Annotated[list[int], Field(min_length=4, max_length=4)]
    decision: Annotated[int, _SQLITE_INT]

    def as_seen(self) -> Seen:
        """The record."""
        x, y, width, height = self.box
        return Seen(self.text, (x, y, width, height), self.decision)


class DecisionBody(BaseModel):
    """A decision."""

    model_config = ConfigDict(extra="forbid", strict=True)
    seen: SeenBody
    verdict: Literal["text", "unreadable", "not_a_number"]
    text: Annotated[str, Field(pattern=r"^[0-9.,/-]*[0-9][0-9.,/-]*$", max_length=64)] | None = None

    @model_validator(mode="after")
    def _has_text_if_it_needs_one(self) -> "DecisionBody":
        if (self.verdict == "text") != (self.text is not None):
            raise ValueError("a text belongs to the verdict 'text' and to no other")
        return self


class UndoBody(BaseModel):
    """Which decision is taken back."""

    model_config = ConfigDict(extra="forbid", strict=True)
    seen: SeenBody
    decision: Annotated[int, _SQLITE_INT]


class FilterQuery(BaseModel):
    """The filters in an address."""

    model_config = ConfigDict(extra="forbid")
    show: Show = Show.DOUBTFUL
    file: Annotated[str, Field(max_length=500)] = ""
    field: Annotated[str | None, Field(max_length=500)] = None
    low: Annotated[float, Field(ge=0, le=1)] = 0.0
    high: Annotated[float, Field(ge=0, le=1)] = 1.0
    failed: bool = False

    def as_filters(self) -> Filters:
        """The record."""
        return Filters(self.show, self.file, self.field, self.low, self.high, self.failed)


class StringsQuery(FilterQuery):
    """Which strings come next."""

    rank: float | None = None
    after: Annotated[int, _SQLITE_INT] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 40
    undecided: bool = True


def make_app(desk: Desk, door: Door) -> ASGIApp:
    """Build the application.

    Args:
        desk: What it shows.
        door: Who may come in.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/api/overview")
    def overview(query: Annotated[FilterQuery, Query()]) -> dict[str, Any]:
        return desk.overview(query.as_filters())

    @app.get("/api/strings")
    def strings(query: Annotated[StringsQuery, Query()]) -> list[dict[str, Any]]:
        after = None if query.rank is None else (query.rank, query.after)
        filters = query.as_filters()
        return desk.strings(filters, after, query.limit, undecided=query.undecided)

    @app.get("/api/strings/{string_id}/crop")
    def crop(string_id: StringId) -> Response:
        return Response(desk.crop(string_id), media_type="image/jpeg", headers=_KEPT_BY_BROWSER)

    @app.get("/api/strings/{string_id}/photo")
    def photo(string_id: StringId) -> Response:
        return Response(desk.photo(string_id), media_type="image/jpeg", headers=_KEPT_BY_BROWSER)

    @app.get("/api/strings/{string_id}/table")
    def table(string_id: StringId) -> list[dict[str, Any]]:
        return desk.table(string_id)

    @app.post("/api/strings/{string_id}/decision")
    def decide(string_id: StringId, body: DecisionBody) -> dict[str, Any]:
        verdict = Verdict.CONFIRMED if body.verdict == "text" else Verdict(body.verdict)
        return desk.decide(string_id, body.seen.as_seen(), verdict, body.text)

    @app.post("/api/strings/{string_id}/undo")
    def undo(string_id: StringId, body: UndoBody) -> dict[str, Any]:
        return desk.undo(string_id, body.seen.as_seen(), body.decision)

    @app.get("/{name}")
    def page(name: str) -> Response:
        return _PAGE.answer(name)

    @app.get("/")
    def start() -> Response:
        return _PAGE.answer("")

    _say_errors(app)
    return Guard(app, door, Rules())


def _say_errors(app: FastAPI) -> None:
    """Give each way to fail its status and one line that the page can show."""

    @app.exception_handler(ConflictError)
    def conflict(request: Request, error: ConflictError) -> JSONResponse:
        decision = shown_decision(error.current)
        return JSONResponse({"detail": str(error), "decision": decision}, 409)

    @app.exception_handler(InputError)
    def lost(request: Request, error: InputError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, 410)

    @app.exception_handler(LookupError)
    def unknown(request: Request, error: LookupError) -> JSONResponse:
        return JSONResponse({"detail": "no such string; load the page again"}, 404)
