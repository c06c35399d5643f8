"""What the commands that train share: the folder they write, the weights they start from, cores."""

from __future__ import annotations

from pathlib import Path

import torch

from ocrdigits.errors import InputError, OutputError
from ocrdigits.jobs import all_cores

MUST_NOT = (
    "Booking amounts or taking medical decisions without a person checking what is not accepted.",
    "Recognising or profiling writers.",
)
"""What no network of this program must be used for, as its card says."""


def leave_cores(processes: int) -> None:
    """Leave a core to each process that composes ahead; `OMP_NUM_THREADS` may say fewer still.

    Where they compete for one, OpenMP's barriers made steps two to four times as long.

    Args:
        processes: That compose.
    """
    torch.set_num_threads(max(1, min(torch.get_num_threads(), all_cores() - processes)))


def make_folder(out: Path) -> None:
    """Make the folder that a training writes to.

    Raises:
        OutputError: If it cannot be made.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{out}: cannot be made ({error.strerror}); give another --out"
        ) from error


def safetensors_in(path: Path, name: str, option: str = "--init") -> Path:
    """The weights that an option names.

    Args:
        path: A folder that `train` wrote, or the file itself.
        name: Stem of the file: `digits` or `strings`.
        option: For the message.

    Returns:
        The `.safetensors` file.

    Raises:
        InputError: If there is none.
    """
    file = path / f"{name}.safetensors" if path.is_dir() else path
    if not file.is_file():
        raise InputError(
            f"{file}: no such weights; {option} takes a folder that `train {name}` wrote"
        )
    return file
