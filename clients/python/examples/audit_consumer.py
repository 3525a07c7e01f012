"""Keeps what an audit trail says of voices, each event exactly once: the table is in the ledger's database.

    export DATABASE_URL=postgresql+psycopg2://billing@localhost/billing AMQP_URL=amqp://guest:guest@localhost/
    audit_consumer.py            # until SIGTERM
    audit_consumer.py --gaps     # what is missing; 1 if anything is
"""
import logging
import os
import signal
import sys
import threading

from sqlalchemy import Column, Integer, MetaData, Table, Text, create_engine
from voice_worker_client.audit import AuditConsumer
from voice_worker_client.audit.sqlalchemy import SqlAlchemyLedger
from voice_worker_client.messages import CallVoiceResolved

metadata = MetaData()
calls = Table(
    "voice_of_call", metadata, Column("call_id", Text, primary_key=True), Column("business_id", Integer, nullable=False),
    Column("voice_id", Text, nullable=False))


def handle(received, connection):
    if isinstance(received.event, CallVoiceResolved):
        event = received.event
        connection.execute(calls.insert().values(
            call_id=event.call_id, business_id=event.business_id, voice_id=event.voice_id))


def main(arguments):
    engine = create_engine(os.environ["DATABASE_URL"])
    ledger = SqlAlchemyLedger(engine, metadata)
    metadata.create_all(engine)  # an application has a migration for it
    if arguments == ["--gaps"]:
        for stream, first, last in ledger.gaps():
            print(f"missing: {stream} {first}..{last}")
        return 1 if ledger.gaps() else 0
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    AuditConsumer(os.environ["AMQP_URL"].split(","), handle, ledger, queue="audit-billing").run(stop)
    return 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    sys.exit(main(sys.argv[1:]))
