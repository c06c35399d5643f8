"""The job's memory: photos, readings and strings in one SQLite file that survives any kill.

`schema` describes the tables. Only the job writes readings; see `Store.open` for who else may look.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from ocrdigits.batch.lock import holding_lock
from ocrdigits.batch.photos import Found, Stamp
from ocrdigits.batch.records import Counts, Result, Status, StoredPage, StoredPhoto, failure
from ocrdigits.batch.rows import PAGE_COLUMNS, STRING_COLUMNS, Row
from ocrdigits.batch.schema import prepare, refusing

_LISTED = "photo JOIN reading ON reading.photo_id = photo.id AND photo.place IS NOT NULL"


class Store:
    """A job's store; every method that writes is one transaction.

    Raises:
        OutputError: From any method, if SQLite cannot read or write the file.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        """Use `open` instead."""
        self._connection = connection
        self._path = path

    @classmethod
    @contextmanager
    def open(cls, path: Path, *, job: bool = False, threads: bool = False) -> Iterator[Store]:
        """Open a store.

        Args:
            path: Its file.
            job: Whether this is the job itself: it makes a store where there is none, and is the
                only job to have it. Others, such as a review, need an existing one.
            threads: Whether several threads use it; they take turns by themselves.

        Yields:
            The store.

        Raises:
            LockedError: If another job holds it.
            OutputError: If it cannot be opened, is none, or is a newer program's.
        """
        with ExitStack() as stack:
            if job:
                stack.enter_context(holding_lock(path.with_name(f"{path.name}-lock"), path))
            with refusing(path):
                mode = "rwc" if job else "rw"
                connection = sqlite3.connect(
                    f"{path.absolute().as_uri()}?mode={mode}",
                    uri=True,
                    isolation_level=None,
                    check_same_thread=not threads,
                )
                stack.callback(connection.close)
                connection.row_factory = sqlite3.Row
                prepare(connection)
            yield cls(connection, path)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing of what the body writes; others wait with theirs meanwhile."""
        with refusing(self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                if self._connection.in_transaction:  # SQLite itself rolls back on a full disk
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def query(self, query: str, *values: object) -> list[Any]:
        """All rows of a query."""
        with refusing(self._path):
            return self._connection.execute(query, values).fetchall()

    def begin(self, digest: str, facts: str) -> int:
        """Make a setup that of the current run.

        Args:
            digest: Of `facts`.
            facts: What readings depend on, as JSON.

        Returns:
            Its id.
        """
        with self.transaction() as connection:
            insert = "INSERT INTO setup (digest, facts) VALUES (?, ?) ON CONFLICT DO NOTHING"
            connection.execute(insert, (digest, facts))
            (setup_id,) = connection.execute(
                "SELECT id FROM setup WHERE digest = ?", (digest,)
            ).fetchone()
            connection.execute("REPLACE INTO job VALUES ('setup', ?)", (setup_id,))
        return int(setup_id)

    def current_setup(self) -> int | None:
        """Id of the last run's setup; None before the first run."""
        rows = self.query("SELECT value FROM job WHERE key = 'setup'")
        return int(rows[0][0]) if rows else None

    def add_picture_folders(self, folders: Iterable[Path]) -> list[Path]:
        """Remember where pictures are written.

        Args:
            folders: Of this run.

        Returns:
            Those of all runs.
        """
        rows = self.query("SELECT value FROM job WHERE key = 'pictures'")
        known = set(json.loads(rows[0][0])) if rows else set()
        known |= {str(folder.resolve()) for folder in folders}
        with self.transaction() as connection:
            value = json.dumps(sorted(known))
            connection.execute("REPLACE INTO job VALUES ('pictures', ?)", (value,))
        return [Path(folder) for folder in sorted(known)]

    def remember_folder(self, folder: Path) -> None:
        """Note where the photos are, for those who look at them later."""
        with self.transaction() as connection:
            value = os.fsencode(folder.resolve())
            connection.execute("REPLACE INTO job VALUES ('folder', ?)", (value,))

    def folder(self) -> Path | None:
        """Where the last run found the photos; None if no run has noted it."""
        rows = self.query("SELECT value FROM job WHERE key = 'folder'")
        return Path(os.fsdecode(rows[0][0])) if rows else None

    def setup_facts(self, setup_id: int) -> dict[str, Any]:
        """What a setup's readings depend on."""
        facts: dict[str, Any] = json.loads(
            self.query("SELECT facts FROM setup WHERE id = ?", setup_id)[0][0]
        )
        return facts

    def paths(self) -> Iterator[str]:
        """All photos that were ever in the folder."""
        for (path,) in self.query("SELECT path FROM photo"):
            yield os.fsdecode(path)

    def list_photos(self, found: Iterable[Found], setup_id: int) -> None:
        """Take over what a folder holds now; photos that are gone keep their rows.

        Args:
            found: All of it, in the order of the results.
            setup_id: Under which a folder that cannot be searched is noted as refused.
        """
        with self.transaction() as connection:
            connection.execute("UPDATE photo SET place = NULL WHERE place IS NOT NULL")
            for place, it in enumerate(found):
                (photo_id,) = connection.execute(
                    "INSERT INTO photo (path, place, size, mtime_ns, ctime_ns, is_folder) "
                    "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET "
                    "place = excluded.place, size = excluded.size, mtime_ns = excluded.mtime_ns, "
                    "ctime_ns = excluded.ctime_ns, is_folder = excluded.is_folder RETURNING id",
                    (os.fsencode(it.path), place, *it.stamp.numbers, it.error is not None),
                ).fetchone()
                if it.error is not None:
                    refused = failure(it.stamp, Status.REFUSED, it.error)
                    _replace(connection, photo_id, setup_id, refused)

    def pending(
        self, setup_id: int, *, verify: bool = False, retry_failed: bool = False
    ) -> list[int]:
        """Photos that have no reading of their present state.

        Args:
            setup_id: Whose readings count.
            verify: Whether readings count only once the content has been compared.
            retry_failed: Whether readings that failed do not count.

        Returns:
            Their ids, in the order of the results.
        """
        rows = self.query(
            "SELECT photo.id FROM photo LEFT JOIN reading "
            "ON reading.photo_id = photo.id AND reading.setup_id = ? "
            "WHERE photo.place IS NOT NULL AND NOT is_folder AND (reading.id IS NULL OR ? "
            "OR (? AND reading.status != 'read') OR (photo.size, photo.mtime_ns, photo.ctime_ns) "
            "!= (reading.size, reading.mtime_ns, reading.ctime_ns)) ORDER BY photo.place",
            *(setup_id, verify, retry_failed),
        )
        return [row[0] for row in rows]

    def photo(self, photo_id: int, setup_id: int, *, retry_failed: bool = False) -> StoredPhoto:
        """One photo as its reading needs it.

        Args:
            photo_id: Its row.
            setup_id: Of the reading that the content may still be the same as.
            retry_failed: Whether a reading that failed is replaced in any case.
        """
        (row,) = self.query(
            "SELECT path, photo.size, photo.mtime_ns, photo.ctime_ns, sha256, status FROM photo "
            "LEFT JOIN reading ON reading.photo_id = photo.id AND reading.setup_id = ? "
            "WHERE photo.id = ?",
            *(setup_id, photo_id),
        )
        counts = row["sha256"] is not None and not (retry_failed and row["status"] != "read")
        return StoredPhoto(
            id=photo_id,
            path=os.fsdecode(row["path"]),
            stamp=Stamp(row["size"], row["mtime_ns"], row["ctime_ns"]),
            sha256=row["sha256"].hex() if counts else None,
        )

    def record(self, photo: StoredPhoto, setup_id: int, result: Result) -> None:
        """Keep what was read from a photo with a setup, in place of what was read before."""
        with self.transaction() as connection:
            _replace(connection, photo.id, setup_id, result)

    def confirm(self, photo: StoredPhoto, setup_id: int, stamp: Stamp) -> None:
        """The content is still what was read; only size or times of the file have changed."""
        with self.transaction() as connection:
            connection.execute(
                "UPDATE reading SET size = ?, mtime_ns = ?, ctime_ns = ? "
                "WHERE photo_id = ? AND setup_id = ?",
                (*stamp.numbers, photo.id, setup_id),
            )

    def counts(self, setup_id: int) -> Counts:
        """How far a setup's job is, over all photos now in the folder."""
        (photos,) = self.query("SELECT count(*) FROM photo WHERE place IS NOT NULL")[0]
        by_status = dict(
            self.query(
                f"SELECT status, count(*) FROM {_LISTED} WHERE setup_id = ? GROUP BY status",
                setup_id,
            )
        )
        by_accepted = dict(
            self.query(
                f"SELECT accepted, count(*) FROM {_LISTED} JOIN page ON reading_id = reading.id "
                "JOIN string ON page_id = page.id WHERE setup_id = ? GROUP BY accepted",
                setup_id,
            )
        )
        read = by_status.pop(Status.READ.value, 0)
        defects = by_status.pop(Status.DEFECT.value, 0)
        return Counts(
            photos=photos,
            read=read,
            refused=sum(by_status.values()),
            defects=defects,
            accepted=by_accepted.get(1, 0),
            to_review=by_accepted.get(0, 0),
        )

    def pages(self, setup_id: int) -> Iterator[StoredPage]:
        """Everything read from the photos now in the folder, in the order of the results."""
        with refusing(self._path):
            cursor = self._connection.execute(
                f"SELECT path, sha256, page.* FROM {_LISTED} JOIN page ON reading_id = reading.id "
                "WHERE setup_id = ? ORDER BY photo.place, page.page",
                (setup_id,),
            )
            for row in cursor:
                strings = self.strings(row["id"])
                page = {column: row[column] for column in PAGE_COLUMNS}
                yield StoredPage(os.fsdecode(row["path"]), row["sha256"], page, strings)

    def strings(self, page_id: int) -> tuple[Row, ...]:
        """The strings of a page, in reading order: `STRING_COLUMNS` and `id`."""
        columns = ", ".join(("id", *STRING_COLUMNS))
        query = f"SELECT {columns} FROM string WHERE page_id = ? ORDER BY place"
        return tuple(dict(row) for row in self.query(query, page_id))

    def doubtful(self, setup_id: int) -> Iterator[tuple[int, str, int, int]]:
        """Strings that were not accepted: photo's id and path, page, number within the page."""
        with refusing(self._path):
            cursor = self._connection.execute(
                f"SELECT photo.id, path, page.page, string.place FROM {_LISTED} "
                "JOIN page ON reading_id = reading.id JOIN string ON page_id = page.id "
                "WHERE setup_id = ? AND NOT accepted ORDER BY photo.place, page.page, string.place",
                (setup_id,),
            )
            for photo_id, path, page, place in cursor:
                yield photo_id, os.fsdecode(path), page, place


def _replace(connection: sqlite3.Connection, photo_id: int, setup_id: int, result: Result) -> None:
    of_pair = (photo_id, setup_id)
    connection.execute("DELETE FROM reading WHERE photo_id = ? AND setup_id = ?", of_pair)
    checksum = None if result.sha256 is None else bytes.fromhex(result.sha256)
    reading_id = connection.execute(
        "INSERT INTO reading (photo_id, setup_id, size, mtime_ns, ctime_ns, sha256, status) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*of_pair, *result.stamp.numbers, checksum, result.status.value),
    ).lastrowid
    for page in result.pages:
        page_id = connection.execute(
            _insert("page", ("reading_id", *PAGE_COLUMNS)),
            (reading_id, *(page[column] for column in PAGE_COLUMNS)),
        ).lastrowid
        connection.executemany(
            _insert("string", ("page_id", "place", *STRING_COLUMNS)),
            [
                (page_id, place, *(row[column] for column in STRING_COLUMNS))
                for place, row in enumerate(page["strings"])
            ],
        )


def _insert(table: str, columns: Sequence[str]) -> str:
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
