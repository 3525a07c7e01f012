"""Consumes audit events: commits, then acknowledges, so that it may be killed at any time."""
from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable
from typing import Any

import pika
import pika.exceptions

from .._nodes import Nodes, nodes_of
from .ledger import Ledger, Received, Transaction

__all__ = ["AuditConsumer", "Handler"]

_LOG = logging.getLogger(__name__)
_EXCHANGE = "voice-audit"
_PATIENCE = 0.1  # seconds without a delivery, until what has come is committed

# Nothing is dropped, however often the process is killed, and where a policy limits the queue the worker waits. One
# consumer at a time: in order, also while RabbitMQ has not noticed that the connection before this one is dead.
_ARGUMENTS = {
    "x-queue-type": "quorum", "x-delivery-limit": 2**31 - 1, "x-overflow": "reject-publish",
    "x-single-active-consumer": True,
}

#: Gets each event once, with the connection of the ledger's transaction.
Handler = Callable[[Received, Any], None]


class AuditConsumer:
    """Has a handler do something with every audit event, each once, and keeps what is missing.

    Args:
        urls: where RabbitMQ is: an AMQP URI, or one for each node of a cluster.
        handler: called with each new event and the connection of the ledger's transaction. When it raises, all of its
            transaction is rolled back and the events come again: an event is never left out.
        store: which events have been handled; a ledger for each queue.
        queue: the consumer's own, durable.
        declare: whether to declare the queue and bind it to all audit events; False where somebody else does it.
        batch: how many events one transaction takes at most.
        pause: seconds after a failure, doubled up to thirty while it fails again.
    """

    def __init__(
        self, urls: Nodes, handler: Handler, store: Ledger, queue: str,
        *, declare: bool = True, batch: int = 100, pause: float = 1.0,
    ) -> None:
        self._nodes = itertools.cycle(nodes_of(urls))
        self._handler = handler
        self._store = store
        self._queue = queue
        self._declare = declare
        self._batch = batch
        self._first_pause = pause
        self._pause = pause

    def run(self, stop: threading.Event) -> None:
        """Consumes until ``stop`` is set; what fails is logged and tried again."""
        while not stop.is_set():
            try:
                self._consume(next(self._nodes), stop)
            except (pika.exceptions.AMQPError, OSError) as error:
                _LOG.warning("RabbitMQ is not connected: %r", error)
            except Exception as error:
                cause = error.__cause__ if isinstance(error, _NotHandled) else error
                _LOG.error("An event could not be handled: it comes again", exc_info=cause)
            else:
                continue
            stop.wait(self._pause)
            self._pause = min(30.0, self._pause * 2)

    def _consume(self, node: pika.ConnectionParameters, stop: threading.Event) -> None:
        with pika.BlockingConnection(node) as connection:
            channel = connection.channel()
            if self._declare:
                channel.exchange_declare(_EXCHANGE, "fanout", durable=True)
                channel.queue_declare(self._queue, durable=True, arguments=_ARGUMENTS)
                channel.queue_bind(self._queue, _EXCHANGE)
            channel.basic_qos(prefetch_count=5 * self._batch)
            deliveries = channel.consume(self._queue, inactivity_timeout=_PATIENCE)
            _LOG.info("Consuming %s", self._queue)
            while not stop.is_set():
                tag = self._handle_batch(deliveries)
                if tag is not None:
                    channel.basic_ack(tag, multiple=True)
                    self._pause = self._first_pause
            channel.cancel()

    def _handle_batch(self, deliveries: Any) -> int | None:
        first = next(deliveries, None)
        if first is None:
            raise pika.exceptions.AMQPError(f"the queue {self._queue} has been deleted")
        if first[0] is None:
            return None
        tag: int | None = None
        with self._store.transaction() as transaction:
            for method, properties, body in itertools.chain([first], itertools.islice(deliveries, self._batch - 1)):
                if method is None:
                    break
                self._handle(transaction, properties, body)
                tag = method.delivery_tag
        return tag

    def _handle(self, transaction: Transaction, properties: Any, body: bytes) -> None:
        is_replay = (properties.headers or {}).get("x-replay") is True
        try:
            received = transaction.take(properties.type, body, is_replay)
            if received is not None:
                self._handler(received, transaction.connection)
        except Exception as error:
            raise _NotHandled from error


class _NotHandled(Exception):
    """So that an OSError of the handler is not taken for the loss of RabbitMQ."""
