"""A call is never without a voice, and never waits longer than its caller has said."""
import concurrent.futures
import contextlib
import ctypes
import multiprocessing
import os
import resource
import socket
import threading
import time
import unittest

import pika

from voice_worker_client import ContractError, Counts, VoiceClient

from .broker import URL, Way
from .fake_worker import FakeWorker, marin

# Seconds that a call may take beyond its timeout on a machine that others use; a fault would cost several. The promise
# itself, 50 ms, is held by naive_use.py, which knows for how long the machine stood still.
TOLERANCE = 1.0


@contextlib.contextmanager
def within(test, seconds):
    begin = time.monotonic()
    yield
    test.assertLess(time.monotonic() - begin, seconds + TOLERANCE)


class WithoutBrokerTest(unittest.TestCase):
    def test_the_default_comes_in_time_while_nobody_listens(self):
        nowhere = Way("amqp://guest:s3cr3t@127.0.0.1:1", is_open=False)
        with VoiceClient([nowhere.url], timeout=0.2, default="sage") as client:
            for _ in range(3):
                with within(self, 0.2):
                    voice = client.voice_for(42, "CA-1")
                self.assertEqual(("sage", "default", "timeout", False),
                                 (voice.voice_id, voice.source, voice.reason, voice.is_answer))
            self.assertEqual("cedar", client.voice_for(42, "CA-1", timeout=0.01, default="cedar").voice_id)
            self.assertEqual(Counts(defaulted=4), client.counts)

    def test_the_default_comes_in_time_while_a_node_accepts_and_says_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            with VoiceClient(f"amqp://127.0.0.1:{deaf.getsockname()[1]}", timeout=0.2) as client:
                with within(self, 0.2):
                    self.assertEqual("timeout", client.voice_for(42, "CA-1").reason)

    def test_a_broken_argument_is_an_error_before_anything_is_sent(self):
        client = VoiceClient("amqp://127.0.0.1:1")
        with self.assertRaises(ContractError) as caught:
            client.voice_for(0, " CA-1")
        self.assertEqual(["callId", "businessId"], [field for field, _ in caught.exception.broken])
        self.assertEqual(Counts(), client.counts)

    def test_a_wrong_setting_is_an_error_without_the_password(self):
        slashed = [f"amqp://user:s3cr3t{sign}x@host/" for sign in "/#?"]
        for urls in ("", [], "http://user:s3cr3t@host", ["amqp://user:s3cr3t@"], *slashed, "amqp://user:[s3cr3t@host/"):
            with self.subTest(urls=urls), self.assertRaises(ValueError) as caught:
                VoiceClient(urls)
            self.assertNotIn("s3cr3t", str(caught.exception))
        for timeout in (0, -1, float("nan"), float("inf")):
            with self.subTest(timeout=timeout), self.assertRaises(ValueError):
                VoiceClient("amqp://host", timeout=timeout)


