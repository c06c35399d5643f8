"""Weights on disk → both readers and what is known of their errors, as the pipeline takes them."""

from __future__ import annotations

from pathlib import Path

from ocrdigits.asking import Readers
from ocrdigits.calibration import Calibration
from ocrdigits.model.card_calibration import read_weights_calibration
from ocrdigits.model.glance.runtime import GLANCE_NAME, load_glance
from ocrdigits.model.runtime import choose_folder, has_weights, load_digit_classifier
from ocrdigits.model.strings.runtime import PLAIN_NAME, load_string_reader
from ocrdigits.records import ReaderChoice


def load_readers(
    weights: Path | None = None,
    choice: ReaderChoice = ReaderChoice.BOTH,
    *,
    calibration: Calibration | None = None,
    threads: int = 1,
) -> Readers:
    """Load what a choice of readers needs.

    Args:
        weights: Folder with the weights of either network or both; None for the package's own,
            which stand in for a network that is not there.
        choice: Which readers are asked. The digit reader is always loaded: it finds strings.
        calibration: What their evidence is worth; None for what the string reader's card says.
        threads: Threads of one run; with more than one, photos are read one by one.

    Returns:
        The readers.

    Raises:
        WeightsError: If weights are missing, damaged or do not fit this program.
    """
    strings = plain = None
    if choice is not ReaderChoice.SEGMENTS:
        folder = choose_folder("strings", weights)
        strings = load_string_reader(folder, threads=threads)
        if has_weights(folder, PLAIN_NAME):
            plain = load_string_reader(folder, PLAIN_NAME, threads=threads)
    if calibration is None:
        calibration = read_weights_calibration(weights)
    digits = load_digit_classifier(choose_folder("digits", weights), threads=threads)
    glance = load_glance(choose_folder(GLANCE_NAME, weights), threads=threads)
    return Readers(digits, strings, plain, calibration, glance, has_spare_core=threads > 1)
