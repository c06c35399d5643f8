"""Photos of one form in, how many are found, how far fields lie off and what it takes out.

    python benchmarks/template_registration.py --count 40 [--read] [--write DIR]

The form of docs/templates is filled in by invented writers and photographed as `synth` does: bent
sheets, perspective, shadows, blur, JPEG, 0.3 to 12 megapixels, every fourth one in each quarter
turn. An error is the longest way from a true corner of a field to the found one, in % of the
field's height. `--read` also reads the fields; `--write` keeps photos and what should be in them.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time

import cv2
import numpy as np

from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.lettering import Spot, sample_scribe, write_comb, write_line
from ocrdigits.model.compose.paper.surface import make_paper
from ocrdigits.model.compose.photo.photograph import photograph
from ocrdigits.model.compose.photo.shot import Framing, ShotSettings, sample_shot
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import StringTruth, rectangle_corners
from ocrdigits.records import Box, ColorImage, Kind
from ocrdigits.settings import Settings
from ocrdigits.template.document import Template, read_template
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
        "date": f"{int(rng.integers(1, 29))}.{int(rng.integers(1, 13))}.20{int(rng.integers(10, 30))}",
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
    for field in template.fields:
        if field.name in texts:
            fill_field(rng, sheet, scribe, texts[field.name], field.name, field.box)
    sheet.strings = [  # their corners take the same way as the sheet
        StringTruth(field.name, Kind.LINE, rectangle_corners(field.box), (), is_handwritten=False)
        for field in template.fields
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
    rng: np.random.Generator, sheet: Sheet, scribe, text: str, name: str, box: Box
) -> None:
    """Write into one field, box by box where it has boxes."""
    if name in COMBS:
        count, gap = COMBS[name]
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
    for field in template.fields:
        source = np.array(rectangle_corners(field.box), np.float64)
        found = map_points(source - 0.5, local_map(registration, field.box)) + 0.5
        true = taken.corners[field.name]
        height_px = float(np.linalg.norm(true[3] - true[0]))
        errors.append(float(np.linalg.norm(found - true, axis=1).max()) / height_px)
    return errors


def main() -> None:
    """Take the photos, register them, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--template", type=Path, default=TEMPLATE)
    parser.add_argument("--read", action="store_true")
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    settings = Settings()
    template = read_template(arguments.template)
    form = load_form(arguments.template, settings)
    reader = None
    if arguments.read:
        from ocrdigits.api import Reader

        reader = Reader(settings=settings, form=form)
    errors: list[float] = []
    seconds: list[float] = []
    right = wrong = accepted = accepted_wrong = found = 0
    rows: list[tuple[str, ...]] = []
    for index in range(arguments.count):
        rng = np.random.default_rng([arguments.seed, index])
        taken = take_photo(rng, template, index % 4)
        gray = cv2.cvtColor(taken.image, cv2.COLOR_BGR2GRAY)
        started = process_time()
        registration = register_photo(gray, form.reference, settings.register)
        seconds.append(process_time() - started)
        name, megapixels = f"photo_{index:02d}.jpg", gray.size / 1e6
        if arguments.write is not None:
            arguments.write.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(arguments.write / name), taken.image, [cv2.IMWRITE_JPEG_QUALITY, 95])
            rows.append((name, "|".join(taken.texts.get(it.name, "") for it in template.fields)))
        if registration is None or not is_found(registration, settings.register):
            agreeing = 0 if registration is None else registration.agreeing
            print(f"{name} {megapixels:.1f} MP: not found, {agreeing} agree")
            continue
        found += 1
        errors += field_errors(taken, template, registration)
        worst = 100 * max(errors[-len(template.fields) :])
        print(
            f"{name} {megapixels:.1f} MP: {registration.agreeing} of {len(registration.places)} "
            f"agree, worst field {worst:.1f} % off, {seconds[-1]:.2f} s"
        )
        if reader is not None:
            done, jpeg = cv2.imencode(".png", taken.image)
            reading = reader.read(jpeg.tobytes())
            for field, string in zip(template.fields, reading.strings, strict=True):
                is_right = string.text == taken.texts.get(field.name, "")
                right, wrong = right + is_right, wrong + (not is_right)
                accepted += string.accepted
                accepted_wrong += string.accepted and not is_right
                if not is_right:
                    print(
                        f"    {field.name}: {taken.texts.get(field.name, '')!r} read as {string.text!r} {string.confidence:.2f}"
                    )
    if rows:
        with (arguments.write / "labels.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("file", "text"), *rows])
    print(f"found {found} of {arguments.count}")
    if errors:
        print(
            f"field errors: median {100 * np.median(errors):.1f} %, "
            f"95th percentile {100 * np.percentile(errors, 95):.1f} %, "
            f"worst {100 * max(errors):.1f} % of the field's height"
        )
    print(f"registration: median {np.median(seconds):.2f} s, longest {max(seconds):.2f} s of CPU")
    if reader is not None:
        print(
            f"fields right: {right} of {right + wrong}; accepted {accepted}, of these wrong {accepted_wrong}"
        )


if __name__ == "__main__":
    main()
