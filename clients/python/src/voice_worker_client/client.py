"""The client for threads, forked workers and greenlets."""
from __future__ import annotations

import os
import threading
import uuid
import weakref
from datetime import datetime
from types import TracebackType

from ._base import BaseClient, change_of, confirmed, deadline_in, result_of
from ._link import Link
from ._nodes import Nodes, nodes_of
from ._request import BlockingRequest
from ._rules import check_change
from .counts import Counter
from .messages import BusinessVoiceChanged
from .voice import Voice, VoiceChange

__all__ = ["VoiceClient"]

# Seconds that close waits for RabbitMQ to say goodbye.
_GOODBYE = 2.0


class VoiceClient(BaseClient):
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
        super().__init__(timeout, default)
        self._nodes = nodes_of(urls)
        self._guard = threading.Lock()
        self._current: Link | None = None
        itself = weakref.ref(self)
        os.register_at_fork(after_in_child=lambda: _forked(itself))

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
            timeout: in seconds; the client's when it is not given. Where nothing is left, it gets the default at once.
            default: the client's when it is not given.
            started_at: when the call began, with an offset; now when it is not given.

        Raises:
            ContractError: an argument breaks the contract. Nothing else is raised, but ValueError for a wrong timeout.
        """
        call, deadline = self._begin(business_id, call_id, started_at, timeout)
        request = self._carry(self._link(), call.EXCHANGE, call.to_json(), deadline, expires=True)
        return self._end(call, request, default)

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
        change = change_of(business_id, voice_id, changed_by, changed_at)
        return result_of(change, self._publish(change, timeout, needs_reply=True))

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
        deadline = deadline_in(timeout)
        check_change(change)
        link = self._link()
        request = self._carry(
            link, change.EXCHANGE, change.to_json(), deadline, expires=False, needs_reply=needs_reply)
        confirmed(change, request, link.trouble)
        return request

    @staticmethod
    def _carry(
        link: Link, exchange: str, message: dict[str, object], deadline: float,
        *, expires: bool, needs_reply: bool = True,
    ) -> BlockingRequest:
        request = BlockingRequest(
            uuid.uuid4().hex, exchange, message, deadline, expires=expires, needs_reply=needs_reply)
        link.submit(request)
        try:
            request.wait()
        finally:
            link.forget(request)
        return request

    def _link(self) -> Link:
        link = self._current
        if link is not None and link.pid != os.getpid():
            # Forked by a server that calls none of Python's hooks, as uWSGI does without py-call-osafterfork.
            self._after_fork()
            link = None
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
        if inherited is not None and inherited.pid == os.getpid():
            # Another thread has been here meanwhile.
            return
        self._guard = threading.Lock()
        self._counter = Counter()
        self._current = None
        if inherited is not None:
            inherited.abandon()


def _forked(client: weakref.ref[VoiceClient]) -> None:
    this = client()
    if this is not None:
        this._after_fork()
