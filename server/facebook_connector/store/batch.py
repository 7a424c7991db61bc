"""Whole batches as one statement: rows go in as two parameters and come out as one value.

A statement over a batch has the same text for any number of rows, so it is compiled and prepared once. And it is one
step of the driver: with SQLite each step gives the interpreter lock away and has to win it back from the event loop.
Measured with a busy loop, 100 rows of 700 bytes: 75 ms by `executemany`, 5 ms so.

Rows travel as JSON; bytes in one blob beside, of which each row names its slice. Foreign SQL differs in two function
names only, so one statement serves both engines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    LargeBinary,
    Select,
    Subquery,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from facebook_connector.store.prepared import Prepared, Value

Row = Sequence[Value]

NUMBER = BigInteger()
TEXT = Text()
BYTES = LargeBinary()


class _Items(FunctionElement[str]):
    """The items of a JSON array as a table with the column `value`."""

    inherit_cache = True
    name = "items"


class _Field(FunctionElement[str]):
    """One field of an item, by its place in it."""

    inherit_cache = True
    name = "field"
    type = TEXT


class _Collected(FunctionElement[str]):
    """All rows of a group as one JSON array of their first and only column."""

    inherit_cache = True
    name = "collected"
    type = TEXT


@compiles(_Items, "sqlite")
def _sqlite_items(element: _Items, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **options)})"


@compiles(_Items, "postgresql")
def _postgresql_items(element: _Items, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_array_elements(CAST({compiler.process(element.clauses, **options)} AS JSON))"


@compiles(_Field, "sqlite")
def _sqlite_field(element: _Field, compiler: SQLCompiler, **options: Any) -> str:
    item, place = element.clauses
    return f"json_extract({compiler.process(item, **options)}, '$[{compiler.process(place, **options)}]')"


@compiles(_Field, "postgresql")
def _postgresql_field(element: _Field, compiler: SQLCompiler, **options: Any) -> str:
    item, place = element.clauses
    return f"({compiler.process(item, **options)} ->> {compiler.process(place, **options)})"


@compiles(_Collected, "sqlite")
def _sqlite_collected(element: _Collected, compiler: SQLCompiler, **options: Any) -> str:
    # Joined to nothing it is text; by itself SQLite would nest it as JSON where `Query` puts rows into an array.
    return f"json_group_array({compiler.process(element.clauses, **options)}) || ''"


@compiles(_Collected, "postgresql")
def _postgresql_collected(element: _Collected, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(json_agg({compiler.process(element.clauses, **options)}) AS TEXT)"


def collected(column: Any) -> _Collected:
    """Aggregates a column of numbers or texts into the text of a JSON array; read it with `orjson.loads`."""
    return _Collected(column)


class Batch:
    """The shape of a batch: named, typed columns. `rows` is what statements select from."""

    def __init__(self, **columns: TypeEngine[Any]) -> None:
        self._width = len(columns)
        # From the last: a slice takes two places, which moves those behind it.
        self._byte_places = [n for n, kind in enumerate(columns.values()) if isinstance(kind, LargeBinary)][::-1]
        self.rows: Subquery = _rows(columns)

    def parameters(self, rows: Iterable[Row], **others: Value) -> dict[str, Value]:
        """The parameters of a statement over this batch; `others` are the statement's own."""
        if not self._byte_places:
            return {"batch": orjson.dumps(list(rows)).decode(), **others}
        blob = _Blob()
        items = [self._item(row, blob) for row in rows]
        return {"batch": orjson.dumps(items).decode(), "blob": b"".join(blob.parts), **others}

    def _item(self, row: Row, blob: _Blob) -> list[Value]:
        if len(row) != self._width:
            raise ValueError(f"a row of this batch has {self._width} values, not {len(row)}")
        item = list(row)
        for place in self._byte_places:
            item[place : place + 1] = blob.add(row[place])
        return item


class _Blob:
    """The bytes of all rows, put together behind a byte that is nobody's.

    Of no bytes at all SQLite's `substr` would make NULL.
    """

    def __init__(self) -> None:
        self.parts: list[bytes] = [b"\0"]
        self._next = 2

    def add(self, value: Value) -> tuple[int, int]:
        """Takes bytes in; where they start (from 1) and how long they are stands in their place."""
        if not isinstance(value, bytes):
            raise TypeError("bytes of a batch are never absent")
        start = self._next
        self.parts.append(value)
        self._next += len(value)
        return start, len(value)


def _rows(columns: Mapping[str, TypeEngine[Any]]) -> Subquery:
    value = _Items(bindparam("batch", type_=TEXT)).table_valued("value").c.value
    place = 0

    def field() -> Any:
        nonlocal place
        place += 1
        return _Field(value, literal_column(str(place - 1)))

    selected = []
    for name, kind in columns.items():
        if isinstance(kind, LargeBinary):
            blob = bindparam("blob", type_=BYTES)
            column: Any = func.substr(blob, cast(field(), Integer), cast(field(), Integer), type_=BYTES)
        else:
            column = field() if isinstance(kind, Text) else cast(field(), kind)
        selected.append(column.label(name))
    return select(*selected).subquery("batch")


class Statement:
    """A statement that changes rows, over a batch of any size."""

    def __init__(self, batch: Batch, statement: UpdateBase) -> None:
        self._batch = batch
        self._prepared = Prepared(statement)

    def execute(self, connection: Connection, rows: Iterable[Row], **others: Value) -> int:
        """Runs it and returns how many rows it changed."""
        return self._prepared.change(connection, self._batch.parameters(rows, **others))


class Query:
    """A select, over a batch or not, that may give many rows."""

    def __init__(self, statement: Select[Any], batch: Batch | None = None) -> None:
        self._prepared = Prepared(statement)
        self._batch = batch
        as_one_value, self._byte_places = _in_one_value(statement)
        self._as_one_value = Prepared(as_one_value)

    def fetch(self, connection: Connection, rows: Iterable[Row] = (), **others: Value) -> list[Sequence[Any]]:
        """All its rows, in no particular order; a boolean comes as 0 or 1 from SQLite."""
        parameters = self._batch.parameters(rows, **others) if self._batch else others
        if connection.dialect.name != "sqlite":
            return list(self._prepared.fetch(connection, parameters))
        ((answer,),) = self._as_one_value.fetch(connection, parameters)
        found: list[list[Any]] = orjson.loads(answer)
        for row in found:
            for place in self._byte_places:
                row[place] = bytes.fromhex(row[place])
        return list(found)


def _in_one_value(statement: Select[Any]) -> tuple[Select[Any], tuple[int, ...]]:
    """The select as one JSON array of rows, for SQLite, and the places of the columns that stand in it as hex."""
    columns = list(statement.subquery("found").c)
    places = tuple(place for place, column in enumerate(columns) if isinstance(column.type, LargeBinary))
    fields = [func.hex(column) if place in places else column for place, column in enumerate(columns)]
    return select(func.json_group_array(func.json_array(*fields))), places
