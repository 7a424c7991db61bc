"""A statement over the rows of a batch as SQLite gets it: they are the VALUES of a table `given`, with c0, c1, ….

As JSON, which `json_extract` takes apart value by value, a row of 13 values costs 7 µs, and 2 so. But the text of a
statement then tells the number of rows, and SQLite's driver keeps statements prepared by their texts. So there are few
of them: rows are filled up to the next power of two, and a LIMIT leaves out what is none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection

from facebook_connector.store.prepared import OnSqlite, Prepared, Value

MOST_VALUES = 512
"""In one execution; bounds what a prepared statement holds, to some 60 kB."""


class GivenRows:
    """More rows than one execution takes are given in several: so the statement treats each row by itself."""

    def __init__(self, prepared: Prepared, width: int) -> None:
        self._prepared = prepared
        self._width = width
        self._most: int = 1 << (MOST_VALUES // width).bit_length() - 1
        self._tables: dict[int, str] = {}

    def change(self, connection: Connection, rows: Sequence[Sequence[Value]], others: Mapping[str, Value]) -> int:
        """Executes it and returns how many rows it changed, those included that went with others."""
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        before = driver.total_changes
        for text, parameters in self._executions(connection, rows, others):
            OnSqlite.execute(driver, text, parameters)
        return driver.total_changes - before

    def fetch(
        self, connection: Connection, rows: Sequence[Sequence[Value]], others: Mapping[str, Value]
    ) -> list[Sequence[Any]]:
        """Executes it and returns what it found."""
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        return [
            found
            for text, parameters in self._executions(connection, rows, others)
            for found in OnSqlite.execute(driver, text, parameters).fetchall()
        ]

    def _executions(
        self, connection: Connection, rows: Sequence[Sequence[Value]], others: Mapping[str, Value]
    ) -> Iterator[tuple[str, list[Value]]]:
        statement = self._prepared.on(connection)
        assert not statement.holds_lists, "a statement over a batch is written without IN lists"
        own = statement.in_order(others)
        for first in range(0, len(rows) or 1, self._most):
            portion = rows[first : first + self._most]
            size = 1 << (max(1, len(portion)) - 1).bit_length()
            missing: list[Value] = [None] * ((size - len(portion)) * self._width)
            given = [*chain.from_iterable(portion), *missing, len(portion)]
            yield self._table(size) + statement.text, [*given, *own]

    def _table(self, size: int) -> str:
        if size not in self._tables:
            columns = ", ".join(f"c{place}" for place in range(self._width))
            values = ", ".join([f"({', '.join('?' * self._width)})"] * size)
            # No value stands in it.
            self._tables[size] = f"WITH given({columns}) AS (SELECT * FROM (VALUES {values}) LIMIT ?) "  # noqa: S608
        return self._tables[size]
