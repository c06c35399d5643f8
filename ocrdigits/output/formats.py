"""Names of the result formats, apart from their code so that `--help` need not load it."""

from __future__ import annotations

from enum import Enum


class ResultFormat(Enum):
    """How results are written."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"
    GRID = "grid"
    FIELDS = "fields"


class ExportFormat(Enum):
    """How a job's results are written."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"
    GRID = "grid"
    FIELDS = "fields"
    PARQUET = "parquet"
