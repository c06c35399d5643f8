import bz2
import gzip
import hashlib
import io
import struct

import cv2
import numpy as np
import pytest
from known_digits import training_images
from pages import written
from torchvision import datasets

from ocrdigits.errors import InputError
from ocrdigits.model.data import (
    DigitSet,
    is_labelled_digit_folder,
    load_benchmark_sets,
    load_digit_folder,
    load_training_sets,
    read_labels,
)
from ocrdigits.records import NOT_A_DIGIT
from ocrdigits.vision.normalize import center_digit

COUNT = 20


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("a test reached for the network")

    monkeypatch.setattr("socket.socket.connect", refuse)


def idx(array) -> bytes:
    """The idx format of MNIST: magic number, sizes, big-endian values."""
    code = {np.dtype(np.uint8): 8, np.dtype(np.int32): 12}[array.dtype]
    header = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def write_mnist(root, count: int = COUNT):
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for part, seed in (("train", 0), ("t10k", 1)):
        images, labels = training_images(count if part == "train" else count // 2, seed)
        (raw / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(idx(labels.astype(np.uint8)))
    return raw


def usps_lines(images, labels) -> bytes:
    """The libsvm format of USPS: classes from 1, grey from −1 to 1."""
    lines = [
        " ".join([str(label + 1), *(f"{k}:{v:.4f}" for k, v in enumerate(image.ravel(), start=1))])
        for image, label in zip(images / 127.5 - 1, labels, strict=True)
    ]
    return bz2.compress(("\n".join(lines) + "\n").encode())


def small_images(count: int, seed: int = 0):
    images, labels = training_images(count, seed)
    return np.stack([cv2.resize(image, (16, 16)) for image in images]), labels


def write_npz(path, **arrays):
    np.savez(path, **arrays)
    return path


def assert_cells(digits: DigitSet, labels):
    assert digits.cells.dtype == np.float32 and digits.cells.shape == (len(labels), 28, 28)
    assert digits.cells.min() >= 0 and digits.cells.max() <= 1 + 1e-5
    assert (digits.cells.max((1, 2)) > 0.5).all()
    assert digits.labels.dtype == np.int64
    np.testing.assert_array_equal(digits.labels, labels)


def assert_refused(call, *words: str):
    with pytest.raises(InputError) as refusal:
        call()
    message = str(refusal.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_a_set_with_more_cells_than_labels_is_a_programmers_mistake():
    with pytest.raises(ValueError, match="2 cells but 3 labels"):
        DigitSet("a", np.zeros((2, 28, 28), np.float32), np.zeros(3, np.int64))


def test_an_npz_gives_its_training_part_centred(tmp_path):
    images, labels = training_images(COUNT)
    valid, valid_labels = training_images(10, 1)
    path = write_npz(
        tmp_path / "nsysu.npz",
        x_train=images, y_train=labels.astype(np.uint8), x_valid=valid, y_valid=valid_labels,
    )  # fmt: skip
    for given in (path, tmp_path):
        (digits,) = load_training_sets(given)
        assert digits.name == "nsysu train" and digits.files == (path,)
        assert_cells(digits, labels)
    np.testing.assert_allclose(
        digits.cells[3], center_digit(images[3].astype(np.float32) / 255), atol=1e-6
    )


def test_the_valid_part_of_an_npz_only_measures(tmp_path):
    images, labels = training_images(COUNT)
    valid, valid_labels = training_images(10, 1)
    write_npz(
        tmp_path / "a.npz", x_train=images, y_train=labels, x_valid=valid, y_valid=valid_labels
    )
    write_npz(tmp_path / "b.npz", x=images, y=labels)
    (benchmark,) = load_benchmark_sets(tmp_path)
    assert benchmark.name == "a valid"
    assert_cells(benchmark, valid_labels)
    assert [digits.name for digits in load_training_sets(tmp_path)] == ["a train", "b"]


def test_an_npz_on_grey_paper_loses_the_grey(tmp_path):
    images, labels = training_images(COUNT)
    gray = np.maximum(images, 60)
    (digits,) = load_training_sets(write_npz(tmp_path / "a.npz", x=gray, y=labels))
    corners = digits.cells[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners.max() == 0
    assert_cells(digits, labels)


def test_an_npz_that_is_none_is_an_input_error(tmp_path):
    images, labels = training_images(COUNT)
    lacks = write_npz(tmp_path / "lacks.npz", images=images, labels=labels)
    assert_refused(lambda: load_training_sets(lacks), "lacks.npz", "x_train")
    dark = write_npz(tmp_path / "dark.npz", x=255 - images, y=labels)
    assert_refused(lambda: load_training_sets(dark), "dark.npz", "no ink", "white ink on black")
    text = tmp_path / "text.npz"
    text.write_text("not a zip file")
    assert_refused(lambda: load_training_sets(text), "text.npz")
    assert_refused(lambda: load_training_sets(tmp_path / "none.npz"), "none.npz")
    pickled = write_npz(tmp_path / "pickled.npz", x=np.array([{}, {}]), y=labels)
    assert_refused(lambda: load_training_sets(pickled), "pickled.npz")


def test_an_npz_cut_short_is_an_input_error(tmp_path):
    images, labels = training_images(COUNT)
    path = write_npz(tmp_path / "cut.npz", x=images, y=labels)
    path.write_bytes(path.read_bytes()[:3000])
    assert_refused(lambda: load_training_sets(path), "cut.npz")
    assert_refused(lambda: load_benchmark_sets(tmp_path), "cut.npz")


@pytest.mark.parametrize(
    "change",
    [
        lambda images, labels: (images, labels[:-1]),
        lambda images, labels: (images.reshape(COUNT, -1), labels),
        lambda images, labels: (np.stack([images] * 3, axis=-1), labels),
        lambda images, labels: (images[:0], labels[:0]),
    ],
    ids=["a label missing", "flat", "colour", "empty"],
)
def test_an_npz_of_the_wrong_shape_is_an_input_error(tmp_path, change):
    images, labels = change(*training_images(COUNT))
    path = write_npz(tmp_path / "odd.npz", x=images, y=labels)
    assert_refused(lambda: load_training_sets(path), "odd.npz")


def test_labels_that_are_no_classes_are_an_input_error(tmp_path):
    images, labels = training_images(COUNT)
    for wrong in (labels + 5, labels - 1):
        path = write_npz(tmp_path / "odd.npz", x=images, y=wrong)
        assert_refused(lambda path=path: load_training_sets(path), "odd.npz")


def test_one_blank_picture_does_not_spoil_an_npz(tmp_path):
    images, labels = training_images(COUNT)
    images[7] = 0
    path = write_npz(tmp_path / "a.npz", x=images, y=labels)
    (digits,) = load_training_sets(path)
    assert len(digits.labels) in (COUNT - 1, COUNT)
    assert np.isfinite(digits.cells).all()


def test_mnist_is_loaded_from_its_files(tmp_path):
    raw = write_mnist(tmp_path)
    (training,) = load_training_sets(tmp_path)
    assert training.name == "mnist train"
    assert_cells(training, training_images(COUNT)[1])
    assert [path.name for path in training.files] == [
        *("train-images-idx3-ubyte", "train-labels-idx1-ubyte")
    ]
    (benchmark,) = load_benchmark_sets(tmp_path)
    assert benchmark.name == "mnist test" and benchmark.files[0].parent == raw
    assert_cells(benchmark, training_images(COUNT // 2, 1)[1])


def test_usps_is_loaded_from_its_files(tmp_path):
    for name, count, seed in (("usps.bz2", COUNT, 0), ("usps.t.bz2", 10, 1)):
        (tmp_path / name).write_bytes(usps_lines(*small_images(count, seed)))
    (training,) = load_training_sets(tmp_path)
    assert (training.name, training.files) == ("usps train", (tmp_path / "usps.bz2",))
    assert_cells(training, small_images(COUNT)[1])
    (benchmark,) = load_benchmark_sets(tmp_path)
    assert (benchmark.name, benchmark.files) == ("usps test", (tmp_path / "usps.t.bz2",))
    assert_cells(benchmark, small_images(10, 1)[1])


def test_emnist_is_loaded_the_right_way_up(tmp_path):
    raw = tmp_path / "EMNIST" / "raw"
    raw.mkdir(parents=True)
    images, labels = training_images(COUNT)
    stored = np.ascontiguousarray(images.transpose(0, 2, 1))
    (raw / "emnist-digits-train-images-idx3-ubyte").write_bytes(idx(stored))
    (raw / "emnist-digits-train-labels-idx1-ubyte").write_bytes(idx(labels.astype(np.uint8)))
    (digits,) = load_training_sets(tmp_path)
    assert_cells(digits, labels)
    wanted = center_digit(images[4].astype(np.float32) / 255)
    np.testing.assert_allclose(digits.cells[4], wanted, atol=1e-6)


def test_qmnist_gives_the_class_and_not_the_writer(tmp_path):
    raw = tmp_path / "QMNIST" / "raw"
    raw.mkdir(parents=True)
    images, labels = training_images(COUNT)
    facts = np.full((COUNT, 8), 99, np.int32)
    facts[:, 0] = labels
    (raw / "qmnist-train-images-idx3-ubyte").write_bytes(idx(images))
    (raw / "qmnist-train-labels-idx2-int").write_bytes(idx(facts))
    (digits,) = load_training_sets(tmp_path)
    assert_cells(digits, labels)


class Answer(io.BytesIO):
    """What `urlopen` gives: a body, its length, its address."""

    def __init__(self, url: str, body: bytes):
        super().__init__(body)
        self.url, self.length = url, len(body)


def test_missing_sets_are_downloaded_and_checked(tmp_path, monkeypatch):
    mirror, resources = {}, []
    for path in sorted(write_mnist(tmp_path / "made").iterdir()):
        packed = gzip.compress(path.read_bytes())
        mirror[f"https://mirror.example/{path.name}.gz"] = packed
        resources.append((f"{path.name}.gz", hashlib.md5(packed).hexdigest()))

    def urlopen(request, *_, **__):
        return Answer(request.full_url, mirror[request.full_url])

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    monkeypatch.setattr(datasets.MNIST, "mirrors", ["https://mirror.example/"])
    monkeypatch.setattr(datasets.MNIST, "resources", resources)
    (digits,) = load_training_sets(tmp_path / "data", ["mnist"], download=True)
    assert_cells(digits, training_images(COUNT)[1])
    mirror[f"https://mirror.example/{resources[0][0]}"] = b"something else"
    assert_refused(
        lambda: load_training_sets(tmp_path / "again", ["mnist"], download=True), "mnist"
    )


@pytest.mark.parametrize("name", ["mnist", "qmnist", "emnist", "usps"])
def test_a_set_that_is_not_there_is_an_input_error_with_the_remedy(tmp_path, name):
    assert_refused(lambda: load_training_sets(tmp_path, [name]), name, "--download")


def test_an_unknown_set_is_an_input_error_that_names_the_known(tmp_path):
    assert_refused(lambda: load_training_sets(tmp_path, ["fashion"]), "fashion", "mnist, qmnist")


@pytest.mark.parametrize("length", [0, 3, 200])
def test_a_damaged_mnist_is_an_input_error(tmp_path, length):
    images = write_mnist(tmp_path) / "train-images-idx3-ubyte"
    images.write_bytes(images.read_bytes()[:length])
    assert_refused(lambda: load_training_sets(tmp_path), "mnist", "damaged")


@pytest.mark.parametrize(
    "content",
    [b"", b"not bzip2", bz2.compress(b"seven 1:0.5\n"), bz2.compress(b"7 1:0.5\n" * 99)[:-9]],
    ids=["empty", "no bzip2", "other text", "cut short"],
)
def test_a_damaged_usps_is_an_input_error(tmp_path, content):
    (tmp_path / "usps.bz2").write_bytes(content)
    assert_refused(lambda: load_training_sets(tmp_path), "usps", "damaged")


def test_folders_without_digits_and_no_folders_are_told_apart(tmp_path):
    assert_refused(lambda: load_training_sets(tmp_path), "no training digits", "usps.bz2")
    assert_refused(lambda: load_training_sets(tmp_path / "none"), "no such folder", "--data")


def write_digit(path, text: str):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), written(text, 60, 24, 4))


def test_a_folder_for_each_class_gives_labelled_cells(tmp_path):
    folder = tmp_path / "mine"
    for text in "3171":
        write_digit(folder / text / f"{len(list(folder.rglob('*.png')))}.png", text)
    write_digit(folder / "x" / "letter.png", "A")
    (folder / "1" / "notes.txt").write_text("not a picture")
    assert is_labelled_digit_folder(folder)
    (digits,) = load_training_sets(folder)
    assert digits.name == "mine"
    assert_cells(digits, [1, 1, 3, 7, NOT_A_DIGIT])
    assert len(digits.files) == 5


def test_labels_of_one_character_make_a_folder_of_digits(tmp_path):
    write_digit(tmp_path / "a.png", "4")
    write_digit(tmp_path / "more" / "b.png", "A")
    (tmp_path / "labels.csv").write_text("file,text\nmore/b.png,x\na.png,4\n", encoding="utf-8")
    assert is_labelled_digit_folder(tmp_path)
    digits = load_digit_folder(tmp_path)
    assert_cells(digits, [NOT_A_DIGIT, 4])


def test_labels_of_strings_do_not(tmp_path):
    write_digit(tmp_path / "a.png", "42")
    (tmp_path / "labels.csv").write_text("file,text\na.png,42\n", encoding="utf-8")
    assert not is_labelled_digit_folder(tmp_path)
    assert not is_labelled_digit_folder(tmp_path / "none")


def test_dark_ink_on_light_paper_becomes_ink_on_nothing(tmp_path):
    write_digit(tmp_path / "1" / "a.png", "1")
    (digits,) = load_training_sets(tmp_path)
    assert digits.cells[0, 0].max() == 0 and digits.cells[0, 14].max() > 0.5


def test_blank_pictures_of_a_folder_are_left_out(tmp_path):
    write_digit(tmp_path / "1" / "a.png", "1")
    (tmp_path / "2").mkdir()
    cv2.imwrite(str(tmp_path / "2" / "blank.png"), np.full((60, 50), 235, np.uint8))
    digits = load_digit_folder(tmp_path)
    assert_cells(digits, [1])
    assert len(digits.files) == 1


def test_a_picture_that_cannot_be_read_is_an_input_error(tmp_path):
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "a.png").write_bytes(b"not a picture")
    assert_refused(lambda: load_training_sets(tmp_path), "a.png")


def test_a_label_without_its_picture_is_an_input_error(tmp_path):
    (tmp_path / "labels.csv").write_text("file,text\nlost.png,4\n", encoding="utf-8")
    assert_refused(lambda: load_training_sets(tmp_path), "lost.png")


def test_labels_are_read_in_their_order_with_or_without_a_byte_order_mark(tmp_path):
    for encoding in ("utf-8", "utf-8-sig"):
        (tmp_path / "labels.csv").write_text('file,text\nb.png,"1,5"\na.png,\n', encoding=encoding)
        assert read_labels(tmp_path) == [(tmp_path / "b.png", "1,5"), (tmp_path / "a.png", "")]


@pytest.mark.parametrize("content", [b"picture,says\na.png,4\n", b"file,text\na.png\n"])
def test_labels_without_their_columns_are_an_input_error(tmp_path, content):
    (tmp_path / "labels.csv").write_bytes(content)
    assert_refused(lambda: read_labels(tmp_path), "labels.csv", "file,text")


def test_labels_that_are_missing_or_no_text_are_an_input_error(tmp_path):
    assert_refused(lambda: read_labels(tmp_path), "labels.csv")
    (tmp_path / "labels.csv").write_bytes(b"file,text\na.png,\xff\xfe\n")
    assert_refused(lambda: read_labels(tmp_path), "labels.csv")
