"""An application in; a server that runs until it is told to stop."""

from __future__ import annotations

import os
import re
import secrets
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from ocrdigits.errors import UsageError
from ocrdigits.web.guard import Door

_TOKEN_VARIABLE = "OCRDIGITS_TOKEN"


def choose_token() -> str:
    """The token in the variable `OCRDIGITS_TOKEN`, or one that nobody guesses.

    Raises:
        UsageError: If the variable's is short or would not fit an address.
    """
    token = os.environ.get(_TOKEN_VARIABLE)
    if token is None:
        return secrets.token_urlsafe(24)
    if re.fullmatch(r"[A-Za-z0-9_-]{16,200}", token) is None:
        raise UsageError(f"{_TOKEN_VARIABLE}: not 16 to 200 letters, digits, - or _; choose others")
    return token


def run_server(
    make_app: Callable[[Door], ASGIApp],
    host: str,
    port: int,
    token: str | None,
    ready: Callable[[str], None],
) -> None:
    """Serve an application until SIGINT or SIGTERM.

    Args:
        make_app: Makes the application for those who may come in.
        host: Address to listen to.
        port: Port; 0 for any that is free.
        token: What an address must hold; None for nothing.
        ready: Called with the page's address once it can be opened.

    Raises:
        UsageError: If the address cannot be listened to.
        KeyboardInterrupt: On SIGINT.
    """
    with _listen(host, port) as listener:
        door = Door(token, host, listener.getsockname()[1])
        config = uvicorn.Config(
            make_app(door),
            log_level="error",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=2,
        )
        ready(door.url)
        uvicorn.Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    """Listen before the address is told, so that whoever opens it at once only waits."""
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=64
        )
    except (OSError, OverflowError) as error:
        fact = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"{host}:{port}: cannot be listened to ({fact}); give another --port or --host"
        ) from error
