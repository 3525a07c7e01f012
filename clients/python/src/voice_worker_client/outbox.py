"""Changes of voices that go out with the application's own transaction: both are made, or none.

The application writes its UPDATE and a row of the outbox in one transaction; an ``OutboxSender`` publishes the row
afterwards, and again when it is killed before it has noted that: a change that arrives twice has one effect. For
SQLAlchemy 1.4 and 2 on PostgreSQL.

    outbox = Outbox(Base.metadata)                      # a table; Alembic sees it

    with Session(engine) as session, session.begin():
        session.get(Business, 42).voice_id = "sage"
        outbox.add(session, 42, "sage", changed_by="user:7")

    OutboxSender(engine, outbox, client).run(stop)      # in a thread or a process of its own
"""
from __future__ import annotations

import logging
import threading
from datetime import datetime, timezone
from typing import Any, Protocol

from sqlalchemy import BigInteger, Column, DateTime, Identity, Integer, MetaData, Table, Text, func
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, scoped_session

from ._rules import check_change
from .errors import ContractError, NotConfirmed
from .messages import BusinessVoiceChanged

__all__ = ["Outbox", "OutboxSender", "Publisher"]

_LOG = logging.getLogger(__name__)


class Outbox:
    """The table of changes that are to be published.

    Args:
        metadata: the application's, so that ``create_all`` and Alembic know the table.
        name: of the table.
        schema: of the table; the default one when it is not given.
    """

    def __init__(self, metadata: MetaData, name: str = "voice_outbox", schema: str | None = None) -> None:
        self.table = Table(
            name, metadata,
            Column("id", BigInteger, Identity(always=True), primary_key=True),
            Column("business_id", Integer, nullable=False),
            Column("voice_id", Text, nullable=False),
            Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
            Column("changed_by", Text),
            Column("broken", Text, comment="why it cannot be sent; such a row stays for people to look at"),
            schema=schema)

    def add(
        self, session: Session | scoped_session | Connection, business_id: int, voice_id: str,
        changed_by: str | None = None, *, changed_at: datetime | None = None,
    ) -> None:
        """Has a change published once the transaction of ``session`` is committed; never, if it is rolled back.

        Call it behind the UPDATE of the business, whose lock then orders the changes of one business; a Session, or a
        scoped one such as Flask-SQLAlchemy's, is flushed for that. ``changed_at`` is PostgreSQL's clock when it is not
        given, one for all servers of the application.

        Raises:
            ContractError: an argument breaks the contract.
        """
        check_change(BusinessVoiceChanged(
            business_id=business_id, voice_id=voice_id, changed_by=changed_by,
            changed_at=datetime.now(timezone.utc) if changed_at is None else changed_at))
        if not isinstance(session, Connection):
            session.flush()
        row: dict[str, Any] = {"business_id": business_id, "voice_id": voice_id, "changed_by": changed_by}
        if changed_at is not None:
            row["changed_at"] = changed_at
        session.execute(self.table.insert().values(row))


class Publisher(Protocol):
    """What sends: a ``VoiceClient``."""

    def publish(self, change: BusinessVoiceChanged, timeout: float = ...) -> None:
        """Returns when RabbitMQ has it; raises NotConfirmed or ContractError."""


class OutboxSender:
    """Publishes what is in an outbox, in the order of its rows; several can run, each takes rows that no other has.

    Args:
        engine: of the database that has the outbox.
        outbox: the table.
        client: which publishes.
        batch: how many rows one transaction takes.
        interval: seconds between two looks at an empty outbox, and after a failure.
    """

    def __init__(
        self, engine: Engine, outbox: Outbox, client: Publisher, *, batch: int = 100, interval: float = 1.0,
    ) -> None:
        self._engine = engine
        self._table = outbox.table
        self._client = client
        self._batch = batch
        self._interval = interval

    def run(self, stop: threading.Event) -> None:
        """Sends until ``stop`` is set; what fails is logged and tried again."""
        while not stop.is_set():
            try:
                sent = self.run_once()
            except (NotConfirmed, SQLAlchemyError) as error:
                _LOG.warning("The outbox waits: %s", error)
                sent = 0
            if sent < self._batch:
                stop.wait(self._interval)

    def run_once(self) -> int:
        """Sends one batch and returns how many it was.

        A row is deleted when RabbitMQ has confirmed its change.

        Raises:
            NotConfirmed: RabbitMQ has not confirmed one in time. Those before it are sent, it and all after it stay.
        """
        sent = 0
        failure: NotConfirmed | None = None
        with self._engine.begin() as connection:
            for row in connection.execute(self._next()).all():
                try:
                    self._send(connection, row)
                except NotConfirmed as error:
                    failure = error
                    break
                sent += 1
        if failure is not None:
            raise failure
        return sent

    def _next(self) -> Any:
        table = self._table
        return (
            table.select().where(table.c.broken.is_(None)).order_by(table.c.id).limit(self._batch)
            .with_for_update(skip_locked=True))

    def _send(self, connection: Connection, row: Any) -> None:
        this = self._table.c.id == row.id
        try:
            self._client.publish(BusinessVoiceChanged(
                business_id=row.business_id, voice_id=row.voice_id, changed_at=row.changed_at,
                changed_by=row.changed_by))
        except ContractError as error:
            # Only what somebody wrote past add: it must not hold up the others.
            _LOG.error("Row %d of the outbox cannot be sent: %s", row.id, error)
            connection.execute(self._table.update().where(this).values(broken=str(error)))
        else:
            connection.execute(self._table.delete().where(this))
