"""Pictures in, what RapidOCR reads of them and how long it takes out; one thread.

`reading_time.py` and `compare.py` start this with a Python that has `rapidocr` and `onnxruntime`,
and speak to it in lines of JSON: first the list of pictures, answered by the peer's name, then
`"batches"` or `"alone"` (crops, by the recogniser) or `"pages"` (whole photos, lines found and
read, the photo decoded from its file as part of it) once a round, each answered by seconds and
texts; the texts of a page are lists.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
from rapidocr import RapidOCR

_ONE_THREAD = {
    "Global.log_level": "critical",
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
Images = Sequence[Any]


def read_alone(engine: RapidOCR, images: Images) -> list[str]:
    """Read one picture after the other, as its users call it."""
    found = [engine(image, use_det=False, use_cls=False, use_rec=True) for image in images]
    return [(answer.txts or [""])[0] for answer in found]


def read_batches(engine: RapidOCR, images: Images) -> list[str]:
    """Hand all pictures over together; it makes batches of six of like width by itself."""
    prepared = [engine.preprocess_img(engine.load_img(image))[0] for image in images]
    return list(engine.recognize_txt(prepared).txts)


def read_pages(engine: RapidOCR, paths: Images) -> list[list[str]]:
    """Find and read the lines of one photo after the other, from its file.

    The engine remembers what it was told to do without by `read_alone`.
    """
    found = [engine(path, use_det=True, use_cls=True, use_rec=True) for path in paths]
    return [list(answer.txts or ()) for answer in found]


def name_of(engine: RapidOCR) -> str:
    """Version and network, as the table shows them."""
    rec = engine.cfg.Rec
    kind = getattr(rec.ocr_version, "value", rec.ocr_version)
    size = getattr(rec.model_type, "value", rec.model_type)
    return f"RapidOCR {version('rapidocr')}, {kind} {size}, recogniser"


def main() -> None:
    """Answer until the other side closes."""
    cv2.setNumThreads(1)
    engine = RapidOCR(params=_ONE_THREAD)
    paths = json.loads(sys.stdin.readline())
    images = [_load(path) for path in paths]
    read_alone(engine, images[:1])  # loads the network
    _say({"name": name_of(engine)})
    ways: dict[str, tuple[Callable[[RapidOCR, Images], list[Any]], Images]] = {
        "alone": (read_alone, images),
        "batches": (read_batches, images),
        "pages": (read_pages, paths),
    }
    for line in sys.stdin:
        read, pictures = ways[json.loads(line)]
        start = time.perf_counter()
        texts = read(engine, pictures)
        _say({"seconds": time.perf_counter() - start, "texts": texts})


def _load(path: str) -> Any:  # noqa: ANN401  (the peer's Python has types of its own)
    image = cv2.imread(path, cv2.IMREAD_COLOR)
    if image is None:
        sys.exit(f"{Path(path).name}: the peer cannot read it")
    return image


def _say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
