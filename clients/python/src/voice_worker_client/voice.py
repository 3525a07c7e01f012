"""What callers get: the voice of a call, and what became of a change."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Optional, Union

from .messages import VoiceReason, VoiceSource

__all__ = ["ChangeOutcome", "Reason", "Voice", "VoiceChange"]

#: What the worker says, or why it was not asked to the end: nothing came in time, or it could not record the call.
Reason = Union[VoiceReason, Literal["timeout", "notRecorded"]]

ChangeOutcome = Literal["updated", "superseded", "refused", "queued"]


@dataclass(frozen=True, slots=True)
class Voice:
    """The voice to speak with.

    Attributes:
        voice_id: the voice.
        source: ``business``, or ``default`` for a default of the worker or of the caller.
        reason: why; the reasons of the worker, ``timeout``, or ``notRecorded``.
        business_id: as asked.
        call_id: as asked.
    """

    voice_id: str
    source: VoiceSource
    reason: Reason
    business_id: int
    call_id: str

    @property
    def is_answer(self) -> bool:
        """Whether the worker has said so: then it is what its audit trail has for this call."""
        return self.reason not in ("timeout", "notRecorded")


@dataclass(frozen=True, slots=True)
class VoiceChange:
    """What became of a change of voice.

    Attributes:
        outcome: ``updated``; ``superseded``: a later change stands; ``refused``: see ``reason``; ``queued``:
            RabbitMQ keeps it, and the worker has not said yet what became of it.
        business_id: as asked.
        voice_id: as asked; in the spelling of the catalogue once the worker has answered.
        changed_at: which identifies the change together with business and voice.
        reason: ``unknownBusiness``, ``unsupportedVoice`` or ``superseded``; None for the other outcomes.
        standing_voice_id: the voice that the business has now, so also the one that superseded this change; None
            when there is none or no such business, and while the change is ``queued``.
    """

    outcome: ChangeOutcome
    business_id: int
    voice_id: str
    changed_at: datetime
    reason: Optional[str] = None
    standing_voice_id: Optional[str] = None
