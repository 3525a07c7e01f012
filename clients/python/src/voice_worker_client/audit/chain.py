"""Whether an event follows on the one before in its stream: docs/messages.md, "The chain of hashes"."""
from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

__all__ = ["follows", "hash_of"]

_NOT_HASHED = frozenset({"eventId", "stream", "sequence", "hash"})
_NO_HASH = "00" * 32


def follows(kind: str | None, body: Mapping[str, Any], last: int, last_hash: str | None) -> bool:
    """False when the event or the one before has been altered; true when not, or when there is nothing to compare.

    Args:
        kind: the AMQP type of the event.
        body: its parsed JSON.
        last: the highest sequence of its stream that the consumer has had before, 0 if none.
        last_hash: the hash of that event, None if it has none.
    """
    if body.get("hash") is None or kind in (None, "HistoryLost") or body["sequence"] != last + 1:
        return True
    return bool(body["hash"] == hash_of(str(kind), body, last_hash))


def hash_of(kind: str, body: Mapping[str, Any], before: str | None) -> str:
    """The hash that an event has to have behind one with the hash ``before``, as hexadecimal digits."""
    own = _canonical({name: value for name, value in body.items() if name not in _NOT_HASHED})
    text = json.dumps(own, ensure_ascii=False, separators=(", ", ": "))
    lines = [body["eventId"], body["stream"], str(body["sequence"]), kind, body["occurredAt"], text]
    return hashlib.sha256(bytes.fromhex(before or _NO_HASH) + "\n".join(lines).encode()).hexdigest()


def _canonical(value: Any) -> Any:
    # The order of keys that PostgreSQL's jsonb has.
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: (len(name.encode()), name.encode()))
        return {name: _canonical(value[name]) for name in names}
    return [_canonical(one) for one in value] if isinstance(value, list) else value
