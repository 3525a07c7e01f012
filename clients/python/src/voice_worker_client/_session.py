"""One connection to one node, from its opening to its end."""
from __future__ import annotations

import collections
import logging
import time
from collections.abc import Callable
from typing import Any

import pika
import pika.exceptions
from pika.adapters.select_connection import IOLoop

from ._request import Request

__all__ = ["Session"]

_LOG = logging.getLogger(__name__)
REPLIES = "amq.rabbitmq.reply-to"

# Seconds. A node that confirms nothing for so long is left for another one.
STALL = 3.0
# For connecting, the channel and the consumer together.
OPENING = 6.0
# For the end of a connection whose node does not answer.
CLOSING = 1.0


class Session:
    """Publishes requests with confirms, and hears their replies.

    ``run`` does everything in the thread that calls it; ``post`` and ``close`` are for the others.

    Args:
        node: where to connect.
        on_ready: called in that thread when requests can be posted, and again after a block of RabbitMQ has ended.
        on_blocked: called in that thread when RabbitMQ takes no messages for now.
        on_reply: called in that thread with correlation id, AMQP type and body.

    Attributes:
        failure: why it has ended, for people; None if it was closed.
        was_ready_at: when it became ready by ``time.monotonic()``, or None.
    """

    def __init__(
        self, node: pika.ConnectionParameters, on_ready: Callable[[Session], None],
        on_blocked: Callable[[Session, str], None], on_reply: Callable[[str | None, str | None, bytes], None],
    ) -> None:
        self.failure: str | None = None
        self.was_ready_at: float | None = None
        self._node = node
        self._on_ready = on_ready
        self._on_blocked = on_blocked
        self._on_reply = on_reply
        self._loop = IOLoop()
        self._connection: Any = None
        self._channel: Any = None
        self._outgoing: collections.deque[Request] = collections.deque()
        self._published = 0
        self._unconfirmed: dict[int, Request] = {}
        self._last_progress = 0.0
        self._is_blocked = False
        self._unroutable: set[str] = set()

    def run(self) -> None:
        """Connects, and returns when the connection has ended."""
        try:
            self._loop.call_later(OPENING, self._check_opened)
            self._connection = pika.SelectConnection(
                self._node, on_open_callback=self._on_connected, on_open_error_callback=self._on_end,
                on_close_callback=self._on_end, custom_ioloop=self._loop)
            self._loop.start()
        finally:
            self._loop.close()
            self._close_socket()

    def post(self, request: Request) -> None:
        """Has it published, as soon as possible; from any thread, also when the connection has ended."""
        self._outgoing.append(request)
        self._loop.add_callback_threadsafe(self._publish_outgoing)

    def close(self) -> None:
        """Ends the connection; from any thread."""
        self._loop.add_callback_threadsafe(self._close)

    def abandon(self) -> None:
        """In a forked child: closes its copy of the socket and says nothing to the node, which serves the parent."""
        self._close_socket()

    # Opening

    def _on_connected(self, connection: Any) -> None:
        connection.add_on_connection_blocked_callback(self._on_connection_blocked)
        connection.add_on_connection_unblocked_callback(self._on_connection_unblocked)
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Any) -> None:
        self._channel = channel
        channel.add_on_close_callback(self._on_channel_closed)
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_confirm)
        channel.basic_consume(REPLIES, self._on_message, auto_ack=True, callback=self._on_consuming)

    def _on_consuming(self, _frame: Any) -> None:
        self.was_ready_at = time.monotonic()
        self._loop.call_later(1.0, self._check_progress)
        self._on_ready(self)

    def _check_opened(self) -> None:
        if self.was_ready_at is None:
            self._fail(f"it has not let us in for {OPENING:g} s")

    # Publishing

    def _publish_outgoing(self) -> None:
        while self._outgoing and not self._is_blocked:
            request = self._outgoing.popleft()
            if request.is_settled or request.carrier is self or not request.remaining:
                continue
            try:
                self._publish(request)
            except pika.exceptions.AMQPError as error:
                # The channel is being closed: the next session sends it.
                _LOG.debug("Not published: %r", error)
                return

    def _publish(self, request: Request) -> None:
        left = max(1, int(request.remaining * 1000))
        properties = pika.BasicProperties(
            content_type="application/json", delivery_mode=2, correlation_id=request.correlation_id,
            reply_to=REPLIES if request.needs_reply else None, expiration=str(left) if request.expires else None)
        request.carrier = self
        request.refusal = None
        if not self._unconfirmed:
            self._last_progress = time.monotonic()
        self._channel.basic_publish(request.exchange, "", request.body, properties, mandatory=True)
        self._published += 1
        self._unconfirmed[self._published] = request

    def _on_confirm(self, frame: Any) -> None:
        self._last_progress = time.monotonic()
        tag = frame.method.delivery_tag
        # In the order of the tags.
        tags = [one for one in self._unconfirmed if one <= tag] if frame.method.multiple else [tag]
        for one in tags:
            request = self._unconfirmed.pop(one, None)
            if request is None:
                continue
            if isinstance(frame.method, pika.spec.Basic.Ack):
                request.confirm()
            else:
                request.refuse("RabbitMQ has refused it (nack)")

    def _on_return(self, _channel: Any, method: Any, properties: Any, _body: bytes) -> None:
        # The return comes before the confirm of the same message.
        for request in self._unconfirmed.values():
            if request.correlation_id == properties.correlation_id:
                level = logging.DEBUG if request.exchange in self._unroutable else logging.WARNING
                self._unroutable.add(request.exchange)
                _LOG.log(level, "No queue takes messages of %s: no worker has been started there", request.exchange)
                request.refuse(f"no queue takes messages of {request.exchange} ({method.reply_text})")
                return

    def _on_message(self, _channel: Any, _method: Any, properties: Any, body: bytes) -> None:
        self._last_progress = time.monotonic()
        self._on_reply(properties.correlation_id, properties.type, body)

    def _check_progress(self) -> None:
        if self._unconfirmed and not self._is_blocked and time.monotonic() - self._last_progress > STALL:
            self._fail(f"it has confirmed nothing for {STALL:g} s")
        else:
            self._loop.call_later(1.0, self._check_progress)

    def _on_connection_blocked(self, _connection: Any, frame: Any) -> None:
        self._is_blocked = True
        self._on_blocked(self, f"RabbitMQ takes no messages ({frame.method.reason})")

    def _on_connection_unblocked(self, _connection: Any, _frame: Any) -> None:
        self._is_blocked = False
        self._last_progress = time.monotonic()
        if self.was_ready_at is not None:
            self._on_ready(self)
            self._publish_outgoing()

    # Ending

    def _on_channel_closed(self, _channel: Any, reason: BaseException) -> None:
        if self.failure is None and not isinstance(reason, pika.exceptions.ChannelClosedByClient):
            self.failure = _text_of(reason)
        self._close()

    def _close(self) -> None:
        connection = self._connection
        if connection is not None and connection.is_open:
            connection.close()
        elif connection is None or not connection.is_closing:
            self._loop.stop()
        self._loop.call_later(CLOSING, self._loop.stop)

    def _fail(self, failure: str) -> None:
        self.failure = failure
        self._loop.stop()

    def _close_socket(self) -> None:
        # pika has no way to leave a connection whose node does not answer, and none to leave it to another process.
        transport = getattr(self._connection, "_transport", None)
        socket = getattr(transport, "_sock", None)
        if socket is not None:
            socket.close()

    def _on_end(self, _connection: Any, reason: BaseException) -> None:
        if self.failure is None and not isinstance(reason, pika.exceptions.ConnectionClosedByClient):
            self.failure = _text_of(reason)
        self._loop.stop()


def _text_of(reason: BaseException) -> str:
    return str(reason) or repr(reason)
