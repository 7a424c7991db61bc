"""The echo of a send and the answer to it, in any order."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from facebook_connector.sending.values import PartState, SendWarning
from facebook_connector.store.database import Database
from facebook_connector.store.installation import InstallationStore
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.outbound.schema import outbound_message, outbound_part
from facebook_connector.store.schema import mid as mid_table
from tests.support.inbound_records import NOW_MS, add_page, an_echo
from tests.support.outbound_queue import GIVEN_UP, OutboundQueue

SENT, UNCERTAIN, FAILED, QUEUED = PartState.SENT, PartState.UNCERTAIN, PartState.FAILED, PartState.QUEUED
QUOTE_DROPPED = SendWarning(code="QUOTE_DROPPED", detail="Sent without the quotation.", part_index=0)
ECHO_MS = NOW_MS - 700


@pytest.fixture
async def queue(database: Database) -> OutboundQueue:
    """A queue whose page has a channel, so that its echoes are taken."""
    await add_page(database)
    return OutboundQueue(database)


async def echo(queue: OutboundQueue, index: int = 0, *, mid: str = "", named: bool = True) -> None:
    """The echo of a part of `out-1`; unnamed, only its Messenger id says whose it is."""
    installation = await InstallationStore(queue.database).installation_id()
    mid = mid or f"m_out-1.{index}"
    metadata = f"fbc:{installation}:out-1:{index}" if named else ""
    await EventStore(queue.database).ingest([an_echo(mid, metadata, event_time_ms=ECHO_MS)], queue.tick())


async def sent_time_ms(queue: OutboundQueue, index: int = 0) -> int | None:
    statement = select(outbound_part.c.sent_time_ms).where(outbound_part.c.part_index == index)
    return await queue.database.read(lambda transaction: transaction.execute(statement).scalar_one())


async def test_the_echo_after_the_answer_changes_nothing_but_the_time(queue: OutboundQueue) -> None:
    await queue.accept()
    await queue.own()
    sent = await queue.send()
    past = await queue.history()
    await echo(queue)
    assert (await queue.status(), await queue.history()) == (sent, past)
    assert await sent_time_ms(queue) == ECHO_MS


async def test_the_echo_before_the_answer_settles_the_part(queue: OutboundQueue) -> None:
    await queue.accept()
    await queue.own()
    await queue.begin()
    await echo(queue)
    status = await queue.status()
    assert (status.state, status.open, status.parts[0].mid) == ("SENT", False, "m_out-1.0")
    assert await queue.head() is None


@pytest.mark.parametrize("answer", [SENT, UNCERTAIN, QUEUED, FAILED])
async def test_after_the_echo_no_answer_changes_the_state(queue: OutboundQueue, answer: PartState) -> None:
    await queue.accept()
    await queue.own()
    await queue.begin()
    await echo(queue)
    confirmed, past = await queue.status(), await queue.history()
    assert await queue.settle(answer) == confirmed
    assert (await queue.status(), await queue.history()) == (confirmed, past)
    assert await sent_time_ms(queue) == ECHO_MS


async def test_the_answer_after_the_echo_still_tells_how_the_message_was_sent(queue: OutboundQueue) -> None:
    await queue.accept()
    await queue.own()
    await queue.begin()
    await echo(queue)
    told = await queue.settle(SENT, warnings=(QUOTE_DROPPED,))
    assert (told.warnings, (await queue.status()).warnings) == ((QUOTE_DROPPED,), (QUOTE_DROPPED,))


@pytest.mark.parametrize("order", [("echo", "answer"), ("answer", "echo")])
async def test_echo_and_answer_leave_the_same_in_both_orders(queue: OutboundQueue, order: tuple[str, str]) -> None:
    await queue.accept(parts=2)
    await queue.own()
    await queue.begin()
    for step in order:
        await (echo(queue) if step == "echo" else queue.settle(SENT, warnings=(QUOTE_DROPPED,)))
    status = await queue.status()
    assert (status.state, status.open, status.warnings) == ("QUEUED", True, (QUOTE_DROPPED,))
    assert [(part.state, part.mid) for part in status.parts] == [("SENT", "m_out-1.0"), ("QUEUED", "")]
    await queue.send(index=1)
    rows = await queue.database.read(
        lambda transaction: transaction.execute(
            select(mid_table.c.mid, mid_table.c.part, mid_table.c.cim_id).order_by(mid_table.c.part)
        ).all()
    )
    assert [tuple(row) for row in rows] == [("m_out-1.0", 0, "out-1"), ("m_out-1.1", 1, "out-1")]


async def test_an_echo_without_metadata_is_known_by_its_messenger_id(queue: OutboundQueue) -> None:
    await queue.accept()
    await queue.own()
    await queue.send()
    await echo(queue, named=False)
    assert await sent_time_ms(queue) == ECHO_MS


async def test_an_echo_settles_an_uncertain_part_and_the_lane_goes_on(queue: OutboundQueue) -> None:
    await queue.in_doubt(parts=2)
    await echo(queue)
    status = await queue.status()
    assert (status.state, status.open) == ("QUEUED", True)
    assert await queue.begin(index=1)


async def test_a_late_echo_turns_a_final_uncertain_message_into_sent(queue: OutboundQueue) -> None:
    await queue.in_doubt()
    assert (await queue.close()).failure == GIVEN_UP
    await echo(queue)
    status = await queue.status()
    assert (status.state, status.open, status.failure, status.update_time_ms) == ("SENT", False, None, queue.now_ms)
    entry = (await queue.history())[-1]
    assert (entry.part_index, entry.state) == (0, "SENT")


async def test_a_message_leaves_its_lane_once(queue: OutboundQueue) -> None:
    await queue.in_doubt()
    await queue.close()
    closed_ms = queue.now_ms
    await echo(queue)
    statement = select(outbound_message.c.close_time_ms)
    assert await queue.database.read(lambda transaction: transaction.execute(statement).scalar_one()) == closed_ms


async def test_a_late_echo_leaves_a_message_failed_whose_rest_was_given_up(queue: OutboundQueue) -> None:
    await queue.in_doubt(parts=2)
    await queue.close()
    await echo(queue)
    status = await queue.status()
    assert (status.state, status.open, status.failure) == ("FAILED", False, GIVEN_UP)
    assert [part.state for part in status.parts] == ["SENT", "QUEUED"]
    assert await queue.head() is None


async def test_an_echo_disproves_a_failure(queue: OutboundQueue) -> None:
    await queue.accept()
    await queue.own()
    await queue.begin()
    await queue.settle(FAILED)
    await echo(queue)
    status = await queue.status()
    assert (status.state, status.failure) == ("SENT", None)


async def test_echoes_of_all_parts_come_in_one_batch(queue: OutboundQueue) -> None:
    await queue.accept(parts=3)
    installation = await InstallationStore(queue.database).installation_id()
    echoes = [an_echo(f"m_{index}", f"fbc:{installation}:out-1:{index}") for index in (2, 0, 1)]
    await EventStore(queue.database).ingest(echoes, NOW_MS)
    status = await queue.status()
    assert status.state == "SENT"
    assert [part.mid for part in status.parts] == ["m_0", "m_1", "m_2"]


async def test_the_echo_of_a_message_that_is_forgotten_is_no_fault(queue: OutboundQueue) -> None:
    await echo(queue)
    assert await queue.store.get("out-1") == ()


async def test_the_echo_of_another_installation_confirms_nothing(queue: OutboundQueue) -> None:
    await queue.in_doubt()
    await EventStore(queue.database).ingest([an_echo("m_1", "fbc:another:out-1:0")], NOW_MS)
    assert await queue.part_states() == ["UNCERTAIN"]
