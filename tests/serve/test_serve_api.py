"""The HTTP API: the command line's JSON, and for everything else the right status and one line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pictures import blank_png, encoded, number_image
from PIL import Image
from typer.testing import CliRunner

pytest.importorskip("httpx")
pytest.importorskip("fastapi")

from reading_rooms import BEARER, DOOR, MAX_BYTES, client_of, room_of_one

from ocrdigits.cli import app

ROOT = Path(__file__).parents[2]
STATUSES = (200, 400, 401, 403, 408, 411, 413, 415, 421, 422, 500, 503, 504)
PHOTO = encoded(number_image("1234"), "PNG")


@pytest.fixture(scope="module")
def client():
    with room_of_one() as room:
        yield client_of(room)


def post(client, photo=PHOTO, name="a.png", path="v1/read", **options):
    return client.post(path, files={"file": (name, photo)}, data=options)


def test_the_answer_is_the_json_of_the_command_line(client, tmp_path):
    (tmp_path / "a.png").write_bytes(PHOTO)
    options = ["--layout", "line", "--max-error", "0.2", "--format", "json"]
    done = CliRunner().invoke(app, ["read", str(tmp_path / "a.png"), *options])
    answer = post(client, layout="line", max_error="0.2")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    said, read = json.loads(done.stdout), answer.json()
    assert read["strings"][0]["text"] == "1234"
    assert read | {"seconds": 0, "file": ""} == said | {"seconds": 0, "file": ""}
    assert read["file"] == "a.png"


def test_options_are_those_of_read(client):
    said = {"": True, r"\d{4}": True, r"\d{3}": False}  # what breaks its pattern is not accepted
    for pattern, is_accepted in said.items():
        (string,) = post(client, layout="line", accept="0", pattern=pattern).json()["strings"]
        assert string["accepted"] is is_accepted
    (string,) = post(client, layout="line", accept="1").json()["strings"]
    assert not string["accepted"]


def test_a_file_with_several_pages_is_answered_by_a_line_for_each(client):
    pages = [number_image(text) for text in ("12", "345")]
    tiff = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    answer = post(client, tiff, "two.tiff", layout="line")
    assert answer.headers["content-type"] == "application/jsonl"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [(it["page"], it["strings"][0]["text"]) for it in lines] == [(1, "12"), (2, "345")]


@pytest.mark.parametrize(
    ("content", "options", "status", "word"),
    [
        (b"no photo", {}, 415, "not a JPEG"),
        (PHOTO[:300], {}, 422, "damaged or cut short"),
        (b"", {}, 422, "empty"),
        (blank_png(3000, 3000), {}, 413, "9 megapixels"),
        (b"x" * MAX_BYTES, {}, 413, "bytes"),
        (PHOTO, {"layout": "sideways"}, 422, "layout"),
        (PHOTO, {"layout": ["line", "page"], "pattern": "("}, 422, "pattern"),
        (PHOTO, {"pattern": "[a-z]+"}, 422, "matches no text"),
        (PHOTO, {"pattern": r"\d", "content": "date"}, 422, "pattern"),
        (PHOTO, {"content": "shoe-size"}, 422, "content"),
        (PHOTO, {"accept": "0.5", "max_error": "0.1"}, 422, "exclude each other"),
        (PHOTO, {"accept": "2"}, 422, "accept"),
        (PHOTO, {"accept": "nan"}, 422, "accept"),
        (PHOTO, {"decimal": "x"}, 422, "decimal"),
        (PHOTO, {"weights": "/etc"}, 422, "weights"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(client, content, options, status, word):
    answer = post(client, content, **options)
    assert answer.status_code == status, answer.text
    detail = answer.json()["detail"]
    assert word in detail and "\n" not in detail and "Traceback" not in detail


def test_bodies_that_are_no_form_are_refused(client):
    form = {"content-type": "multipart/form-data; boundary=x"}
    assert client.post("v1/read", content=b"rubbish", headers=form).status_code == 400
    assert client.post("v1/read", json={}).status_code == 415
    assert client.post("v1/read", content=iter([b"x"]), headers=form).status_code == 411
    assert client.post("v1/read", data={"layout": "line"}).status_code == 415
    assert client.get("v1/read").status_code == 405
    assert client.put("v1/read", content=b"x").status_code == 405


def test_names_are_no_paths_and_steer_nothing(client):
    for name in ("../../etc/passwd", "a\u202eb.png", "x" * 500):
        assert post(client, name=name, layout="line").status_code == 200
    detail = post(client, b"no photo", "a\u202eb.png").json()["detail"]
    assert "\u202e" not in detail


@pytest.mark.parametrize("path", ["v1/read", "page/read"])
def test_nothing_is_read_without_the_token(client, path):
    address = f"http://127.0.0.1:8123/{path}"
    assert post(client, path=address).status_code == 401
    wrong = {"authorization": "Bearer secret-token-secreT"}
    for headers in (wrong, {"authorization": f"Basic {DOOR.token}"}, {"authorization": "Bearer"}):
        answer = client.post(address, files={"file": ("a.png", PHOTO)}, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    right = client.post(address, files={"file": ("a.png", PHOTO)}, headers=BEARER)
    assert right.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_other_pages_and_names_are_refused_with_and_without_a_token(headers):
    from ocrdigits.web.guard import Door

    with room_of_one(max_waiting=0) as room:
        for door in (DOOR, Door(None, "127.0.0.1", 8123)):
            client = client_of(room, door)
            refused = client.post("v1/read", files={"file": PHOTO}, headers=headers)
            assert refused.status_code == 403
            assert client.get("", headers={"host": "evil.example:8123"}).status_code == 421
            assert client.get("").status_code == 200


def test_when_too_many_wait_the_next_is_asked_to_come_again():
    with room_of_one(max_waiting=0) as room:
        answer = post(client_of(room))
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


def test_each_upload_that_breaks_its_worker_costs_itself_alone():
    outcomes = {b"CRASH": (500, "SIGSEGV"), b"HANGS": (504, "longer than 12 s")}
    if Path("/proc/self/statm").exists():
        outcomes[b"EATER"] = (413, "more memory than 300 MB")
    with room_of_one(timeout_s=12) as room:
        client = client_of(room)
        for ending, (status, word) in outcomes.items():
            answer = post(client, PHOTO + ending)
            assert (answer.status_code, word in answer.json()["detail"]) == (status, True)
            assert post(client, layout="line").json()["strings"][0]["text"] == "1234"


def test_the_description_says_every_status_and_only_the_api(client):
    api = client.get("openapi.json").json()
    assert list(api["paths"]) == ["/v1/read"]
    operation = api["paths"]["/v1/read"]["post"]
    documented = {str(status) for status in STATUSES}
    assert operation["responses"].keys() == documented
    assert list(operation["requestBody"]["content"]) == ["multipart/form-data"]
    assert "HTTPBearer" in api["components"]["securitySchemes"]
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| (\d{3}) ", page, flags=re.MULTILINE)) == documented
    form = api["components"]["schemas"]["ReadForm"]["properties"]
    assert set(re.findall(r"^\| `(\w+)` ", page, flags=re.MULTILINE)) == set(form)


@pytest.mark.parametrize(
    "path",
    [
        *("../secret.txt", "..%2fserver.py", "%2e%2e/server.py", "server.py", "page/index.html"),
        *("v1/read/../../x", "/etc/passwd", "..\\server.py", "docs", "redoc", "base.css/"),
    ],
)
def test_no_path_of_the_machine_is_reachable(client, path):
    answer = client.get(f"http://127.0.0.1:8123/{DOOR.token}/{path}")
    assert answer.status_code in (401, 404)
    assert answer.json()["detail"]


def test_the_page_gets_photo_and_stages(client):
    photo = encoded(number_image("77").resize((800, 240)), "JPEG")
    shown = post(client, photo, path="page/read").json()
    assert shown["pages"][0]["strings"][0]["text"] == "77"
    (picture,) = shown["pictures"]
    stages = [it["stage"] for it in picture["stages"]]
    assert stages == ["load", "rectify", "lines", "decode"]  # two sure looks need no glyphs
    shown = post(client, photo, path="page/read", layout="page").json()
    stages = [it["stage"] for it in shown["pictures"][0]["stages"]]
    assert stages[:3] == ["load", "rectify", "enhance"] and stages[-1] == "decode"
    assert Image.MAX_IMAGE_PIXELS  # what reading sets aside is back
