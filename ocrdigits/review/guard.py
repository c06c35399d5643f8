"""Requests in; only those of this page's own browser window go on, each answer under strict rules.

The token in the path keeps out other users and programs of the machine; the host check keeps out
web pages that point a name of theirs to this machine (DNS rebinding); the origin check keeps out
requests that other web pages send.
"""

from __future__ import annotations

import ipaddress
import secrets
from contextlib import suppress
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 16_384

_CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


@dataclass(frozen=True, slots=True)
class Door:
    """Who may come in.

    Attributes:
        token: First part of every path.
        host: Address that is listened to.
        port: Port.
    """

    token: str
    host: str
    port: int

    @property
    def url(self) -> str:
        """Where the page is."""
        host = "127.0.0.1" if self._is_everywhere else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/{self.token}/"

    @property
    def _is_everywhere(self) -> bool:
        return self.host in ("0.0.0.0", "::")

    def knows_host(self, header: str | None) -> bool:
        """Whether a `Host` header names this server.

        Listening everywhere, any address will do: a page elsewhere would need a name of its own.
        """
        name, _, port = (header or "").rpartition(":")
        name = name.removeprefix("[").removesuffix("]")
        if port != str(self.port):
            return False
        if name in ("127.0.0.1", "localhost", "::1", self.host):
            return True
        with suppress(ValueError):
            return self._is_everywhere and bool(ipaddress.ip_address(name))
        return False

    def knows_token(self, path: str) -> bool:
        """Whether a path begins with the token."""
        first = path.removeprefix("/").partition("/")[0]
        return secrets.compare_digest(first.encode(), self.token.encode())


class Guard:
    """ASGI middleware that refuses all but the page's own requests."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        """Stand before `app`."""
        self._app = app
        self._door = door

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
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            status, text = refusal
            await PlainTextResponse(text + "\n", status)(scope, receive, send_ruled)
            return
        path = "/" + scope["path"].removeprefix("/").partition("/")[2]
        inner = {**scope, "path": path, "raw_path": path.encode()}
        await self._app(inner, receive, send_ruled)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        if not self._door.knows_host(headers.get("host")):
            return 421, "not a name of this server"
        if not self._door.knows_token(scope["path"]):
            return 404, "nothing here; use the whole address that ocrdigits printed"
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{headers['host']}":
            return 403, "asked for by another page"
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return 403, "asked for by another page"
        return _refusal_of_body(scope["method"], headers)


def _refusal_of_body(method: str, headers: Headers) -> tuple[int, str] | None:
    if method in ("GET", "HEAD"):
        return None
    length = headers.get("content-length", "")
    if not length.isdecimal():
        return 411, "say how long it is"
    if int(length) > MAX_BODY_BYTES:
        return 413, "too long"
    if headers.get("content-type") != "application/json":
        return 415, "send JSON"
    return None
