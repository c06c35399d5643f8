"""The tables of a job's store, and how a connection to one is set up.

One process writes at a time, and each photo's result is one transaction. In WAL mode others can
look into the store meanwhile. `PRAGMA user_version` is the schema's version, `application_id` says
that the file is a store of ours.

    setup    what readings depend on beside the photo
             id, digest (SHA-256 of facts), facts (JSON: version, settings, weights' checksums, …)
    photo    a file that was once in the folder
             id, path (bytes, relative to the folder), place (order in the folder as last listed;
             NULL if it is there no more), size, mtime_ns, ctime_ns (as last listed), is_folder (1
             for a sub-folder that cannot be searched; its reading says why)
    reading  what one setup made of one photo; at most one for each pair
             id, photo_id, setup_id, size, mtime_ns, ctime_ns, sha256 (of the file that was read),
             status (read, refused, defect, crashed, timeout, memory)
    page     a page of a reading
             id, reading_id, page (from 1), width, height, turn_deg, error (without the file's
             name), review (JSON: what a template asks a person to look at), tables (JSON: of each
             table the lines of [x, y] where its rules cross)
    string   a string of a page
             id, page_id, place (reading order), text, digits, value, confidence, accepted (0 or 1),
             kind, field, table_index, row_index, column_index, x, y, width, height (pixels of the
             EXIF-turned photo), polygon (JSON: four [x, y]), characters (JSON: [text, confidence,
             x, y, width, height] each), alternatives (JSON: {text, confidence} each)
    job      key and value: `setup` is the id of the last run's setup; `folder` is where it found
             the photos (bytes); `pictures` is a JSON list of the folders that runs wrote pictures
             into, where no photos are looked for
    decision what a person said of a string; rows are only ever added, the last one of a place holds
             id, place_id (id of the first decision on this place), made_at (UTC, ISO 8601),
             made_by, verdict (confirmed, corrected, unreadable, not_a_number, withdrawn), text
             (confirmed or corrected; else NULL), verdict_before and text_before (what held until
             then; NULL if nothing), read_text, confidence, accepted (what the reader had said),
             path, sha256 (of the photo), page, x, y, width, height, polygon (as above)

Readings of other setups stay, so that going back to earlier options costs nothing. Where a photo's
content changes, its reading, pages and strings are deleted and come anew, with new ids. Decisions
name no string but a place on a photo's content, so that they outlive all that.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocrdigits.errors import OutputError
from ocrdigits.names import printable_name

SCHEMA_VERSION = 2
_APPLICATION_ID = 0x0C4D1617

_SCHEMA = """
CREATE TABLE setup (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, facts TEXT NOT NULL);
CREATE TABLE photo (
    id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, place INTEGER,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
    is_folder INTEGER NOT NULL);
CREATE TABLE reading (
    id INTEGER PRIMARY KEY,
    photo_id INTEGER NOT NULL REFERENCES photo ON DELETE CASCADE,
    setup_id INTEGER NOT NULL REFERENCES setup ON DELETE CASCADE,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
    sha256 BLOB, status TEXT NOT NULL, UNIQUE (photo_id, setup_id));
CREATE TABLE page (
    id INTEGER PRIMARY KEY,
    reading_id INTEGER NOT NULL REFERENCES reading ON DELETE CASCADE,
    page INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
    turn_deg INTEGER NOT NULL, error TEXT,
    review TEXT NOT NULL DEFAULT '[]', tables TEXT NOT NULL DEFAULT '[]');
CREATE TABLE string (
    id INTEGER PRIMARY KEY,
    page_id INTEGER NOT NULL REFERENCES page ON DELETE CASCADE, place INTEGER NOT NULL,
    text TEXT NOT NULL, digits TEXT NOT NULL, value REAL, confidence REAL NOT NULL,
    accepted INTEGER NOT NULL, kind TEXT NOT NULL, field TEXT,
    table_index INTEGER, row_index INTEGER, column_index INTEGER,
    x INTEGER NOT NULL, y INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
    polygon TEXT NOT NULL, characters TEXT NOT NULL, alternatives TEXT NOT NULL);
CREATE TABLE job (key TEXT PRIMARY KEY, value);
CREATE INDEX photo_by_place ON photo (place);
CREATE INDEX page_by_reading ON page (reading_id);
CREATE INDEX string_by_page ON string (page_id);
"""

_DECISIONS = """
CREATE TABLE IF NOT EXISTS decision (
    id INTEGER PRIMARY KEY, place_id INTEGER NOT NULL,
    made_at TEXT NOT NULL, made_by TEXT NOT NULL, verdict TEXT NOT NULL, text TEXT,
    verdict_before TEXT, text_before TEXT,
    read_text TEXT NOT NULL, confidence REAL NOT NULL, accepted INTEGER NOT NULL,
    path BLOB NOT NULL, sha256 BLOB NOT NULL, page INTEGER NOT NULL,
    x INTEGER NOT NULL, y INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
    polygon TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS decision_by_page ON decision (sha256, page);
CREATE INDEX IF NOT EXISTS decision_by_place ON decision (place_id);
"""
"""Apart, as stores made before there were decisions get them too."""

_SINCE_1 = """
ALTER TABLE page ADD COLUMN review TEXT NOT NULL DEFAULT '[]';
ALTER TABLE page ADD COLUMN tables TEXT NOT NULL DEFAULT '[]';
"""


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Turn what SQLite raises into an error that names the store.

    Raises:
        OutputError: Instead of any `sqlite3.Error`.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise OutputError(
            f"{printable_name(str(path))}: the job's store cannot be used ({error}); "
            "make room, or give another -o or --store"
        ) from error


def prepare(connection: sqlite3.Connection) -> None:
    """Set a connection up, and give a new store its tables.

    Raises:
        sqlite3.Error: If the file is no store, or a newer program's.
    """
    connection.execute("PRAGMA busy_timeout = 10000")
    connection.execute("PRAGMA foreign_keys = ON")
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if tables and owner != _APPLICATION_ID:
        raise sqlite3.DatabaseError("it is a database of another program")
    if version > SCHEMA_VERSION:
        raise sqlite3.DatabaseError("it was written by a newer ocrdigits")
    connection.execute("PRAGMA journal_mode = WAL")
    # Commits outlive the process without waiting for the disk; a power cut may cost the last few.
    connection.execute("PRAGMA synchronous = NORMAL")
    if not tables:
        connection.executescript(
            f"BEGIN; {_SCHEMA} PRAGMA application_id = {_APPLICATION_ID}; "
            f"PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )
    elif version < SCHEMA_VERSION:
        connection.executescript(
            f"BEGIN IMMEDIATE; {_SINCE_1} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )
    (decisions,) = connection.execute(
        "SELECT count(*) FROM sqlite_schema WHERE name = 'decision_by_place'"
    ).fetchone()
    if not decisions:
        connection.executescript(f"BEGIN IMMEDIATE; {_DECISIONS} COMMIT;")
