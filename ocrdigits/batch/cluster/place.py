"""A URL in, its files out and in: whatever fsspec reaches, with one line for whatever fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocrdigits.errors import MissingExtraError, OcrDigitsError, OutputError, UsageError
from ocrdigits.names import printable_name
from ocrdigits.output.atomic import write_into

_VERSION_KEYS = ("ETag", "etag", "md5Hash", "content_md5", "mtime", "LastModified", "updated")
"""What stores call that which changes with a file's content, the surest first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file at a place.

    Attributes:
        path: Relative to the place.
        size: Bytes.
        version: Changes when the content does; "" where the store tells nothing.
    """

    path: str
    size: int
    version: str


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that a URL names.

    Attributes:
        url: As the user gave it.
        root: The same for the file system.
        system: fsspec's file system.
    """

    url: str
    root: str
    system: Any

    @property
    def local(self) -> Path | None:
        """The folder, if it is one of this machine."""
        return Path(self.root) if "file" in _protocols(self.system) else None

    @property
    def everywhere(self) -> str:
        """Names the same place whatever the working folder is."""
        return self.url if self.local is None else str(self.local.absolute())

    def name(self, path: str) -> str:
        """What results call a file."""
        if "://" not in self.url:
            return str(Path(self.url) / path)
        return f"{self.url.rstrip('/')}/{path}"

    def entries(self) -> Iterator[Entry]:
        """All files, to the bottom, in no order; none if there is no such folder.

        Raises:
            OutputError: If it cannot be listed.
        """
        with self._refusing("listed"):
            self.system.invalidate_cache()
            found: Mapping[str, Any] = self.system.find(self.root, detail=True)
        start = self.root.rstrip("/") + "/"
        for path, info in found.items():
            if info.get("type", "file") == "file" and path.startswith(start):
                known = [key for key in _VERSION_KEYS if info.get(key) is not None]
                version = str(info[known[0]]) if known else ""
                yield Entry(path.removeprefix(start), int(info.get("size") or 0), version)

    def read(self, path: str) -> bytes:
        """The content of a file.

        Raises:
            OutputError: If it cannot be read.
        """
        with self._refusing("read", path):
            return bytes(self.system.cat_file(self._full(path)))

    def fetch(self, path: str, target: Path) -> None:
        """Copy a file to this machine; raises whatever the file system does."""
        self.system.get_file(self._full(path), str(target))

    def write(self, path: str, data: bytes) -> None:
        """Write a whole file; stores of objects put it there at once, and so does this machine.

        Raises:
            OutputError: If it cannot be written.
        """
        if self.local is not None:
            target = self.local / path
            write_into(target.parent, target.name, data)
            return
        with self._refusing("written", path):
            self.system.makedirs(self._full(path).rpartition("/")[0], exist_ok=True)
            self.system.pipe_file(self._full(path), data)

    def remove(self, path: str) -> None:
        """Remove a file if it is there.

        Raises:
            OutputError: If it cannot be removed.
        """
        with self._refusing("removed", path), suppress(FileNotFoundError):
            self.system.rm_file(self._full(path))

    def _full(self, path: str) -> str:
        return f"{self.root.rstrip('/')}/{path}"

    @contextmanager
    def _refusing(self, verb: str, path: str = "") -> Iterator[None]:
        try:
            yield
        except OcrDigitsError:
            raise
        except Exception as error:  # each store has errors of its own
            shown, fact = printable_name(self.name(path)), fact_of(error)
            raise OutputError(
                f"{shown}: cannot be {verb} ({fact}); check the URL and your rights to it"
            ) from error


def open_place(url: str) -> Place:
    """Find the file system behind a URL, or a path of this machine.

    Args:
        url: `s3://bucket/folder`, `file:///folder`, a path, or whatever else fsspec knows.

    Raises:
        MissingExtraError: If fsspec is not installed.
        UsageError: If it knows no such URL, or needs another package for it.
    """
    try:
        import fsspec
    except ImportError as error:
        raise MissingExtraError("--engine ray", "cluster") from error
    try:
        system, root = fsspec.core.url_to_fs(url)
    except ImportError as error:
        fact = f"{printable_name(url)}: {printable_name(str(error))}"
        raise UsageError(f"{fact}; pip install it here and on the cluster") from error
    except Exception as error:  # of a protocol's own kind
        fact = fact_of(error)
        raise UsageError(f"{printable_name(url)}: {fact}; check the URL") from error
    return Place(url, str(root), system)


def _protocols(system: Any) -> tuple[str, ...]:  # noqa: ANN401 - fsspec has no types
    protocol = system.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)


def fact_of(error: BaseException) -> str:
    """What went wrong, in a few words that cannot steer a terminal."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return printable_name(str(text).splitlines()[0][:200])
