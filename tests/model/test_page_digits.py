import json

import numpy as np
import pytest
from known_digits import classify

from ocrdigits.errors import InputError
from ocrdigits.model.compose.photo.shot import ShotSettings
from ocrdigits.model.compose.photo_folder import write_photos
from ocrdigits.model.compose.synth import PageKind, SynthSettings
from ocrdigits.model.page_digits import PageHarvestSettings, harvest_pages
from ocrdigits.model.runtime import load_digit_classifier
from ocrdigits.records import NOT_A_DIGIT


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    shots = ShotSettings(care=1.0, megapixels=(1.5, 2.0), scan_share=0, screen_share=0)
    write_photos(folder, SynthSettings(2, (PageKind.FORM,), seed=5, shots=shots))
    return folder


def test_digits_of_a_page_are_cut_out_under_their_own_labels(pages):
    found = harvest_pages(pages, classify)
    digits = found.labels != NOT_A_DIGIT
    truth = "".join(
        string["text"]
        for photo in json.loads((pages / "truth.json").read_text())
        for string in photo["strings"]
    )
    assert digits.sum() > 0.4 * sum(character.isdecimal() for character in truth)
    read = load_digit_classifier()(found.cells[digits])[:, :NOT_A_DIGIT].argmax(1)
    assert (read == found.labels[digits]).mean() > 0.9


def test_letters_of_a_page_are_no_digits_and_the_most_digit_like_are_kept(pages):
    few = harvest_pages(pages, classify, PageHarvestSettings(max_non_digits=5))
    many = harvest_pages(pages, classify)
    assert 0 < (few.labels == NOT_A_DIGIT).sum() <= 10 < (many.labels == NOT_A_DIGIT).sum()


def test_what_alone_is_a_digit_to_the_network_is_not_called_none(pages):
    def sure(cells):
        scores = np.zeros((len(cells), NOT_A_DIGIT + 1), np.float32)
        scores[:, 0] = 1
        return scores

    assert (harvest_pages(pages, sure).labels != NOT_A_DIGIT).all()


@pytest.mark.parametrize("content", ["{", "[1]", '[{"file": "a.jpg"}]', "[]"])
def test_damaged_or_empty_truth_is_an_input_error_that_names_it(tmp_path, content):
    (tmp_path / "truth.json").write_text(content)
    with pytest.raises(InputError, match=r"truth\.json"):
        harvest_pages(tmp_path, classify)
