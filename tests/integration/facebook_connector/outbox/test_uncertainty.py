from __future__ import annotations

import asyncio

import pytest

from facebook_connector.sending.values import MessageState, PartState
from messenger_sandbox.faults import Fault, Stage
from tests.support.outbox_world import FAST, MORE_PEOPLE, OutboxWorld, text_message
from tests.support.sandbox_world import PAGE_ID

A, B = MORE_PEOPLE[:2]
TWO_MINUTES_MS = 120_000


def the_conversation_may_not_be_read(world: OutboxWorld) -> None:
    world.facebook.state.world.change_page(PAGE_ID, scopes=frozenset({"pages_messaging"}))


@pytest.mark.parametrize(
    "fault", ["server_error_after_taken", "bad_gateway_after_taken", "empty_success", "taken_but_unreadable"]
)
async def test_a_message_that_may_have_gone_out_is_not_sent_again(world: OutboxWorld, fault: str) -> None:
    world.facebook.script_fault(fault)
    await world.send(text_message("Hello"), wait_ms=0)
    found = await world.until_state("UNCERTAIN")
    await asyncio.sleep(0.2)
    assert found.status.open
    assert len(world.calls()) == 1


async def test_the_echo_settles_an_uncertain_message_and_the_lane_goes_on(world: OutboxWorld) -> None:
    world.facebook.script_fault("server_error_after_taken")
    await world.send(text_message("first"), wait_ms=0)
    await world.until_state("UNCERTAIN")
    await world.send(text_message("second", "out-2"), wait_ms=100)
    assert len(world.taken()) == 1
    await world.echo(world.taken()[0])
    first = await world.until_state("SENT")
    await world.until_state("SENT", "out-2")
    assert first.status.parts[0].mid == world.taken()[0].mid
    assert [entry.details["text"] for entry in world.taken()] == ["first", "second"]


async def test_an_uncertain_part_that_is_settled_lets_the_parts_after_it_go(world: OutboxWorld) -> None:
    world.facebook.script_fault("server_error_after_taken")
    text = "word " * 600
    await world.send(text_message(text), wait_ms=0)
    await world.until_state("UNCERTAIN")
    await world.echo(world.taken()[0])
    await world.until_state("SENT")
    assert "".join(str(entry.details["text"]) for entry in world.taken()) == text


async def test_after_two_minutes_uncertainty_is_final_and_the_lane_goes_on(world: OutboxWorld) -> None:
    the_conversation_may_not_be_read(world)
    world.facebook.script_fault("server_error")
    call = asyncio.create_task(world.send(text_message("first")))
    await world.until_accepted()
    await world.until_state("UNCERTAIN")
    world.clock.shift_ms += TWO_MINUTES_MS
    first = await call
    second = await world.send(text_message("second", "out-2"))
    assert first.status.failure is not None
    assert (first.status.state, first.status.failure.reason) == (MessageState.UNCERTAIN, "DELIVERY_UNCERTAIN")
    assert second.status.state == MessageState.SENT
    assert [entry.details["text"] for entry in world.taken()] == ["second"]


async def test_a_late_echo_upgrades_final_uncertainty(world: OutboxWorld) -> None:
    the_conversation_may_not_be_read(world)
    world.facebook.script_fault("server_error_after_taken")
    await world.send(text_message("Hello"), wait_ms=0)
    await world.until_state("UNCERTAIN")
    world.clock.shift_ms += TWO_MINUTES_MS
    await world.until_state("UNCERTAIN", closed=True)
    await world.echo(world.taken()[0])
    found = await world.until_state("SENT")
    assert found.status.failure is None


async def test_uncertainty_ends_also_while_the_page_is_stopped(world: OutboxWorld) -> None:
    world.facebook.script_fault("server_error", psid=A)
    await world.send(text_message("first", psid=A), wait_ms=0)
    await world.until_state("UNCERTAIN")
    await world.stop_channel()
    await world.send(text_message("second", "out-2", psid=B), wait_ms=100)
    world.clock.shift_ms += TWO_MINUTES_MS
    await world.until_state("UNCERTAIN", closed=True)


async def test_an_echo_before_the_answer_does_no_harm(world: OutboxWorld) -> None:
    world.facebook.script_fault("silence_after_taken")
    await world.send(text_message("Hello"), wait_ms=0)
    (taken,) = await world.until_taken()
    await world.echo(taken)
    found = await world.until_state("SENT")
    assert not found.status.open


# Stop, crash and take-over


async def test_a_call_that_was_cut_off_by_a_crash_is_uncertain_and_not_repeated(quiet: OutboxWorld) -> None:
    quiet.facebook.script_fault("silence_after_taken")
    async with quiet.running("server-1") as outbox:
        quiet.outbox = outbox
        await quiet.send(text_message("Hello"), wait_ms=0)
        await quiet.until_taken()
    async with quiet.running("server-2") as outbox:
        quiet.outbox = outbox
        quiet.clock.shift_ms += 60_000
        await quiet.until_state("UNCERTAIN")
        await quiet.echo(quiet.taken()[0])
        await quiet.until_state("SENT")
    assert len(quiet.taken()) == 1


async def test_what_waits_at_a_stop_goes_out_after_the_start(quiet: OutboxWorld) -> None:
    quiet.facebook.script_fault("app_limit")
    async with quiet.running("server-1") as outbox:
        quiet.outbox = outbox
        await quiet.send(text_message("Hello"), wait_ms=0)
        await quiet.until_history("rate limit")
    async with quiet.running("server-2") as outbox:
        quiet.outbox = outbox
        await quiet.until_state("SENT")


async def test_a_graceful_stop_ends_the_calls_on_their_way(quiet: OutboxWorld) -> None:
    quiet.facebook.script_fault(Fault(stage=Stage.AFTER_TAKEN, delay_s=0.2), times=len(MORE_PEOPLE))
    async with quiet.running("server-1") as outbox:
        quiet.outbox = outbox
        for psid in MORE_PEOPLE:
            await quiet.send(text_message("Hello", f"out-{psid}", psid=psid), wait_ms=0)
        await quiet.until_taken()
    states = [(await quiet.get(f"out-{psid}")).status.parts[0].state for psid in MORE_PEOPLE]
    assert set(states) <= {"SENT", "QUEUED"}
    assert states.count(PartState.SENT) == len(quiet.taken()) > 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_server_that_lost_its_page_begins_no_call(quiet: OutboxWorld) -> None:
    async with quiet.running("server-1") as outbox:
        quiet.outbox = outbox
        await quiet.stop_channel()
        await quiet.send(text_message("Hello"), wait_ms=100)
        now_ms = quiet.clock.now_ms()
        taken_over = await quiet.log.acquire_pages("server-2", now_ms + FAST.lease_ms, now_ms + 10 * FAST.lease_ms)
        assert len(taken_over) == 1
        await quiet.set_page_token()
        await asyncio.sleep(0.3)
        assert (quiet.calls(), (await quiet.get()).status.state) == ((), MessageState.QUEUED)


async def test_two_servers_send_each_message_once(quiet: OutboxWorld) -> None:
    """The page belongs to one; what the other accepts goes out all the same, and its caller hears of it."""
    async with quiet.running("server-1") as first, quiet.running("server-2") as second:
        quiet.outbox = first
        await quiet.send(text_message("first", "out-1"))
        quiet.outbox = second
        sent = await quiet.send(text_message("second", "out-2"))
        assert sent.status.state == MessageState.SENT
    assert [entry.details["text"] for entry in quiet.taken()] == ["first", "second"]
