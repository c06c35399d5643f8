"""A fuzz target for the loader: bytes in, photos or a refusal out, anything else is a finding.

    pip install atheris
    python tests/fuzz/fuzz_load.py -max_total_time=600 corpus/ samples/

Without Atheris, or with --replay as the first argument, the arguments are files to try once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

_SETTINGS_MEGAPIXELS = 4.0
"""Small, so that the time goes into parsers and not into pixels."""


def try_bytes(data: bytes) -> None:
    """Load a file; nothing may come of it but photos and refusals of one printable line."""
    from ocrdigits.errors import InputError, MissingExtraError
    from ocrdigits.settings import LoadSettings
    from ocrdigits.vision.load import load_photos

    try:
        for photo in load_photos(data, "fuzz", LoadSettings(max_megapixels=_SETTINGS_MEGAPIXELS)):
            assert photo.image.ndim == 3 and photo.image.size > 0
    except (InputError, MissingExtraError) as refusal:
        assert str(refusal).isprintable(), repr(refusal)


def main(arguments: Sequence[str]) -> int:
    """Fuzz, or try the files that are named."""
    if find_spec("atheris") is None or "--replay" in arguments[:1]:
        names = [argument for argument in arguments if argument != "--replay"]
        for name in names:
            try_bytes(Path(name).read_bytes())
        print(f"{len(names)} files tried, each read or refused")
        return 0
    import atheris

    with atheris.instrument_imports(include=["ocrdigits", "PIL"]):
        # Pillow imports its plug-ins only when it opens a file: too late to be watched.
        from PIL import (  # noqa: F401
            BmpImagePlugin,
            JpegImagePlugin,
            MpoImagePlugin,
            PngImagePlugin,
            TiffImagePlugin,
            WebPImagePlugin,
        )

        import ocrdigits.vision.load  # noqa: F401
    atheris.Setup([sys.argv[0], *arguments], try_bytes)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
