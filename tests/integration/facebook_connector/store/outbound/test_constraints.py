"""What must never be is refused by the database itself, whatever the code above it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Table, insert, update

from facebook_connector.store.database import Database
from facebook_connector.store.errors import RowRefused
from facebook_connector.store.outbound.schema import outbound_history, outbound_message, outbound_part, page_lease
from tests.support.inbound_records import NOW_MS, PAGE
from tests.support.outbound_queue import OutboundQueue

CLOSED = {"close_time_ms": NOW_MS}
FAILURE = {"failure_reason": "EXPIRED", "failure": "{}"}


@pytest.fixture
async def queue(database: Database) -> OutboundQueue:
    """A queue with two messages of one lane, the first of two parts, whose page is owned."""
    queue = OutboundQueue(database)
    await queue.accept(parts=2)
    await queue.accept("out-2")
    await queue.own()
    return queue


async def write(queue: OutboundQueue, statement: Any) -> None:
    await queue.database.write(lambda transaction: transaction.execute(statement))


def change(table: Table, **values: object) -> Any:
    return update(table).where(table.c.page_id == PAGE).values(**values)


def of_first(statement: Any) -> Any:
    return statement.where(statement.table.c.cim_id == "out-1")


REFUSED: dict[str, Callable[[], Any]] = {
    "an unknown state": lambda: change(outbound_message, state="LOST", **CLOSED),
    "an unknown origin": lambda: change(outbound_message, origin="CAT"),
    "a sent message that holds its lane": lambda: change(outbound_message, state="SENT"),
    "a waiting message that is closed": lambda: change(outbound_message, **CLOSED),
    "a failed message without failure": lambda: change(outbound_message, state="FAILED", **CLOSED),
    "a finally uncertain message without failure": lambda: change(outbound_message, state="UNCERTAIN", **CLOSED),
    "a sent message with failure": lambda: change(outbound_message, state="SENT", **CLOSED, **FAILURE),
    "a waiting message with failure": lambda: change(outbound_message, **FAILURE),
    "an open uncertain message with failure": lambda: change(outbound_message, state="UNCERTAIN", **FAILURE),
    "a failure without its reason": lambda: change(outbound_message, state="FAILED", failure="{}", **CLOSED),
    "two messages at one place of a lane": lambda: change(outbound_message, lane_position=7),
    "a place before the first": lambda: of_first(change(outbound_message, lane_position=0)),
    "a message of no ordering key": lambda: change(outbound_message, key_id=999_999),
    "an unknown state of a part": lambda: change(outbound_part, state="IGNORED"),
    "two calls on their way for one message": lambda: of_first(change(outbound_part, state="SENDING", calls=1)),
    "a call on its way that was never counted": lambda: change(outbound_part, state="SENDING"),
    "a sent part without its time": lambda: change(outbound_part, state="SENT"),
    "a read part without its time": lambda: change(outbound_part, state="READ"),
    "a negative number of tries": lambda: change(outbound_part, attempts=-1),
    "a part of no message": lambda: of_first(change(outbound_part, cim_id="unknown")),
    "history of no message": lambda: insert(outbound_history).values(
        page_id=PAGE, cim_id="unknown", time_ms=NOW_MS, state="QUEUED", detail=""
    ),
    "an epoch before the first": lambda: change(page_lease, epoch=0),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_must_never_be_is_refused(queue: OutboundQueue, what: str) -> None:
    before = [await queue.status("out-1"), await queue.status("out-2")]
    with pytest.raises(RowRefused):
        await write(queue, REFUSED[what]())
    assert [await queue.status("out-1"), await queue.status("out-2")] == before


@pytest.mark.parametrize(
    "values",
    [
        {"state": "UNCERTAIN"},
        {"state": "UNCERTAIN", **CLOSED, **FAILURE},
        {"state": "FAILED", **CLOSED, **FAILURE},
        {"state": "SENT", **CLOSED},
        {"state": "IGNORED", **CLOSED},
    ],
)
async def test_what_may_be_is_taken(queue: OutboundQueue, values: dict[str, object]) -> None:
    await write(queue, change(outbound_message, **values))
