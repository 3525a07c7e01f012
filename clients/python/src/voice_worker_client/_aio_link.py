"""The way from an event loop to RabbitMQ: one task that has the only connection, and opens it again."""
from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import aio_pika
import aio_pika.exceptions

from ._nodes import nodes_of
from ._request import Request
from ._session import CLOSING, OPENING, REPLIES, STALL
from ._way import STEADY, Troubles, Waiting, next_pause

__all__ = ["AwaitedRequest", "Link"]

_LOG = logging.getLogger(__name__)


class AwaitedRequest(Request):
    """One that a coroutine waits for."""

    __slots__ = ("_settled",)

    def __init__(
        self, correlation_id: str, exchange: str, message: dict[str, object], deadline: float,
        *, expires: bool, needs_reply: bool,
    ) -> None:
        super().__init__(correlation_id, exchange, message, deadline, expires=expires, needs_reply=needs_reply)
        self._settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def settle(self) -> None:
        if not self._settled.done():
            self._settled.set_result(None)

    @property
    def is_settled(self) -> bool:
        return self._settled.done()

    async def wait(self) -> None:
        """Returns when it is settled, or at the deadline."""
        await asyncio.wait([self._settled], timeout=self.remaining)


class Link:
    """Carries the requests of one event loop. Callers never wait for a connection, only for an answer."""

    def __init__(self, urls: Sequence[str], on_late: Callable[[], None]) -> None:
        self.loop = asyncio.get_running_loop()
        self._urls = list(urls)
        random.shuffle(self._urls)
        self._on_late = on_late
        self._waiting = Waiting()
        self._channel: Any = None
        self._ended: asyncio.Future[str] | None = None
        self._publishing: set[asyncio.Task[None]] = set()
        self._last_progress = 0.0
        self._is_leaving = False
        self._refused: set[str] = set()
        self._troubles = Troubles()
        self._task = self.loop.create_task(self._run(), name="voice-worker-client")

    @property
    def trouble(self) -> str:
        """Why a request was not confirmed, as far as it is known; for people, without secrets."""
        return "no answer in time" if self._channel is not None else self._troubles.latest

    @staticmethod
    def check(urls: Sequence[str]) -> None:
        """Raises ValueError if there is none or one is wrong."""
        nodes_of(list(urls))

    def submit(self, request: Request) -> None:
        """Sends it now, or as soon as there is a connection while its caller waits."""
        self._waiting.add(request)
        if self._channel is not None:
            self._post(request)

    def forget(self, request: Request) -> None:
        """Nobody waits for it any more."""
        self._waiting.forget(request)

    async def close(self) -> None:
        """Ends connection and tasks; those of another event loop in that one, without waiting for it."""
        if self.loop is asyncio.get_running_loop():
            self._task.cancel()
            await asyncio.wait([self._task])
        else:
            self.abandon()

    def abandon(self) -> None:
        """In another event loop: has it end in its own, if that still runs."""
        with contextlib.suppress(RuntimeError):  # it is closed
            self.loop.call_soon_threadsafe(self._task.cancel)

    async def _run(self) -> None:
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            pause = next_pause(pause, await self._try_nodes())

    async def _try_nodes(self) -> bool:
        for _ in range(len(self._urls)):
            url = self._urls[0]
            self._urls.append(self._urls.pop(0))
            # A task of its own: what aiormq cancels with its connection is not us.
            session = self.loop.create_task(self._connect(url))
            try:
                await asyncio.wait([session])
            except asyncio.CancelledError:
                # Where the loop ends, it has been cancelled too: it is not held up while it says goodbye.
                if not self._is_leaving:
                    session.cancel()
                await asyncio.wait([session])
                raise
            if session.cancelled():
                self._troubles.tell(f"{_name_of(url)}: it has ended while it was opened")
            elif session.result():
                return True
        return False

    async def _connect(self, url: str) -> bool:
        """One connection, from its opening to its end; returns whether it was of use."""
        ready_at: float | None = None
        connection: Any = None
        self._is_leaving = False
        self._ended = self.loop.create_future()
        try:
            connection = await asyncio.wait_for(aio_pika.connect(url), OPENING)
            channel = await asyncio.wait_for(self._open(connection), OPENING)
            ready_at = self.loop.time()
            self._on_ready(channel)
            failure = await self._end_of_it()
        except Exception as error:
            failure = str(error) or repr(error)
        finally:
            self._channel = None
            await self._leave(connection)
        self._troubles.tell(f"{_name_of(url)}: {failure}")
        return ready_at is not None and self.loop.time() - ready_at > STEADY

    async def _end_of_it(self) -> str:
        assert self._ended is not None
        while not self._ended.done():
            await asyncio.wait([self._ended], timeout=1.0)
            if self._publishing and self.loop.time() - self._last_progress > STALL:
                return f"it has confirmed nothing for {STALL:g} s"
        return self._ended.result()

    async def _open(self, connection: Any) -> Any:
        connection.close_callbacks.add(self._on_end)
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        channel.close_callbacks.add(self._on_end)
        replies = await channel.get_queue(REPLIES, ensure=False)
        await replies.consume(self._on_message, no_ack=True)
        return channel

    async def _leave(self, connection: Any) -> None:
        if connection is None:
            return
        self._is_leaving = True
        connection.close_callbacks.discard(self._on_end)
        # Not wait_for, which waits for what it has cancelled: where the loop ends, that never does.
        goodbye = self.loop.create_task(connection.close())
        goodbye.add_done_callback(_tell_disorder)
        await asyncio.wait([goodbye], timeout=CLOSING)
        if goodbye.cancel():
            await asyncio.wait([goodbye], timeout=0.1)
        # They end with their connection; none stays when it hangs.
        if self._publishing:
            await asyncio.wait(self._publishing, timeout=0.1)
        for publishing in list(self._publishing):
            publishing.cancel()

    def _on_end(self, _sender: Any, reason: BaseException | None = None, *_: Any) -> None:
        self._end(str(reason) or repr(reason))

    def _end(self, failure: str) -> None:
        self._channel = None
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(failure)

    def _on_ready(self, channel: Any) -> None:
        self._channel = channel
        self._refused.clear()
        self._troubles.end()
        for request in self._waiting.all():
            self._post(request)

    def _post(self, request: Request) -> None:
        if not self._publishing:
            self._last_progress = self.loop.time()
        task = self.loop.create_task(self._publish(request, self._channel))
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)

    async def _publish(self, request: Request, channel: Any) -> None:
        left = request.remaining
        if not left:
            return
        message = aio_pika.Message(
            request.body, content_type="application/json", delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            correlation_id=request.correlation_id, reply_to=REPLIES if request.needs_reply else None,
            expiration=max(0.001, left) if request.expires else None)
        request.carrier = channel
        request.refusal = None
        try:
            # Without its wait for the socket, for which aiormq would leave an exception that nobody hears.
            underlay = await _underlay_of(channel)
            await underlay.basic_publish(
                message.body, exchange=request.exchange, properties=message.properties, mandatory=True, wait=False)
        except aio_pika.exceptions.DeliveryError as error:
            level = logging.DEBUG if request.exchange in self._refused else logging.WARNING
            self._refused.add(request.exchange)
            _LOG.log(level, "RabbitMQ does not take a message of %s: %s", request.exchange, error)
            request.refuse(f"RabbitMQ does not take messages of {request.exchange} ({error})")
        except Exception as error:
            # Whatever it is, the connection is of no more use: the next one sends it.
            self._end(str(error) or repr(error))
        else:
            self._last_progress = self.loop.time()
            request.confirm()

    async def _on_message(self, message: Any) -> None:
        self._last_progress = self.loop.time()
        request = self._waiting.find(message.correlation_id)
        if request is not None:
            request.answer(message.type, message.body)
        elif self._waiting.is_late(message.correlation_id):
            self._on_late()


async def _underlay_of(channel: Any) -> Any:
    # Since aio-pika 9.1 it is asked for.
    get = getattr(channel, "get_underlay_channel", None)
    return channel.channel if get is None else await get()


def _tell_disorder(goodbye: asyncio.Task[None]) -> None:
    error = None if goodbye.cancelled() else goodbye.exception()
    if error is not None:
        _LOG.debug("The connection did not end in order: %r", error)


def _name_of(url: str) -> str:
    # Without the account.
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (5671 if parts.scheme == 'amqps' else 5672)}"
