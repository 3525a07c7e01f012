"""What a caller has to handle: a message that breaks its contract, and a change that is not certain."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

__all__ = ["ContractError", "NotConfirmed", "VoiceWorkerError"]


class VoiceWorkerError(Exception):
    """What all errors of this package have in common."""


class ContractError(VoiceWorkerError, ValueError):
    """A message breaks its contract, found before it was sent or by the worker; sent again, it breaks it again.

    Attributes:
        broken: each broken rule as (field, rule), in the words of the contract; the field is empty where the
            message as a whole is meant. Never holds a value of the message.
        error: ``invalidMessage``, or ``notRecorded`` for a change that the worker could not record.
    """

    def __init__(self, broken: Sequence[tuple[str, str]], error: str = "invalidMessage") -> None:
        super().__init__("; ".join(f"{field or 'message'}: {rule}" for field, rule in broken))
        self.broken = tuple(broken)
        self.error = error

    def __reduce__(self) -> tuple[type[ContractError], tuple[Sequence[tuple[str, str]], str]]:
        return type(self), (self.broken, self.error)


class NotConfirmed(VoiceWorkerError):
    """RabbitMQ has not confirmed a change in time: it may have been sent or not.

    Send it again with the same ``changed_at``: a change that arrives twice has one effect.

    Attributes:
        changed_at: of the change.
    """

    def __init__(self, reason: str, changed_at: datetime) -> None:
        super().__init__(reason)
        self.changed_at = changed_at

    def __reduce__(self) -> tuple[type[NotConfirmed], tuple[str, datetime]]:
        return type(self), (str(self), self.changed_at)
