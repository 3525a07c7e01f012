"""A change of voice is lost silently in no case, and its caller hears what became of it."""
import threading
import time
import unittest
from datetime import datetime, timedelta, timezone

import pika

from voice_worker_client import ContractError, NotConfirmed, VoiceClient, VoiceWorkerError
from voice_worker_client.messages import BusinessVoiceChanged

from .broker import URL, Way
from .fake_worker import FakeWorker

EXCHANGE = "business-voice-changed"


def result(outcome, **fields):
    def answer(change):
        return "VoiceChangeResult", {
            "businessId": change["businessId"], "voiceId": change["voiceId"].lower(),
            "changedAt": "2026-01-31T09:30:00.000000Z", "outcome": outcome, **fields}
    return answer


def asked(answer, **arguments):
    with FakeWorker(answer, EXCHANGE) as worker, VoiceClient(URL) as client:
        return client.change_voice(42, "Sage", "anna", **arguments), worker


class WithoutBrokerTest(unittest.TestCase):
    def test_a_change_that_nobody_has_taken_is_an_error_that_says_why(self):
        nowhere = Way("amqp://guest:s3cr3t@127.0.0.1:1", is_open=False)
        at = datetime(2026, 1, 31, tzinfo=timezone(timedelta(hours=1)))
        with VoiceClient(nowhere.url) as client, self.assertRaises(NotConfirmed) as caught:
            client.change_voice(42, "sage", timeout=0.3, changed_at=at)
        self.assertIn("refused", str(caught.exception))
        self.assertNotIn("s3cr3t", str(caught.exception))
        self.assertEqual(at, caught.exception.changed_at)
        self.assertIsInstance(caught.exception, VoiceWorkerError)

    def test_a_broken_argument_is_an_error_before_anything_is_sent(self):
        with VoiceClient("amqp://127.0.0.1:1") as client, self.assertRaises(ContractError) as caught:
            client.change_voice(42, "x" * 33, "y" * 129)
        self.assertEqual(["voiceId", "changedBy"], [field for field, _ in caught.exception.broken])


class ChangeVoiceTest(unittest.TestCase):
    def test_each_result_of_the_worker_has_its_outcome(self):
        for answer, expected in (
            (result("updated", standingVoiceId="sage"), ("updated", None, "sage")),
            (result("rejected", reason="superseded", standingVoiceId="coral"), ("superseded", "superseded", "coral")),
            (result("rejected", reason="unknownBusiness", standingVoiceId=None), ("refused", "unknownBusiness", None)),
        ):
            change, _ = asked(answer)
            self.assertEqual(expected, (change.outcome, change.reason, change.standing_voice_id))
            self.assertEqual((42, "sage"), (change.business_id, change.voice_id))

    def test_it_is_sent_as_its_contract_says_and_does_not_expire(self):
        at = datetime(2026, 1, 31, 10, 30, tzinfo=timezone(timedelta(hours=1)))
        _, worker = asked(result("updated", standingVoiceId="sage"), changed_at=at)
        message, properties = worker.heard[0]
        self.assertEqual(
            {"businessId": 42, "voiceId": "Sage", "changedAt": "2026-01-31T09:30:00+00:00", "changedBy": "anna"}, message)
        self.assertEqual((None, 2), (properties.expiration, properties.delivery_mode))

    def test_what_a_queue_has_and_nobody_answers_is_queued(self):
        change, worker = asked(lambda _: None, timeout=0.3)
        self.assertEqual(("queued", "Sage", 1), (change.outcome, change.voice_id, len(worker.heard)))

    def test_a_refusal_is_an_error_that_names_field_and_rule(self):
        refusal = "ChangeRefused", {"error": "notRecorded", "broken": [{"field": "", "rule": "23514 voice_is_known"}]}
        with self.assertRaises(ContractError) as caught:
            asked(lambda _: refusal)
        self.assertEqual(("notRecorded", (("", "23514 voice_is_known"),)), (caught.exception.error, caught.exception.broken))

    def test_what_no_queue_takes_is_an_error_at_once(self):
        with pika.BlockingConnection(pika.URLParameters(URL)) as connection:
            connection.channel().exchange_declare(EXCHANGE, "fanout", durable=True)
        begin = time.monotonic()
        with VoiceClient(URL) as client, self.assertRaises(NotConfirmed) as caught:
            client.publish(_change(), timeout=20)
        self.assertIn("NO_ROUTE", str(caught.exception))
        self.assertLess(time.monotonic() - begin, 10)

    def test_an_exchange_that_does_not_exist_is_told_and_costs_no_later_change(self):
        with pika.BlockingConnection(pika.URLParameters(URL)) as connection:
            connection.channel().exchange_delete(EXCHANGE)
        with VoiceClient(URL) as client:
            with self.assertRaises(NotConfirmed) as caught:
                client.publish(_change(), timeout=1)
            self.assertIn("no exchange 'business-voice-changed'", str(caught.exception))
            with FakeWorker(lambda _: None, EXCHANGE) as worker:
                client.publish(_change(), timeout=10)
                self.assertEqual(1, len(worker.hears(1)))

    def test_a_connection_that_is_lost_before_the_confirm_costs_nothing(self):
        way = Way()
        with FakeWorker(result("updated", standingVoiceId="sage"), EXCHANGE, delay=0.3) as worker:
            with VoiceClient(way.url) as client:
                client.change_voice(42, "sage", timeout=10)
                threading.Timer(0.1, way.cut).start()
                threading.Timer(0.5, way.open).start()
                self.assertEqual("updated", client.change_voice(42, "sage", timeout=10).outcome)
        self.assertEqual(len(worker.heard), 3)  # the last twice, with one identity
        self.assertEqual(worker.heard[1][0], worker.heard[2][0])
        way.cut()


def _change():
    return BusinessVoiceChanged(business_id=42, voice_id="sage", changed_at=datetime.now(timezone.utc))


if __name__ == "__main__":
    unittest.main()
