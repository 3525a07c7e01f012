"""The application as it is: loads a business through SQLAlchemy's ORM, sets its voice, and knows of no worker.

shop.py URL ID VOICE [USER]
"""
import sys

from sqlalchemy import Column, Integer, String, create_engine, text
from sqlalchemy.orm import Session, declarative_base

url, business_id, voice, user = (sys.argv[1:] + [None])[:4]
Base = declarative_base()


class Business(Base):
    __tablename__ = "business"
    id = Column(Integer, primary_key=True)
    name = Column(String(255), nullable=False)
    voice_id = Column(String(32), nullable=False, server_default="ash")


with Session(create_engine(url)) as session:
    if user:
        session.execute(text("SELECT set_config('voice.changed_by', :user, true)"), {"user": user})
    business = session.get(Business, int(business_id))
    if business is None:
        session.add(Business(id=int(business_id), name="new", voice_id=voice))
    else:
        business.voice_id = voice
    session.commit()
    print(session.get(Business, int(business_id)).voice_id)
