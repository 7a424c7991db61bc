"""The statements that a database runs, and how the engine carries them out."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, event

from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.engines.postgresql import PostgresqlDatabase
from facebook_connector.store.engines.sqlite import SqliteDatabase
from facebook_connector.store.prepared import OnPostgresql, OnSqlite, Value


@dataclass(frozen=True)
class Ran:
    """A statement as it went to the driver."""

    text: str
    parameters: Any

    @property
    def own(self) -> str:
        """The text without the rows of its batch, which SQLite gets in it."""
        return re.sub(r"^WITH given.*? LIMIT \?\) ", "", self.text)


def each_once(ran: Iterable[Ran]) -> list[str]:
    """The statements in their order; one that is run again for further rows of its batch counts once."""
    return [text for text, _ in groupby(statement.own for statement in ran)]


@contextmanager
def watched(database: Database, saw: Callable[[Ran], None]) -> Iterator[None]:
    """Shows each statement run in the block before it runs, without those that begin and end transactions.

    What goes to a driver straight, past SQLAlchemy, is shown of other databases, too.
    """

    def record(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT")):
            saw(Ran(statement, parameters))

    def in_order(statement: OnPostgresql, given: Mapping[str, Value]) -> list[Value]:
        parameters = ordered(statement, given)
        saw(Ran(statement.text, tuple(parameters)))
        return parameters

    def execute(driver: sqlite3.Connection, text: str, parameters: Sequence[Value]) -> sqlite3.Cursor:
        saw(Ran(text, tuple(parameters)))
        return executed(driver, text, parameters)

    for engine in _engines_of(database):
        event.listen(engine, "before_cursor_execute", record)
    ordered, executed = OnPostgresql.in_order, OnSqlite.execute
    try:
        # Below SQLAlchemy nobody tells what runs.
        with (
            patch.object(OnPostgresql, "in_order", in_order),
            patch.object(OnSqlite, "execute", staticmethod(execute)),
        ):
            yield
    finally:
        for engine in _engines_of(database):
            event.remove(engine, "before_cursor_execute", record)


@contextmanager
def recorded(database: Database) -> Iterator[list[Ran]]:
    """The statements run in the block; see `watched`."""
    ran: list[Ran] = []
    with watched(database, ran.append):
        yield ran


async def tables_read_whole(database: Database, ran: Ran, *, small: frozenset[str] = frozenset()) -> set[str]:
    """The tables that the engine goes through for a statement, from end to end or all that thousands of rows share.

    `small` names indexes that may be read whole: they hold little, or nothing but what is asked for.
    """

    def explain(transaction: Transaction) -> set[str]:
        if transaction.dialect.name == "sqlite":
            rows = transaction.exec_driver_sql(f"EXPLAIN QUERY PLAN {ran.text}", ran.parameters).all()
            walked = {row.detail.split()[1] for row in rows if walks(row.detail, small)}
            # It also plans a look at the children of a new parent, and takes it only while a foreign key is violated.
            return walked & {"ordering_key"} if "INSERT INTO ordering_key" in ran.text else walked
        plan = transaction.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {ran.text}", ran.parameters).scalar_one()
        return set(_scans((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"], small))

    return await database.write(explain)


def walks(step: str, small: frozenset[str]) -> bool:
    """SCAN goes through a table or an index; SEARCH finds, unless it knows no more than the page."""
    words = step.split()
    return (step.startswith("SCAN") or step.endswith("(page_id=?)")) and small.isdisjoint(words)


async def plan_of(database: Database, ran: Ran) -> str:
    """How the engine carries a statement out, in its own words."""

    def explain(transaction: Transaction) -> str:
        prefix = "EXPLAIN QUERY PLAN" if transaction.dialect.name == "sqlite" else "EXPLAIN"
        rows = transaction.exec_driver_sql(f"{prefix} {ran.text}", ran.parameters).all()
        return "\n".join(str(row[-1]) for row in rows)

    return await database.write(explain)


def _engines_of(database: Database) -> list[Engine]:
    if isinstance(database, SqliteDatabase):
        return [database._writer, database._reader]
    assert isinstance(database, PostgresqlDatabase)
    return [database._engine.sync_engine]


def _scans(node: dict[str, Any], small: frozenset[str], *, limited: bool = False) -> Iterator[str]:
    by_index = node["Node Type"].startswith(("Index", "Bitmap Index"))
    # A limit takes the first rows of an index, whatever they are.
    first_rows = limited and "Filter" not in node
    whole_index = by_index and "Index Cond" not in node and not first_rows and node["Index Name"] not in small
    if node["Node Type"] == "Seq Scan" or whole_index:
        yield node.get("Relation Name", "an index")
    for child in node.get("Plans", ()):
        yield from _scans(child, small, limited=node["Node Type"] == "Limit")
