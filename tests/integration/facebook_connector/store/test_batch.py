from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Boolean, ColumnElement, bindparam, select, text, true
from sqlalchemy.dialects.postgresql import insert

from facebook_connector.store.batch import BYTES, NUMBER, TEXT, Batch, Query, Statement, collected
from facebook_connector.store.database import Database
from facebook_connector.store.prepared import Value
from facebook_connector.store.schema import dedupe

_values = Batch(number=NUMBER, word=TEXT, flag=Boolean(), first=BYTES, second=BYTES)
ECHO = Query(select(*_values.rows.c), _values)

_seen = Batch(page_id=TEXT, dedupe_key=TEXT, first_seen_ms=NUMBER)
REMEMBER = Statement(
    _seen,
    insert(dedupe).from_select(_seen.rows.c.keys(), select(*_seen.rows.c).where(true())).on_conflict_do_nothing(),
)
REMEMBERED = Query(
    select(dedupe.c.page_id, dedupe.c.dedupe_key, dedupe.c.first_seen_ms).join(
        _seen.rows, (dedupe.c.page_id == _seen.rows.c.page_id) & (dedupe.c.dedupe_key == _seen.rows.c.dedupe_key)
    ),
    _seen,
)


@pytest.mark.parametrize("number", [0, -1, 2**63 - 1, -(2**63), 9_007_199_254_740_993])
async def test_numbers_arrive_exactly(database: Database, number: int) -> None:
    assert await echo(database, (number, "", True, b"", b"")) == (number, "", True, b"", b"")


@pytest.mark.parametrize(
    "word",
    [
        "",
        "'; DROP TABLE x",
        '"\\/\n\r\t\u2028',
        "{}[],:",
        "👩‍👩‍👧‍👦 שלום ñ",
        "\x01\x1f\x7f",
        "null",
        "1.0",
        "x" * 100_000,
    ],
)
async def test_text_arrives_exactly(database: Database, word: str) -> None:
    assert await echo(database, (1, word, False, b"", b"")) == (1, word, False, b"", b"")


@pytest.mark.parametrize("blob", [b"", b"\x00", bytes(range(256)), b"\xff" * 70_000, b'{"a":1}', "é".encode()])
async def test_bytes_arrive_exactly(database: Database, blob: bytes) -> None:
    assert await echo(database, (1, "", True, blob, b"between")) == (1, "", True, blob, b"between")
    assert await echo(database, (1, "", True, b"between", blob)) == (1, "", True, b"between", blob)


async def test_no_bytes_are_not_absent(database: Database) -> None:
    columns: list[ColumnElement[Any]] = [_values.rows.c[name].is_(None) for name in ("first", "second")]
    absent = Query(select(*columns), _values)
    ((first, second),) = await database.read(lambda transaction: absent.fetch(transaction, [(1, "", True, b"", b"")]))
    assert (bool(first), bool(second)) == (False, False)


async def test_absent_values_stay_absent(database: Database) -> None:
    assert await echo(database, (None, None, None, b"", b"")) == (None, None, None, b"", b"")


async def echo(database: Database, row: tuple[Value, ...]) -> tuple[Value, ...]:
    (found,) = await database.read(lambda transaction: ECHO.fetch(transaction, [row]))
    number, word, flag, first, second = found
    return number, word, None if flag is None else bool(flag), first, second


async def test_every_row_keeps_its_own_bytes(database: Database) -> None:
    rows = [(number, "", True, b"a" * number, b"b" * (100 - number)) for number in range(100)]
    found = await database.read(lambda transaction: ECHO.fetch(transaction, rows))
    assert {row[0]: (row[3], row[4]) for row in found} == {row[0]: (row[3], row[4]) for row in rows}


async def test_more_rows_than_one_execution_takes_are_all_changed(database: Database) -> None:
    rows = [(str(number), f"k{number}", number) for number in range(1_000)]
    assert await database.write(lambda transaction: REMEMBER.execute(transaction, rows)) == 1_000
    found = await database.read(lambda transaction: REMEMBERED.fetch(transaction, rows))
    assert {tuple(row) for row in found} == set(rows)
    more = [*rows, ("new", "new", 0)]
    assert await database.write(lambda transaction: REMEMBER.execute(transaction, more)) == 1


async def test_no_rows_change_none(database: Database) -> None:
    assert await database.write(lambda transaction: REMEMBER.execute(transaction, [])) == 0


async def test_no_rows_give_none(database: Database) -> None:
    assert await database.read(lambda transaction: ECHO.fetch(transaction, [])) == []


async def test_a_row_of_the_wrong_length_is_a_mistake(database: Database) -> None:
    with pytest.raises(ValueError, match="has 5 values, not 2"):
        await echo(database, (1, ""))


async def test_collected_rows_are_the_text_of_an_array(database: Database) -> None:
    numbers = Batch(number=NUMBER)
    statement = select(collected(numbers.rows.c.number)).where(numbers.rows.c.number > bindparam("least"))
    query = Query(statement, numbers)
    found = await database.read(lambda transaction: query.fetch(transaction, [(1,), (5,), (7,)], least=2))
    assert [str(row[0]).replace(" ", "") for row in found] == ["[5,7]"]


async def test_a_query_without_a_batch_takes_parameters_alone(database: Database) -> None:
    query = Query(select(bindparam("answer", type_=NUMBER).label("answer")).where(text("1 = 1")))
    assert [tuple(row) for row in await database.read(lambda transaction: query.fetch(transaction, answer=42))] == [
        (42,)
    ]
