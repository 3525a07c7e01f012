"""Each event once, what is missing is known, and what was altered is told."""
import json
import sqlite3
import tempfile
import threading
import time
import unittest
import uuid
from pathlib import Path

import pika

from voice_worker_client.audit import AuditConsumer, SqliteLedger, hash_of
from voice_worker_client.messages import HistoryLost, OperatorActed

from .broker import URL
from .postgres import URL as POSTGRES_URL
from .postgres import new_name


def event(sequence, before=None, stream="business-1", **fields):
    """As OperatorActed, for its nested objects; with its hash."""
    body = {
        "eventId": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{stream} {sequence}")), "stream": stream, "sequence": sequence,
        "occurredAt": "2026-01-31T09:30:00.000000Z", "operator": "anna@host", "verb": "voice set",
        "filter": {"voice": "é", "id": "1"}, "counts": {"sent": 1}, "result": "done", "note": None, **fields,
    }
    return {**body, "hash": hash_of("OperatorActed", body, before)}


def chained(count, stream="business-1"):
    events, before = [], None
    for sequence in range(1, count + 1):
        events.append(event(sequence, before, stream))
        before = events[-1]["hash"]
    return events


class Trail:
    """A ledger, and what its handler got of it."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.got = []

    def take(self, body, kind="OperatorActed"):
        with self.ledger.transaction() as transaction:
            received = transaction.take(kind, json.dumps(body).encode())
        if received is not None:
            self.got.append(received)
        return received

    def sequences(self):
        return [received.body["sequence"] for received in self.got]


class LedgerCases:
    """The rule of sequences: the same for every ledger."""

    def test_a_repeat_is_dropped(self):
        events = chained(3)
        for body in [*events, *events]:
            self.trail.take(body)
        self.assertEqual(([1, 2, 3], []), (self.trail.sequences(), self.trail.ledger.gaps()))
        self.assertIsInstance(self.trail.got[0].event, OperatorActed)

    def test_a_gap_is_known_until_it_is_filled(self):
        events = chained(9)
        self.trail.take(events[0])
        self.trail.take(events[8])
        self.assertEqual([("business-1", 2, 8)], self.trail.ledger.gaps())
        self.trail.take(events[4])
        self.assertEqual([("business-1", 2, 4), ("business-1", 6, 8)], self.trail.ledger.gaps())
        for body in reversed(events):
            self.trail.take(body)
        self.assertEqual([], self.trail.ledger.gaps())
        self.assertEqual(list(range(1, 10)), sorted(self.trail.sequences()))
        self.assertEqual([False] * 9, [received.is_altered for received in self.trail.got])

    def test_an_altered_event_is_told(self):
        first, second, third = chained(3)
        self.trail.take(first)
        with self.assertLogs("voice_worker_client", "ERROR"):
            self.assertTrue(self.trail.take({**second, "note": "not so"}).is_altered)
        self.assertFalse(self.trail.take(third).is_altered)

    def test_there_is_nothing_to_compare_behind_a_gap_or_at_a_lost_history(self):
        events = chained(5)
        self.assertFalse(self.trail.take(events[2]).is_altered)
        lost = {name: events[3][name] for name in ("eventId", "stream", "sequence", "occurredAt", "hash")}
        received = self.trail.take({**lost, "lost": [], "isComplete": True}, "HistoryLost")
        self.assertEqual((False, HistoryLost), (received.is_altered, type(received.event)))
        unhashed = event(1, stream="business-2")
        del unhashed["hash"]
        self.assertFalse(self.trail.take(unhashed).is_altered)
        self.assertFalse(self.trail.take(event(2, None, "business-2")).is_altered)

    def test_a_type_that_is_not_known_yet_counts_as_any_other(self):
        received = self.trail.take({"stream": "business-1", "sequence": 1, "new": True}, "InventedLater")
        self.assertEqual((None, True), (received.event, received.body["new"]))

    def test_what_is_no_event_is_an_error(self):
        for body in ({}, [], {"stream": "s"}):
            with self.assertRaises(ValueError):
                self.trail.take(body)

    def test_a_transaction_that_fails_leaves_nothing(self):
        events = chained(2)
        with self.assertRaises(ZeroDivisionError):
            with self.trail.ledger.transaction() as transaction:
                transaction.take("OperatorActed", json.dumps(events[1]).encode())
                raise ZeroDivisionError
        self.assertEqual([], self.trail.ledger.gaps())
        self.trail.take(events[0])
        self.assertEqual([1], self.trail.sequences())


class SqliteLedgerTest(LedgerCases, unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.trail = Trail(SqliteLedger(Path(folder.name) / "audit.db"))
        self.addCleanup(self.trail.ledger.close)


    def test_a_disk_that_is_full_is_told_and_leaves_nothing(self):
        ledger = self.trail.ledger
        limit = ledger._database.execute("PRAGMA page_count").fetchone()[0]
        ledger._database.execute(f"PRAGMA max_page_count = {limit}")
        for _ in range(2):
            with self.assertRaisesRegex(sqlite3.OperationalError, "full"), ledger.transaction() as transaction:
                for stream in range(1000):
                    transaction.add_gap(f"business-{stream}", 1, 2)
        ledger._database.execute(f"PRAGMA max_page_count = {limit + 1000}")
        self.trail.take(chained(1)[0])
        self.assertEqual(([1], []), (self.trail.sequences(), ledger.gaps()))


class SqlAlchemyLedgerTest(LedgerCases, unittest.TestCase):
    def setUp(self):
        self.trail = Trail(sqlalchemy_ledger(self))


def sqlalchemy_ledger(test):
    from sqlalchemy import MetaData, create_engine, text
    from voice_worker_client.audit.sqlalchemy import SqlAlchemyLedger

    schema, engine, metadata = new_name(), create_engine(POSTGRES_URL), MetaData()
    ledger = SqlAlchemyLedger(engine, metadata, schema=schema)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
        connection.execute(text(f"CREATE TABLE {schema}.effect (sequence bigint)"))
    metadata.create_all(engine)
    test.engine, test.schema = engine, schema

    def drop():
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        engine.dispose()

    test.addCleanup(drop)
    return ledger


class AuditConsumerTest(unittest.TestCase):
    def test_each_event_has_its_effect_once_through_failures_and_repeats(self):
        from sqlalchemy import text
        ledger = sqlalchemy_ledger(self)
        queue, stop, failing = f"audit-{uuid.uuid4().hex[:8]}", threading.Event(), iter([7, 30])
        fails_at = [next(failing)]

        def handler(received, connection):
            sequence = received.body["sequence"]
            connection.execute(text(f"INSERT INTO {self.schema}.effect VALUES (:n)"), {"n": sequence})
            if sequence == fails_at[0]:
                fails_at[0] = next(failing, None)
                raise RuntimeError("not this time")

        consumer = AuditConsumer(URL, handler, ledger, queue, batch=10, pause=0.05)
        running = threading.Thread(target=consumer.run, args=(stop,))
        running.start()
        try:
            with pika.BlockingConnection(pika.URLParameters(URL)) as connection:
                channel = connection.channel()
                self._until(lambda: self._is_there(queue))
                for body in chained(50) + chained(50):
                    channel.basic_publish("", queue, json.dumps(body), pika.BasicProperties(type="OperatorActed"))
            self._until(lambda: len(self._effects()) >= 50)
            stop.set()
            running.join(20)
            self.assertFalse(running.is_alive())
            self.assertEqual((list(range(1, 51)), []), (self._effects(), ledger.gaps()))
        finally:
            stop.set()
            running.join(20)
            with pika.BlockingConnection(pika.URLParameters(URL)) as connection:
                connection.channel().queue_delete(queue)

    def test_what_ends_a_consumer_for_a_while_is_told_by_its_name(self):
        queue, stop = f"audit-{uuid.uuid4().hex[:8]}", threading.Event()

        def handler(_received, _connection):
            raise ConnectionError("the application's own server is away")

        with tempfile.TemporaryDirectory() as folder:
            ledger = SqliteLedger(Path(folder) / "audit.db")
            consumer = AuditConsumer(URL, handler, ledger, queue, pause=0.05)
            running = threading.Thread(target=consumer.run, args=(stop,))
            with self.assertLogs("voice_worker_client", "WARNING") as logs:
                running.start()
                try:
                    with pika.BlockingConnection(pika.URLParameters(URL)) as connection:
                        channel = connection.channel()
                        self._until(lambda: self._is_there(queue))
                        channel.queue_delete(queue)
                        self._until(lambda: "has been deleted" in "".join(logs.output))
                        self._until(lambda: self._is_there(queue))
                        body = json.dumps(chained(1)[0])
                        channel.basic_publish("", queue, body, pika.BasicProperties(type="OperatorActed"))
                        self._until(lambda: "An event could not be handled" in "".join(logs.output))
                        channel.queue_delete(queue)
                finally:
                    stop.set()
                    running.join(20)
            self.assertNotIn("not connected: ConnectionError", "".join(logs.output))
            ledger.close()

    def _effects(self):
        from sqlalchemy import text
        with self.engine.connect() as connection:
            return [row[0] for row in connection.execute(text(f"SELECT * FROM {self.schema}.effect ORDER BY 1"))]

    def _is_there(self, queue):
        with pika.BlockingConnection(pika.URLParameters(URL)) as connection:
            try:
                return connection.channel().queue_declare(queue, passive=True).method.consumer_count == 1
            except pika.exceptions.ChannelClosedByBroker:
                return False

    def _until(self, condition):
        deadline = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)


if __name__ == "__main__":
    unittest.main()
