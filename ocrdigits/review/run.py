"""A desk and an address in; a server that runs until it is told to stop."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable

import uvicorn

from ocrdigits.errors import UsageError
from ocrdigits.review.desk import Desk
from ocrdigits.review.guard import Door
from ocrdigits.review.server import make_app


def serve_desk(desk: Desk, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve a desk until SIGINT or SIGTERM.

    Args:
        desk: What is reviewed.
        host: Address to listen to.
        port: Port; 0 for any that is free.
        ready: Called with the page's address once it can be opened.

    Raises:
        UsageError: If the address cannot be listened to.
        KeyboardInterrupt: On SIGINT.
    """
    with _listen(host, port) as listener:
        door = Door(secrets.token_urlsafe(24), host, listener.getsockname()[1])
        config = uvicorn.Config(
            make_app(desk, door),
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
