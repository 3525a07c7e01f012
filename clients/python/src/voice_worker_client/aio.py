"""The client for asyncio: the same as ``voice_worker_client.VoiceClient``, to be awaited.

    client = VoiceClient("amqp://user:password@rabbitmq/")
    voice = await client.voice_for(business_id=42, call_id="CA-4711")

Needs aio-pika: ``pip install voice-worker-client[asyncio]``.
"""
from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Sequence
from datetime import datetime
from types import TracebackType

from . import _answers
from ._aio_link import AwaitedRequest, Link
from ._rules import check_call, check_change
from .client import _now, _positive
from .counts import Counter, Counts
from .errors import NotConfirmed
from .messages import BusinessVoiceChanged, CallStarted
from .voice import Voice, VoiceChange

__all__ = ["VoiceClient"]


class VoiceClient:
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
        self._urls = [urls] if isinstance(urls, str) else list(urls)
        Link.check(self._urls)
        self._timeout = _positive(timeout)
        self._default = default
        self._counter = Counter()
        self._current: Link | None = None

    @property
    def counts(self) -> Counts:
        """What became of the calls so far."""
        return self._counter.read()

    def connect(self) -> None:
        """Begins to connect, and returns at once: so that the first call does not wait for it."""
        self._link()

    async def voice_for(
        self, business_id: int, call_id: str, timeout: float | None = None, default: str | None = None,
        *, started_at: datetime | None = None,
    ) -> Voice:
        """As ``VoiceClient.voice_for`` for blocking callers: the answer, or the default after ``timeout`` seconds.

        Raises:
            ContractError: an argument breaks the contract. Nothing else is raised.
        """
        deadline = time.monotonic() + (self._timeout if timeout is None else _positive(timeout))
        default = self._default if default is None else default
        call = CallStarted(call_id=call_id, business_id=business_id, started_at=started_at or _now())
        check_call(call)
        request = await self._carry(CallStarted.EXCHANGE, call.to_json(), deadline, expires=True)
        voice = _answers.default_voice(call, default)
        if request.reply is not None:
            voice = _answers.read_voice(call, *request.parsed_reply(), default)
        self._counter.count("answered" if voice.is_answer else "defaulted")
        return voice

    async def change_voice(
        self, business_id: int, voice_id: str, changed_by: str | None = None, timeout: float = 5.0,
        *, changed_at: datetime | None = None,
    ) -> VoiceChange:
        """As ``VoiceClient.change_voice`` for blocking callers: what became of the change.

        Raises:
            ContractError: an argument breaks the contract, or the worker cannot record the change.
            NotConfirmed: RabbitMQ has not confirmed the change in time.
        """
        change = BusinessVoiceChanged(
            business_id=business_id, voice_id=voice_id, changed_at=changed_at or _now(), changed_by=changed_by)
        request = await self._publish(change, timeout, needs_reply=True)
        if request.reply is None:
            return _answers.queued(change)
        return _answers.read_change(change, *request.parsed_reply())

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
        deadline = time.monotonic() + _positive(timeout)
        check_change(change)
        request = await self._carry(
            change.EXCHANGE, change.to_json(), deadline, expires=False, needs_reply=needs_reply)
        if request.reply is None and not request.is_confirmed:
            raise NotConfirmed(
                f"the change is not confirmed: {request.refusal or self._link().trouble}", change.changed_at)
        return request

    async def _carry(
        self, exchange: str, message: dict[str, object], deadline: float, *, expires: bool, needs_reply: bool = True,
    ) -> AwaitedRequest:
        request = AwaitedRequest(
            uuid.uuid4().hex, exchange, message, deadline, expires=expires, needs_reply=needs_reply)
        link = self._link()
        link.submit(request)
        try:
            await request.wait()
        finally:
            link.forget(request)
        return request

    def _link(self) -> Link:
        link = self._current
        if link is None or link.loop is not asyncio.get_running_loop():
            link = self._current = Link(self._urls, self._counter.count_late)
        return link
