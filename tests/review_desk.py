"""Finished jobs of drawn numbers, all of them in doubt, and a review of one at hand."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path

from batch_jobs import batch, draw_folder
from fastapi.testclient import TestClient

from ocrdigits.review.desk import Desk
from ocrdigits.review.server import make_app
from ocrdigits.web.guard import Door

DOOR = Door("secret-token", "127.0.0.1", 8123)


def make_job(home: Path, count: int) -> Path:
    """Photos in `home/photos`, read into the store that is returned."""
    draw_folder(home / "photos", count)
    done = batch(home / "photos", "-o", home / "r.csv", "--accept", "1", "-j", "1")
    assert done.exit_code == 0, done.output
    return home / "r.csv.ocrdigits"


def copy_job(store: Path, home: Path) -> Path:
    """The same job, to be changed: store and photos."""
    shutil.copytree(store.parent, home / "job")
    return home / "job" / store.name


@contextmanager
def reviewing(store: Path, photos: Path | None = None, by: str = "Ana"):
    """A browser's connection to a review of `store`."""
    with Desk.open(store, photos or store.parent / "photos", by) as desk:
        client = TestClient(make_app(desk, DOOR), base_url=f"{DOOR.url}")
        yield Window(client)


class Window:
    """What the page asks the server."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def strings(self, **query):
        answer = self.client.get("api/strings", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def overview(self, **query):
        return self.client.get("api/overview", params=query).json()

    def decide(self, item, verdict="text", text=None, seen=None):
        body = {"seen": seen or seen_of(item), "verdict": verdict}
        body |= {} if text is None else {"text": text}
        return self.client.post(f"api/strings/{item['id']}/decision", json=body)

    def undo(self, item, decision):
        body = {"seen": seen_of(item), "decision": decision}
        return self.client.post(f"api/strings/{item['id']}/undo", json=body)


def seen_of(item):
    return {"text": item["text"], "box": item["box"], "decision": item["decision"]["id"]}
