"""The application that changes voices itself, through SQLAlchemy's ORM: how long UPDATE and COMMIT of one business take.

direct.py URL ROWS CLIENTS SECONDS
Each client is a process with businesses of its own. Writes p50, p99 (milliseconds) and the changes of all of them.
"""
import multiprocessing
import sys
import time

from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import Session, declarative_base

url, rows, clients, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
warm_up = 1
Base = declarative_base()


class Business(Base):
    __tablename__ = "business"
    id = Column(Integer, primary_key=True)
    name = Column(String(255), nullable=False)
    voice_id = Column(String(32), nullable=False, server_default="ash")


def change(number, results):
    took = []
    with Session(create_engine(url), expire_on_commit=False) as session:
        own = [id for id in range(1, rows + 1) if id % clients == number]
        session.get(Business, own[0])
        begin = time.monotonic()
        for n in range(sys.maxsize):
            started = time.monotonic()
            if started > begin + warm_up + seconds:
                break
            business = session.get(Business, own[n % len(own)])
            business.voice_id = "sage" if business.voice_id != "sage" else "marin"
            changed = time.monotonic()
            session.commit()
            if started > begin + warm_up:
                took.append((time.monotonic() - changed) * 1000)
            session.expunge_all()
    results.put(took)


results = multiprocessing.Queue()
processes = [multiprocessing.Process(target=change, args=(number, results)) for number in range(clients)]
for process in processes:
    process.start()
took = sorted(sum((results.get() for _ in processes), []))
for process in processes:
    process.join()
print("%.3f %.3f %d" % (took[len(took) // 2], took[len(took) * 99 // 100], len(took)))
