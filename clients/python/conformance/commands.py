"""What the drivers of both clients have alike: the words of clients/conformance/README.md."""
from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from voice_worker_client import ContractError, NotConfirmed, Voice, VoiceChange
from voice_worker_client.audit import AuditConsumer, Received, SqliteLedger

_writing = threading.Lock()


def write(line: dict[str, Any]) -> None:
    """One line of standard output."""
    with _writing:
        print(json.dumps(line), flush=True)


def arguments_of_call(command: dict[str, Any]) -> dict[str, Any]:
    """What ``voice_for`` gets."""
    return {
        "business_id": command["businessId"], "call_id": command["callId"], "timeout": command["timeout"],
        "default": command["default"]}


def arguments_of_change(command: dict[str, Any]) -> dict[str, Any]:
    """What ``change_voice`` gets."""
    at = command.get("changedAt")
    return {
        "business_id": command["businessId"], "voice_id": command["voiceId"], "timeout": command["timeout"],
        "changed_by": command.get("changedBy"), "changed_at": datetime.fromisoformat(at) if at else None}


def of_voice(voice: Voice) -> dict[str, Any]:
    """An answer to ``voiceFor``."""
    return {"voiceId": voice.voice_id, "source": voice.source, "reason": voice.reason}


def of_change(change: VoiceChange) -> dict[str, Any]:
    """An answer to ``changeVoice``."""
    return {
        "outcome": change.outcome, "reason": change.reason, "standingVoiceId": change.standing_voice_id,
        "voiceId": change.voice_id, "changedAt": _text_of(change.changed_at)}


def of_error(error: Exception) -> dict[str, Any]:
    """An answer where the client has raised."""
    if isinstance(error, ContractError):
        broken = [{"field": field, "rule": rule} for field, rule in error.broken]
        return {"error": "contract", "kind": error.error, "broken": broken}
    if isinstance(error, NotConfirmed):
        return {"error": "notConfirmed", "changedAt": _text_of(error.changed_at)}
    return {"error": "other", "text": repr(error)}


def answer(command: dict[str, Any], begin: float, said: dict[str, Any]) -> None:
    """Writes it, with the milliseconds that the caller has waited."""
    write({"id": command["id"], **said, "ms": (time.monotonic() - begin) * 1000})


class Consumers:
    """Audit consumers, each in a thread, until the end."""

    def __init__(self, urls: list[str]) -> None:
        self._urls = urls
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, command: dict[str, Any]) -> None:
        """One more."""
        consumer = AuditConsumer(
            self._urls, _handler(command.get("failAt")), SqliteLedger(command["ledger"]), command["queue"], pause=0.1)
        thread = threading.Thread(target=consumer.run, args=[self._stop])
        thread.start()
        self._threads.append(thread)
        write({"id": command["id"], "consuming": True})

    def end(self) -> None:
        """Returns when all have ended."""
        self._stop.set()
        for one in self._threads:
            one.join()


def write_gaps(command: dict[str, Any]) -> None:
    """What a ledger has not seen."""
    write({"id": command["id"], "gaps": SqliteLedger(command["ledger"]).gaps()})


def commands() -> Any:
    """Those of standard input, until it ends."""
    return map(json.loads, sys.stdin)


def _handler(fail_at: str | None) -> Callable[[Received, Any], None]:
    failing = [fail_at] if fail_at else []

    def handle(received: Received, _connection: Any) -> None:
        body = received.body
        if body["eventId"] in failing:
            failing.remove(body["eventId"])
            raise RuntimeError("failAt")
        write({"event": {
            "eventId": body["eventId"], "stream": body["stream"], "sequence": body["sequence"], "type": received.kind,
            "isReplay": received.is_replay, "isAltered": received.is_altered}})

    return handle


def _text_of(instant: datetime) -> str:
    return instant.astimezone(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")
