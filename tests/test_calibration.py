import dataclasses
import json
from pathlib import Path

import pytest

from ocrdigits.calibration import (
    NEVER,
    UNCALIBRATED,
    Calibration,
    GroupMap,
    RiskRow,
    accept_from,
    load_calibration,
)
from ocrdigits.errors import InputError
from ocrdigits.records import Agreement, Evidence, Standing
from ocrdigits.settings import DecodeSettings

BOTH = (
    RiskRow(threshold=0.999, coverage=0.1, error=0.0, bound=0.02),  # too few strings to tell
    RiskRow(threshold=0.98, coverage=0.5, error=0.001, bound=0.004),
    RiskRow(threshold=0.9, coverage=0.8, error=0.005, bound=0.01),
    RiskRow(threshold=0.5, coverage=1.0, error=0.05, bound=0.06),
)
CALIBRATION = Calibration(
    groups={
        Agreement.AGREED: GroupMap(bias=1.0, slope=0.5, weakest_slope=0.2, per_digit=-0.3),
        Agreement.DISPUTED: GroupMap(bias=-1.0, slope=0.5),
    },
    page_groups={Agreement.AGREED: GroupMap(bias=2.0, number=0.3)},
    risk_coverage={"both": BOTH},
    fitted_on=(("forms", 400),),
    temperature=1.5,
)


def evidence(posterior=0.9, agreement=Agreement.AGREED, digit_count=4, weakest=0.8) -> Evidence:
    return Evidence(posterior, agreement, digit_count, weakest)


def test_without_a_calibration_the_confidence_is_the_posterior():
    assert UNCALIBRATED.confidence(evidence(0.8)) == pytest.approx(0.8)
    assert UNCALIBRATED.least_confidence(0.01) == 0.9
    assert not UNCALIBRATED.is_fitted


def test_a_map_adds_log_odds():
    assert GroupMap().confidence(evidence(0.8)) == pytest.approx(0.8)
    assert GroupMap(bias=-1.3862943611).confidence(evidence(0.8)) == pytest.approx(0.5)
    halved = GroupMap(per_digit=-1.0).confidence(evidence(0.5, digit_count=4))
    assert halved == pytest.approx(1 / 5)  # odds of 1 to 1, divided by 4 digits


def test_more_evidence_never_makes_less_sure():
    shares = (0.0, 0.01, 0.3, 0.5, 0.9, 0.99, 0.99999, 1.0)
    for agreement in Agreement:
        by_posterior = [CALIBRATION.confidence(evidence(p, agreement)) for p in shares]
        by_weakest = [CALIBRATION.confidence(evidence(0.7, agreement, 3, p)) for p in shares]
        assert by_posterior == sorted(by_posterior)
        assert by_weakest == sorted(by_weakest)
        assert 0 < min(by_posterior) < max(by_posterior) < 1


def test_readers_that_agree_are_surer():
    agreed, disputed = (
        CALIBRATION.confidence(evidence(0.9, agreement))
        for agreement in (Agreement.AGREED, Agreement.DISPUTED)
    )
    assert agreed > disputed


def test_the_least_confidence_is_the_lowest_that_promises_the_error():
    assert CALIBRATION.least_confidence(0.01) == 0.9
    assert CALIBRATION.least_confidence(0.009) == 0.98
    assert CALIBRATION.least_confidence(0.001) == NEVER > 1


def test_readers_without_a_table_are_never_accepted():
    assert CALIBRATION.least_confidence(0.5, Agreement.STRINGS) == NEVER
    assert CALIBRATION.least_confidence(0.01, Agreement.DISPUTED) == 0.9


def test_sure_looks_count_as_agreed_until_they_have_a_map_and_a_table_of_their_own():
    sure = evidence(0.998, Agreement.LOOKS)
    assert CALIBRATION.confidence(sure) == CALIBRATION.confidence(evidence(0.998, Agreement.AGREED))
    assert CALIBRATION.least_confidence(0.01, Agreement.LOOKS) == 0.9
    own = dataclasses.replace(
        CALIBRATION,
        groups={**CALIBRATION.groups, Agreement.LOOKS: GroupMap(bias=9.0)},
        risk_coverage={**CALIBRATION.risk_coverage, "looks": (RiskRow(0.5, 1.0, 0.0, 0.005),)},
    )
    assert own.confidence(sure) > CALIBRATION.confidence(sure)
    assert own.least_confidence(0.01, Agreement.LOOKS) == 0.5
    assert own.least_confidence(0.01) == 0.9


