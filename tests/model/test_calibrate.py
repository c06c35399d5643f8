from dataclasses import replace

import numpy as np
import pytest
from evidence import Sample, draw_samples

from ocrdigits.calibration import NEVER, UNCALIBRATED, Calibration
from ocrdigits.model.calibrate import fit_calibration, folds_of
from ocrdigits.model.reliability import equal_count_bins, expected_calibration_error
from ocrdigits.records import Agreement, Evidence, Standing


@pytest.fixture(scope="module")
def shipped() -> Calibration:
    """Fitted to three sources that are unlike each other."""
    return fit_calibration(
        {
            "forms": draw_samples(1500, 1),
            "cheques": draw_samples(1000, 2, too_sure=1.0, hard=0.2),
            "marks": draw_samples(600, 3, too_sure=-0.5, hard=0.1),
        }
    )


def error_of(calibration: Calibration, samples) -> float:
    """Expected calibration error."""
    confidences = [calibration.confidence(evidence) for evidence, _ in samples]
    bins = equal_count_bins(confidences, [right for _, right in samples])
    return expected_calibration_error(bins)


def accepted_of(calibration: Calibration, samples, max_error: float = 0.01) -> tuple[float, float]:
    """Share accepted, and share of these that is wrong."""
    least = calibration.least_confidence(max_error)
    rights = [right for evidence, right in samples if calibration.confidence(evidence) >= least]
    return len(rights) / len(samples), 1 - float(np.mean(rights)) if rights else 0.0


def test_confidences_come_true_on_fresh_strings(shipped):
    for seed, source in enumerate([{}, {"too_sure": 0.5, "hard": 0.25}], start=50):
        fresh = draw_samples(3000, seed, **source)
        assert error_of(shipped, fresh) < 0.015 < error_of(UNCALIBRATED, fresh)


def test_what_is_accepted_keeps_the_error_on_sources_not_seen(shipped):
    sources = ({}, {"too_sure": 0.7, "hard": 0.25}, {"too_sure": -1.0}, {"hard": 0.05})
    for seed, source in enumerate(sources, start=60):
        coverage, error = accepted_of(shipped, draw_samples(3000, seed, **source))
        assert coverage > 0.7 and error < 0.02


def test_a_stricter_error_accepts_less_and_an_impossible_one_nothing(shipped):
    fresh = draw_samples(3000, 70)
    loose, strict = (accepted_of(shipped, fresh, error) for error in (0.02, 0.004))
    assert loose[0] > strict[0] > 0 and strict[1] <= loose[1]
    assert shipped.least_confidence(1e-6) == NEVER


def test_maps_are_monotone_even_where_the_samples_are_not(shipped):
    chance = np.random.default_rng(5)
    absurd = [
        (Evidence(p, Agreement.AGREED, 4, w), bool(chance.random() > p))  # sure means wrong
        for p, w in chance.random((400, 2))
    ]
    for prior in (UNCALIBRATED, shipped):
        group = fit_calibration({"absurd": absurd}, prior).groups[Agreement.AGREED]
        assert group.slope >= 0 and group.weakest_slope >= 0


def test_readers_that_agree_are_found_surer(shipped):
    both = [Evidence(0.97, agreement, 5, 0.9) for agreement in Agreement][:2]
    agreed, disputed = (shipped.confidence(evidence) for evidence in both)
    assert agreed > disputed + 0.1


def on_page(samples: list[Sample]) -> list[Sample]:
    """The same strings, found on a page."""
    free = Standing(letters_beside=0.0, letters_elsewhere=0.0, height=0.0, share=1.0)
    return [(replace(evidence, standing=free), right) for evidence, right in samples]


def test_crops_and_pages_are_fitted_apart():
    crops, pages = draw_samples(800, 31), on_page(draw_samples(800, 32, too_sure=3.0))
    both = fit_calibration({"crops": crops, "pages": pages})
    assert both.groups == fit_calibration({"crops": crops}).groups
    assert both.page_groups == fit_calibration({"pages": pages}).page_groups
    for fresh in (draw_samples(3000, 33), on_page(draw_samples(3000, 34, too_sure=3.0))):
        assert error_of(both, fresh) < 0.02


def test_where_one_is_not_known_it_follows_the_other_or_stays(shipped):
    assert shipped.page_groups == shipped.groups
    own = fit_calibration({"mine": on_page(draw_samples(100, 35))}, shipped)
    assert own.groups == shipped.groups
    assert own.page_groups != shipped.page_groups


def test_tables_tell_what_happens_to_strings_outside_the_fit():
    samples = draw_samples(2000, 8, hard=0.3)
    fitted, fresh = fit_calibration({"one": samples}), draw_samples(4000, 9, hard=0.3)
    confidences = np.asarray([fitted.confidence(evidence) for evidence, _ in fresh])
    rights = np.asarray([right for _, right in fresh])
    rows = fitted.risk_coverage["both"]
    assert [row.threshold for row in rows] == sorted((r.threshold for r in rows), reverse=True)
    for row in rows[10:]:
        taken = confidences >= row.threshold
        assert taken.mean() == pytest.approx(row.coverage, abs=0.05)
        assert 1 - rights[taken].mean() <= row.bound + 0.01
        assert row.error <= row.bound


def test_few_strings_alone_promise_no_small_error():
    fitted = fit_calibration({"mine": [(Evidence(0.99, Agreement.AGREED, 4, 0.9), True)] * 100})
    assert fitted.least_confidence(0.01) == NEVER
    assert fitted.least_confidence(0.05) < 1


def test_strings_that_are_all_right_are_not_taken_for_certain():
    fitted = fit_calibration({"mine": [(Evidence(0.99, Agreement.AGREED, 4, 0.9), True)] * 100})
    assert 0.95 < fitted.confidence(Evidence(0.99, Agreement.AGREED, 4, 0.9)) < 0.9999


