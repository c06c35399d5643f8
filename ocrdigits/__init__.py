"""Read handwritten and printed digit strings from photos, with a confidence for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ocrdigits.api import Reader

__version__ = "0.1.0"
__all__ = ["Reader", "__version__"]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Import `Reader` on first use, so that `ocrdigits --help` stays fast."""
    if name == "Reader":
        from ocrdigits.api import Reader

        return Reader
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
