"""File names made safe to show: any name in, one printable line out."""

from __future__ import annotations


def printable_name(name: str) -> str:
    r"""Make a file name safe for one line of a terminal, a message or a picture.

    Args:
        name: Any name, with control characters, line breaks, text direction marks or bytes that
            are not UTF-8 (as Python's `surrogateescape` holds them).

    Returns:
        The name with each such character as an escape: `\n`, `\x1b`, `\xff`, `\u202e`.
    """
    return "".join(char if char.isprintable() else _escape(char) for char in name)


def single_line_name(name: str) -> str:
    """Like `printable_name`, but bytes that are not UTF-8 stay, for programs that read on."""
    return "".join(
        char if char.isprintable() or "\udc80" <= char <= "\udcff" else _escape(char)
        for char in name
    )


def _escape(char: str) -> str:
    if "\udc80" <= char <= "\udcff":  # a byte that is not UTF-8
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")
