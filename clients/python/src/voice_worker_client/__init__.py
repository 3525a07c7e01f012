"""Client of the Voice Worker: the voice for a call, changes of voices, and the audit trail.

    from voice_worker_client import VoiceClient

    client = VoiceClient("amqp://user:password@rabbitmq/")
    voice = client.voice_for(business_id=42, call_id="CA-4711")

``voice_worker_client.aio`` has the same for asyncio, ``voice_worker_client.outbox`` writes changes in the transactions
of SQLAlchemy, and ``voice_worker_client.audit`` consumes audit events.
"""
from __future__ import annotations

import logging

from .client import VoiceClient
from .counts import Counts
from .errors import ContractError, NotConfirmed, VoiceWorkerError
from .voice import Voice, VoiceChange

__all__ = ["ContractError", "Counts", "NotConfirmed", "Voice", "VoiceChange", "VoiceClient", "VoiceWorkerError"]
__version__ = "0.1.0"

# What is logged is for the program to show.
logging.getLogger(__name__).addHandler(logging.NullHandler())
