from __future__ import annotations

import io
import os
import socket
import sys
import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest
from hostile import BOMBS, CUTS, FORMATS, ODD_FILES, bomb, mutations, with_tiff_size
from pictures import blank_png, encoded, gradient_image, number_image
from PIL import Image, ImageOps

from ocrdigits.errors import InputError, MissingExtraError
from ocrdigits.settings import LoadSettings
from ocrdigits.vision import load
from ocrdigits.vision.load import load_photos, read_file
from ocrdigits.vision.rectify import gray_of

SETTINGS = LoadSettings()


def load_bytes(data: bytes, settings: LoadSettings = SETTINGS):
    return list(load_photos(data, "a.jpg", settings))


def load_one(data: bytes):
    (photo,) = load_bytes(data)
    return photo.image


def bgr(image: Image.Image):
    return np.asarray(image.convert("RGB"))[:, :, ::-1]


def assert_refused(data: bytes, *words: str):
    with pytest.raises(InputError) as refusal:
        load_bytes(data)
    message = str(refusal.value)
    assert message.startswith("a.jpg: ") and "\n" not in message
    for word in words:
        assert word in message


@pytest.mark.parametrize("image_format", ["PNG", "TIFF", "BMP"])
def test_lossless_formats_give_their_exact_pixels(image_format):
    image = gradient_image()
    loaded = load_one(encoded(image, image_format))
    assert loaded.dtype == np.uint8 and loaded.flags.c_contiguous
    np.testing.assert_array_equal(loaded, bgr(image))


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
def test_both_jpeg_decoders_agree(options, monkeypatch):
    data = encoded(gradient_image(), "JPEG", **options)
    fast = load_one(data)
    monkeypatch.setattr(load, "_is_whole_jpeg", lambda data: False)
    np.testing.assert_array_equal(fast, load_one(data))


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_large_jpeg_comes_in_grey_where_that_is_enough(orientation):
    rng = np.random.default_rng(5)
    small = Image.fromarray(rng.integers(0, 255, (100, 150, 3), np.uint8))
    image, data = small.resize((1500, 1000)), io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(data, "JPEG", exif=exif)
    (color,) = load_photos(data.getvalue(), "a.jpg", SETTINGS)
    (gray,) = load_photos(data.getvalue(), "a.jpg", SETTINGS, with_colors=False)
    assert color.image.ndim == 3 and gray.image.ndim == 2
    assert (gray.width, gray.height) == (color.width, color.height)
    np.testing.assert_array_equal(gray_of(gray), gray_of(color))
    of_colors = cv2.cvtColor(color.image, cv2.COLOR_BGR2GRAY)
    assert np.abs(of_colors.astype(int) - gray_of(gray)).mean() < 1


def test_a_small_jpeg_keeps_its_colours():
    data = io.BytesIO()
    Image.new("RGB", (60, 40), (200, 30, 30)).save(data, "JPEG")
    (photo,) = load_photos(data.getvalue(), "a.jpg", SETTINGS, with_colors=False)
    assert photo.image.ndim == 3 and photo.gray is None


