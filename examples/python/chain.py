"""Whether an event follows on the one before in its stream: docs/messages.md, "The chain of hashes"."""
import hashlib
import json

NOT_HASHED = ("type", "eventId", "stream", "sequence", "hash")


def follows(event, previous):
    """event with its AMQP type as "type"; previous is the event that the consumer has got before, or None."""
    if "hash" not in event or event.get("type") in (None, "HistoryLost"):
        return True
    if event["sequence"] - 1 != (previous["sequence"] if previous else 0):
        return True  # behind a gap, or in one, there is nothing to compare with
    return event["hash"] == hash_of(event, (previous or {}).get("hash"))


def hash_of(event, before):
    own = canonical({name: value for name, value in event.items() if name not in NOT_HASHED})
    body = json.dumps(own, ensure_ascii=False, separators=(", ", ": "))
    texts = [event["eventId"], event["stream"], str(event["sequence"]), event["type"], event["occurredAt"], body]
    return hashlib.sha256(bytes.fromhex(before or "00" * 32) + "\n".join(texts).encode()).hexdigest()


def canonical(value):
    if isinstance(value, dict):
        return {name: canonical(value[name]) for name in sorted(value, key=lambda name: (len(name.encode()), name.encode()))}
    return [canonical(one) for one in value] if isinstance(value, list) else value
