"""The client for asyncio keeps the same promises."""
import asyncio
import threading
import time
import unittest

import pika

try:
    from voice_worker_client.aio import VoiceClient
except ImportError as missing:
    raise unittest.SkipTest(f"aio-pika is not installed: {missing}") from missing
from voice_worker_client import ContractError, Counts, NotConfirmed

from .broker import URL, Way
from .fake_worker import FakeWorker, marin
from .test_change_voice import EXCHANGE, result
from .test_voice_for import TOLERANCE


class WithoutBrokerTest(unittest.IsolatedAsyncioTestCase):
    async def test_the_default_comes_in_time_while_nobody_listens(self):
        nowhere = Way("amqp://guest:s3cr3t@127.0.0.1:1", is_open=False)
        async with VoiceClient([nowhere.url], timeout=0.2, default="sage") as client:
            begin = time.monotonic()
            voices = await asyncio.gather(*(client.voice_for(42, f"CA-{n}") for n in range(20)))
            self.assertLess(time.monotonic() - begin, 0.2 + TOLERANCE)
            self.assertEqual({("sage", "default", "timeout")}, {(one.voice_id, one.source, one.reason) for one in voices})
            self.assertEqual(Counts(defaulted=20), client.counts)
            with self.assertRaises(NotConfirmed) as caught:
                await client.change_voice(42, "sage", timeout=0.2)
        self.assertNotIn("s3cr3t", str(caught.exception))

    async def test_a_broken_argument_is_an_error_before_anything_is_sent(self):
        client = VoiceClient("amqp://127.0.0.1:1")
        with self.assertRaises(ContractError):
            await client.voice_for(0, "CA-1")
        with self.assertRaises(ContractError):
            await client.change_voice(42, "")
        with self.assertRaises(ValueError):
            VoiceClient([])


class AioTest(unittest.IsolatedAsyncioTestCase):
    async def test_each_task_gets_its_own_answer(self):
        def echo(call):
            return "CallVoice", {**marin(call)[1], "voiceId": f"v{call['businessId']}"}

        with FakeWorker(echo) as worker:
            async with VoiceClient(URL, timeout=10) as client:
                voices = await asyncio.gather(*(client.voice_for(n, f"CA-{n}") for n in range(1, 51)))
            self.assertEqual([f"v{n}" for n in range(1, 51)], [voice.voice_id for voice in voices])
            self.assertLessEqual(int(worker.heard[0][1].expiration), 10_000)
            self.assertEqual(Counts(answered=50), client.counts)

    async def test_a_late_answer_is_counted_and_a_refusal_is_an_error(self):
        with FakeWorker(delay=0.4):
            async with VoiceClient(URL, timeout=5) as client:
                await client.voice_for(42, "CA-1")
                begin = time.monotonic()
                self.assertEqual("timeout", (await client.voice_for(42, "CA-2", timeout=0.1)).reason)
                self.assertLess(time.monotonic() - begin, 0.1 + TOLERANCE)
                await client.voice_for(42, "CA-3")
                self.assertEqual(Counts(answered=2, defaulted=1, late=1), client.counts)
        refusal = "CallRefused", {"error": "invalidMessage", "broken": [{"field": "startedAt", "rule": "required"}]}
        with FakeWorker(lambda _: refusal):
            async with VoiceClient(URL, timeout=5) as client:
                with self.assertRaises(ContractError) as caught:
                    await client.voice_for(42, "CA-1")
        self.assertEqual((("startedAt", "required"),), caught.exception.broken)

    async def test_a_lost_connection_costs_no_answer_that_can_still_come(self):
        way = Way()
        with FakeWorker(delay=0.02):
            async with VoiceClient(way.url, timeout=10) as client:
                await client.voice_for(42, "CA-0")
                calls = asyncio.gather(*(client.voice_for(42, f"CA-{n}") for n in range(1, 21)))
                await asyncio.sleep(0.05)
                way.cut()
                await asyncio.sleep(0.3)
                way.open()
                self.assertEqual({"businessVoice"}, {voice.reason for voice in await calls})
        way.cut()

    async def test_another_node_takes_over_from_one_that_hangs(self):
        ways = [Way(), Way()]
        with FakeWorker():
            async with VoiceClient([way.url for way in ways], timeout=0.3) as client:
                await client.voice_for(42, "CA-0", timeout=10)
                for way in ways:
                    if way._pairs:
                        way.hold()
                deadline = time.monotonic() + 15
                while (await client.voice_for(42, "CA-1")).reason == "timeout":
                    self.assertLess(time.monotonic(), deadline)
        for way in ways:
            way.release()
            way.cut()

    async def test_a_change_says_what_became_of_it(self):
        with FakeWorker(result("rejected", reason="superseded", standingVoiceId="coral"), EXCHANGE):
            async with VoiceClient(URL) as client:
                change = await client.change_voice(42, "Sage", "anna")
        self.assertEqual(("superseded", "coral"), (change.outcome, change.standing_voice_id))
        async with VoiceClient(URL) as client:
            with self.assertRaises(NotConfirmed):
                await client.change_voice(42, "sage", timeout=10)

    async def test_an_exchange_that_does_not_exist_is_told(self):
        with pika.BlockingConnection(pika.URLParameters(URL)) as connection:
            connection.channel().exchange_delete(EXCHANGE)
        async with VoiceClient(URL) as client:
            with self.assertRaises(NotConfirmed) as caught:
                await client.change_voice(42, "sage", timeout=1)
        self.assertIn("no exchange 'business-voice-changed'", str(caught.exception))

    def test_a_program_ends_that_has_not_closed_it(self):
        with FakeWorker():
            client = VoiceClient(URL, timeout=5)

            async def ask():
                return (await client.voice_for(42, "CA-1")).is_answer

            running = threading.Thread(target=lambda: self.assertTrue(asyncio.run(ask())), daemon=True)
            running.start()
            running.join(10)
            self.assertFalse(running.is_alive())
            asyncio.run(client.close())

    def test_event_loops_that_take_turns_leave_no_connection_behind(self):
        with FakeWorker():
            client = VoiceClient(URL, timeout=5)
            loops = [asyncio.new_event_loop() for _ in range(2)]
            threads = [threading.Thread(target=loop.run_forever) for loop in loops]
            for thread in threads:
                thread.start()

            async def others():
                return len(asyncio.all_tasks()) - 1

            for n in range(6):
                call = client.voice_for(42, f"CA-{n}")
                self.assertTrue(asyncio.run_coroutine_threadsafe(call, loops[n % 2]).result(10).is_answer)
            asyncio.run(client.close())
            deadline = time.monotonic() + 10
            while any(asyncio.run_coroutine_threadsafe(others(), loop).result(10) for loop in loops):
                self.assertLess(time.monotonic(), deadline)
            for loop, thread in zip(loops, threads):
                loop.call_soon_threadsafe(loop.stop)
                thread.join(10)
                loop.close()

    def test_it_begins_anew_in_another_event_loop(self):
        with FakeWorker():
            client = VoiceClient(URL, timeout=5)

            async def ask(call):
                async with client:
                    return (await client.voice_for(42, call)).is_answer

            self.assertTrue(asyncio.run(ask("CA-1")))
            self.assertTrue(asyncio.run(ask("CA-2")))


if __name__ == "__main__":
    unittest.main()
