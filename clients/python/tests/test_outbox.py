"""A change is made and told, or neither, wherever the application is killed."""
import signal
import subprocess
import sys
import threading
import unittest
from datetime import datetime, timezone

from .broker import URL as AMQP_URL
from .fake_worker import FakeWorker
from .postgres import URL as POSTGRES_URL
from .postgres import new_name

try:
    from sqlalchemy import create_engine, event, text
    from sqlalchemy.orm import Session, scoped_session, sessionmaker
    from voice_worker_client import ContractError, NotConfirmed, VoiceClient
    from voice_worker_client.outbox import OutboxSender

    from .shop import application
except ImportError as missing:
    raise unittest.SkipTest(f"SQLAlchemy is not installed: {missing}") from missing


class Recording:
    """In the place of a client: keeps what is sent, and fails at one voice."""

    def __init__(self, refused=None):
        self.sent = []
        self._refused = refused

    def publish(self, change, timeout=5.0):
        if change.voice_id == self._refused:
            raise NotConfirmed("away", change.changed_at)
        self.sent.append(change)


class OutboxTest(unittest.TestCase):
    def setUp(self):
        self.schema = new_name()
        self.engine = create_engine(POSTGRES_URL)
        with self.engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {self.schema}"))
        self.base, self.Business, self.outbox = application(self.schema)
        self.base.metadata.create_all(self.engine)
        with Session(self.engine) as session, session.begin():
            session.add_all(self.Business(id=number) for number in range(1, 6))

    def tearDown(self):
        with self.engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {self.schema} CASCADE"))
        self.engine.dispose()

    def test_what_is_rolled_back_is_never_sent(self):
        with Session(self.engine) as session:
            session.get(self.Business, 1).voice_id = "sage"
            self.outbox.add(session, 1, "sage")
            session.rollback()
        self.assertEqual(0, OutboxSender(self.engine, self.outbox, Recording()).run_once())

    def test_rows_are_sent_in_order_and_what_is_not_confirmed_stays(self):
        for voice in ("sage", "coral", "marin"):
            self._change(1, voice)
        recording = Recording(refused="coral")
        with self.assertRaises(NotConfirmed):
            OutboxSender(self.engine, self.outbox, recording).run_once()
        self.assertEqual(["sage"], [change.voice_id for change in recording.sent])
        recording = Recording()
        self.assertEqual(2, OutboxSender(self.engine, self.outbox, recording).run_once())
        self.assertEqual(["coral", "marin"], [change.voice_id for change in recording.sent])
        self.assertLess(recording.sent[0].changed_at, recording.sent[1].changed_at)
        self.assertEqual(0, self._rows())

    def test_the_change_that_is_committed_last_has_the_later_time(self):
        """The lock of the business orders the times, whoever adds first."""
        with Session(self.engine) as first, first.begin():
            first.get(self.Business, 1).voice_id = "sage"
            first.flush()
            second = threading.Thread(target=self._change, args=(1, "coral"))
            second.start()
            second.join(0.3)
            self.outbox.add(first, 1, "sage")
        second.join(10)
        recording = Recording()
        OutboxSender(self.engine, self.outbox, recording).run_once()
        latest = max(recording.sent, key=lambda change: change.changed_at)
        with Session(self.engine) as session:
            self.assertEqual(session.get(self.Business, 1).voice_id, latest.voice_id)

    def test_the_update_goes_before_the_row_whatever_the_session(self):
        make, said = sessionmaker(self.engine), []
        event.listen(self.engine, "before_cursor_execute", lambda *told: said.append(told[2].split()[0]))
        for session in (make(), scoped_session(make)):
            said.clear()
            session.get(self.Business, 1).voice_id = f"voice-{id(session)}"
            self.outbox.add(session, 1, "sage")
            session.commit()
            session.close()
            self.assertEqual(["SELECT", "UPDATE", "INSERT"], said)

    def test_two_senders_take_different_rows(self):
        for number in range(1, 6):
            self._change(number, "sage")
        inner = Recording()

        class SendsInBetween(Recording):
            def publish(this, change, timeout=5.0):
                super().publish(change, timeout)
                OutboxSender(self.engine, self.outbox, inner, batch=1).run_once()

        outer = SendsInBetween()
        OutboxSender(self.engine, self.outbox, outer, batch=2).run_once()
        sent = sorted(change.business_id for change in outer.sent + inner.sent)
        self.assertEqual((2, 2, sorted(set(sent))), (len(outer.sent), len(inner.sent), sent))

    def test_a_row_that_breaks_its_contract_does_not_hold_up_the_others(self):
        with self.engine.begin() as connection:
            connection.execute(self.outbox.table.insert().values(business_id=0, voice_id="sage"))
        self._change(1, "coral")
        with self.assertRaises(ContractError), Session(self.engine) as session:
            self.outbox.add(session, 0, "sage")
        with VoiceClient("amqp://127.0.0.1:1") as client, self.assertLogs("voice_worker_client", "ERROR"):
            with self.assertRaises(NotConfirmed):
                OutboxSender(self.engine, self.outbox, _Quick(client)).run_once()
        self.assertEqual(2, self._rows())
        self.assertEqual(1, OutboxSender(self.engine, self.outbox, Recording()).run_once())

    def test_a_change_survives_a_kill_between_its_commit_and_its_sending(self):
        with FakeWorker(lambda _: None, "business-voice-changed") as worker:
            self.assertEqual(-signal.SIGKILL, self._shop("change", "2", "sage"))
            self.assertEqual(([], 1), (worker.heard, self._rows()))
            self.assertEqual(0, self._shop("send"))
            message = worker.hears(1)[0][0]
        self.assertEqual((2, "sage", "user:7"), tuple(message[name] for name in ("businessId", "voiceId", "changedBy")))
        self.assertLess(datetime.fromisoformat(message["changedAt"]), datetime.now(timezone.utc))
        self.assertEqual(0, self._rows())

    def test_a_change_that_is_sent_again_after_a_kill_has_the_same_identity(self):
        with FakeWorker(lambda _: None, "business-voice-changed") as worker:
            self._change(2, "sage")
            self.assertEqual(-signal.SIGKILL, self._shop("send-and-die"))
            self.assertEqual(0, self._shop("send"))
            first, again = (message for message, _ in worker.hears(2))
        self.assertEqual(first, again)
        self.assertEqual(0, self._rows())

    def test_a_sender_that_runs_sends_what_comes(self):
        stop = threading.Event()
        with FakeWorker(lambda _: None, "business-voice-changed") as worker, VoiceClient(AMQP_URL) as client:
            sender = OutboxSender(self.engine, self.outbox, client, interval=0.05)
            running = threading.Thread(target=sender.run, args=(stop,))
            running.start()
            for number in range(1, 6):
                self._change(number, "sage")
            self.assertEqual([1, 2, 3, 4, 5], [message["businessId"] for message, _ in worker.hears(5)])
            stop.set()
            running.join(10)
        self.assertEqual(0, self._rows())

    def _change(self, number, voice):
        with Session(self.engine) as session, session.begin():
            session.get(self.Business, number).voice_id = voice
            self.outbox.add(session, number, voice)

    def _rows(self):
        with self.engine.connect() as connection:
            return len(connection.execute(self.outbox.table.select()).all())

    def _shop(self, *arguments):
        return subprocess.run([sys.executable, "-m", "tests.shop", self.schema, *arguments], timeout=60).returncode


class _Quick:
    def __init__(self, client):
        self._client = client

    def publish(self, change, timeout=5.0):
        self._client.publish(change, 0.1)


if __name__ == "__main__":
    unittest.main()