class VoiceForTest(unittest.TestCase):
    def test_the_answer_of_the_worker_is_the_voice(self):
        with FakeWorker() as worker, VoiceClient(URL, timeout=5) as client:
            voice = client.voice_for(42, "CA-1")
        self.assertEqual(("marin", "business", "businessVoice", 42, "CA-1", True),
                         (voice.voice_id, voice.source, voice.reason, voice.business_id, voice.call_id, voice.is_answer))
        message, properties = worker.heard[0]
        self.assertEqual({"callId", "businessId", "startedAt"}, set(message))
        self.assertLessEqual(int(properties.expiration), 5000)
        self.assertEqual(2, properties.delivery_mode)
        self.assertEqual(Counts(answered=1), client.counts)

    def test_a_refusal_is_an_error_that_names_field_and_rule(self):
        refusal = "CallRefused", {"error": "invalidMessage", "broken": [{"field": "startedAt", "rule": "required"}]}
        with FakeWorker(lambda _: refusal), VoiceClient(URL, timeout=5) as client:
            with self.assertRaises(ContractError) as caught:
                client.voice_for(42, "CA-1")
        self.assertEqual((("startedAt", "required"),), caught.exception.broken)

    def test_what_could_not_be_recorded_or_read_gets_the_default(self):
        unrecorded = "CallRefused", {"error": "notRecorded", "broken": [{"field": "", "rule": "23514"}]}
        for answer, reason in ((unrecorded, "notRecorded"), (("CallVoice", {}), "timeout")):
            with FakeWorker(lambda _: answer), VoiceClient(URL, timeout=5) as client:
                with self.assertLogs("voice_worker_client", "ERROR"):
                    voice = client.voice_for(42, "CA-1")
            self.assertEqual(("ash", reason, Counts(defaulted=1)), (voice.voice_id, voice.reason, client.counts))

    def test_a_reply_that_no_parser_bears_gets_the_default(self):
        class Deep(FakeWorker):
            def _on_message(self, channel, _method, properties, _body):
                channel.basic_publish("", properties.reply_to, b"[" * 200_000, pika.BasicProperties(
                    type="CallVoice", correlation_id=properties.correlation_id))

        with Deep(), VoiceClient(URL, timeout=5) as client, self.assertLogs("voice_worker_client", "ERROR"):
            self.assertEqual("timeout", client.voice_for(42, "CA-1").reason)

    def test_a_client_comes_back_when_its_process_has_files_again(self):
        way, hogs = Way(), []
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        with FakeWorker(), VoiceClient(way.url, timeout=10) as client:
            client.voice_for(42, "CA-0")
            try:
                with self.assertLogs("voice_worker_client", "WARNING") as logs:
                    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 1, limits[1]))
                    way.cut()
                    deadline = time.monotonic() + 10
                    while "Too many open files" not in "".join(logs.output):
                        self.assertLess(time.monotonic(), deadline)
                        with contextlib.suppress(OSError):
                            while True:
                                hogs.append(socket.socket())
                        time.sleep(0.001)
            finally:
                for hog in hogs:
                    hog.close()
                resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            way.open()
            self.assertEqual("businessVoice", client.voice_for(42, "CA-1").reason)
        way.cut()

    def test_a_late_answer_is_counted_and_nothing_else(self):
        with FakeWorker(delay=0.4), VoiceClient(URL, timeout=5) as client:
            client.voice_for(42, "CA-1")
            with within(self, 0.1):
                self.assertEqual("timeout", client.voice_for(42, "CA-2", timeout=0.1).reason)
            self.assertEqual("CA-3", client.voice_for(42, "CA-3").call_id)
            self.assertEqual(Counts(answered=2, defaulted=1, late=1), client.counts)

    def test_threads_share_one_connection_and_each_gets_its_own_answer(self):
        def echo(call):
            return "CallVoice", {**marin(call)[1], "voiceId": f"v{call['businessId']}"}

        with FakeWorker(echo), VoiceClient(URL, timeout=10) as client:
            with concurrent.futures.ThreadPoolExecutor(20) as threads:
                voices = list(threads.map(lambda n: client.voice_for(n, f"CA-{n}"), range(1, 501)))
            self.assertEqual([f"v{n}" for n in range(1, 501)], [voice.voice_id for voice in voices])
            self.assertEqual(Counts(answered=500), client.counts)

    def test_a_lost_connection_costs_no_answer_that_can_still_come(self):
        way = Way()
        with FakeWorker(delay=0.05), VoiceClient(way.url, timeout=10) as client:
            client.voice_for(42, "CA-0")
            with concurrent.futures.ThreadPoolExecutor(5) as threads:
                calls = [threads.submit(client.voice_for, 42, f"CA-{n}") for n in range(1, 21)]
                way.cut()
                time.sleep(0.3)
                way.open()
                reasons = [call.result().reason for call in calls]
            self.assertEqual(["businessVoice"] * 20, reasons)
        way.cut()

    def test_another_node_takes_over_from_one_that_hangs(self):
        ways = [Way(), Way()]
        with FakeWorker(), VoiceClient([way.url for way in ways], timeout=0.3) as client:
            client.voice_for(42, "CA-0", timeout=10)
            for way in ways:
                if way._pairs:
                    way.hold()
            deadline = time.monotonic() + 15
            while client.voice_for(42, "CA-1").reason == "timeout":
                self.assertLess(time.monotonic(), deadline)
        for way in ways:
            way.release()
            way.cut()

    def test_a_forked_child_makes_its_own_connection_and_leaves_that_of_its_parent(self):
        with FakeWorker(), VoiceClient(URL, timeout=10) as client:
            client.voice_for(42, "CA-0")
            fork = multiprocessing.get_context("fork")
            results = fork.Queue()
            children = [fork.Process(target=_ask_in_child, args=(client, results, n)) for n in range(4)]
            for child in children:
                child.start()
            told = [results.get(timeout=30) for _ in children]
            for child in children:
                child.join(30)
            self.assertEqual([(True, Counts(answered=20))] * 4, told)
            self.assertEqual("businessVoice", client.voice_for(42, "CA-9").reason)
            self.assertEqual(Counts(answered=2), client.counts)

    def test_a_child_that_is_forked_without_hooks_makes_its_own_connection_too(self):
        with FakeWorker(), VoiceClient(URL, timeout=10) as client:
            client.voice_for(42, "CA-0")
            # As uWSGI does it.
            child = ctypes.PyDLL(None).fork()
            if child == 0:
                os._exit(0 if client.voice_for(42, "CA-1").is_answer else 1)
            self.assertEqual((child, 0), os.waitpid(child, 0))
            self.assertTrue(client.voice_for(42, "CA-2").is_answer)

    def test_a_closed_client_opens_again_and_leaves_no_thread(self):
        with FakeWorker():
            before = threading.active_count()
            client = VoiceClient(URL, timeout=5)
            for n in range(3):
                self.assertTrue(client.voice_for(42, f"CA-{n}").is_answer)
                client.close()
                self.assertEqual(before, threading.active_count())


def _ask_in_child(client, results, child):
    answers = [client.voice_for(42, f"CA-{os.getpid()}-{n}").is_answer for n in range(20)]
    results.put((all(answers), client.counts))


if __name__ == "__main__":
    unittest.main()
