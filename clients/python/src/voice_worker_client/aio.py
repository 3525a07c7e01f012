"""The client for asyncio: the same as ``voice_worker_client.VoiceClient``, to be awaited.

    client = VoiceClient("amqp://user:password@rabbitmq/")
    voice = await client.voice_for(business_id=42, call_id="CA-4711")

Needs aio-pika: ``pip install voice-worker-client[asyncio]``.
"""
from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from datetime import datetime
from types import TracebackType

from ._aio_link import AwaitedRequest, Link
from ._base import BaseClient, change_of, confirmed, deadline_in, result_of
from ._rules import check_change
from .messages import BusinessVoiceChanged
from .voice import Voice, VoiceChange

__all__ = ["VoiceClient"]


class VoiceClient(BaseClient):
    """Asks the Voice Worker for the voices of calls, and tells it of changes.

    Make one for each program and close it at its end; it belongs to the event loop that uses it first, and begins
    anew in another one.

    Args:
        urls: where RabbitMQ is: an AMQP URI, or one for each node of a cluster.
        timeout: how long ``voice_for`` waits for an answer, in seconds.
        default: the voice that a call gets when no answer comes in time.

    Raises:
        ValueError: a URI is wrong, or the timeout is not above 0.
    """

    def __init__(self, urls: str | Sequence[str], timeout: float = 0.3, default: str = "ash") -> None:
        super().__init__(timeout, default)
        self._urls = [urls] if isinstance(urls, str) else list(urls)
        Link.check(self._urls)
        self._current: Link | None = None

    def connect(self) -> None:
        """Begins to connect, and returns at once: so that the first call does not wait for it."""
        self._link()

    async def voice_for(
        self, business_id: int, call_id: str, timeout: float | None = None, default: str | None = None,
        *, started_at: datetime | None = None,
    ) -> Voice:
        """As ``VoiceClient.voice_for`` for blocking callers: the answer, or the default after ``timeout`` seconds.

        Raises:
            ContractError: an argument breaks the contract. Nothing else is raised, but ValueError for a wrong timeout.
        """
        call, deadline = self._begin(business_id, call_id, started_at, timeout)
        request = await self._carry(self._link(), call.EXCHANGE, call.to_json(), deadline, expires=True)
        return self._end(call, request, default)

    async def change_voice(
        self, business_id: int, voice_id: str, changed_by: str | None = None, timeout: float = 5.0,
        *, changed_at: datetime | None = None,
    ) -> VoiceChange:
        """As ``VoiceClient.change_voice`` for blocking callers: what became of the change.

        Raises:
            ContractError: an argument breaks the contract, or the worker cannot record the change.
            NotConfirmed: RabbitMQ has not confirmed the change in time.
        """
        change = change_of(business_id, voice_id, changed_by, changed_at)
        return result_of(change, await self._publish(change, timeout, needs_reply=True))

    async def publish(self, change: BusinessVoiceChanged, timeout: float = 5.0) -> None:
        """Sends a change and returns when RabbitMQ has it, so that it is not lost; for outboxes.

        Raises:
            ContractError: it breaks the contract.
            NotConfirmed: RabbitMQ has not confirmed it in time.
        """
        await self._publish(change, timeout, needs_reply=False)

    async def close(self) -> None:
        """Ends the connection; the next use opens another one."""
        link = self._current
        self._current = None
        if link is not None:
            await link.close()

    async def __aenter__(self) -> VoiceClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _publish(self, change: BusinessVoiceChanged, timeout: float, needs_reply: bool) -> AwaitedRequest:
        deadline = deadline_in(timeout)
        check_change(change)
        link = self._link()
        request = await self._carry(
            link, change.EXCHANGE, change.to_json(), deadline, expires=False, needs_reply=needs_reply)
        confirmed(change, request, link.trouble)
        return request

    @staticmethod
    async def _carry(
        link: Link, exchange: str, message: dict[str, object], deadline: float,
        *, expires: bool, needs_reply: bool = True,
    ) -> AwaitedRequest:
        request = AwaitedRequest(
            uuid.uuid4().hex, exchange, message, deadline, expires=expires, needs_reply=needs_reply)
        link.submit(request)
        try:
            await request.wait()
        finally:
            link.forget(request)
        return request

    def _link(self) -> Link:
        link = self._current
        if link is not None and link.loop is not asyncio.get_running_loop():
            link.abandon()
            link = None
        if link is None:
            link = self._current = Link(self._urls, self._counter.count_late)
        return link
