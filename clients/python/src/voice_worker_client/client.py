"""The client for threads, forked workers and greenlets."""
from __future__ import annotations

import os
import threading
import time
import uuid
import weakref
from datetime import datetime, timezone
from types import TracebackType

from . import _answers
from ._link import Link
from ._nodes import Nodes, nodes_of
from ._request import BlockingRequest
from ._rules import check_call, check_change
from .counts import Counter, Counts
from .errors import NotConfirmed
from .messages import BusinessVoiceChanged, CallStarted
from .voice import Voice, VoiceChange

__all__ = ["VoiceClient"]

# Seconds that close waits for RabbitMQ to say goodbye.
_GOODBYE = 2.0


class VoiceClient:
    """Asks the Voice Worker for the voices of calls, and tells it of changes.

    Make one for each program and share it: between threads, with the processes that are forked from it, and between
    the greenlets of gevent (after ``monkey.patch_all()``). The first use in a process starts a thread, which has its
    only connection and opens it again when it is lost.

    Args:
        urls: where RabbitMQ is: an AMQP URI, or one for each node of a cluster; pika.ConnectionParameters for what a
            URI cannot say.
        timeout: how long ``voice_for`` waits for an answer, in seconds.
        default: the voice that a call gets when no answer comes in time.

    Raises:
        ValueError: a URI is wrong, or the timeout is not above 0.
    """

    def __init__(self, urls: Nodes, timeout: float = 0.3, default: str = "ash") -> None:
        self._nodes = nodes_of(urls)
        self._timeout = _positive(timeout)
        self._default = default
        self._guard = threading.Lock()
        self._counter = Counter()
        self._current: Link | None = None
        itself = weakref.ref(self)
        os.register_at_fork(after_in_child=lambda: _forked(itself))

    @property
    def counts(self) -> Counts:
        """What became of the calls of this process so far."""
        return self._counter.read()

    def connect(self) -> None:
        """Begins to connect, and returns at once: so that the first call does not wait for it.

        After the fork, where there is one: in gunicorn's ``post_fork``, not in the process that forks.
        """
        self._link()

    def voice_for(
        self, business_id: int, call_id: str, timeout: float | None = None, default: str | None = None,
        *, started_at: datetime | None = None,
    ) -> Voice:
        """The voice for a call: the worker's answer, or the default when none has come after ``timeout``.

        It never waits longer, also while RabbitMQ or the worker is away. The same ``call_id`` asked again gets the
        answer that it got first.

        Args:
            business_id: whom the call is for: 1 to 2147483647.
            call_id: of the telephony provider, 1 to 64 printable characters.
            timeout: in seconds; the client's when it is not given.
            default: the client's when it is not given.
            started_at: when the call began, with an offset; now when it is not given.

        Raises:
            ContractError: an argument breaks the contract. Nothing else is raised.
        """
        deadline = time.monotonic() + (self._timeout if timeout is None else _positive(timeout))
        default = self._default if default is None else default
        call = CallStarted(call_id=call_id, business_id=business_id, started_at=started_at or _now())
        check_call(call)
        request = self._carry(CallStarted.EXCHANGE, call.to_json(), deadline, expires=True)
        voice = _answers.default_voice(call, default)
        if request.reply is not None:
            voice = _answers.read_voice(call, *request.parsed_reply(), default)
        self._counter.count("answered" if voice.is_answer else "defaulted")
        return voice

    def change_voice(
        self, business_id: int, voice_id: str, changed_by: str | None = None, timeout: float = 5.0,
        *, changed_at: datetime | None = None,
    ) -> VoiceChange:
        """Gives a business another voice, and says what became of it.

        Args:
            business_id: 1 to 2147483647.
            voice_id: the new voice, 1 to 32 printable characters.
            changed_by: who changed it, at most 128 characters.
            timeout: how long to wait for the result, in seconds.
            changed_at: when it was changed, with an offset; now when it is not given. The later change stands.

        Returns:
            ``queued`` when RabbitMQ has the change and the worker has not answered in time: it will be made or
            rejected later.

        Raises:
            ContractError: an argument breaks the contract, or the worker cannot record the change.
            NotConfirmed: RabbitMQ has not confirmed the change in time.
        """
        change = BusinessVoiceChanged(
            business_id=business_id, voice_id=voice_id, changed_at=changed_at or _now(), changed_by=changed_by)
        request = self._publish(change, timeout, needs_reply=True)
        if request.reply is None:
            return _answers.queued(change)
        return _answers.read_change(change, *request.parsed_reply())

    def publish(self, change: BusinessVoiceChanged, timeout: float = 5.0) -> None:
        """Sends a change and returns when RabbitMQ has it, so that it is not lost; for outboxes.

        Args:
            change: which can be sent again: it has one effect.
            timeout: how long to wait for the confirm, in seconds.

        Raises:
            ContractError: it breaks the contract.
            NotConfirmed: RabbitMQ has not confirmed it in time.
        """
        self._publish(change, timeout, needs_reply=False)

    def close(self) -> None:
        """Ends the connection of this process; the next use opens another one."""
        with self._guard:
            link = self._current
            self._current = None
        if link is not None:
            link.close(_GOODBYE)

    def __enter__(self) -> VoiceClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.close()

    def _publish(self, change: BusinessVoiceChanged, timeout: float, needs_reply: bool) -> BlockingRequest:
        deadline = time.monotonic() + _positive(timeout)
        check_change(change)
        request = self._carry(change.EXCHANGE, change.to_json(), deadline, expires=False, needs_reply=needs_reply)
        if request.reply is None and not request.is_confirmed:
            raise NotConfirmed(
                f"the change is not confirmed: {request.refusal or self._link().trouble}", change.changed_at)
        return request

    def _carry(
        self, exchange: str, message: dict[str, object], deadline: float, *, expires: bool, needs_reply: bool = True,
    ) -> BlockingRequest:
        request = BlockingRequest(
            uuid.uuid4().hex, exchange, message, deadline, expires=expires, needs_reply=needs_reply)
        link = self._link()
        link.submit(request)
        try:
            request.wait()
        finally:
            link.forget(request)
        return request

    def _link(self) -> Link:
        link = self._current
        if link is None:
            with self._guard:
                link = self._current
                if link is None:
                    link = Link(self._nodes, self._counter.count_late)
                    self._current = link
        return link

    def _after_fork(self) -> None:
        # A lock may be held by a thread that the child does not have: none of the parent's is touched.
        inherited = self._current
        self._guard = threading.Lock()
        self._counter = Counter()
        self._current = None
        if inherited is not None:
            inherited.abandon()


def _forked(client: weakref.ref[VoiceClient]) -> None:
    this = client()
    if this is not None:
        this._after_fork()


def _positive(timeout: float) -> float:
    if not timeout > 0:
        raise ValueError("timeout: seconds above 0 are needed")
    return timeout


def _now() -> datetime:
    return datetime.now(timezone.utc)
