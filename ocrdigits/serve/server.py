"""A reading room in, a web application out: the HTTP API, and a page that uses it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Form, Request, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp

from ocrdigits import __version__
from ocrdigits.batch.records import Status
from ocrdigits.contents import CONTENTS
from ocrdigits.errors import OcrDigitsError
from ocrdigits.names import printable_name
from ocrdigits.records import Layout
from ocrdigits.serve.bench import Refusal
from ocrdigits.serve.room import FullError, ReadingRoom, ReadUpload, Refused, Reply, Upload
from ocrdigits.values import DecimalMark
from ocrdigits.web.guard import Door, Guard, Rules
from ocrdigits.web.parts import PageParts

_PAGE = PageParts(
    "ocrdigits.serve",
    ("index.html", "serve.css", "serve.js", "reading.js", "pad.js"),
)
_WAIT_S = 60.0
"""Who has waited so long for a worker is sent away."""
_NAME_LENGTH = 200

_STATUS: dict[Refusal | Status, int] = {
    Refusal.USAGE: 422,
    Refusal.FORMAT: 415,
    Refusal.SIZE: 413,
    Refusal.CONTENT: 422,
    Refusal.DEFECT: 500,
    Status.CRASHED: 500,
    Status.TIMEOUT: 504,
    Status.MEMORY: 413,
}

Share = Annotated[float, Field(ge=0, le=1)]
Absent = SkipJsonSchema[None]
"""A field that is left out; forms have no null."""


class Problem(BaseModel):
    """Why there is no reading."""

    detail: str = Field(description="One line: the file, the fact, the remedy.")


class ReadForm(BaseModel):
    """A photo, and how to read it: the options of `ocrdigits read`."""

    model_config = ConfigDict(extra="forbid")
    file: UploadFile = Field(description="JPEG, PNG, WebP, BMP or TIFF; HEIC and PDF if installed.")
    layout: Layout | Absent = Field(None, description="What the photo shows; `auto` decides.")
    pattern: Annotated[str, Field(max_length=200)] | Absent = Field(
        None, description="Regular expression that every string matches as a whole."
    )
    content: Literal[tuple(CONTENTS)] | Absent = Field(  # type: ignore[valid-type]
        None, description="What kind of number every string is; not together with `pattern`."
    )
    decimal: DecimalMark | Absent = Field(
        None, description="What stands before the decimals where a value could be two numbers."
    )
    max_error: Share | Absent = Field(
        None, description="Accept strings so sure that at most this share of them is wrong."
    )
    accept: Share | Absent = Field(
        None,
        description="Accept strings with at least this confidence; not together with `max_error`.",
    )

    def as_upload(self, *, with_pictures: bool) -> Upload:
        """What the reading room takes."""
        said = self.model_dump(mode="json", exclude={"file"}, exclude_none=True)
        name = (self.file.filename or "photo")[-_NAME_LENGTH:]
        return Upload(name, self.file.file, said, with_pictures)


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    facts = {
        400: "The body is no form.",
        401: "The token is missing.",
        403: "Asked for by a page of another server.",
        408: "The upload took too long.",
        411: "The length of the body is missing.",
        413: "Too many bytes or pixels, or too much memory.",
        415: "No photo of a known format.",
        421: "Another server's name.",
        422: "A damaged photo, or options that cannot be followed.",
        500: "A defect of the program, or a photo that crashes it.",
        503: "Too many photos are waiting.",
        504: "The photo takes too long.",
    }
    return {status: {"model": Problem, "description": facts[status]} for status in statuses}


_READING = {
    "description": "One object for each page, as `ocrdigits read --format json` writes it.",
    "content": {
        "application/json": {
            "schema": {"type": "object"},
            "example": {"file": "a.png", "page": 1, "error": None, "strings": [{"text": "57"}]},
        },
        "application/jsonl": {"schema": {"type": "string"}},
    },
}


def make_app(
    room: ReadingRoom,
    door: Door,
    max_upload_bytes: int,
    report: Callable[[Refused], None] = lambda refused: None,
) -> ASGIApp:
    """Build the application.

    Args:
        room: Reads what is sent.
        door: Who may come in.
        max_upload_bytes: Most bytes of a request.
        report: Told of photos that crash the program or show its defects.
    """
    app = FastAPI(
        title="ocrdigits",
        version=__version__,
        description="Reads handwritten and printed digit strings from photos.",
        docs_url=None,
        redoc_url=None,
        servers=[{"url": "./", "description": "The address that ocrdigits printed"}],
        dependencies=[] if door.token is None else [Depends(HTTPBearer(auto_error=False))],
    )

    def refuse(refused: Refused) -> Response:
        status = _STATUS[refused.reason]
        if status == 500:
            report(refused)
        return _problem(status, refused.detail)

    @app.post(
        "/v1/read",
        summary="Read a photo",
        response_class=Response,
        responses={
            200: _READING,
            **_problems(400, 401, 403, 408, 411, 413, 415, 421, 422, 500, 503, 504),
        },
    )
    async def read(
        form: Annotated[ReadForm, Form(media_type="multipart/form-data")],
    ) -> Response:
        """Read one photo; a file with several pages is answered by one line for each of them."""
        reply = await _reply(room, form.as_upload(with_pictures=False))
        if not isinstance(reply, ReadUpload):
            return refuse(reply)
        kind = "application/json" if len(reply.lines) == 1 else "application/jsonl"
        return Response("".join(reply.lines), media_type=kind)

    @app.post("/page/read", include_in_schema=False)
    async def read_for_page(
        form: Annotated[ReadForm, Form(media_type="multipart/form-data")],
    ) -> Response:
        reply = await _reply(room, form.as_upload(with_pictures=True))
        if not isinstance(reply, ReadUpload):
            return refuse(reply)
        pages = [json.loads(line) for line in reply.lines]
        return JSONResponse({"pages": pages, "pictures": list(reply.pictures)})

    @app.get("/{name}", include_in_schema=False)
    def page(name: str) -> Response:
        return _PAGE.answer(name)

    @app.get("/", include_in_schema=False)
    def start() -> Response:
        return _PAGE.answer("")

    _say_errors(app)
    rules = Rules("multipart/form-data", max_upload_bytes, pictures="'self' data:")
    return Guard(app, door, rules)


async def _reply(room: ReadingRoom, upload: Upload) -> Reply:
    await run_in_threadpool(_settle, upload)
    future = room.submit(upload)
    reply = asyncio.wrap_future(future)
    done, _ = await asyncio.wait([reply], timeout=_WAIT_S)
    if not done and future.cancel():
        raise FullError("no worker had time for the photo; try again in a moment")
    return await reply


def _settle(upload: Upload) -> None:
    """Have the system know the file, which small uploads are not, and all of it."""
    upload.file.fileno()
    upload.file.flush()


def _problem(status: int, detail: str) -> JSONResponse:
    headers = {"Retry-After": "2"} if status == 503 else None
    return JSONResponse({"detail": detail}, status, headers)


def _say_errors(app: FastAPI) -> None:
    """Give each way to fail its status and one line."""

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = next((str(part) for part in first["loc"] if part != "body"), "the form")
        return _problem(422, printable_name(f"{where}: {first['msg']}")[:300])

    @app.exception_handler(FullError)
    def full(request: Request, error: FullError) -> JSONResponse:
        return _problem(503, str(error))

    @app.exception_handler(OcrDigitsError)
    def broken(request: Request, error: OcrDigitsError) -> JSONResponse:
        return _problem(503, str(error))

    @app.exception_handler(Exception)
    def defect(request: Request, error: Exception) -> JSONResponse:
        return _problem(500, f"a defect in ocrdigits ({type(error).__name__}); please report it")
