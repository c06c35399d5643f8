"""Photos of one form in, how many are found, how far fields lie off and what it takes out.

    python benchmarks/template_registration.py --count 40 [--read]

The form of docs/templates is filled in by invented writers and photographed as `synth` does: bent
sheets, perspective, shadows, blur, JPEG, 0.3 to 12 megapixels, every fourth one in each quarter
turn. An error is the longest way from a true corner of a field to the found one, in % of the
field's height. `--read` also reads the fields.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import process_time

import cv2
import numpy as np

from ocrdigits.api import Reader
from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.lettering import Scribe, Spot, sample_scribe, write_comb, write_line
from ocrdigits.model.compose.paper.surface import make_paper
from ocrdigits.model.compose.photo.photograph import photograph
from ocrdigits.model.compose.photo.shot import Framing, ShotSettings, sample_shot
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import StringTruth, rectangle_corners
from ocrdigits.records import Box, ColorImage, Kind, PhotoReading
from ocrdigits.settings import Settings
from ocrdigits.template.document import FormField, Template, read_template
from ocrdigits.template.form import load_form
from ocrdigits.vision.geometry import map_points
from ocrdigits.vision.register import Registration, is_found, local_map, register_photo

TEMPLATE = Path(__file__).parent.parent / "docs" / "templates" / "form.toml"
COMBS: Mapping[str, tuple[int, int]] = {"customer": (6, 0), "postal_code": (5, 14)}
"""Fields with boxes: how many, and the gap between two, reference pixels."""


@dataclass(frozen=True, slots=True)
class TakenPhoto:
    """A photo of a filled form.

    Attributes:
        image: BGR, as it comes out of its JPEG file.
        texts: What stands in the fields; a blank one is not there.
        corners: Field → its (4, 2) corners in the photo.
    """

    image: ColorImage
    texts: Mapping[str, str]
    corners: Mapping[str, np.ndarray]


def sample_texts(rng: np.random.Generator) -> dict[str, str]:
    """What somebody fills in; every sixth field stays blank."""
    goods, freight = (int(rng.integers(100, 90000)) for _ in range(2))
    texts = {
        "customer": f"{int(rng.integers(10**5, 10**6))}",
        "postal_code": f"{int(rng.integers(10**4, 10**5))}",
        "parcels": f"{int(rng.integers(1, 200))}",
        "date": ".".join(str(rng.integers(*it)) for it in ((1, 29), (1, 13), (2010, 2030))),
        "payment": f"{int(rng.integers(10**7, 10**8))}",
        "goods": f"{goods / 100:.2f}",
        "freight": f"{freight / 100:.2f}",
        "total": f"{(goods + freight) / 100:.2f}",
    }
    return {name: text for name, text in texts.items() if rng.random() > 1 / 6}


def take_photo(rng: np.random.Generator, template: Template, turns: int) -> TakenPhoto:
    """Fill the form in and photograph it.

    Args:
        rng: Source of chance.
        template: The form.
        turns: Quarter turns of the photo.

    Returns:
        The photo with its truth.
    """
    print_ink = cv2.imread(str(template.reference.path), cv2.IMREAD_GRAYSCALE)
    sheet = Sheet(make_paper(rng, print_ink.shape) * (print_ink[:, :, None] / np.float32(255)))
    texts = sample_texts(rng)
    scribe = sample_scribe(rng, Supplies())
    scribe = replace(scribe, hand=replace(scribe.hand, slip_share=0.0))
    for it in template.fields:
        if it.name in texts:
            fill_field(rng, sheet, scribe, texts[it.name], it)
    sheet.strings = [  # their corners take the same way as the sheet
        StringTruth(it.name, Kind.LINE, rectangle_corners(it.box), (), is_handwritten=False)
        for it in template.fields
    ]
    framing = Framing((sheet.height, sheet.width), 0.75, 0.03)
    shot = sample_shot(rng, framing, ShotSettings(megapixels=(0.3, 12.0)))
    taken = photograph(rng, sheet, shot)
    quality = [cv2.IMWRITE_JPEG_QUALITY, taken.jpeg_quality]
    image = cv2.imdecode(cv2.imencode(".jpg", taken.image, quality)[1], cv2.IMREAD_COLOR)
    corners = {it.text: np.array(it.polygon, np.float64) for it in taken.strings}
    for _ in range(turns):  # clockwise
        height = image.shape[0]
        corners = {k: np.column_stack([height - it[:, 1], it[:, 0]]) for k, it in corners.items()}
        image = np.ascontiguousarray(np.rot90(image, -1))
    return TakenPhoto(image, texts, corners)


def fill_field(
    rng: np.random.Generator, sheet: Sheet, scribe: Scribe, text: str, place: FormField
) -> None:
    """Write into one field, box by box where it has boxes."""
    box = place.box
    if place.name in COMBS:
        count, gap = COMBS[place.name]
        pitch = (box.width + gap) / count
        cells = [
            Box(round(box.x + k * pitch), box.y, round(pitch - gap), box.height)
            for k in range(count)
        ]
        write_comb(rng, sheet, scribe, text, cells)
        return
    spot = Spot(box.x + 30, box.bottom - 0.22 * box.height, 42, box.width - 60)
    write_line(rng, sheet, scribe, text, spot)


def field_errors(
    taken: TakenPhoto, template: Template, registration: Registration
) -> Sequence[float]:
    """How far each field lies off, in shares of its height."""
    errors = []
    for it in template.fields:
        source = np.array(rectangle_corners(it.box), np.float64)
        found = map_points(source - 0.5, local_map(registration, it.box)) + 0.5
        true = taken.corners[it.name]
        height_px = float(np.linalg.norm(true[3] - true[0]))
        errors.append(float(np.linalg.norm(found - true, axis=1).max()) / height_px)
    return errors


@dataclass
class Tally:
    """What has been counted so far."""

    found: int = 0
    right: int = 0
    wrong: int = 0
    accepted: int = 0
    accepted_wrong: int = 0
    errors: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def describe(self) -> str:
        """The figures, a line each."""
        lines = [f"found {self.found} of {len(self.seconds)}"]
        if self.errors:
            middle, high = (100 * float(it) for it in np.percentile(self.errors, (50, 95)))
            worst = f"worst {100 * max(self.errors):.1f} % of the field's height"
            lines.append(f"field errors: median {middle:.1f} %, 95 % below {high:.1f} %, {worst}")
        longest = f"longest {max(self.seconds):.2f} s of CPU"
        lines.append(f"registration: median {np.median(self.seconds):.2f} s, {longest}")
        if self.right + self.wrong:
            accepted = f"accepted {self.accepted}, of these wrong {self.accepted_wrong}"
            lines.append(f"fields right: {self.right} of {self.right + self.wrong}; {accepted}")
        return "\n".join(lines)


def count_fields(tally: Tally, taken: TakenPhoto, reading: PhotoReading) -> None:
    """Compare what was read with what was written, and print what is wrong."""
    for string in reading.strings:
        true = taken.texts.get(string.field or "", "")
        is_right = string.text == true
        tally.right += is_right
        tally.wrong += not is_right
        tally.accepted += string.accepted
        tally.accepted_wrong += string.accepted and not is_right
        if not is_right:
            print(f"    {string.field}: {true!r} read as {string.text!r} {string.confidence:.2f}")


def main() -> None:
    """Take the photos, register them, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--read", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    settings = Settings()
    template = read_template(TEMPLATE)
    form = load_form(TEMPLATE, settings)
    reader = Reader(settings=settings, form=form) if arguments.read else None
    tally = Tally()
    for index in range(arguments.count):
        taken = take_photo(np.random.default_rng([arguments.seed, index]), template, index % 4)
        gray = cv2.cvtColor(taken.image, cv2.COLOR_BGR2GRAY)
        started = process_time()
        registration = register_photo(gray, form.reference, settings.register)
        tally.seconds.append(process_time() - started)
        name = f"photo {index}, {gray.size / 1e6:.1f} megapixels"
        if registration is None or not is_found(registration, settings.register):
            print(
                f"{name}: not found, {0 if registration is None else registration.agreeing} agree"
            )
            continue
        tally.found += 1
        errors = field_errors(taken, template, registration)
        tally.errors += errors
        print(f"{name}: {registration.agreeing} agree, worst field {100 * max(errors):.1f} % off")
        if reader is not None:
            png = cv2.imencode(".png", taken.image)[1]
            count_fields(tally, taken, reader.read(png.tobytes()))
    print(tally.describe())


if __name__ == "__main__":
    main()
