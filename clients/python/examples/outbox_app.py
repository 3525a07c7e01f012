"""An application that changes voices in its own database and tells the worker, both or neither.

    export DATABASE_URL=postgresql+psycopg2://shop@localhost/shop AMQP_URL=amqp://guest:guest@localhost/
    outbox_app.py change 42 sage user:7     # one transaction: UPDATE and message
    outbox_app.py send                      # sends what is there and what comes, until SIGTERM
"""
import logging
import os
import signal
import sys
import threading

from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import Session, declarative_base
from voice_worker_client import VoiceClient
from voice_worker_client.outbox import Outbox, OutboxSender

Base = declarative_base()
outbox = Outbox(Base.metadata)


class Business(Base):
    __tablename__ = "business"
    id = Column(Integer, primary_key=True)
    name = Column(String(255), nullable=False)
    voice_id = Column(String(32), nullable=False, server_default="ash")


def change(engine, business_id, voice_id, changed_by=None):
    with Session(engine) as session, session.begin():
        session.get(Business, int(business_id)).voice_id = voice_id
        outbox.add(session, int(business_id), voice_id, changed_by)


def send(engine):
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with VoiceClient(os.environ["AMQP_URL"].split(",")) as client:
        OutboxSender(engine, outbox, client).run(stop)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    engine = create_engine(os.environ["DATABASE_URL"])
    outbox.table.create(engine, checkfirst=True)  # an application has a migration for it
    {"change": change, "send": send}[sys.argv[1]](engine, *sys.argv[2:])
