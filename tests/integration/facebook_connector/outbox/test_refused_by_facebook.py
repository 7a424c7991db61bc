from __future__ import annotations

import asyncio

import pytest

from facebook_connector.sending.graph_answers import GraphError
from facebook_connector.sending.values import MessageState
from messenger_sandbox.faults import Fault, Stage
from tests.support.outbox_world import MORE_PEOPLE, OutboxWorld, text_message
from tests.support.sandbox_world import APP_SECRET

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

A = MORE_PEOPLE[0]
FOUR_MINUTES_MS = 240_000


@pytest.mark.parametrize("fault", ["app_limit", "calls_limit", "messenger_limit", "too_many_requests"])
async def test_a_throttled_page_rests_and_then_sends(world: OutboxWorld, fault: str) -> None:
    world.facebook.script_fault(fault)
    await world.send(text_message("first"), wait_ms=0)
    await world.until_history("limit" if fault != "too_many_requests" else "fewer calls")
    await world.send(text_message("second", "out-2", psid=A), wait_ms=200)
    assert len(world.calls()) == 1
    world.clock.shift_ms += FOUR_MINUTES_MS
    await world.until_state("SENT", "out-1")
    await world.until_state("SENT", "out-2")


async def test_a_refused_token_stops_the_page_and_keeps_its_queue(world: OutboxWorld) -> None:
    world.facebook.script_fault("password_changed")
    await world.send(text_message("first"), wait_ms=0)
    await world.until_history("password")
    waiting = await world.send(text_message("second", "out-2", psid=A), wait_ms=100)
    assert (waiting.status.state, len(world.calls())) == (MessageState.QUEUED, 1)
    await world.until_channel(lambda channel: channel.stop_reason == "PAGE_TOKEN_REJECTED")
    await world.set_page_token()
    await world.until_state("SENT", "out-1")
    await world.until_state("SENT", "out-2")


async def test_a_refused_app_secret_stops_the_page_and_keeps_its_queue(world: OutboxWorld) -> None:
    await world.set_app_secrets("canary-mistyped", APP_SECRET)
    await world.send(text_message("first"), wait_ms=0)
    await world.until_channel(lambda channel: channel.stop_reason == "PAGE_TOKEN_REJECTED")
    await world.until_history("refuses the app secret of this channel (appsecret_proof)")
    waiting = await world.send(text_message("second", "out-2", psid=A), wait_ms=100)
    assert (waiting.status.state, world.taken()) == (MessageState.QUEUED, ())
    await world.set_app_secrets(APP_SECRET, "canary-mistyped")
    await world.until_state("SENT", "out-1")
    await world.until_state("SENT", "out-2")


async def test_a_token_that_was_replaced_during_the_call_is_not_stopped(world: OutboxWorld) -> None:
    await world.set_page_token("canary-dead")
    refused = await world.channel()
    await world.set_page_token()
    error = GraphError(code=190, subcode=None, message="", transient=False, trace_id="")
    await world.channels.stop(refused, "PAGE_TOKEN_REJECTED", error)
    assert (await world.send(text_message("Hello"))).status.state == MessageState.SENT


async def test_a_restricted_page_is_stopped(world: OutboxWorld) -> None:
    world.facebook.script_fault("page_restricted")
    await world.send(text_message("Hello"), wait_ms=0)
    await world.until_history("restricted")
    await world.until_channel(lambda channel: channel.stop_reason == "PAGE_RESTRICTED")


async def test_a_message_of_a_stopped_page_expires(world: OutboxWorld) -> None:
    await world.stop_channel()
    await world.send(text_message("Hello"), wait_ms=0, ttl_ms=60_000)
    world.clock.shift_ms += 60_000
    failure = (await world.until_state("FAILED")).status.failure
    assert failure is not None
    assert (failure.reason, world.calls()) == ("EXPIRED", ())


async def test_a_waiting_call_hears_of_the_expiry(world: OutboxWorld) -> None:
    await world.stop_channel()
    call = asyncio.create_task(world.send(text_message("Hello"), ttl_ms=60_000))
    await world.until_accepted()
    world.clock.shift_ms += 60_000
    assert (await call).status.state == MessageState.FAILED


async def test_a_refusal_of_one_message_lets_the_lane_go_on(world: OutboxWorld) -> None:
    world.facebook.script_fault("unreachable")
    first = await world.send(text_message("first"))
    second = await world.send(text_message("second", "out-2"))
    assert first.status.failure is not None
    assert (first.status.failure.reason, second.status.state) == ("RECIPIENT_UNAVAILABLE", MessageState.SENT)


async def test_another_app_that_controls_the_thread_fails_the_message(world: OutboxWorld) -> None:
    world.facebook.script_fault("thread_owned")
    failure = (await world.send(text_message("Hello"))).status.failure
    assert failure is not None
    assert failure.reason == "THREAD_OWNED_BY_OTHER_APP"


async def test_a_part_that_fails_ends_the_message_after_the_parts_that_left(world: OutboxWorld) -> None:
    world.facebook.script_fault(Fault(stage=Stage.AFTER_TAKEN, delay_s=0.3))
    call = asyncio.create_task(world.send(text_message("word " * 1000)))
    await world.until_taken()
    world.facebook.script_fault("unreachable")
    status = (await call).status
    assert status.failure is not None
    assert (status.state, status.failure.part_index) == (MessageState.FAILED, 1)
    assert [part.state for part in status.parts] == ["SENT", "FAILED", "QUEUED"]
    assert (await world.send(text_message("next", "out-2"))).status.state == MessageState.SENT


async def test_a_facebook_that_cannot_be_reached_is_waited_for(quiet: OutboxWorld) -> None:
    async with quiet.running(base_url="http://127.0.0.1:9") as outbox:
        quiet.outbox = outbox
        await quiet.send(text_message("Hello"), wait_ms=0)
        await quiet.until_history("cannot be reached")
        assert (await quiet.get()).status.state == MessageState.QUEUED
    async with quiet.running() as outbox:
        quiet.outbox = outbox
        await quiet.until_state("SENT")
