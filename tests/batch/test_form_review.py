"""Which fields of a form fail a check, before and after people have decided on some of them."""

from dataclasses import dataclass

from ocrdigits.batch.form_review import failed_checks
from ocrdigits.template.document import FormSum
from ocrdigits.values import parse_value

SUMS = (FormSum("total", ("goods", "freight")),)


@dataclass(frozen=True)
class Written:
    text: str

    @property
    def value(self):
        return parse_value(self.text) if self.text else None


READ = {
    name: Written(text)
    for name, text in {
        **{"customer": "", "date": "31.2.2026", "parcels": "12"},
        **{"goods": "10.00", "freight": "2.50", "total": "13.50"},
    }.items()
}
REVIEW = (
    "customer: blank but required",
    "date: 31.2.2026 is not a date",
    "parcels: 0.71 < 0.9",
    "total: 0.5 < 0.9",
    "total: 10.00 + 2.50 is not 13.50",
)
BROKEN = ("10.00 + 2.50 is not 13.50",)


def failed(**settled):
    return failed_checks(REVIEW, SUMS, READ, {name: Written(it) for name, it in settled.items()})


def test_demands_fail_their_field_and_a_sum_fails_all_of_its_fields():
    assert failed() == {
        "customer": ("blank but required",),
        "date": ("31.2.2026 is not a date",),
        **dict.fromkeys(("total", "goods", "freight"), BROKEN),
    }


def test_what_is_settled_fails_no_demand_and_a_sum_that_holds_then_fails_nothing():
    assert set(failed(date="28.2.2026", total="12.50")) == {"customer"}


def test_a_settled_field_still_fails_a_sum_that_does_not_hold():
    assert failed(total="13.50")["total"] == BROKEN
    assert failed(goods="12.00")["freight"] == ("12.00 + 2.50 is not 13.50",)


def test_a_correction_can_break_a_sum_that_held():
    read = {**READ, "total": Written("12.50")}
    assert failed_checks((), SUMS, read, {}) == {}
    broken = failed_checks((), SUMS, read, {"total": Written("12.90")})
    assert broken == dict.fromkeys(("total", "goods", "freight"), ("10.00 + 2.50 is not 12.90",))
