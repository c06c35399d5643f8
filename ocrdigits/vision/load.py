"""File or bytes in, `Photo` records out: Pillow is the gate, nothing passes it unchecked.

Only listed formats are opened; the size in the header is checked before a pixel is decoded;
EXIF turns are applied; every colour mode becomes BGR with 8 bits.
"""

from __future__ import annotations

import io
import logging
import re
import stat
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from ocrdigits.errors import FormatError, InputError, MissingExtraError, SizeError
from ocrdigits.names import printable_name
from ocrdigits.records import ColorImage, GrayImage, Photo
from ocrdigits.settings import LoadSettings
from ocrdigits.vision.color import bgr_from_pillow

IMAGE_SUFFIX = re.compile(r"\.(jpe?g|jpe|jfif|png|webp|bmp|dib|tiff?|hei[cf]|pdf)", re.IGNORECASE)
"""Endings of the files that a folder is searched for."""

FORMAT_NAMES = "JPEG, PNG, WebP, BMP, TIFF, HEIC or PDF"
MAX_FILE_BYTES = 1 << 30
"""Larger files, and endless streams, are refused before they fill the memory."""

_Pixels = tuple[ColorImage | GrayImage, GrayImage | None]
"""What `Photo` keeps of a page: the picture, and its grey if that was decoded apart."""
_LARGE_PIXELS = 1_000_000
"""Smaller photos always come with their colours: what they take to decode is little."""

_SPARSE_PIXELS_A_BYTE = 100
_PILLOW_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"BM", b"II*\0", b"MM\0*")
_HEIC_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
_PDF_DPI = 300
_PDF_MAX_PIXELS = 25e6
"""A page is drawn at 300 dpi, or smaller to stay below: phone photos saved as PDF often count one
pixel as one point, which would make them 17 times larger."""

_pillow_lock = threading.RLock()
_pdfium_lock = threading.RLock()
logging.getLogger("PIL").addHandler(logging.NullHandler())  # else Python prints its warnings


def load_photos(
    source: Path | bytes, name: str, settings: LoadSettings, *, with_colors: bool = True
) -> Iterator[Photo]:
    """Decode one file, page by page.

    Args:
        source: Where the file is, or its bytes.
        name: What to call it in messages and results; as the user gave it.
        settings: Limits.
        with_colors: False where grey is enough: large JPEG photos then come in grey, in half the
            time.

    Yields:
        One photo; for a multi-page TIFF or PDF one for each page, for an animation its first frame.

    Raises:
        FormatError: If it is not an image of a format that is read.
        SizeError: If it is too large.
        InputError: If it cannot be opened, is damaged or cut short.
        MissingExtraError: If it is HEIC or PDF and the part that reads it is not installed.
    """
    data = source if isinstance(source, bytes) else read_file(source, name)
    if not data:
        raise _refusal(name, "the file is empty", "copy or export it again")
    images: Iterator[_Pixels]
    if data.startswith(b"%PDF-"):
        images = ((image, None) for image in _pdf_pages(data, name, settings))
    else:
        images = _pillow_pages(data, name, settings, with_colors)
    for page, (image, gray) in enumerate(images, start=1):
        yield Photo(name=name, page=page, image=image, gray=gray)


def read_file(path: Path, name: str) -> bytes:
    """Read a regular file without ever waiting for a pipe or a device.

    Args:
        path: Where it is.
        name: What to call it in messages.

    Returns:
        Its bytes.

    Raises:
        InputError: If it is missing, no regular file, unreadable or larger than `MAX_FILE_BYTES`.
    """
    try:
        status = path.stat()
        _require_regular(status.st_mode, name)
        if status.st_size > MAX_FILE_BYTES:
            raise _refusal(name, "the file is larger than 1 GiB", "split or shrink it", SizeError)
        return path.read_bytes()
    except FileNotFoundError:
        raise _refusal(name, "no such file", "check the path") from None
    except PermissionError:
        raise _refusal(name, "permission denied", "make the file readable to you") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL byte within the path
        fact = getattr(error, "strerror", None) or str(error)
        raise _refusal(name, f"cannot be opened ({fact})", "check the path") from error


def _require_regular(mode: int, name: str) -> None:
    if stat.S_ISDIR(mode):
        raise _refusal(name, "a folder, not a photo", "name the photos in it")
    if not stat.S_ISREG(mode):
        raise _refusal(name, "a pipe or device, not a file", "send it to standard input, as -")


def _refusal(name: str, fact: str, remedy: str, kind: type[InputError] = InputError) -> InputError:
    return kind(f"{printable_name(name)}: {fact}; {remedy}")


