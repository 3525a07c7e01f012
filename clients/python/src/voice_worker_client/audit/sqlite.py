"""A ledger in a file."""
from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator

from .ledger import Ledger, Transaction

__all__ = ["SqliteLedger"]

_TABLES = """
CREATE TABLE IF NOT EXISTS progress (stream TEXT PRIMARY KEY, last INTEGER NOT NULL, hash TEXT);
CREATE TABLE IF NOT EXISTS gap (stream TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS gap_of_stream ON gap (stream, last);
"""


class SqliteLedger(Ledger):
    """In a file of SQLite. What a handler writes elsewhere can happen twice, when the process is killed before the
    commit; what it writes with the connection that it gets, happens once.

    Args:
        file: its path; made when it does not exist. One consumer for each.
    """

    def __init__(self, file: str | os.PathLike[str]) -> None:
        self._database = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;" + _TABLES)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Transaction]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield _SqliteTransaction(self._database)
            self._database.execute("COMMIT")
        except BaseException:
            # Where the disk is full, SQLite has done it.
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise

    def gaps(self) -> list[tuple[str, int, int]]:
        return self._database.execute("SELECT stream, first, last FROM gap ORDER BY stream, first").fetchall()

    def close(self) -> None:
        """Closes the file."""
        self._database.close()


class _SqliteTransaction(Transaction):
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection: sqlite3.Connection = connection

    def progress(self, stream: str) -> tuple[int, str | None]:
        row = self.connection.execute("SELECT last, hash FROM progress WHERE stream = ?", (stream,)).fetchone()
        return (0, None) if row is None else (row[0], row[1])

    def set_progress(self, stream: str, sequence: int, hash: str | None) -> None:
        self.connection.execute("REPLACE INTO progress VALUES (?, ?, ?)", (stream, sequence, hash))

    def add_gap(self, stream: str, first: int, last: int) -> None:
        self.connection.execute("INSERT INTO gap VALUES (?, ?, ?)", (stream, first, last))

    def remove_gap(self, stream: str, sequence: int) -> tuple[int, int] | None:
        row = self.connection.execute(
            "SELECT rowid, first, last FROM gap WHERE stream = ? AND ? BETWEEN first AND last",
            (stream, sequence)).fetchone()
        if row is None:
            return None
        self.connection.execute("DELETE FROM gap WHERE rowid = ?", (row[0],))
        return row[1], row[2]
