"""Requests in; only those of this server's own pages and users go on, each answer under rules.

The token, in the path or in the header `Authorization`, keeps out other users and programs of the
machine; the host check keeps out web pages that point a name of theirs to this machine (DNS
rebinding); the origin check keeps out requests that other web pages send.
"""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class Door:
    """Who may come in.

    Attributes:
        token: First part of every path, unless the header `Authorization` has it; None to let in
            whoever reaches the address.
        host: Address that is listened to.
        port: Port.
    """

    token: str | None
    host: str
    port: int

    @property
    def url(self) -> str:
        """Where the page is."""
        host = "127.0.0.1" if self._is_everywhere else self.host
        place = "" if self.token is None else f"{self.token}/"
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/{place}"

    @property
    def _is_everywhere(self) -> bool:
        return self.host in ("0.0.0.0", "::")

    def knows_host(self, header: str | None) -> bool:
        """Whether a `Host` header names this server.

        Listening everywhere, any address will do: a page elsewhere would need a name of its own.
        """
        name, colon, port = (header or "").rpartition(":")
        if not colon or port.endswith("]"):
            name, port = header or "", "80"  # as browsers leave it out
        name = name.removeprefix("[").removesuffix("]")
        if port != str(self.port):
            return False
        if name in ("127.0.0.1", "localhost", "::1", self.host):
            return True
        with suppress(ValueError):
            return self._is_everywhere and bool(ipaddress.ip_address(name))
        return False

    def inner_path(self, path: str, authorization: str | None) -> str | None:
        """The path behind the door; None for those who may not come in."""
        if self.token is None:
            return path
        first, _, rest = path.removeprefix("/").partition("/")
        if self._is_token(first):
            return f"/{rest}"
        said = authorization or ""
        if said[: len(_BEARER)].lower() == _BEARER and self._is_token(said[len(_BEARER) :].strip()):
            return path
        return None

    def _is_token(self, said: str) -> bool:
        token = self.token or ""
        return secrets.compare_digest(said.encode("utf-8", "replace"), token.encode())


@dataclass(frozen=True, slots=True)
class Rules:
    """What requests may carry and pages may show.

    Attributes:
        body_type: Content type of bodies.
        max_body_bytes: Most bytes of a body.
        body_s: Seconds in which a body must have arrived.
        pictures: Where pages may take pictures from, in the words of `Content-Security-Policy`.
    """

    body_type: str = "application/json"
    max_body_bytes: int = 16_384
    body_s: float = 60.0
    pictures: str = "'self'"

    @property
    def content_policy(self) -> str:
        """The `Content-Security-Policy` of every answer."""
        return (
            "default-src 'none'; script-src 'self'; style-src 'self'; "
            f"img-src {self.pictures}; connect-src 'self'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        )


class Guard:
    """ASGI middleware that refuses all but the server's own pages and users."""

    def __init__(self, app: ASGIApp, door: Door, rules: Rules) -> None:
        """Stand before `app`."""
        self._app = app
        self._door = door
        self._rules = rules
        self._headers = {"Content-Security-Policy": rules.content_policy, **_HEADERS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with the token taken off the path."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def send_ruled(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        headers = Headers(scope=scope)
        path = self._door.inner_path(scope["path"], headers.get("authorization"))
        refusal = self._refusal(scope["method"], headers, path)
        if refusal is not None or path is None:
            status, detail = refusal or (401, "")
            more = {"WWW-Authenticate": "Bearer"} if status == 401 else None
            answer = JSONResponse({"detail": detail}, status, more)
            await answer(scope, receive, send_ruled)
            return
        inner = {**scope, "path": path, "raw_path": path.encode("utf-8", "replace")}
        await self._app(inner, _timely(receive, self._rules.body_s), send_ruled)

    def _refusal(self, method: str, headers: Headers, path: str | None) -> tuple[int, str] | None:
        if not self._door.knows_host(headers.get("host")):
            return 421, "not a name of this server"
        if path is None:
            return 401, "the token is missing; use the whole address that ocrdigits printed"
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{headers['host']}":
            return 403, "asked for by another page"
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return 403, "asked for by another page"
        return self._refusal_of_body(method, headers)

    def _refusal_of_body(self, method: str, headers: Headers) -> tuple[int, str] | None:
        if method != "POST":  # others are refused by those who would have to read their bodies
            return None
        length = headers.get("content-length", "")
        if not (length.isascii() and length.isdecimal()):
            return 411, "the length is missing; send Content-Length"
        if len(length) > 15 or int(length) > self._rules.max_body_bytes:
            return 413, f"larger than {self._rules.max_body_bytes:,} bytes; send less"
        if headers.get("content-type", "").partition(";")[0].strip() != self._rules.body_type:
            return 415, f"of another type; send {self._rules.body_type}"
        return None


def _timely(receive: Receive, body_s: float) -> Receive:
    """The same messages, as long as the body comes in time."""
    deadline = time.monotonic() + body_s
    is_whole = False

    async def receive_timely() -> Message:
        nonlocal is_whole
        if is_whole:  # what is awaited now is the client's leaving
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), deadline - time.monotonic())
        except TimeoutError:
            raise HTTPException(408, "the upload took too long; send it again") from None
        is_whole = message["type"] == "http.request" and not message.get("more_body", False)
        return message

    return receive_timely
