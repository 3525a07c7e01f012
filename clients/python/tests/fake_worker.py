"""Something that answers in the place of the worker, as a test has it."""
from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pika

from .broker import URL

#: What is answered: AMQP type and body, or None for no answer.
Answer = Callable[[dict[str, Any]], "tuple[str, dict[str, Any]] | None"]


def marin(call: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Every business has it."""
    return "CallVoice", {**call, "voiceId": "marin", "source": "business", "reason": "businessVoice"}


class FakeWorker:
    """Answers what comes to an exchange; with it is started, without it nobody answers."""

    def __init__(self, answer: Answer = marin, exchange: str = "call-started", delay: float = 0.0) -> None:
        self.heard: list[tuple[dict[str, Any], Any]] = []
        self._answer = answer
        self._exchange = exchange
        self._delay = delay
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> FakeWorker:
        self._thread.start()
        assert self._is_ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.add_callback_threadsafe(self._channel.stop_consuming)
        self._thread.join(10)

    def hears(self, count: int, patience: float = 10.0) -> list[tuple[dict[str, Any], Any]]:
        """What it has heard, once it is so many messages."""
        deadline = time.monotonic() + patience
        while len(self.heard) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.heard

    def _run(self) -> None:
        with pika.BlockingConnection(pika.URLParameters(URL)) as self._connection:
            self._channel = self._connection.channel()
            self._channel.exchange_declare(self._exchange, "fanout", durable=True)
            queue = self._channel.queue_declare("", exclusive=True).method.queue
            self._channel.queue_bind(queue, self._exchange)
            self._channel.basic_consume(queue, self._on_message, auto_ack=True)
            self._is_ready.set()
            self._channel.start_consuming()

    def _on_message(self, channel: Any, _method: Any, properties: Any, body: bytes) -> None:
        message = json.loads(body)
        self.heard.append((message, properties))
        answer = self._answer(message)
        if answer is None or properties.reply_to is None:
            return
        time.sleep(self._delay)
        kind, reply = answer
        channel.basic_publish("", properties.reply_to, json.dumps(reply), pika.BasicProperties(
            type=kind, correlation_id=properties.correlation_id, content_type="application/json"))