@pytest.mark.parametrize("image_format", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 60000])
def test_exif_turns_are_applied_once(image_format, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(gradient_image(), image_format, exif=exif)
    with Image.open(io.BytesIO(data)) as image:
        wanted = bgr(ImageOps.exif_transpose(image))
    loaded = load_one(data)
    assert loaded.shape == wanted.shape
    assert np.abs(loaded.astype(int) - wanted).max() <= 2


def test_corrupt_exif_is_ignored():
    exif = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(range(40))
    assert load_one(encoded(gradient_image(), "JPEG", exif=exif)).shape == (40, 60, 3)


@pytest.mark.parametrize("image_format", ["PNG", "TIFF"])
@pytest.mark.parametrize("white", [1023, 4095, 16383, 65535])
def test_sixteen_bits_are_scaled_to_eight(image_format, white):
    ramp = np.tile(np.linspace(0, white, 256).astype(np.uint16), (2, 1))
    loaded = load_one(encoded(Image.fromarray(ramp), image_format))
    assert np.abs(loaded[0, :, 0].astype(int) - np.arange(256)).max() <= 1


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_wide_numbers_are_scaled_to_eight_bits(dtype):
    ramp = np.tile(np.arange(0, 65536, 257).astype(dtype), (2, 1))
    loaded = load_one(encoded(Image.fromarray(ramp), "TIFF"))
    np.testing.assert_array_equal(loaded[0, :, 0], np.arange(256))


def test_floats_that_are_no_numbers_are_black():
    values = np.array([[0.0, 1.0, np.nan, np.inf]], np.float32)
    loaded = load_one(encoded(Image.fromarray(values), "TIFF"))
    assert loaded[0, :, 0].tolist() == [0, 255, 0, 0]


@pytest.mark.parametrize("image_format", ["PNG", "TIFF", "BMP"])
def test_one_bit_becomes_black_and_white(image_format):
    image = Image.fromarray(np.array([[0, 255] * 8], np.uint8)).convert("1")
    assert load_one(encoded(image, image_format))[0, :, 0].tolist() == [0, 255] * 8


def test_palette_colours_are_looked_up():
    image = gradient_image().quantize(16)
    np.testing.assert_array_equal(load_one(encoded(image, "PNG")), bgr(image))


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparent_parts_become_white_paper(mode):
    image = Image.new(mode, (2, 1), (0,) * len(mode))
    image.putpixel((1, 0), (0,) * (len(mode) - 1) + (255,))
    assert load_one(encoded(image, "PNG"))[0, :, 0].tolist() == [255, 0]


def test_a_transparent_palette_entry_becomes_white_paper():
    image = Image.new("P", (2, 1))
    image.putpalette([0, 0, 0, 9, 9, 9])
    image.putpixel((1, 0), 1)
    assert load_one(encoded(image, "PNG", transparency=0))[0, :, 0].tolist() == [255, 9]


@pytest.mark.parametrize("image_format", ["JPEG", "TIFF"])
def test_cmyk_is_not_inverted(image_format):
    image = Image.new("RGB", (16, 16), (200, 30, 90)).convert("CMYK")
    pixel = load_one(encoded(image, image_format))[8, 8].astype(int)
    assert np.abs(pixel - (90, 30, 200)).max() <= 4


def test_a_multi_page_tiff_gives_every_page():
    pages = [number_image(text, 200 + 10 * i) for i, text in enumerate(("1", "22", "333"))]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    photos = load_bytes(data)
    assert [(photo.page, photo.width) for photo in photos] == [(1, 200), (2, 210), (3, 220)]


@pytest.mark.parametrize("image_format", ["WEBP", "PNG", "MPO"])
def test_an_animation_gives_its_first_frame(image_format):
    frames = [Image.new("RGB", (20, 10), "white"), Image.new("RGB", (20, 10), "black")]
    data = encoded(frames[0], image_format, save_all=True, append_images=frames[1:])
    assert load_one(data).min() > 250


@pytest.mark.parametrize("size", [(1, 1), (1, 10_000), (10_000, 1)])
def test_extreme_shapes_are_loaded(size):
    assert load_one(encoded(Image.new("L", size), "PNG")).shape == (size[1], size[0], 3)


def test_a_png_that_unpacks_to_gigabytes_is_refused_undecoded():
    data = blank_png(40_000, 24_000)
    assert len(data) < 130_000
    assert_refused(data, "960 megapixels", "120", "--max-megapixels")


@pytest.mark.parametrize(("image_format", "megapixels"), BOMBS)
def test_bombs_are_refused_undecoded(image_format, megapixels):
    data = bomb(image_format, megapixels)
    tracemalloc.start()
    try:
        assert_refused(data, f"{megapixels:,} megapixels", "raise")
        assert tracemalloc.get_traced_memory()[1] < 10e6
    finally:
        tracemalloc.stop()


def test_a_bomb_behind_a_harmless_page_is_refused_undecoded():
    pages = [number_image("1"), number_image("2")]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    photos = load_photos(with_tiff_size(data, 40_000, 24_000, page=2), "a.tif", SETTINGS)
    assert next(photos).page == 1
    with pytest.raises(InputError, match="960 megapixels"):
        next(photos)


def test_a_large_scan_of_little_is_no_bomb_and_the_limit_is_the_users_own():
    assert len(load_bytes(blank_png(1000, 1000), LoadSettings(max_sparse_megapixels=1))) == 1
    with pytest.raises(InputError, match="as if made to fill memory"):
        load_bytes(blank_png(1001, 1000), LoadSettings(max_sparse_megapixels=1))
    photo = encoded(Image.effect_noise((1100, 1000), 40).convert("RGB"), "JPEG")
    assert len(load_bytes(photo, LoadSettings(max_sparse_megapixels=1))) == 1


def test_the_size_limit_is_the_users_own():
    data = blank_png(2000, 1000)
    assert len(load_bytes(data, LoadSettings(max_megapixels=2))) == 1
    with pytest.raises(InputError, match="2 megapixels, the limit is 1"):
        load_bytes(data, LoadSettings(max_megapixels=1.99))


def test_pillows_own_limit_does_not_overrule_a_larger_one_and_stays(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert len(load_bytes(blank_png(2000, 1000))) == 1
    assert Image.MAX_IMAGE_PIXELS == 1000


@pytest.mark.parametrize("share", CUTS)
@pytest.mark.parametrize(("image_format", "options"), FORMATS)
def test_files_cut_short_are_refused(image_format, options, share):
    data = encoded(number_image(), image_format, **options)
    assert_refused(data[: int(share * len(data))], "damaged or cut short", "again")


def test_the_end_of_a_thumbnail_does_not_hide_that_the_photo_is_cut_short():
    thumbnail = encoded(gradient_image(), "JPEG")
    exif = b"Exif\0\0" + thumbnail
    data = encoded(number_image(), "JPEG", exif=exif)
    assert_refused(data[:-500], "damaged or cut short")


def test_pages_before_a_broken_one_are_given():
    pages = [number_image("1"), number_image("2")]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    photos = load_photos(data[:-1000], "a.tif", SETTINGS)
    assert next(photos).page == 1
    with pytest.raises(InputError, match="page 2 is damaged"):
        next(photos)


@pytest.mark.parametrize("data", ODD_FILES)
def test_other_files_are_refused_with_the_formats_that_are_read(data):
    assert_refused(data, "JPEG, PNG, WebP, BMP, TIFF")


def test_gif_is_not_opened():
    assert_refused(encoded(gradient_image(), "GIF"), "JPEG, PNG, WebP, BMP, TIFF")


def test_an_empty_file_is_refused():
    assert_refused(b"", "empty")


def test_random_damage_never_raises_anything_but_a_refusal():
    for data in mutations(gradient_image(), 600):
        try:
            photos = load_bytes(data)
        except InputError as refusal:
            assert str(refusal).isprintable()
        else:  # what is not refused shows something, and is no blank page
            assert all(np.ptp(photo.image) > 0 for photo in photos)


def test_pdf_pages_are_drawn():
    pytest.importorskip("pypdfium2")
    page = number_image()
    data = encoded(page, "PDF", resolution=150, save_all=True, append_images=[page])
    photos = load_bytes(data)
    assert [photo.page for photo in photos] == [1, 2]
    assert photos[0].width == pytest.approx(2 * page.width, abs=2)
    assert photos[0].image.min() < 60 and photos[0].image.max() > 220
    assert_refused(data[: len(data) // 3], "damaged or cut short")


@pytest.mark.parametrize("share", CUTS)
def test_pdf_files_cut_short_are_refused(share):
    pytest.importorskip("pypdfium2")
    data = encoded(number_image(), "PDF")
    assert_refused(data[: int(share * len(data))], "damaged or cut short")


def test_a_pdf_page_whose_picture_is_damaged_is_refused_and_a_blank_one_is_read():
    pytest.importorskip("pypdfium2")
    data = encoded(number_image(), "PDF")
    start = data.index(b"\xff\xd8") + 2  # of the JPEG in it
    assert_refused(data[:start] + bytes(300) + data[start + 300 :], "damaged or cut short")
    assert load_one(encoded(Image.new("RGB", (300, 200), "white"), "PDF")).min() == 255


@pytest.mark.parametrize(
    ("data", "module", "extra"),
    [
        (b"%PDF-1.7 ...", "pypdfium2", "ocrdigits[pdf]"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "pi_heif", "ocrdigits[heic]"),
    ],
)
def test_a_missing_optional_part_is_named(data, module, extra, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError) as refusal:
        load_bytes(data)
    assert str(refusal.value).startswith("a.jpg: ") and extra in str(refusal.value)


def test_a_broken_heic_file_is_refused():
    pytest.importorskip("pi_heif")
    assert_refused(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50), "damaged or cut short")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no such file; check the path"):
        read_file(tmp_path / "none.jpg", "none.jpg")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="folder"):
        read_file(tmp_path, "photos")


def test_a_path_with_a_nul_byte_is_refused():
    with pytest.raises(InputError, match="cannot be opened"):
        read_file(Path("a\0b"), "a\0b")


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(InputError, match="pipe or device"):
        read_file(tmp_path / "pipe.jpg", "pipe.jpg")


def test_a_socket_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.jpg")
        with pytest.raises(InputError, match="pipe or device"):
            read_file(Path("s.jpg"), "s.jpg")


def test_a_device_is_refused():
    with pytest.raises(InputError, match="pipe or device"):
        read_file(Path("/dev/zero"), "/dev/zero")


def test_a_huge_file_is_refused_unread(tmp_path):
    with (tmp_path / "huge.jpg").open("wb") as file:
        file.truncate(load.MAX_FILE_BYTES + 1)
    with pytest.raises(InputError, match="1 GiB"):
        read_file(tmp_path / "huge.jpg", "huge.jpg")


def test_a_file_without_permission_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"x")

    def deny(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", deny)  # root may read anything, so it is simulated
    with pytest.raises(InputError, match="permission denied"):
        read_file(path, "a.jpg")


def test_messages_escape_what_could_steer_a_terminal(tmp_path):
    with pytest.raises(InputError) as refusal:
        read_file(tmp_path / "none", "a\x1b[31m\n\udcff.jpg")
    assert str(refusal.value).startswith(r"a\x1b[31m\n\xff.jpg: ")
