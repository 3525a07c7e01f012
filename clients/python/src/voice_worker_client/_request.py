"""A message that somebody waits for: for its confirm, for its reply or for both."""
from __future__ import annotations

import abc
import json
import threading
import time
from typing import Any

__all__ = ["BlockingRequest", "Request"]


class Request(abc.ABC):
    """One message on its way. What becomes of it is set by whoever has the connection and read by the caller.

    Attributes:
        correlation_id: which a reply brings back.
        deadline: when the caller stops waiting, by ``clock``.
        expires: whether the message says so, so that nobody answers it afterwards.
        needs_reply: whether a confirm is not enough.
        is_confirmed: whether a queue of RabbitMQ has it.
        refusal: why RabbitMQ did not take it, when it was last sent.
        reply: the AMQP type and the body of the reply, or None.
        carrier: the connection by which it was last sent.
    """

    __slots__ = (
        "correlation_id", "exchange", "body", "deadline", "expires", "needs_reply",
        "is_confirmed", "refusal", "reply", "carrier",
    )

    def __init__(
        self, correlation_id: str, exchange: str, message: dict[str, object], deadline: float,
        *, expires: bool, needs_reply: bool,
    ) -> None:
        self.correlation_id = correlation_id
        self.exchange = exchange
        self.body = json.dumps(message, separators=(",", ":")).encode()
        self.deadline = deadline
        self.expires = expires
        self.needs_reply = needs_reply
        self.is_confirmed = False
        self.refusal: str | None = None
        self.reply: tuple[str | None, bytes] | None = None
        self.carrier: object = None

    @abc.abstractmethod
    def settle(self) -> None:
        """There is nothing more to wait for."""

    @property
    @abc.abstractmethod
    def is_settled(self) -> bool:
        """Whether there is nothing more to wait for."""

    @property
    def remaining(self) -> float:
        """Seconds until the caller stops waiting; 0 afterwards."""
        return max(0.0, self.deadline - time.monotonic())

    def confirm(self) -> None:
        """RabbitMQ has it, unless it came back."""
        if self.refusal is None:
            self.is_confirmed = True
            if not self.needs_reply:
                self.settle()

    def refuse(self, reason: str) -> None:
        """RabbitMQ does not take it. Whoever waits for an answer waits on: a repeat may still bring one."""
        self.refusal = reason
        if not self.expires:
            self.settle()

    def answer(self, kind: str | None, body: bytes) -> None:
        """The reply is here."""
        self.reply = kind, body
        self.settle()

    def parsed_reply(self) -> tuple[str | None, Any]:
        """The AMQP type of the reply and its parsed body, None where it is no JSON; there has to be one."""
        assert self.reply is not None
        kind, body = self.reply
        try:
            return kind, json.loads(body)
        except (ValueError, RecursionError):
            return kind, None


class BlockingRequest(Request):
    """One that a thread or a greenlet waits for."""

    __slots__ = ("_settled",)

    def __init__(
        self, correlation_id: str, exchange: str, message: dict[str, object], deadline: float,
        *, expires: bool, needs_reply: bool,
    ) -> None:
        super().__init__(correlation_id, exchange, message, deadline, expires=expires, needs_reply=needs_reply)
        self._settled = threading.Event()

    def settle(self) -> None:
        self._settled.set()

    @property
    def is_settled(self) -> bool:
        return self._settled.is_set()

    def wait(self) -> None:
        """Returns when it is settled, or at the deadline."""
        self._settled.wait(self.remaining)