def _require_size(
    width: float, height: float, name: str, settings: LoadSettings, file_bytes: int | None = None
) -> None:
    megapixels = width * height / 1e6
    is_sparse = file_bytes is not None and file_bytes * _SPARSE_PIXELS_A_BYTE < width * height
    if is_sparse and settings.max_sparse_megapixels < megapixels <= settings.max_megapixels:
        raise _refusal(
            name,
            f"{megapixels:,.0f} megapixels out of {file_bytes:,} bytes, as if made to fill memory",
            "save it again, or raise max_sparse_megapixels in --settings",
            SizeError,
        )
    if megapixels > settings.max_megapixels:
        raise _refusal(
            name,
            f"{megapixels:,.0f} megapixels, the limit is {settings.max_megapixels:g}",
            "shrink it or raise --max-megapixels",
            SizeError,
        )


# Pillow: JPEG, PNG, WebP, BMP, TIFF and, with its plug-in, HEIC


@contextmanager
def _reading_header() -> Iterator[None]:
    """Keep Pillow quiet and its own size limit off, which would overrule ours.

    Both are global to the process, hence the lock; decoding happens outside of it.
    """
    with _pillow_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = limit


@contextmanager
def _refusing_damage(name: str, page: int) -> Iterator[None]:
    """Turn whatever a decoder raises into a refusal of the file.

    Pillow and its plug-ins answer hostile bytes with nearly any exception (OSError, SyntaxError,
    struct.error, KeyError, ...), so all are caught, and only around their calls.
    """
    try:
        yield
    except InputError:
        raise
    except MemoryError as error:
        raise _refusal(name, "too large for the memory", "shrink it", SizeError) from error
    except Exception as error:
        where = f"page {page} is" if page > 1 else "the image is"
        # The first line of the reason, without Pillow's words for "it is broken".
        reason = printable_name(str(error).split("\n")[0])[:100] or type(error).__name__
        fact = f"{where} damaged or cut short ({reason})"
        raise _refusal(name, fact, "copy or export it again") from error


def _pillow_pages(
    data: bytes, name: str, settings: LoadSettings, with_colors: bool
) -> Iterator[_Pixels]:
    with _open_image(data, name) as image:
        _require_size(*image.size, name, settings, len(data))
        yield _decode_page(image, data, name, 1, with_colors)
        page = 1
        while image.format == "TIFF" and _seek_page(image, page, name):
            page += 1
            if not _is_thumbnail(image):
                _require_size(*image.size, name, settings, len(data))
                yield _decode_page(image, data, name, page)


def _open_image(data: bytes, name: str) -> Image.Image:
    formats: tuple[str, ...] = _PILLOW_FORMATS
    if data[4:8] == b"ftyp" and _HEIC_BRANDS & {data[8:12], data[16:20], data[20:24]}:
        _register_heic(name)
        formats = ("HEIF",)
    with _reading_header(), _refusing_damage(name, page=1):
        try:
            return Image.open(io.BytesIO(data), formats=formats)
        except UnidentifiedImageError:
            if data.startswith(_SIGNATURES) or data[8:12] == b"WEBP" or formats == ("HEIF",):
                raise ValueError("unreadable header") from None
            fact = f"not a {FORMAT_NAMES} file"
            raise _refusal(name, fact, "convert it to one", FormatError) from None


def _register_heic(name: str) -> None:
    try:
        from pi_heif import register_heif_opener
    except ImportError:
        raise MissingExtraError(f"{printable_name(name)}: reading HEIC", "heic") from None
    with _pillow_lock:
        register_heif_opener()


def _seek_page(image: Image.Image, index: int, name: str) -> bool:
    with _reading_header(), _refusing_damage(name, page=index + 1):
        try:
            image.seek(index)
        except EOFError:
            return False
        return True


def _is_thumbnail(image: Image.Image) -> bool:
    new_subfile_type, reduced_resolution = 254, 1
    tags = getattr(image, "tag_v2", {})
    return bool(int(tags.get(new_subfile_type, 0)) & reduced_resolution)


def _decode_page(
    image: Image.Image, data: bytes, name: str, page: int, with_colors: bool = True
) -> _Pixels:
    with _refusing_damage(name, page):
        found = _decode_jpeg(image, data, with_colors)
        if found is None:
            image.load()
            found = bgr_from_pillow(image), None
        # Asked for only now: while loading, Pillow turns TIFF by itself and meets the EXIF of PNG.
        orientation = _orientation(image)
        pixels, gray = found
        turned = _turned(pixels, orientation)
        if gray is None or gray is pixels:
            return turned, None if gray is None else turned
        return turned, _turned(gray, orientation)


