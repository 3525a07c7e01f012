"""What a reply means for the caller: the same for blocking callers and for asyncio."""
from __future__ import annotations

import logging
from typing import Any

from .errors import ContractError
from .messages import (
    BusinessVoiceChanged,
    CallRefused,
    CallStarted,
    CallVoice,
    ChangeRefused,
    VoiceChangeResult,
)
from .voice import Reason, Voice, VoiceChange

__all__ = ["default_voice", "queued", "read_change", "read_voice"]

_LOG = logging.getLogger(__name__)
_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError)


def default_voice(call: CallStarted, voice_id: str, reason: Reason = "timeout") -> Voice:
    """The caller's own default."""
    return Voice(voice_id, "default", reason, call.business_id, call.call_id)


def read_voice(call: CallStarted, kind: str | None, body: Any, default: str) -> Voice:
    """The voice that a reply has.

    Raises ContractError where the call breaks its contract. What cannot be understood is no answer; a call that the
    worker could not record is nothing that its caller could mend: both get the default.
    """
    try:
        if kind != "CallRefused":
            voice = CallVoice.from_json(body)
            _check_texts(voice.voice_id, voice.source, voice.reason)
            return Voice(voice.voice_id, voice.source, voice.reason, call.business_id, call.call_id)
        refusal = CallRefused.from_json(body)
        _check_texts(refusal.error, *(text for one in refusal.broken for text in (one.field, one.rule)))
    except _UNREADABLE as error:
        _tell_unreadable(kind, error)
        return default_voice(call, default)
    broken = [(one.field, one.rule) for one in refusal.broken]
    if refusal.error == "invalidMessage":
        raise ContractError(broken)
    _LOG.error("A call of business %d was not recorded: %s", call.business_id, broken)
    return default_voice(call, default, "notRecorded")


def read_change(change: BusinessVoiceChanged, kind: str | None, body: Any) -> VoiceChange:
    """What a reply says of a change; raises ContractError where the worker refuses it."""
    try:
        if kind != "ChangeRefused":
            return _outcome(VoiceChangeResult.from_json(body))
        refusal = ChangeRefused.from_json(body)
        _check_texts(refusal.error, *(text for one in refusal.broken for text in (one.field, one.rule)))
    except _UNREADABLE as error:
        _tell_unreadable(kind, error)
        return queued(change)
    raise ContractError([(one.field, one.rule) for one in refusal.broken], refusal.error)


def queued(change: BusinessVoiceChanged) -> VoiceChange:
    """RabbitMQ keeps it, and nothing more is known."""
    return VoiceChange("queued", change.business_id, change.voice_id, change.changed_at)


def _outcome(result: VoiceChangeResult) -> VoiceChange:
    _check_texts(result.voice_id, result.outcome, result.reason or "", result.standing_voice_id or "")
    if result.outcome == "updated":
        outcome, reason = "updated", None
    else:
        outcome, reason = "superseded" if result.reason == "superseded" else "refused", result.reason
    return VoiceChange(
        outcome,  # type: ignore[arg-type]
        result.business_id, result.voice_id, result.changed_at, reason, result.standing_voice_id)


def _tell_unreadable(kind: str | None, error: Exception) -> None:
    # Without what the error says: it may quote the message.
    _LOG.error("A reply of the type %s cannot be read (%s)", kind, type(error).__name__)


def _check_texts(*texts: object) -> None:
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a text is expected")
