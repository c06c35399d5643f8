"""Folders of labelled strings and digit sets for tests of training, written on the spot."""

import csv
from pathlib import Path

import cv2
import numpy as np
from known_digits import training_images
from pages import paper, put_text, written


def texts_of(count: int, seed: int = 0) -> list[str]:
    """Numbers of two to four digits, none twice in a row."""
    rng = np.random.default_rng(seed)
    return ["".join(map(str, rng.integers(0, 10, rng.integers(2, 5)))) for _ in range(count)]


def write_labels(folder: Path, rows: dict[str, str]) -> None:
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", "text"), *rows.items()])


def write_crops(folder: Path, texts: list[str], wrong: dict[int, str] | None = None) -> Path:
    """A picture of each text; some labels may say something else."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(texts):
        cv2.imwrite(str(folder / f"{number}.png"), written(text, 30, 14, 3))
    labels = {f"{n}.png": (wrong or {}).get(n, text) for n, text in enumerate(texts)}
    write_labels(folder, labels)
    return folder


def write_pages(folder: Path, texts: list[str]) -> Path:
    """Pages with two numbers each, of which the upper one is labelled."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(texts):
        gray = paper(420, 500)
        put_text(gray, text, (60 + 5 * number, 120), 40, pen_px=4)
        put_text(gray, "91572", (200, 300), 40, pen_px=4)
        cv2.imwrite(str(folder / f"p{number}.png"), gray)
    write_labels(folder, {f"p{n}.png": text for n, text in enumerate(texts)})
    return folder


def write_digits(path: Path, count: int = 120) -> Path:
    """A set of single digits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    images, labels = training_images(count)
    np.savez(path, x=images, y=labels)
    return path
