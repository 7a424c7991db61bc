from __future__ import annotations

from dataclasses import replace

import pytest

from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.errors import RowRefused
from facebook_connector.store.keeping.audit import AuditFilter, AuditLog, AuditNote, note
from tests.support.inbound_records import NOW_MS, PAGE

NOTE = AuditNote(event_time_ms=NOW_MS, actor="anna", action="CreateChannel", target=PAGE)


async def write_down(database: Database, *noted: AuditNote) -> None:
    def work(transaction: Transaction) -> None:
        for one in noted:
            note(transaction, one)

    await database.write(work)


async def listed(database: Database, chosen: AuditFilter, *, before: int | None = None, limit: int = 10) -> list[int]:
    """The times of what is found, counted from `NOW_MS`."""
    rows = await AuditLog(database).list(chosen, before=before, limit=limit)
    return [row.event_time_ms - NOW_MS for row in rows]


async def test_a_note_is_kept_whole(database: Database) -> None:
    whole = replace(NOTE, detail="fields: app_id", request_id="r-1")
    await write_down(database, whole)
    (row,) = await AuditLog(database).list(AuditFilter(), before=None, limit=10)
    assert row.audit_id > 0
    assert (row.actor, row.action, row.target, row.detail, row.request_id) == (
        "anna",
        "CreateChannel",
        PAGE,
        "fields: app_id",
        "r-1",
    )


async def test_the_newest_comes_first_page_by_page(database: Database) -> None:
    await write_down(database, *(replace(NOTE, event_time_ms=NOW_MS + number) for number in range(5)))
    assert await listed(database, AuditFilter(), limit=2) == [4, 3]
    (_, second) = await AuditLog(database).list(AuditFilter(), before=None, limit=2)
    assert await listed(database, AuditFilter(), before=second.audit_id, limit=2) == [2, 1]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (AuditFilter(), [3, 2, 1, 0]),
        (AuditFilter(actor="ben"), [1]),
        (AuditFilter(action="DeleteChannel"), [2]),
        (AuditFilter(target="ccm"), [3]),
        (AuditFilter(start_ms=NOW_MS + 1, end_ms=NOW_MS + 3), [2, 1]),
        (AuditFilter(actor="ben", action="DeleteChannel"), []),
    ],
)
async def test_all_conditions_that_are_set_must_hold(database: Database, chosen: AuditFilter, found: list[int]) -> None:
    await write_down(
        database,
        NOTE,
        replace(NOTE, event_time_ms=NOW_MS + 1, actor="ben"),
        replace(NOTE, event_time_ms=NOW_MS + 2, action="DeleteChannel"),
        replace(NOTE, event_time_ms=NOW_MS + 3, target="ccm"),
    )
    assert await listed(database, chosen) == found


async def test_what_is_undone_leaves_no_note(database: Database) -> None:
    def undone(transaction: Transaction) -> None:
        note(transaction, NOTE)
        raise KeyError

    with pytest.raises(KeyError):
        await database.write(undone)
    assert await listed(database, AuditFilter()) == []


@pytest.mark.parametrize("nameless", [replace(NOTE, actor=""), replace(NOTE, action="")])
async def test_somebody_did_something(database: Database, nameless: AuditNote) -> None:
    with pytest.raises(RowRefused):
        await write_down(database, nameless)
