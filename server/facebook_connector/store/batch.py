"""Whole batches as one statement: rows go in together, and come out of SQLite as one value.

A statement over a batch is compiled and prepared once. And it is one step of the driver: with SQLite each step gives
the interpreter lock away and has to win it back from the event loop. Measured with a busy loop, 100 rows of 700 bytes:
75 ms by `executemany`, 5 ms so.

To PostgreSQL rows travel as JSON; bytes in one blob beside, of which each row names its slice. SQLite gets them as they
are, see `given_rows`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Connection,
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

from facebook_connector.store.given_rows import GivenRows
from facebook_connector.store.prepared import Prepared, Value

Row = Sequence[Value]

NUMBER = BigInteger()
TEXT = Text()
BYTES = LargeBinary()


class _Items(FunctionElement[str]):
    """The items of a JSON array as a table with the column `value`; with SQLite, `given`."""

    inherit_cache = True
    name = "items"


class _Field(FunctionElement[str]):
    """One field of an item, by its place in it."""

    inherit_cache = True
    name = "field"
    type = TEXT


class _Slice(FunctionElement[bytes]):
    """The bytes that belong to an item: at its place stands which of the blob."""

    inherit_cache = True
    name = "slice"
    type = BYTES


class _Collected(FunctionElement[str]):
    """All rows of a group as one JSON array of their first and only column."""

    inherit_cache = True
    name = "collected"
    type = TEXT


@compiles(_Items, "sqlite")
def _sqlite_items(_element: _Items, _compiler: SQLCompiler, **_options: Any) -> str:
    return "given"


@compiles(_Items, "postgresql")
def _postgresql_items(element: _Items, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_array_elements(CAST({compiler.process(element.clauses, **options)} AS JSON))"


@compiles(_Field, "sqlite")
@compiles(_Slice, "sqlite")
def _sqlite_field(element: _Field | _Slice, compiler: SQLCompiler, **options: Any) -> str:
    _, place, *_ = element.clauses
    return f"c{compiler.process(place, **options)}"


@compiles(_Field, "postgresql")
def _postgresql_field(element: _Field, compiler: SQLCompiler, **options: Any) -> str:
    item, place = element.clauses
    return f"({compiler.process(item, **options)} ->> {compiler.process(place, **options)})"


@compiles(_Slice, "postgresql")
def _postgresql_slice(element: _Slice, compiler: SQLCompiler, **options: Any) -> str:
    item, place, blob = (compiler.process(clause, **options) for clause in element.clauses)
    begin, length = (f"CAST({item} -> {place} ->> {end} AS INTEGER)" for end in (0, 1))
    return f"substr({blob}, {begin}, {length})"


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
        self.width = len(columns)
        self._byte_places = [place for place, kind in enumerate(columns.values()) if isinstance(kind, LargeBinary)]
        self.rows: Subquery = _rows(columns)

    def checked(self, rows: Iterable[Row]) -> list[Row]:
        """The rows, each as wide as the batch."""
        given = list(rows)
        for width in {*map(len, given)} - {self.width}:
            raise ValueError(f"a row of this batch has {self.width} values, not {width}")
        return given

    def parameters(self, rows: Iterable[Row]) -> dict[str, Value]:
        """The rows as PostgreSQL gets them."""
        if not self._byte_places:
            return {"batch": orjson.dumps(self.checked(rows)).decode()}
        blob = _Blob()
        items = [self._item(row, blob) for row in self.checked(rows)]
        return {"batch": orjson.dumps(items).decode(), "blob": b"".join(blob.parts)}

    def _item(self, row: Row, blob: _Blob) -> list[object]:
        item: list[object] = list(row)
        for place in self._byte_places:
            item[place] = blob.add(row[place])
        return item


class _Blob:
    """The bytes of all rows, put together."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._next = 1

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
    blob = bindparam("blob", type_=BYTES)
    selected = []
    for place, (name, kind) in enumerate(columns.items()):
        if isinstance(kind, LargeBinary):
            column: Any = _Slice(value, literal_column(str(place)), blob)
        else:
            field = _Field(value, literal_column(str(place)))
            column = field if isinstance(kind, Text) else cast(field, kind)
        selected.append(column.label(name))
    return select(*selected).subquery("batch")


class Statement:
    """A statement that changes rows, over a batch of any size, each of whose rows it treats by itself."""

    def __init__(self, batch: Batch, statement: UpdateBase) -> None:
        self._batch = batch
        self._prepared = Prepared(statement)
        self._over_rows = GivenRows(self._prepared, batch.width)

    def execute(self, connection: Connection, rows: Iterable[Row], **others: Value) -> int:
        """Runs it and returns how many rows it changed."""
        if connection.dialect.name == "sqlite":
            return self._over_rows.change(connection, self._batch.checked(rows), others)
        return self._prepared.change(connection, {**self._batch.parameters(rows), **others})


class Query:
    """A select, over a batch or not, that may give many rows."""

    def __init__(self, statement: Select[Any], batch: Batch | None = None) -> None:
        self._prepared = Prepared(statement)
        self._batch = batch
        as_one_value, self._byte_places = _in_one_value(statement)
        self._as_one_value = Prepared(as_one_value)
        self._over_rows = GivenRows(self._as_one_value, batch.width) if batch else None

    def fetch(self, connection: Connection, rows: Iterable[Row] = (), **others: Value) -> list[Sequence[Any]]:
        """All its rows, in no particular order; a boolean comes as 0 or 1 from SQLite."""
        if connection.dialect.name != "sqlite":
            parameters = self._batch.parameters(rows) if self._batch else {}
            return list(self._prepared.fetch(connection, {**parameters, **others}))
        if self._batch is None or self._over_rows is None:
            answers = self._as_one_value.fetch(connection, others)
        else:
            answers = self._over_rows.fetch(connection, self._batch.checked(rows), others)
        found: list[list[Any]] = [row for (answer,) in answers for row in orjson.loads(answer)]
        for row in found if self._byte_places else ():
            for place in self._byte_places:
                row[place] = bytes.fromhex(row[place])
        return list(found)


def _in_one_value(statement: Select[Any]) -> tuple[Select[Any], tuple[int, ...]]:
    """The select as one JSON array of rows, for SQLite, and the places of the columns that stand in it as hex."""
    columns = list(statement.subquery("found").c)
    places = tuple(place for place, column in enumerate(columns) if isinstance(column.type, LargeBinary))
    fields = [func.hex(column) if place in places else column for place, column in enumerate(columns)]
    return select(func.json_group_array(func.json_array(*fields))), places
