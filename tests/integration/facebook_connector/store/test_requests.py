from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from facebook_connector.store.channels import ChannelStore, add_channel
from facebook_connector.store.database import Database, Transaction, open_database
from facebook_connector.store.errors import RowRefused
from facebook_connector.store.requests import KEPT_MS, OperatorRequest, RequestIdReused, once
from tests.support.channel_rows import a_row
from tests.support.inbound_records import NOW_MS, PAGE
from tests.support.interleaving import Held, waits_for_a_lock

ASKED = OperatorRequest(method="CreateChannel", request_id="r-1", fingerprint=b"f" * 32, now_ms=NOW_MS)


def adding(page_id: str = PAGE) -> Callable[[Transaction], bytes]:
    """Work that makes a channel and answers with its page."""

    def work(transaction: Transaction) -> bytes:
        assert add_channel(transaction, a_row(page_id))
        return page_id.encode()

    return work


async def ask(database: Database, asked: OperatorRequest, work: Callable[[Transaction], bytes]) -> bytes:
    return await database.write(lambda transaction: once(transaction, asked, work))


async def pages(database: Database) -> list[str]:
    return [row.page_id for row in await ChannelStore(database).list(limit=10)]


async def test_the_first_call_does_the_work(database: Database) -> None:
    assert await ask(database, ASKED, adding()) == PAGE.encode()
    assert await pages(database) == [PAGE]


async def test_a_repeat_gets_the_first_answer_and_does_nothing(database: Database) -> None:
    await ask(database, ASKED, adding("1"))
    assert await ask(database, ASKED, adding("2")) == b"1"
    assert await pages(database) == ["1"]


async def test_an_empty_answer_is_an_answer(database: Database) -> None:
    await ask(database, ASKED, lambda _: b"")
    assert await ask(database, ASKED, adding()) == b""
    assert await pages(database) == []


async def test_calls_without_a_name_are_calls_of_their_own(database: Database) -> None:
    unnamed = replace(ASKED, request_id="")
    await ask(database, unnamed, adding("1"))
    await ask(database, unnamed, adding("2"))
    assert await pages(database) == ["1", "2"]


@pytest.mark.parametrize("other", [{"request_id": "r-2"}, {"method": "DeleteChannel"}])
async def test_another_name_is_another_call(database: Database, other: dict[str, str]) -> None:
    await ask(database, ASKED, adding("1"))
    await ask(database, replace(ASKED, **other), adding("2"))  # type: ignore[arg-type]
    assert await pages(database) == ["1", "2"]


async def test_other_content_under_a_used_name_is_refused(database: Database) -> None:
    await ask(database, ASKED, adding("1"))
    with pytest.raises(RequestIdReused):
        await ask(database, replace(ASKED, fingerprint=b"g" * 32), adding("2"))
    assert await pages(database) == ["1"]


async def test_a_name_is_forgotten_after_a_day(database: Database) -> None:
    await ask(database, ASKED, adding("1"))
    almost = replace(ASKED, now_ms=NOW_MS + KEPT_MS - 1)
    assert await ask(database, almost, adding("2")) == b"1"
    later = replace(ASKED, now_ms=NOW_MS + KEPT_MS, fingerprint=b"g" * 32)
    assert await ask(database, later, adding("2")) == b"2"
    assert await ask(database, later, adding("3")) == b"2"


async def test_work_that_fails_leaves_its_name_free(database: Database) -> None:
    def fail(transaction: Transaction) -> bytes:
        adding("1")(transaction)
        raise KeyError

    with pytest.raises(KeyError):
        await ask(database, ASKED, fail)
    assert await pages(database) == []
    assert await ask(database, ASKED, adding("2")) == b"2"


async def test_what_the_database_refuses_leaves_its_name_free(database: Database) -> None:
    def refused(transaction: Transaction) -> bytes:
        add_channel(transaction, a_row(state="PAUSED"))
        return b"never"

    with pytest.raises(RowRefused):
        await ask(database, ASKED, refused)
    assert await ask(database, ASKED, adding("2")) == b"2"


async def test_of_many_equal_calls_at_once_one_does_the_work(database: Database) -> None:
    answers = await asyncio.gather(*(ask(database, ASKED, adding(str(number))) for number in range(10)))
    assert len(set(answers)) == 1
    assert len(await pages(database)) == 1


# Two servers


@pytest.fixture
async def shared(postgresql_url: str) -> AsyncIterator[Database]:
    async with open_database(postgresql_url) as opened:
        yield opened


async def test_a_repeat_during_the_first_call_waits_for_its_answer(shared: Database) -> None:
    async with Held(shared, lambda transaction: once(transaction, ASKED, adding("1"))) as first:
        second = asyncio.create_task(ask(shared, ASKED, adding("2")))
        await waits_for_a_lock(shared, second)
        assert await first.commit() == await second == b"1"


async def test_a_repeat_of_a_call_that_is_undone_does_the_work(shared: Database) -> None:
    async with Held(shared, lambda transaction: once(transaction, ASKED, adding("1"))) as first:
        second = asyncio.create_task(ask(shared, ASKED, adding("2")))
        await waits_for_a_lock(shared, second)
        await first.undo()
        assert await second == b"2"
        assert await pages(shared) == ["2"]
