"""A ledger in the consumer's own PostgreSQL, by SQLAlchemy 1.4 or 2: each event has its effect exactly once."""
from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy import BigInteger, Column, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection, Engine

from .ledger import Ledger, Transaction

__all__ = ["SqlAlchemyLedger"]


class SqlAlchemyLedger(Ledger):
    """In two tables. The handler gets the connection of the transaction: what it writes there is committed together
    with the note that the event was handled, or not at all.

    Args:
        engine: of the database.
        metadata: the application's, so that ``create_all`` and Alembic know the tables.
        prefix: of their names.
        schema: of the tables; the default one when it is not given.
    """

    def __init__(
        self, engine: Engine, metadata: MetaData, prefix: str = "voice_audit", schema: str | None = None,
    ) -> None:
        self._engine = engine
        self._progress = Table(
            f"{prefix}_progress", metadata,
            Column("stream", Text, primary_key=True), Column("last", BigInteger, nullable=False), Column("hash", Text),
            schema=schema)
        self._gap = Table(
            f"{prefix}_gap", metadata,
            Column("stream", Text, primary_key=True), Column("first", BigInteger, primary_key=True),
            Column("last", BigInteger, nullable=False), schema=schema)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._engine.begin() as connection:
            yield _SqlAlchemyTransaction(connection, self._progress, self._gap)

    def gaps(self) -> list[tuple[str, int, int]]:
        with self._engine.connect() as connection:
            rows = connection.execute(self._gap.select().order_by(self._gap.c.stream, self._gap.c.first))
            return [(row.stream, row.first, row.last) for row in rows]


class _SqlAlchemyTransaction(Transaction):
    def __init__(self, connection: Connection, progress: Table, gap: Table) -> None:
        self.connection: Connection = connection
        self._progress = progress
        self._gap = gap

    def progress(self, stream: str) -> tuple[int, str | None]:
        # A second consumer of the same queue, against the rule, waits here.
        row = self.connection.execute(
            self._progress.select().where(self._progress.c.stream == stream).with_for_update()).first()
        return (0, None) if row is None else (row.last, row.hash)

    def set_progress(self, stream: str, sequence: int, hash: str | None) -> None:
        new = insert(self._progress).values(stream=stream, last=sequence, hash=hash)
        self.connection.execute(new.on_conflict_do_update(
            index_elements=["stream"], set_={"last": new.excluded.last, "hash": new.excluded.hash}))

    def add_gap(self, stream: str, first: int, last: int) -> None:
        self.connection.execute(self._gap.insert().values(stream=stream, first=first, last=last))

    def remove_gap(self, stream: str, sequence: int) -> tuple[int, int] | None:
        gap = self._gap
        row = self.connection.execute(gap.select().where(
            gap.c.stream == stream, gap.c.first <= sequence, gap.c.last >= sequence)).first()
        if row is None:
            return None
        self.connection.execute(gap.delete().where(gap.c.stream == stream, gap.c.first == row.first))
        return row.first, row.last