def test_a_confidence_of_ones_own_goes_before_the_error():
    assert accept_from(DecodeSettings(), CALIBRATION) == 0.9
    assert accept_from(DecodeSettings(max_error=0.005), CALIBRATION) == 0.98
    assert accept_from(DecodeSettings(accept_confidence=0.3), CALIBRATION) == 0.3
    assert accept_from(DecodeSettings(), UNCALIBRATED) == 0.9


@pytest.mark.parametrize(
    "wrong", [{"posterior": 1.01}, {"weakest": float("nan")}, {"number_chance": -0.1}]
)
def test_evidence_is_made_of_probabilities(wrong):
    with pytest.raises(ValueError, match="0 to 1"):
        dataclasses.replace(evidence(), **wrong)


def test_strings_of_pages_have_maps_of_their_own():
    free = Standing(letters_beside=0.0, letters_elsewhere=0.0, height=0.0, share=1.0)
    on_page = dataclasses.replace(evidence(0.8), standing=free)
    assert CALIBRATION.confidence(on_page) == GroupMap(bias=2.0).confidence(evidence(0.8))
    assert CALIBRATION.confidence(evidence(0.8)) != CALIBRATION.confidence(on_page)


def test_a_map_weighs_what_a_string_stands_among():
    standing = Standing(letters_beside=0.0, letters_elsewhere=0.0, height=0.0, share=1.0)
    alone = dataclasses.replace(evidence(), standing=standing)
    plain, weighs = GroupMap(), GroupMap(number=0.5, neighbour=2.0, gap=3.0)
    assert weighs.confidence(alone) == plain.confidence(alone) == plain.confidence(evidence())
    less = [
        dataclasses.replace(alone, number_chance=0.7),
        dataclasses.replace(alone, standing=dataclasses.replace(standing, neighbour=0.8)),
        dataclasses.replace(alone, standing=dataclasses.replace(standing, gap=0.5)),
    ]
    for it in less:
        assert weighs.confidence(it) < weighs.confidence(alone) == plain.confidence(it)


@pytest.mark.parametrize("wrong", [{"slope": -0.1}, {"gap": -1}, {"bias": float("inf")}])
def test_a_map_that_is_not_monotone_or_not_finite_is_refused(wrong):
    with pytest.raises(ValueError):
        GroupMap(**wrong)


def test_a_calibration_comes_back_from_its_file_as_it_was(tmp_path: Path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(CALIBRATION.to_json()), encoding="utf-8")
    assert load_calibration(path) == CALIBRATION


def changed(**changes) -> bytes:
    return json.dumps(CALIBRATION.to_json() | changes).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        changed(format="ocrdigits calibration 99"),
        changed(temperature=0),
        changed(temperature=float("nan")),
        changed(temperature="hot"),
        changed(groups=[]),
        changed(groups={"shouting": {}}),
        changed(groups={"agreed": {"slope": -1}}),
        changed(groups={"agreed": {"colour": 1}}),
        changed(groups={"agreed": {"bias": "much"}}),
        changed(groups={"agreed": {"bias": 10**400}}),
        changed(risk_coverage={"both": [[0.9, 0.5]]}),
        changed(risk_coverage={"both": [[0.9, 0.5, 0.1, float("nan")]]}),
        changed(fitted_on=[["forms"]]),
        changed(fitted_on=None),
    ],
    ids=range(19),
)
def test_a_file_that_is_no_calibration_is_one_line_with_the_remedy(tmp_path: Path, content: bytes):
    path = tmp_path / "mine.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"mine\.json: not a calibration") as caught:
        load_calibration(path)
    assert "ocrdigits calibrate FOLDER" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_calibration_that_cannot_be_read_is_an_input_error(tmp_path: Path):
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(InputError, match="cannot be read"):
            load_calibration(path)