def _decode_jpeg(image: Image.Image, data: bytes, with_colors: bool) -> _Pixels | None:
    """Decode a plain colour JPEG with OpenCV: 12 megapixels in 57 ms, against Pillow's 113 ms.

    Both use libjpeg-turbo and agree to the last bit; Pillow spends the difference on copies. But
    OpenCV before 5.0 fills what is missing with grey and says nothing, so it only gets files whose
    end marker is there; Pillow gets the others and says what is wrong with them.

    A JPEG keeps its grey apart from its colours: the grey of a large one is decoded alone, in half
    the time, and what is read depends on that, whether colours are asked for or not.
    """
    if image.format not in ("JPEG", "MPO") or image.mode != "RGB" or not _is_whole_jpeg(data):
        return None
    gray = None
    if image.width * image.height >= _LARGE_PIXELS:
        gray = _decode_with_opencv(image, data, cv2.IMREAD_GRAYSCALE)
    if gray is not None and not with_colors:
        return gray, gray
    pixels = _decode_with_opencv(image, data, cv2.IMREAD_COLOR)
    return None if pixels is None else (pixels, gray)


def _decode_with_opencv(
    image: Image.Image, data: bytes, mode: int
) -> ColorImage | GrayImage | None:
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), mode | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        return None
    if pixels is None or pixels.shape[1::-1] != image.size:
        return None
    return np.asarray(pixels, dtype=np.uint8)


def _is_whole_jpeg(data: bytes) -> bool:
    """Whether an end marker follows the first scan; the one of an EXIF thumbnail comes before."""
    at = 2
    while data[at : at + 1] == b"\xff":
        marker = data[at + 1 : at + 2]
        if marker == b"\xda":
            # Within a scan every byte 0xFF is followed by 0 or a restart marker.
            return data.find(b"\xff\xd9", at) >= 0
        at += 1 if marker == b"\xff" else 2 + int.from_bytes(data[at + 2 : at + 4])
    return False


def _orientation(image: Image.Image) -> int:
    with _reading_header():
        try:
            return int(image.getexif().get(0x0112, 1))
        except Exception:  # a corrupt EXIF block raises nearly anything and is no reason to refuse
            return 1


def _turned(pixels: ColorImage | GrayImage, orientation: int) -> ColorImage | GrayImage:
    if orientation in (5, 6, 7, 8):
        pixels = np.asarray(
            cv2.transpose(pixels), dtype=np.uint8
        )  # a mirrored quarter turn; the flips below make it right
    flip = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(orientation)
    return pixels if flip is None else np.asarray(cv2.flip(pixels, flip), dtype=np.uint8)


# PDF


def _pdf_pages(data: bytes, name: str, settings: LoadSettings) -> Iterator[ColorImage]:
    try:
        import pypdfium2
    except ImportError:
        raise MissingExtraError(f"{printable_name(name)}: reading PDF", "pdf") from None
    with _pdfium_lock, _refusing_damage(name, page=1):  # PDFium is not safe to share by threads
        document = pypdfium2.PdfDocument(data)
        count = len(document)
    try:
        for index in range(count):
            with _pdfium_lock, _refusing_damage(name, index + 1):
                image = _draw_pdf_page(document, index, name, settings)
            yield image
    finally:
        with _pdfium_lock:
            document.close()


def _require_whole_pictures(page: Any) -> None:  # noqa: ANN401
    """PDFium leaves out pictures that it cannot decode and says nothing; this raises for one."""
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE

    for picture in page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE]):
        picture.get_bitmap()


def _draw_pdf_page(document: Any, index: int, name: str, settings: LoadSettings) -> ColorImage:  # noqa: ANN401
    page = document[index]
    width_pt, height_pt = page.get_size()
    scale = min(_PDF_DPI / 72, (_PDF_MAX_PIXELS / max(width_pt * height_pt, 1.0)) ** 0.5)
    _require_size(width_pt * scale, height_pt * scale, name, settings)
    bitmap = page.render(scale=scale, maybe_alpha=False)
    pixels = np.array(bitmap.to_numpy())  # a copy: the bitmap's memory goes with it
    bitmap.close()
    if pixels.min() == pixels.max():
        _require_whole_pictures(page)
    page.close()
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        pixels = np.repeat(pixels.reshape(*pixels.shape[:2], 1), 3, axis=2)
    return np.ascontiguousarray(pixels[:, :, :3])
