"""Who is let in to a review, and that nothing of the machine can be reached through it."""

from __future__ import annotations

import sqlite3

import pytest

pytest.importorskip("httpx")
pytest.importorskip("fastapi")

from review_desk import DOOR, make_job, reviewing

from ocrdigits.web.guard import Door, Rules


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    store = make_job(tmp_path_factory.mktemp("guard"), 1)
    (store.parent / "secret.txt").write_text("secret")
    with reviewing(store) as window:
        yield window


PARTS = (
    "",
    "review.js",
    "view.js",
    "review.css",
    "base.css",
    "icon.svg",
    "api/strings",
    "api/overview",
)


@pytest.mark.parametrize("path", PARTS)
def test_nothing_answers_without_the_token(window, path):
    for wrong in (f"/{path}", f"/secret-toke/{path}", f"/secret-token1/{path}", f"//{path}"):
        assert window.client.get(f"http://127.0.0.1:8123{wrong}").status_code == 401
    assert window.client.get(path).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example:8123", "127.0.0.1:80", "127.0.0.1", "", "192.168.1.2:8123"]
)
def test_other_names_of_this_machine_are_refused(window, host):
    assert window.client.get("", headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "https://127.0.0.1:8123"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_requests_of_other_pages_are_refused(window, headers):
    assert window.client.get("api/strings", headers=headers).status_code == 403
    assert window.client.post("api/strings/1/decision", headers=headers, json={}).status_code == 403


def test_the_page_itself_is_let_in(window):
    headers = {"origin": "http://127.0.0.1:8123", "sec-fetch-site": "same-origin"}
    assert window.client.get("api/strings", headers=headers).status_code == 200


def test_every_answer_carries_the_strict_rules(window):
    for path in (*PARTS, "none", "api/strings/1/crop", "api/strings/999/crop"):
        answer = window.client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in answer.headers


def test_the_page_asks_for_nothing_from_outside(window):
    for path in PARTS[:7]:
        text = window.client.get(path).text
        assert "//" not in text.replace("// ", "").replace("http://www.w3.org/2000/svg", "")
        assert " style=" not in text
        assert " onclick=" not in text


@pytest.mark.parametrize(
    "path",
    [
        *("../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "secret.txt", "server.py"),
        *("page/index.html", "api/strings/../../secret.txt/crop", "/etc/passwd", "..\\secret.txt"),
        *("api/strings/%2fetc%2fpasswd/crop", "api/strings/1;x/crop", "docs", "openapi.json"),
    ],
)
def test_no_path_of_the_machine_is_reachable(window, path):
    answer = window.client.get(f"http://127.0.0.1:8123/{DOOR.token}/{path}")
    assert answer.status_code in (401, 404, 422)
    assert "secret" not in answer.text.replace(DOOR.token, "")
    assert "root:" not in answer.text


def test_a_store_cannot_name_photos_outside_its_folder(tmp_path):
    store = make_job(tmp_path, 1)
    photo = next((tmp_path / "photos").rglob("*.jpg"))
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(photo.read_bytes())
    for path in (b"../outside.jpg", str(outside).encode()):
        with sqlite3.connect(store) as connection:
            connection.execute("UPDATE photo SET path = ?", (path,))
        connection.close()
        with reviewing(store) as window:
            answer = window.client.get(f"api/strings/{window.strings()[0]['id']}/crop")
            assert answer.status_code == 410
            assert "not in the folder" in answer.json()["detail"]


def test_large_and_foreign_bodies_are_refused(window):
    post = window.client.post
    path = "api/strings/1/decision"
    json = {"content-type": "application/json"}
    assert post(path, content=b" " * (Rules().max_body_bytes + 1), headers=json).status_code == 413
    assert post(path, content=iter([b"{}"]), headers=json).status_code == 411
    assert post(path, content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
    assert post(path, content=b"{", headers=json).status_code == 422


def test_numbers_out_of_range_are_no_defects(window):
    for path in (f"api/strings/{2**70}/crop", "api/strings/-1/crop", "api/strings?low=nan"):
        assert window.client.get(path).status_code in (404, 422)
    assert window.client.get("api/strings?limit=100000").status_code == 422
    assert window.client.get(f"api/strings?rank=0&after={2**63}").status_code == 422


def test_listening_everywhere_still_refuses_names():
    door = Door("t", "0.0.0.0", 80)
    assert door.knows_host("192.168.1.2:80")
    assert door.knows_host("[fe80::1]:80")
    assert not door.knows_host("evil.example:80")
    assert door.url == "http://127.0.0.1:80/t/"
