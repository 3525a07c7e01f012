"""Which events have been handled: the rule of sequences of docs/messages.md, over whatever keeps it."""
from __future__ import annotations

import abc
import contextlib
import json
import logging
from dataclasses import dataclass
from typing import Any

from ..messages import AUDIT_EVENTS, AuditEvent
from .chain import follows

__all__ = ["Ledger", "Received", "Transaction"]

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Received:
    """An event as it came.

    Attributes:
        kind: its AMQP type, such as ``CallVoiceResolved``.
        body: its parsed JSON.
        event: the same as a dataclass; None for a type that this version does not know.
        is_replay: whether an operator has had it published again.
        is_altered: whether its hash does not follow on the event before: somebody has altered one of the two.
    """

    kind: str | None
    body: dict[str, Any]
    event: AuditEvent | None
    is_replay: bool = False
    is_altered: bool = False


class Ledger(abc.ABC):
    """Keeps for each stream the highest sequence that was handled, its hash, and the gaps below."""

    @abc.abstractmethod
    def transaction(self) -> contextlib.AbstractContextManager[Transaction]:
        """One that is committed at its end, and rolled back when it is left by an exception."""

    @abc.abstractmethod
    def gaps(self) -> list[tuple[str, int, int]]:
        """What is missing: stream, first and last sequence. An ``audit replay`` fills what the store still has."""


class Transaction(abc.ABC):
    """What happens between a delivery and its acknowledgement.

    Attributes:
        connection: for the handler: what it writes here is committed together with the note that it was handled.
    """

    connection: Any

    def take(self, kind: str | None, text: bytes, is_replay: bool = False) -> Received | None:
        """Notes an event as handled and returns it; None for a repeat. Raises ValueError if it is no event."""
        body = json.loads(text)
        try:
            stream, sequence = str(body["stream"]), int(body["sequence"])
        except (KeyError, TypeError) as error:
            raise ValueError(f"an audit event has stream and sequence; {error!r}") from error
        last, last_hash = self.progress(stream)
        if sequence > last:
            if sequence > last + 1:
                _LOG.warning("%s %d to %d are missing", stream, last + 1, sequence - 1)
                self.add_gap(stream, last + 1, sequence - 1)
            self.set_progress(stream, sequence, body.get("hash"))
        elif not self._fill(stream, sequence):
            return None
        is_altered = not follows(kind, body, last, last_hash)
        if is_altered:
            _LOG.error("%s %d does not follow on the event before: one of them was altered", stream, sequence)
        read = AUDIT_EVENTS.get(kind or "")
        return Received(kind, body, read(body) if read else None, is_replay, is_altered)

    def _fill(self, stream: str, sequence: int) -> bool:
        gap = self.remove_gap(stream, sequence)
        if gap is None:
            return False
        first, last = gap
        if first < sequence:
            self.add_gap(stream, first, sequence - 1)
        if sequence < last:
            self.add_gap(stream, sequence + 1, last)
        return True

    @abc.abstractmethod
    def progress(self, stream: str) -> tuple[int, str | None]:
        """The highest sequence of a stream and its hash; 0 and None at first."""

    @abc.abstractmethod
    def set_progress(self, stream: str, sequence: int, hash: str | None) -> None:
        """Another one is the highest."""

    @abc.abstractmethod
    def add_gap(self, stream: str, first: int, last: int) -> None:
        """These are missing."""

    @abc.abstractmethod
    def remove_gap(self, stream: str, sequence: int) -> tuple[int, int] | None:
        """Takes out the gap that a sequence is in, and returns its ends; None where there is none."""
