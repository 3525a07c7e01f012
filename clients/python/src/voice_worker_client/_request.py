"""A message that somebody waits for: for its confirm, for its reply or for both."""
from __future__ import annotations

import json
import threading
import time
from typing import Any

__all__ = ["Request"]


class Request:
    """One message on its way. What it becomes is set by the thread of the connection and read by the caller.

    Attributes:
        correlation_id: which a reply brings back.
        deadline: when the caller stops waiting, by ``time.monotonic()``.
        expires: whether the message says so, so that nobody answers it afterwards.
        is_confirmed: whether a queue of RabbitMQ has it.
        refusal: why RabbitMQ did not take it, when it was last sent.
        reply: the AMQP type and the body of the reply, or None.
        carrier: the connection by which it was last sent.
    """

    __slots__ = (
        "correlation_id", "exchange", "body", "deadline", "expires", "needs_reply",
        "is_confirmed", "refusal", "reply", "carrier", "_settled",
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
        self._settled = threading.Event()

    @property
    def remaining(self) -> float:
        """Seconds until the caller stops waiting; 0 afterwards."""
        return max(0.0, self.deadline - time.monotonic())

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self._settled.is_set()

    def wait(self) -> bool:
        """Returns true when it is settled, false at the deadline."""
        return self._settled.wait(self.remaining)

    def confirm(self) -> None:
        """RabbitMQ has it, unless it came back."""
        if self.refusal is None:
            self.is_confirmed = True
            if not self.needs_reply:
                self._settled.set()

    def refuse(self, reason: str) -> None:
        """RabbitMQ does not take it. Whoever waits for an answer waits on: a repeat may still bring one."""
        self.refusal = reason
        if not self.expires:
            self._settled.set()

    def answer(self, kind: str | None, body: bytes) -> None:
        """The reply is here."""
        self.reply = kind, body
        self._settled.set()

    def reply_json(self) -> tuple[str | None, Any]:
        """The AMQP type of the reply and its parsed body; raises ValueError if it is no JSON."""
        if self.reply is None:
            raise ValueError("there is no reply")
        return self.reply[0], json.loads(self.reply[1])
