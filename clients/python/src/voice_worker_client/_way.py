"""What both ways to RabbitMQ have alike: who waits, what is the matter, and when to try again."""
from __future__ import annotations

import logging
import random
from collections import OrderedDict

from ._request import Request

__all__ = ["STEADY", "Troubles", "Waiting", "next_pause"]

_LOG = logging.getLogger(__name__)

# Seconds between two rounds through all nodes: doubled each time, with a random part.
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
# A connection that was of use for so long is opened again without a pause.
STEADY = 1.0
# How many requests that nobody waits for any more are remembered, to count their late replies.
_REMEMBERED = 10_000
# How many troubles are remembered at most: some name a port, which is another one each time.
_TOLD = 100


def next_pause(pause: float, was_steady: bool) -> float:
    """Seconds until the next round, after one that began after ``pause``."""
    return 0.0 if was_steady else min(_LONGEST_PAUSE, pause * 2 or _FIRST_PAUSE) * random.uniform(0.8, 1.0)


class Waiting:
    """The requests that somebody waits for, and those that nobody does any more. Without a lock of its own."""

    def __init__(self) -> None:
        self._requests: dict[str, Request] = {}
        self._given_up: OrderedDict[str, None] = OrderedDict()

    def add(self, request: Request) -> None:
        """Somebody waits for it from now on."""
        self._requests[request.correlation_id] = request

    def forget(self, request: Request) -> None:
        """Nobody does any more."""
        self._requests.pop(request.correlation_id, None)
        if request.needs_reply and request.reply is None and request.carrier is not None:
            self._given_up[request.correlation_id] = None
            if len(self._given_up) > _REMEMBERED:
                self._given_up.popitem(last=False)

    def all(self) -> list[Request]:
        """In the order in which they came."""
        return list(self._requests.values())

    def find(self, correlation_id: str | None) -> Request | None:
        """Which a reply is for."""
        return self._requests.get(correlation_id or "")

    def is_late(self, correlation_id: str | None) -> bool:
        """Whether a reply is for one that was given up. Once: a reply can arrive twice."""
        if correlation_id not in self._given_up:
            return False
        del self._given_up[correlation_id or ""]
        return True


class Troubles:
    """Why there is no connection: each reason is told once, until there is one again, for it is tried all the time."""

    def __init__(self) -> None:
        self.latest = "not connected yet"
        self._told: set[str] = set()

    def tell(self, trouble: str) -> None:
        """Logs it; without secrets."""
        level = logging.DEBUG if trouble in self._told else logging.WARNING
        if len(self._told) >= _TOLD:
            self._told.clear()
        self._told.add(trouble)
        self.latest = trouble
        _LOG.log(level, "RabbitMQ is not connected: %s", trouble)

    def end(self) -> None:
        """There is a connection."""
        self._told.clear()
        _LOG.info("RabbitMQ is connected")