def alike(count: int, wrong: int, seed: int) -> list[tuple[Evidence, bool]]:
    """Strings that look equally good, a few of them wrong."""
    posteriors = np.random.default_rng(seed).uniform(0.98, 0.99, count)
    rights = [step * wrong % count >= wrong for step in range(count)]
    return [
        (Evidence(posterior, Agreement.AGREED, 4, 0.9), right)
        for posterior, right in zip(posteriors, rights, strict=True)
    ]


def test_one_source_that_goes_wrong_counts_for_more_than_its_share():
    good = {name: alike(1000, 2, seed) for seed, name in enumerate("abc")}
    bad = alike(300, 15, 9)
    average = fit_calibration({"all": [*good["a"], *good["b"], *good["c"], *bad]})
    assert average.least_confidence(0.01) < 1
    assert fit_calibration(good).least_confidence(0.01) < 1
    assert fit_calibration({**good, "bad": bad}).least_confidence(0.01) == NEVER


@pytest.mark.parametrize("count", [100, 300])
def test_a_hundred_strings_of_another_source_help(shipped, count):
    source = {"too_sure": 3.0, "hard": 0.4}
    fresh = draw_samples(3000, 99, **source)
    errors, accepted = [], []
    for seed in range(8):
        own = fit_calibration({"mine": draw_samples(count, 200 + seed, **source)}, shipped)
        errors.append(error_of(own, fresh))
        accepted.append(accepted_of(own, fresh))
    assert max(errors) < error_of(shipped, fresh)
    assert np.mean(errors) < 0.7 * error_of(shipped, fresh)
    assert np.mean([error for _, error in accepted]) < 0.01 < accepted_of(shipped, fresh)[1]
    assert np.mean([coverage for coverage, _ in accepted]) > 0.4


def test_a_hundred_strings_of_a_known_source_do_little_harm(shipped):
    fresh = draw_samples(3000, 98)
    own = [fit_calibration({"mine": draw_samples(100, s)}, shipped) for s in range(300, 308)]
    assert np.mean([error_of(it, fresh) for it in own]) < 0.012


def test_groups_without_samples_follow_the_others_and_have_no_table(shipped):
    strings = Evidence(0.99, Agreement.STRINGS, 4, 0.95)
    assert set(shipped.groups) == set(Agreement)
    assert 0.5 < shipped.confidence(strings) < 1
    assert shipped.least_confidence(0.5, Agreement.STRINGS) == NEVER


def test_each_choice_of_readers_has_its_own_table():
    samples = [
        *draw_samples(600, 1),
        *draw_samples(600, 2, asked="strings", hard=0.3),
        *draw_samples(600, 3, asked="segments", hard=0.5),
        *draw_samples(600, 4, asked="looks", hard=0.01),
    ]
    fitted = fit_calibration({"forms": samples})
    assert set(fitted.risk_coverage) == {"both", "looks", "strings", "segments"}
    assert fitted.risk_coverage["looks"][-1].error < fitted.risk_coverage["both"][-1].error
    errors = [fitted.risk_coverage[it][-1].error for it in ("both", "strings", "segments")]
    assert errors == sorted(errors) and errors[0] < errors[2]


def test_readers_that_were_not_asked_keep_their_maps_and_their_table(shipped):
    own = fit_calibration({"mine": draw_samples(100, 4, asked="strings")}, shipped)
    assert own.risk_coverage["both"] == shipped.risk_coverage["both"]
    for agreement in (Agreement.AGREED, Agreement.DISPUTED, Agreement.SEGMENTS):
        assert own.groups[agreement] == shipped.groups[agreement]
    assert own.groups[Agreement.STRINGS] != shipped.groups[Agreement.STRINGS]
    assert "strings" in own.risk_coverage


def test_readers_that_were_asked_a_few_times_keep_theirs_too(shipped):
    both, few = draw_samples(100, 4), draw_samples(9, 5, asked="strings")
    own = fit_calibration({"mine": [*both, *few]}, shipped)
    assert own.groups[Agreement.STRINGS] == shipped.groups[Agreement.STRINGS]
    assert own.groups == fit_calibration({"mine": both}, shipped).groups
    assert fit_calibration({"mine": few}, shipped).risk_coverage == shipped.risk_coverage


def test_a_calibration_says_what_it_was_fitted_on_and_keeps_the_temperature():
    prior = Calibration(temperature=1.3)
    fitted = fit_calibration({"a": draw_samples(60, 1), "b": draw_samples(50, 2)}, prior)
    assert (fitted.fitted_on, fitted.temperature) == ((("a", 60), ("b", 50)), 1.3)
    again = fit_calibration({"mine": draw_samples(40, 3)}, fitted)
    assert again.fitted_on == (("a", 60), ("b", 50), ("mine", 40))


def test_the_same_samples_give_the_same_calibration(shipped):
    samples = {"mine": draw_samples(150, 4)}
    assert fit_calibration(samples, shipped) == fit_calibration(samples, shipped)


def test_without_samples_there_is_nothing_to_fit():
    with pytest.raises(ValueError, match="no samples"):
        fit_calibration({"mine": []})


def test_folds_are_sources_or_runs_of_neighbours():
    sources = np.asarray([0, 0, 1, 2, 2])
    assert [fold.tolist() for fold in folds_of(sources)][1] == [False, False, True, False, False]
    runs = list(folds_of(np.zeros(25, int)))
    assert len(runs) == 10
    assert np.sum(runs, axis=0).tolist() == [1] * 25
    assert all(np.ptp(np.flatnonzero(run)) < 3 for run in runs)
