"""An application with an outbox, for tests that kill it.

    shop.py SCHEMA change BUSINESS VOICE            commits, and is killed before anything is sent
    shop.py SCHEMA send-and-die                     sends one, and is killed before it is noted
    shop.py SCHEMA send                             sends everything
"""
from __future__ import annotations

import os
import signal
import sys

from sqlalchemy import Column, Integer, MetaData, String, create_engine
from sqlalchemy.orm import Session, declarative_base
from voice_worker_client import VoiceClient
from voice_worker_client.outbox import Outbox, OutboxSender

from .broker import URL as AMQP_URL
from .postgres import URL as POSTGRES_URL

schema = sys.argv[1] if __name__ == "__main__" else "shop"


def application(schema):
    base = declarative_base(metadata=MetaData(schema=schema))

    class Business(base):
        __tablename__ = "business"
        id = Column(Integer, primary_key=True)
        voice_id = Column(String(32), nullable=False, server_default="ash")

    return base, Business, Outbox(base.metadata, schema=schema)


class Deadly:
    """Is killed as soon as RabbitMQ has the change."""

    def __init__(self, client):
        self._client = client

    def publish(self, change, timeout=5.0):
        self._client.publish(change, timeout)
        os.kill(os.getpid(), signal.SIGKILL)


def main(schema, verb, *arguments):
    engine = create_engine(POSTGRES_URL)
    _, Business, outbox = application(schema)
    if verb == "change":
        business_id, voice_id = int(arguments[0]), arguments[1]
        with Session(engine) as session, session.begin():
            session.get(Business, business_id).voice_id = voice_id
            outbox.add(session, business_id, voice_id, changed_by="user:7")
        os.kill(os.getpid(), signal.SIGKILL)
    client = VoiceClient(AMQP_URL)
    sender = OutboxSender(engine, outbox, Deadly(client) if verb == "send-and-die" else client)
    sys.exit(0 if sender.run_once() >= 0 else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
