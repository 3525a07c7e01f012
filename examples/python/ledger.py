"""Which events have been handled. Belongs into the same database as what is done with them: one commit for both."""
import json
import sqlite3

from chain import follows

TABLES = """
CREATE TABLE IF NOT EXISTS progress (stream TEXT PRIMARY KEY, last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS gap (stream TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS head (stream TEXT PRIMARY KEY, sequence INTEGER NOT NULL, hash TEXT);
CREATE TABLE IF NOT EXISTS event (stream TEXT NOT NULL, sequence INTEGER NOT NULL, event_id TEXT, body TEXT NOT NULL);
"""


class Ledger:
    def __init__(self, file):
        self.database = sqlite3.connect(file)
        self.database.executescript("PRAGMA journal_mode = WAL;" + TABLES)

    def add(self, body, type_name):
        """Handles an event unless that was done before; true if it is new."""
        event = {"type": type_name, **json.loads(body)}
        if not self._is_new(event["stream"], event["sequence"]):
            return False
        # Here is your part. This example keeps every event.
        self._write("INSERT INTO event VALUES (?, ?, ?, ?)", event["stream"], event["sequence"], event["eventId"], json.dumps(event))
        self._check(event)
        return True

    def _check(self, event):
        """By its hash, which chains it to the one before: says it when somebody has altered one of them."""
        head = self._read("SELECT sequence, hash FROM head WHERE stream = ?", event["stream"])
        if not follows(event, head and dict(zip(("sequence", "hash"), head))):
            print(f"altered: {event['stream']} {event['sequence']}", flush=True)
        if head is None or event["sequence"] > head[0]:
            self._write("REPLACE INTO head VALUES (?, ?, ?)", event["stream"], event["sequence"], event.get("hash"))

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

    def altered(self):
        """Events that do not follow on the one before, also when it is this file that was altered."""
        previous = None
        for (body,) in self.database.execute("SELECT body FROM event ORDER BY stream, sequence"):
            event = json.loads(body)
            if not follows(event, previous if previous and previous["stream"] == event["stream"] else None):
                yield event["stream"], event["sequence"]
            previous = event

    def _read(self, sql, *values):
        return self.database.execute(sql, values).fetchone()

    def _write(self, sql, *values):
        self.database.execute(sql, values)
