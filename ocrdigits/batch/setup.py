"""Everything but the photo that a reading depends on, with a digest that tells two apart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from ocrdigits import __version__
from ocrdigits.batch.worker import WorkPlan
from ocrdigits.model.card import read_card
from ocrdigits.model.card_calibration import read_weights_calibration
from ocrdigits.model.glance.runtime import GLANCE_NAME
from ocrdigits.model.runtime import choose_folder, find_weights, has_weights, read_verified
from ocrdigits.model.strings.runtime import PLAIN_NAME
from ocrdigits.records import ReaderChoice
from ocrdigits.template.document import FormSum, Template
from ocrdigits.values import DecimalMark


@dataclass(frozen=True, slots=True)
class Setup:
    """What readings depend on.

    Attributes:
        facts: Version, settings, template, weights' checksums and calibration, as JSON.
        digest: SHA-256 of the facts, in hexadecimal.
    """

    facts: str
    digest: str


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """What results need of the template that photos were read by.

    Attributes:
        field_names: In its order.
        sums: What must hold among the fields.
        decimals: Field → what a separator means in it.
    """

    field_names: tuple[str, ...]
    sums: tuple[FormSum, ...]
    decimals: Mapping[str, DecimalMark]


def describe_setup(plan: WorkPlan) -> Setup:
    """Gather the facts, without loading a network.

    Args:
        plan: Settings, template, weights and calibration.

    Returns:
        The same digest for the same readings, wherever the files lie.

    Raises:
        WeightsError: If weights are missing or damaged.
    """
    names = ["digits", GLANCE_NAME]
    if plan.settings.reader is not ReaderChoice.SEGMENTS:
        names.append("strings")
        has_plain = has_weights(choose_folder("strings", plan.weights), PLAIN_NAME)
        names += [PLAIN_NAME] if has_plain else []
    fitted = plan.calibration or read_weights_calibration(plan.weights)
    facts = {
        "ocrdigits": __version__,
        "settings": asdict(plan.settings),
        "template": None if plan.form is None else _describe_template(plan.form.template),
        "weights": {name: _checksum(name, plan.weights) for name in names},
        "calibration": fitted.to_json(),
    }
    text = json.dumps(facts, sort_keys=True, default=_plain)
    return Setup(text, hashlib.sha256(text.encode()).hexdigest())


def template_facts(facts: dict[str, Any]) -> TemplateFacts | None:
    """The template in a setup's facts; None if there was none."""
    template = facts.get("template")
    if template is None:
        return None
    return TemplateFacts(
        field_names=tuple(field["name"] for field in template["fields"]),
        sums=tuple(FormSum(it["total"], tuple(it["parts"])) for it in template["sums"]),
        decimals={
            field["name"]: DecimalMark(field["demands"]["decimal"]) for field in template["fields"]
        },
    )


def _describe_template(template: Template) -> dict[str, Any]:
    """All of it but where the files lie; messages name the picture."""
    facts = asdict(template)
    del facts["path"]
    facts["reference"]["path"] = template.reference.path.name
    return facts


def _checksum(name: str, weights: Path | None) -> str:
    path = find_weights(choose_folder(name, weights), name) / f"{name}.onnx"
    return hashlib.sha256(read_verified(path, read_card(path.with_suffix(".json")))).hexdigest()


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a setting may be
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"{value!r} has no place in a setup")
