"""The way from this process to RabbitMQ: one thread that has the only connection, and opens it again."""
from __future__ import annotations

import logging
import os
import random
import threading
import time
from collections.abc import Callable, Sequence

import pika

from ._request import Request
from ._session import Session
from ._way import STEADY, Troubles, Waiting, next_pause

__all__ = ["Link"]

_LOG = logging.getLogger(__name__)


class Link:
    """Carries requests of all threads of one process. Callers never wait for a connection, only for an answer.

    Args:
        nodes: where RabbitMQ is.
        on_late: called for each reply that comes after its caller has stopped waiting.
    """

    def __init__(self, nodes: Sequence[pika.ConnectionParameters], on_late: Callable[[], None]) -> None:
        self.pid = os.getpid()
        self._nodes = list(nodes)
        random.shuffle(self._nodes)
        self._on_late = on_late
        self._lock = threading.Lock()
        self._waiting = Waiting()
        self._ready: Session | None = None
        self._current: Session | None = None
        self._troubles = Troubles()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="voice-worker-client", daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> str:
        """Why a request was not confirmed, as far as it is known; for people, without secrets."""
        return "no answer in time" if self._ready is not None else self._troubles.latest

    def submit(self, request: Request) -> None:
        """Sends it now, or as soon as there is a connection while its caller waits."""
        with self._lock:
            self._waiting.add(request)
            session = self._ready
        if session is not None:
            session.post(request)

    def forget(self, request: Request) -> None:
        """Nobody waits for it any more."""
        with self._lock:
            self._waiting.forget(request)

    def close(self, timeout: float) -> None:
        """Ends connection and thread, within so many seconds."""
        self._closing.set()
        session = self._current
        if session is not None:
            session.close()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def abandon(self) -> None:
        """In a forked child, where the thread does not exist: lets go of what is the parent's."""
        # Another event, for greenlets, which do: the parent's thread may have held the lock of that one.
        self._closing = threading.Event()
        self._closing.set()
        session = self._current
        if session is not None:
            session.abandon()

    def _run(self) -> None:
        pause = 0.0
        while not self._closing.wait(pause):
            pause = next_pause(pause, self._try_nodes())

    def _try_nodes(self) -> bool:
        """Each once, until one has been of use; the next round begins behind it."""
        for _ in range(len(self._nodes)):
            node = self._nodes[0]
            self._nodes.append(self._nodes.pop(0))
            if self._connect(node) or self._closing.is_set():
                return True
        return False

    def _connect(self, node: pika.ConnectionParameters) -> bool:
        session: Session | None = None
        try:
            session = self._current = Session(node, self._on_ready, self._on_blocked, self._on_reply)
            if self._closing.is_set():
                return False
            session.run()
            failure = session.failure
        except Exception as error:
            # Also where it cannot be made, as the process has no file left: there will be one again.
            if self._closing.is_set():
                return False
            _LOG.debug("The connection to %s:%s broke down", node.host, node.port, exc_info=True)
            failure = repr(error)
        finally:
            with self._lock:
                self._ready = None
        if failure is not None:
            self._troubles.tell(f"{node.host}:{node.port}: {failure}")
        ready_at = session.was_ready_at if session is not None else None
        return ready_at is not None and time.monotonic() - ready_at > STEADY

    def _on_ready(self, session: Session) -> None:
        with self._lock:
            self._ready = session
            waiting = self._waiting.all()
        self._troubles.end()
        for request in waiting:
            session.post(request)

    def _on_blocked(self, session: Session, reason: str) -> None:
        with self._lock:
            if self._ready is session:
                self._ready = None
        self._troubles.tell(reason)

    def _on_reply(self, correlation_id: str | None, kind: str | None, body: bytes) -> None:
        with self._lock:
            request = self._waiting.find(correlation_id)
            is_late = self._waiting.is_late(correlation_id)
        if request is not None:
            request.answer(kind, body)
        elif is_late:
            self._on_late()
