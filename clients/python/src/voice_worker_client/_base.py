"""What both clients do alike: before a message is sent, and with what has become of it."""
from __future__ import annotations

import time
from datetime import datetime, timezone

from . import _answers
from ._request import Request
from ._rules import check_call
from .counts import Counter, Counts
from .errors import NotConfirmed
from .messages import BusinessVoiceChanged, CallStarted
from .voice import Voice, VoiceChange

__all__ = ["BaseClient", "change_of", "confirmed", "deadline_in", "result_of"]


# Seconds: 24 days, as in the other languages. Longer ones overflow what threads can wait for.
_LONGEST = (2**31 - 1) / 1000


class BaseClient:
    """The settings of a client, and the counts of its calls."""

    def __init__(self, timeout: float, default: str) -> None:
        self._timeout = _positive(timeout)
        if not default:
            raise ValueError("default: a voice is needed")
        self._default = default
        self._counter = Counter()

    @property
    def counts(self) -> Counts:
        """What became of the calls of this process so far."""
        return self._counter.read()

    def _begin(
        self, business_id: int, call_id: str, started_at: datetime | None, timeout: float | None,
    ) -> tuple[CallStarted, float]:
        """The call, checked, and when its caller stops waiting."""
        deadline = time.monotonic() + (self._timeout if timeout is None else _left(timeout))
        call = CallStarted(call_id=call_id, business_id=business_id, started_at=started_at or _now())
        check_call(call)
        return call, deadline

    def _end(self, call: CallStarted, request: Request, default: str | None) -> Voice:
        """The answer or the default, counted."""
        default = default or self._default  # never none
        voice = _answers.default_voice(call, default)
        if request.reply is not None:
            voice = _answers.read_voice(call, *request.parsed_reply(), default)
        self._counter.count("answered" if voice.is_answer else "defaulted")
        return voice


def change_of(
    business_id: int, voice_id: str, changed_by: str | None, changed_at: datetime | None,
) -> BusinessVoiceChanged:
    """A change, made now if nothing else is said."""
    return BusinessVoiceChanged(
        business_id=business_id, voice_id=voice_id, changed_at=changed_at or _now(), changed_by=changed_by)


def deadline_in(timeout: float) -> float:
    """In so many seconds, by ``time.monotonic()``; raises ValueError if they are not above 0."""
    return time.monotonic() + _positive(timeout)


def confirmed(change: BusinessVoiceChanged, request: Request, trouble: str) -> None:
    """Raises NotConfirmed if RabbitMQ does not have the change."""
    if request.reply is None and not request.is_confirmed:
        raise NotConfirmed(f"the change is not confirmed: {request.refusal or trouble}", change.changed_at)


def result_of(change: BusinessVoiceChanged, request: Request) -> VoiceChange:
    """What became of a change that RabbitMQ has."""
    if request.reply is None:
        return _answers.queued(change)
    return _answers.read_change(change, *request.parsed_reply())


def _positive(timeout: float) -> float:
    if not 0 < timeout <= _LONGEST:
        raise ValueError("timeout: seconds above 0, at most 24 days, are needed")
    return timeout


def _left(timeout: float) -> float:
    # Of a budget that is used up nothing is left, and the call gets its default at once.
    return 0.0 if timeout <= 0 else _positive(timeout)


def _now() -> datetime:
    return datetime.now(timezone.utc)
