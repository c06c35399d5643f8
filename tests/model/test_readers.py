"""Which networks a folder of weights gives."""

import pytest

from ocrdigits.info import gather_info, render_info
from ocrdigits.model.card import ModelDescription
from ocrdigits.model.export import save_weights
from ocrdigits.model.readers import load_readers
from ocrdigits.model.strings.export import PLAIN, STRINGS
from ocrdigits.model.strings.network import StringNet
from ocrdigits.records import ReaderChoice


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """One with networks for both looks, one with that for ink alone."""
    root = tmp_path_factory.mktemp("weights")
    network, description = StringNet().eval(), ModelDescription(architecture="stringnet")
    save_weights(network, description, root / "both", kind=STRINGS)
    save_weights(network, description, root / "both", kind=PLAIN)
    save_weights(network, description, root / "ink", kind=STRINGS)
    return root


def test_the_network_for_the_plain_look_is_taken_from_beside_the_other(folders):
    assert load_readers(folders / "both").read_plain is not None
    readers = load_readers(folders / "ink")  # the package's own did not learn with it
    assert readers.read_lines is not None and readers.read_plain is None


def test_the_segments_reader_needs_neither(folders):
    readers = load_readers(folders / "both", ReaderChoice.SEGMENTS)
    assert readers.read_lines is None and readers.read_plain is None


def test_info_tells_of_the_networks_that_are_there(folders):
    both, ink = gather_info(folders / "both"), gather_info(folders / "ink")
    assert both.plain is not None and both.plain.sha256 == both.strings.sha256
    assert ink.strings is not None and ink.plain is None
    assert render_info(both).count(str(folders / "both")) == 2
