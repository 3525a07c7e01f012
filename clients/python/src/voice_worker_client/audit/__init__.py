"""The audit trail: every event once, the gaps that are missing, and whether somebody has altered it.

    def handler(received, connection):
        if isinstance(received.event, BusinessVoiceUpdated):
            ...                                       # with connection: in the transaction of the ledger

    AuditConsumer("amqp://user:password@rabbitmq/", handler, SqliteLedger("audit.db"), queue="audit-billing").run(stop)

``voice_worker_client.audit.sqlalchemy`` has a ledger in the consumer's own database.
"""
from __future__ import annotations

from .chain import follows, hash_of
from .consumer import AuditConsumer, Handler
from .ledger import Ledger, Received, Transaction
from .sqlite import SqliteLedger

__all__ = ["AuditConsumer", "Handler", "Ledger", "Received", "SqliteLedger", "Transaction", "follows", "hash_of"]
