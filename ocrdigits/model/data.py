"""Single digits from public sets, `.npz` files and folders, as cells ready for the network.

Every image goes through `center_digit`, the function that also prepares what is read from photos.
Test parts (MNIST t10k, `usps.t`, `x_valid`) are only ever returned by `load_benchmark_sets`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from ocrdigits.errors import InputError
from ocrdigits.records import CELL_PX, NOT_A_DIGIT, Cells
from ocrdigits.vision.normalize import center_digit

TORCHVISION_SETS = ("mnist", "qmnist", "emnist", "usps")
_CHUNK = 4096
_IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"}


@dataclass(frozen=True, slots=True)
class DigitSet:
    """Labelled cells of one source.

    Attributes:
        name: Of the source, as the model card lists it.
        cells: (N, 28, 28) float32 in [0, 1].
        labels: (N,) int64, 0 to 9, or 10 for "not a digit".
        files: What it was read from, for the checksums of the card.
    """

    name: str
    cells: Cells
    labels: NDArray[np.int64]
    files: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if len(self.cells) != len(self.labels):
            raise ValueError(f"{self.name}: {len(self.cells)} cells but {len(self.labels)} labels")


def load_training_sets(
    root: Path, names: Iterable[str] | None = None, *, download: bool = False
) -> list[DigitSet]:
    """Load the training part of every single-digit set in a folder.

    Args:
        root: Folder that holds torchvision sets (`MNIST/`, `usps.bz2`, …), `.npz` files
            (`x_train`/`y_train` or `x`/`y`, white ink on black), folders of labelled digits
            (`labels.csv`, or one sub-folder a class) – or is one of these itself.
        names: torchvision sets to load; by default those that are there (all with `download`
            must be named).
        download: Let torchvision fetch what is missing.

    Returns:
        One `DigitSet` a source.

    Raises:
        InputError: If nothing usable is there, or a file is damaged.
    """
    if root.suffix == ".npz":
        return [_load_npz(root, "train")]
    if not root.is_dir() and not download:
        raise InputError(f"{root}: no such folder; give a folder of training digits with --data")
    sets = [
        _load_torchvision(name, root, train=True, download=download)
        for name in (names if names is not None else _present_torchvision_sets(root))
    ]
    if root.is_dir():
        sets += [_load_npz(path, "train") for path in sorted(root.glob("*.npz"))]
        if is_labelled_digit_folder(root):
            sets.append(load_digit_folder(root))
    if not sets:
        raise InputError(
            f"{root}: holds no training digits; expected MNIST/, usps.bz2, *.npz, labels.csv "
            "or one folder per class 0 … 9"
        )
    return sets


def load_benchmark_sets(root: Path) -> list[DigitSet]:
    """Load the test parts that lie in a folder: MNIST t10k, USPS test, `x_valid` of `.npz` sets.

    Args:
        root: As for `load_training_sets`.

    Returns:
        One `DigitSet` a source; these measure and never train.
    """
    sets = [
        _load_torchvision(name, root, train=False, download=False)
        for name in _present_torchvision_sets(root)
    ]
    sets += [_load_npz(path, "valid") for path in sorted(root.glob("*.npz")) if _has_valid(path)]
    return sets


def _has_valid(path: Path) -> bool:
    with _open_npz(path) as arrays:
        return "x_valid" in arrays


def is_labelled_digit_folder(folder: Path) -> bool:
    """Whether `folder` holds single digits: one sub-folder a class, or one-digit labels."""
    if any((folder / str(digit)).is_dir() for digit in range(10)):
        return True
    labels = read_labels(folder) if (folder / "labels.csv").is_file() else []
    return bool(labels) and all(len(text) == 1 for _, text in labels)


def load_digit_folder(folder: Path) -> DigitSet:
    """Load pictures of single digits, dark ink on light ground.

    Args:
        folder: `labels.csv` (`file,text`), or sub-folders `0` … `9` and `x` (not a digit).

    Returns:
        Their cells, in the order of the labels.
    """
    from ocrdigits.vision.enhance import find_ink

    cells, labels, files = [], [], []
    for path, text in _labelled_pictures(folder):
        ink = find_ink(_read_gray(path))
        if ink.coverage.max(initial=0) > 0:
            cells.append(center_digit(ink.coverage))
            labels.append(int(text) if text.isdigit() else NOT_A_DIGIT)
            files.append(path)
    return DigitSet(folder.name, _stack(cells), np.asarray(labels, np.int64), tuple(files))


def read_labels(folder: Path) -> list[tuple[Path, str]]:
    """Read `labels.csv` (`file,text`) of a folder.

    Args:
        folder: The folder.

    Returns:
        Pairs of picture and text, in the order of the file.

    Raises:
        InputError: If the file is missing or lacks one of the two columns.
    """
    path = folder / "labels.csv"
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            rows = list(csv.DictReader(lines))
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); it holds file,text"
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: not CSV in UTF-8 ({error}); save it as such") from error
    if any(row.get("file") is None or row.get("text") is None for row in rows):
        raise InputError(f"{path}: lacks the column file or text; its first line is file,text")
    return [(folder / row["file"], row["text"]) for row in rows]


def _labelled_pictures(folder: Path) -> Iterator[tuple[Path, str]]:
    if (folder / "labels.csv").is_file():
        yield from read_labels(folder)
        return
    for name in [*map(str, range(10)), "x"]:
        if (folder / name).is_dir():
            for path in sorted((folder / name).iterdir()):
                if path.suffix.lower() in _IMAGE_SUFFIXES:
                    yield path, name


def _read_gray(path: Path) -> NDArray[np.uint8]:
    import cv2

    from ocrdigits.settings import LoadSettings
    from ocrdigits.vision.load import load_photos

    photo = next(iter(load_photos(path, str(path), LoadSettings())))
    return np.asarray(cv2.cvtColor(photo.image, cv2.COLOR_BGR2GRAY), np.uint8)


def _present_torchvision_sets(root: Path) -> list[str]:
    places = {
        "mnist": root / "MNIST" / "raw",
        "qmnist": root / "QMNIST" / "raw",
        "emnist": root / "EMNIST" / "raw",
        "usps": root / "usps.bz2",
    }
    return [name for name, place in places.items() if place.exists()]


def _load_torchvision(name: str, root: Path, *, train: bool, download: bool) -> DigitSet:
    from torchvision import datasets

    classes: dict[str, Any] = {
        "mnist": (datasets.MNIST, {"train": train}),
        "qmnist": (datasets.QMNIST, {"train": train}),
        "emnist": (datasets.EMNIST, {"train": train, "split": "digits"}),
        "usps": (datasets.USPS, {"train": train}),
    }
    if name not in classes:
        raise InputError(f"{name}: no such set; known: {', '.join(TORCHVISION_SETS)}")
    make, options = classes[name]
    try:
        dataset = make(str(root), download=download, **options)
    except Exception as error:  # torchvision parses with asserts, casts and slices
        raise InputError(
            f"{root}: the set {name} is not there or damaged ({_first_line(error)}); "
            "fetch it with --download or name another folder"
        ) from error
    images = np.asarray(dataset.data, np.uint8)
    labels = np.asarray(dataset.targets, np.int64)
    if name == "emnist":  # stored transposed
        images = images.transpose(0, 2, 1)
    if name == "qmnist":  # (N, 8): class first, then writer and form
        labels = labels[:, 0] if labels.ndim == 2 else labels
    part = "train" if train else "test"
    return DigitSet(
        f"{name} {part}", _center_all(images, root), labels, _files_of(name, root, train)
    )


def _files_of(name: str, root: Path, train: bool) -> tuple[Path, ...]:
    if name == "usps":
        return (root / ("usps.bz2" if train else "usps.t.bz2"),)
    prefix = {"mnist": "train" if train else "t10k"}.get(name, "")
    return tuple(sorted((root / name.upper() / "raw").glob(f"{prefix}*")))


def _load_npz(path: Path, part: str) -> DigitSet:
    with _open_npz(path) as arrays:
        suffix = f"_{part}" if f"x_{part}" in arrays else ""
        images, labels = arrays[f"x{suffix}"], arrays[f"y{suffix}"]
    fits = images.ndim == 3 and labels.shape == (len(images),) and images.size > 0
    if not fits or not np.isin(labels, np.arange(NOT_A_DIGIT + 1)).all():
        raise InputError(
            f"{path}: x must be (N, height, width) and y its N classes from 0 to {NOT_A_DIGIT}, "
            f"not {images.shape} and {labels.shape}"
        )
    name = f"{path.stem} {part}" if suffix else path.stem
    inked = np.ptp(images.reshape(len(images), -1), axis=1) > 0
    return DigitSet(name, _center_all(images[inked], path), labels[inked].astype(np.int64), (path,))


@contextmanager
def _open_npz(path: Path) -> Iterator[Any]:
    """The arrays of a file; whatever is wrong with it or missing in it is an input error."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            yield arrays
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise InputError(
            f"{path}: not a set of digits ({_first_line(error)}); "
            "it needs arrays x and y, or x_train and y_train"
        ) from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def _center_all(images: NDArray[Any], path: Path) -> Cells:
    """White ink on black, (N, h, w) → (N, 28, 28), with the grey of scanned paper taken out."""
    brightest = np.float32(images.max())
    cells = np.zeros((len(images), CELL_PX, CELL_PX), np.float32)
    for start in range(0, len(images), _CHUNK):  # in one piece, 60,000 cells take 1.5 GB
        scaled = images[start : start + _CHUNK].astype(np.float32) / brightest
        paper = np.percentile(scaled, 20, axis=(1, 2), keepdims=True)
        margin = np.where(paper > 0, 0.06, 0.0)
        inked = np.clip(scaled - paper - margin, 0, 1)
        if not inked.any(axis=(1, 2)).all():
            raise InputError(
                f"{path}: some pictures hold no ink lighter than their ground; give white ink on "
                "black"
            )
        cells[start : start + _CHUNK] = _stack([center_digit(image) for image in inked])
    return cells


def _stack(cells: list[Any]) -> Cells:
    if not cells:
        return np.zeros((0, 28, 28), np.float32)
    return np.stack(cells).astype(np.float32)
