"""Strings that fail a check of their template: found by a filter, as decisions change them."""

from __future__ import annotations

import pytest

pytest.importorskip("httpx")
pytest.importorskip("fastapi")

from review_desk import make_job, reviewing
from review_forms import make_form_job

BROKEN = "922.40 + 58.00 is not 990.40"
SUM = {"goods", "freight", "total"}


@pytest.fixture
def store(tmp_path):
    """A note that is right, one whose sum fails, one with a wrong date, one without customer."""
    return make_form_job(tmp_path, {}, {"total": "990.40"}, {"date": "31.2.2026"}, {"customer": ""})


def places(items):
    return {(it["file"], it["field"]) for it in items}


def test_the_filter_shows_what_fails_with_its_facts(store):
    with reviewing(store) as window:
        items = window.strings(failed=True)
        summed = {("1.jpg", name) for name in SUM}
        assert places(items) == summed | {("2.jpg", "date"), ("3.jpg", "customer")}
        facts = {(it["file"], it["field"]): it["failed"] for it in items}
        assert facts["1.jpg", "goods"] == [BROKEN]
        assert facts["2.jpg", "date"] == ["31.2.2026 is not a date"]
        assert facts["3.jpg", "customer"] == ["blank but required"]
        assert window.overview(failed=True)["strings"] == window.overview()["failed"] == 5
        assert {it["id"] for it in window.strings(show="all") if it["failed"]} == {
            it["id"] for it in items
        }


def test_too_little_confidence_alone_is_no_failed_check(tmp_path):
    store = make_form_job(tmp_path, {}, {"total": "990.40"}, confidence=0.5)
    with reviewing(store) as window:
        assert len(window.strings()) == 16
        assert places(window.strings(failed=True)) == {("1.jpg", name) for name in SUM}


def test_the_filter_goes_with_the_others(store):
    with reviewing(store) as window:
        assert places(window.strings(failed=True, field="total")) == {("1.jpg", "total")}
        assert places(window.strings(failed=True, file="3.")) == {("3.jpg", "customer")}
        assert window.strings(failed=True, high=0.5) == []
        assert window.strings(failed=True, show="decided") == []


def test_a_correction_that_mends_a_sum_takes_all_of_its_fields_out(store):
    with reviewing(store) as window:
        (total,) = window.strings(failed=True, field="total")
        decision = window.decide(total, text="980.40").json()
        assert places(window.strings(failed=True)) == {("2.jpg", "date"), ("3.jpg", "customer")}
        window.undo({**total, "decision": decision}, decision["id"])
        assert len(window.strings(failed=True)) == 5


def test_a_correction_that_breaks_a_sum_puts_accepted_fields_in_doubt(store):
    with reviewing(store) as window, reviewing(store, by="Ben") as other:
        (total,) = window.strings(show="all", field="total", file="0.")
        assert total["failed"] == [] and total["accepted"]
        window.decide(total, text="980.90")
        parts = {("0.jpg", "goods"), ("0.jpg", "freight")}
        assert parts < places(window.strings(failed=True))
        assert parts < places(window.strings())
        assert parts < places(other.strings(failed=True))


def test_a_form_is_given_whole_with_what_fails_now(store):
    with reviewing(store) as window:
        (total,) = window.strings(failed=True, field="total")
        address = f"api/strings/{total['id']}/table"
        fields = window.client.get(address).json()
        assert [it["field"] for it in fields][-3:] == ["goods", "freight", "total"]
        assert {it["field"] for it in fields if it["failed"] == [BROKEN]} == SUM
        window.decide(total, text="980.40")
        fields = window.client.get(address).json()
        assert not any(it["failed"] for it in fields)


def test_a_job_without_template_has_no_checks(tmp_path):
    with reviewing(make_job(tmp_path, 1)) as window:
        assert window.overview()["failed"] is None
        assert window.strings(failed=True) == []
        (item,) = window.strings()
        assert window.client.get(f"api/strings/{item['id']}/table").status_code == 404
