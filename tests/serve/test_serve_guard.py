"""What the guard keeps out beside those without a token: uploads that never end."""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("fastapi")

from fastapi import FastAPI, Request

from ocrdigits.errors import UsageError
from ocrdigits.web.guard import Door, Guard, Rules
from ocrdigits.web.run import choose_token


def test_an_upload_that_stops_half_way_is_given_up():
    app = FastAPI()

    @app.post("/")
    async def take(request: Request):
        return len(await request.body())

    guard = Guard(app, Door(None, "127.0.0.1", 80), Rules("text/plain", 100, body_s=0.1))
    headers = {"host": "127.0.0.1:80", "content-length": "10", "content-type": "text/plain"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    messages = [{"type": "http.request", "body": b"half", "more_body": True}]
    sent = []

    async def receive():
        if messages:
            return messages.pop()
        return await asyncio.Future()  # nothing ever comes

    async def send(message):
        sent.append(message)

    asyncio.run(guard(scope, receive, send))
    assert sent[0]["status"] == 408
    assert b"too long" in sent[1]["body"]


def test_a_token_of_the_user_must_be_hard_to_guess(monkeypatch):
    monkeypatch.delenv("OCRDIGITS_TOKEN", raising=False)
    assert len(choose_token()) >= 32 and choose_token() != choose_token()
    monkeypatch.setenv("OCRDIGITS_TOKEN", "0123456789abcdef")
    assert choose_token() == "0123456789abcdef"
    for bad in ("short", "", "0123456789abcde/../x"):
        monkeypatch.setenv("OCRDIGITS_TOKEN", bad)
        with pytest.raises(UsageError, match="OCRDIGITS_TOKEN"):
            choose_token()
