"""The legacy application beside the migration: reads and writes business through SQLAlchemy at a steady rate.

application.py URL OUTPUT with|without ROWS RATE
Maps business with or without voice_id, and until its input is closed writes a line for every operation to OUTPUT:
when it ended (seconds since the epoch), read or write, milliseconds, and the error if there was one.
"""
import random
import sys
import threading
import time

from sqlalchemy import Column, Integer, String, create_engine, inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, declarative_base

url, output, mapping, rows, rate = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5])
Base = declarative_base()


class Business(Base):
    __tablename__ = "business"
    id = Column(Integer, primary_key=True)
    name = Column(String(255), nullable=False)
    if mapping == "with":
        voice_id = Column(String(32), nullable=False, server_default="ash")


def read(session):
    session.execute(select(Business).where(Business.id == random.randint(1, rows))).scalar_one()


def write(session):
    business = session.get(Business, random.randint(1, rows))
    business.name = "Business %d" % random.randint(1, 1_000_000)
    if mapping == "with":
        business.voice_id = random.choice(["ash", "echo", "marin"])
    session.add(Business(name="new"))
    session.commit()


stopped = []
threading.Thread(target=lambda: stopped.append(sys.stdin.read()), daemon=True).start()
engine = create_engine(url)
# Whoever maps a column that is not there yet cannot begin: that is what the migration is for.
while mapping == "with" and not stopped and "voice_id" not in {c["name"] for c in inspect(engine).get_columns("business")}:
    time.sleep(0.01)
with open(output, "w", buffering=1) as log:
    due = time.monotonic()
    while not stopped:
        due += 1 / rate
        time.sleep(max(0, due - time.monotonic()))
        kind = random.choice([read, write])
        started, error = time.monotonic(), ""
        try:
            with Session(engine) as session:
                kind(session)
        except SQLAlchemyError as failure:
            error = type(failure).__name__ + ": " + str(failure).splitlines()[0]
        log.write("%.6f,%s,%.3f,%s\n" % (time.time(), kind.__name__, (time.monotonic() - started) * 1000, error))
