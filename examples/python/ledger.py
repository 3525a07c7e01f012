"""Which events have been handled. Belongs into the same database as what is done with them: one commit for both."""
import json
import sqlite3

TABLES = """
CREATE TABLE IF NOT EXISTS progress (stream TEXT PRIMARY KEY, last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS gap (stream TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS event (stream TEXT NOT NULL, sequence INTEGER NOT NULL, event_id TEXT, body TEXT NOT NULL);
"""


class Ledger:
    def __init__(self, file):
        self.database = sqlite3.connect(file)
        self.database.executescript("PRAGMA journal_mode = WAL;" + TABLES)

    def add(self, body):
        """Handles an event unless that was done before; true if it is new."""
        event = json.loads(body)
        if not self._is_new(event["stream"], event["sequence"]):
            return False
        # Here is your part. This example keeps every event.
        self._write("INSERT INTO event VALUES (?, ?, ?, ?)", event["stream"], event["sequence"], event["eventId"], body)
        return True

    def _is_new(self, stream, sequence):
        """By arithmetic: sequences of a stream are 1, 2, 3 …, and a repeat has the same one."""
        (last,) = self._read("SELECT max(last) FROM progress WHERE stream = ?", stream)
        last = last or 0
        if sequence > last:
            self._add_gap(stream, last + 1, sequence - 1)  # empty, unless this queue was bound late
            self._write("REPLACE INTO progress VALUES (?, ?)", stream, sequence)
            return True
        gap = self._read(
            "SELECT rowid, first, last FROM gap WHERE stream = ? AND ? BETWEEN first AND last", stream, sequence)
        if gap is None:
            return False
        row, first, last = gap
        self._write("DELETE FROM gap WHERE rowid = ?", row)
        self._add_gap(stream, first, sequence - 1)
        self._add_gap(stream, sequence + 1, last)
        return True

    def _add_gap(self, stream, first, last):
        if first <= last:
            self._write("INSERT INTO gap VALUES (?, ?, ?)", stream, first, last)

    def commit(self):
        self.database.commit()

    def rollback(self):
        self.database.rollback()

    def proof(self):
        """What is there and what is not, counted from the events themselves."""
        events, distinct, streams = self._read(
            "SELECT count(*), count(DISTINCT stream || ' ' || sequence), count(DISTINCT stream) FROM event")
        (expected,) = self._read(
            "SELECT coalesce(sum(last), 0) FROM (SELECT max(sequence) AS last FROM event GROUP BY stream)")
        return events, streams, expected - distinct, events - distinct

    def gaps(self):
        return self.database.execute("SELECT stream, first, last FROM gap ORDER BY stream, first").fetchall()

    def _read(self, sql, *values):
        return self.database.execute(sql, values).fetchone()

    def _write(self, sql, *values):
        self.database.execute(sql, values)
