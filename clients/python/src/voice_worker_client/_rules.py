"""The rules of what is sent, as the worker has them: a message that breaks one is not sent."""
from __future__ import annotations

import unicodedata
from datetime import datetime, timezone

from ._contract_rules import (
    MAX_BUSINESS_ID,
    MAX_CALL_ID_LENGTH,
    MAX_CHANGED_BY_LENGTH,
    MAX_VOICE_ID_LENGTH,
    RULES,
    WHITE_SPACE,
)
from .errors import ContractError
from .messages import BusinessVoiceChanged, CallStarted

_UNPRINTABLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})


def check_call(call: CallStarted) -> None:
    """Raises ContractError with every rule that the call breaks."""
    broken: list[tuple[str, str]] = []
    text = call.call_id
    if not _is_text(text, MAX_CALL_ID_LENGTH) or text.strip(WHITE_SPACE) != text:
        broken.append(_broken("callId", text))
    _check_business(call.business_id, broken)
    _check_instant("startedAt", call.started_at, broken)
    if broken:
        raise ContractError(broken)


def check_change(change: BusinessVoiceChanged) -> None:
    """Raises ContractError with every rule that the change breaks."""
    broken: list[tuple[str, str]] = []
    _check_business(change.business_id, broken)
    voice = change.voice_id
    if not isinstance(voice, str) or not _is_text(voice.strip(WHITE_SPACE), MAX_VOICE_ID_LENGTH):
        broken.append(_broken("voiceId", voice))
    _check_instant("changedAt", change.changed_at, broken)
    by = change.changed_by
    if by is not None and not _is_short_and_printable(by, MAX_CHANGED_BY_LENGTH):
        broken.append(_broken("changedBy", by))
    if broken:
        raise ContractError(broken)


def is_printable(character: str) -> bool:
    """Whether a text may hold it: no control, format or separating character, and no half of a pair."""
    return unicodedata.category(character) not in _UNPRINTABLE


def _check_business(business_id: object, broken: list[tuple[str, str]]) -> None:
    is_integer = isinstance(business_id, int) and not isinstance(business_id, bool)
    if not (is_integer and 1 <= business_id <= MAX_BUSINESS_ID):  # type: ignore[operator]
        broken.append(("businessId", RULES["businessId"]))


def _check_instant(field: str, instant: object, broken: list[tuple[str, str]]) -> None:
    try:
        is_right = isinstance(instant, datetime) and instant.utcoffset() is not None
        if is_right:
            instant.astimezone(timezone.utc)  # type: ignore[attr-defined]
    except OverflowError:
        is_right = False
    if not is_right:
        broken.append((field, RULES[field]))


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and bool(value.strip(WHITE_SPACE)) and _is_short_and_printable(value, longest)


def _is_short_and_printable(value: object, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest and all(map(is_printable, value))


def _broken(field: str, value: object) -> tuple[str, str]:
    length = f" (was {len(value)} characters)" if isinstance(value, str) else ""
    return field, RULES[field] + length
