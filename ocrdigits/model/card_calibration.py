"""The calibration that a card carries: out of it, and into it with nothing else changed."""

from __future__ import annotations

import json
from pathlib import Path

from ocrdigits.calibration import UNCALIBRATED, Calibration
from ocrdigits.errors import WeightsError
from ocrdigits.model.card import read_card
from ocrdigits.model.runtime import choose_folder, find_weights
from ocrdigits.output.atomic import write_whole


def read_weights_calibration(weights: Path | None = None) -> Calibration:
    """The calibration that goes with a folder of weights.

    Args:
        weights: Folder with weights of either network or both; None for the package's own, whose
            calibration also counts where the folder holds the digit reader alone.

    Returns:
        The calibration; `UNCALIBRATED` if there is none yet.

    Raises:
        WeightsError: If the string reader's card is missing or damaged.
    """
    folder = find_weights(choose_folder("strings", weights), "strings")
    return read_card_calibration(folder / "strings.json")


def read_card_calibration(card: Path) -> Calibration:
    """Take the calibration out of a card.

    Args:
        card: The JSON file, e.g. `weights/strings.json`.

    Returns:
        The calibration; `UNCALIBRATED` if the card has none yet.

    Raises:
        WeightsError: If the card is missing or damaged.
    """
    entries = read_card(card).calibration
    if entries is None:
        return UNCALIBRATED
    try:
        return Calibration.from_json(entries)
    except ValueError as error:
        raise WeightsError(
            f"{card}: its calibration is damaged ({error}); "
            "install ocrdigits again or give other --weights"
        ) from error


def store_calibration(calibration: Calibration, card: Path) -> None:
    """Put a calibration into a card, in place of the one it may have; all else stays as it is.

    Args:
        calibration: What to store.
        card: The JSON file, e.g. `weights/strings.json`.

    Raises:
        WeightsError: If the card is missing or damaged.
        OutputError: If it cannot be written.
    """
    read_card(card)  # refuses what is no card
    entries = json.loads(card.read_text(encoding="utf-8"))
    entries["calibration"] = calibration.to_json()
    write_whole(card, (json.dumps(entries, indent=2, ensure_ascii=False) + "\n").encode())
