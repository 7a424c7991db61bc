from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from facebook_connector.errors import ConnectorError
from facebook_connector.sending.values import MessageState, SendOrigin
from tests.support.outbox_world import MORE_PEOPLE, OutboxWorld, text_message
from tests.support.sandbox_world import PAGE_ID, PSID

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

A, B = MORE_PEOPLE[:2]
DAY_MS = 24 * 3_600_000


async def test_a_text_goes_out_once_with_its_metadata(world: OutboxWorld) -> None:
    sent = await world.send(text_message("It left our depot today."))
    (taken,) = world.taken()
    assert (sent.status.state, sent.repeated) == (MessageState.SENT, False)
    assert [part.mid for part in sent.status.parts] == [taken.mid]
    assert taken.details["text"] == "It left our depot today."
    assert str(taken.details["metadata"]).endswith(":out-1:0")


async def test_without_waiting_the_answer_comes_on_acceptance(world: OutboxWorld) -> None:
    sent = await world.send(text_message("Hello"), wait_ms=0)
    assert (sent.status.state, sent.status.open) == (MessageState.QUEUED, True)
    await world.until_state("SENT")


async def test_the_wait_ends_though_facebook_is_slow(world: OutboxWorld) -> None:
    world.facebook.script_fault("silence_after_taken")
    sent = await world.send(text_message("Hello"), wait_ms=100)
    assert sent.status.state == MessageState.QUEUED
    await world.until_taken()


async def test_a_repeat_sends_nothing_and_tells_the_state(world: OutboxWorld) -> None:
    await world.send(text_message("Hello"))
    again = await world.send(text_message("Hello"))
    assert (again.status.state, again.repeated, len(world.taken())) == (MessageState.SENT, True, 1)


async def test_other_content_under_the_same_id_is_a_conflict(world: OutboxWorld) -> None:
    await world.send(text_message("Hello"))
    with pytest.raises(ConnectorError) as raised:
        await world.send(text_message("Goodbye"))
    assert (raised.value.reason, len(world.taken())) == ("MESSAGE_ID_CONFLICT", 1)


async def test_fifty_repeats_at_once_send_one_message(world: OutboxWorld) -> None:
    sent = await asyncio.gather(*(world.send(text_message("Hello")) for _ in range(50)))
    assert {each.status.state for each in sent} == {MessageState.SENT}
    assert sum(not each.repeated for each in sent) == 1
    assert len(world.taken()) == 1


async def test_a_long_text_goes_out_in_parts_and_in_order(world: OutboxWorld) -> None:
    text = "".join(f"sentence {number} of a long story. " for number in range(200))
    sent = await world.send(text_message(text))
    taken = world.taken()
    assert "".join(str(entry.details["text"]) for entry in taken) == text
    assert [part.mid for part in sent.status.parts] == [entry.mid for entry in taken]
    assert [warning.code for warning in sent.status.warnings] == ["TEXT_SPLIT"]


async def test_messages_to_one_person_leave_in_the_order_accepted(world: OutboxWorld) -> None:
    for number in range(20):
        await world.send(text_message(f"{number}", f"out-{number}"), wait_ms=0)
    await world.until_state("SENT", "out-19")
    assert [entry.details["text"] for entry in world.taken()] == [str(number) for number in range(20)]


async def test_a_lane_that_waits_holds_up_nobody_else(world: OutboxWorld) -> None:
    world.facebook.script_fault("silence_after_taken", psid=A)
    await world.send(text_message("slow", "out-a", psid=A), wait_ms=0)
    sent = await world.send(text_message("quick", "out-b", psid=B))
    assert sent.status.state == MessageState.SENT


async def test_a_cancelled_call_does_not_take_the_message_back(world: OutboxWorld) -> None:
    world.facebook.script_fault("app_limit")
    call = asyncio.create_task(world.send(text_message("Hello")))
    await world.until_accepted()
    call.cancel()
    await world.until_history("rate limit")
    world.clock.shift_ms += 120_000
    await world.until_state("SENT")


async def test_a_body_that_is_not_for_customers_is_ignored(world: OutboxWorld) -> None:
    message = text_message("")
    message.body.type = "WRAPUP"
    message.body.wrap_up.SetInParent()
    sent = await world.send(message)
    assert (sent.status.state, sent.status.open, world.calls()) == (MessageState.IGNORED, False, ())


async def test_a_messages_history_tells_its_way(world: OutboxWorld) -> None:
    await world.send(text_message("Hello"))
    history = (await world.get()).history
    assert [(entry.part_index, entry.state) for entry in history] == [
        (None, "QUEUED"),
        (0, "SENDING"),
        (0, "SENT"),
    ]


# The messaging window


async def test_an_answer_within_the_window_tells_when_it_closes(world: OutboxWorld) -> None:
    await world.customer_writes()
    sent = await world.send(text_message("Hello"))
    (entry,) = world.taken()
    assert entry.details["messaging_type"] == "RESPONSE"
    assert sent.status.last_customer_action_ms is not None


async def test_a_minute_after_the_window_a_bot_is_refused_before_facebook_is_called(world: OutboxWorld) -> None:
    await world.customer_writes(ago_ms=DAY_MS + 60_000)
    with pytest.raises(ConnectorError) as raised:
        await world.send(text_message("Hello", sender="BOT"))
    assert (raised.value.reason, world.calls()) == ("OUTSIDE_MESSAGING_WINDOW", ())
    assert raised.value.metadata["window_close_time"] != ""


async def test_a_minute_after_the_window_a_person_goes_out_with_the_tag(world: OutboxWorld) -> None:
    await world.customer_writes(ago_ms=DAY_MS + 60_000)
    world.facebook.advance_clock((DAY_MS + 60_000) / 1000)
    sent = await world.send(text_message("Hello"))
    (entry,) = world.taken()
    assert (sent.status.state, entry.details["tag"]) == (MessageState.SENT, "HUMAN_AGENT")


async def test_a_minute_after_seven_days_a_person_is_refused_with_the_closing_time(world: OutboxWorld) -> None:
    await world.customer_writes(ago_ms=7 * DAY_MS + 60_000)
    now_ms = world.clock.now_ms()
    with pytest.raises(ConnectorError) as raised:
        await world.send(text_message("Hello"))
    assert (raised.value.reason, world.calls()) == ("OUTSIDE_MESSAGING_WINDOW", ())
    closed = datetime.fromisoformat(raised.value.metadata["window_close_time"])
    assert abs(closed.timestamp() * 1000 - (now_ms - 60_000)) < 5_000


async def test_a_person_unknown_to_us_is_tried_and_tagged_when_facebook_says_so(world: OutboxWorld) -> None:
    world.facebook.advance_clock((DAY_MS + 60_000) / 1000)
    sent = await world.send(text_message("Hello"))
    (entry,) = world.taken()
    assert (sent.status.state, entry.details["tag"], len(world.calls())) == (MessageState.SENT, "HUMAN_AGENT", 2)


async def test_a_bot_outside_the_window_by_facebook_fails_with_its_codes(world: OutboxWorld) -> None:
    world.facebook.advance_clock((DAY_MS + 60_000) / 1000)
    failure = (await world.send(text_message("Hello", sender="BOT"))).status.failure
    assert failure is not None
    assert (failure.reason, failure.provider_code, failure.provider_subcode) == (
        "OUTSIDE_MESSAGING_WINDOW",
        10,
        2018278,
    )


async def test_a_refused_feature_fails_the_message_and_is_remembered(world: OutboxWorld) -> None:
    world.facebook.world.change_page(PAGE_ID, human_agent=False)
    await world.customer_writes(ago_ms=2 * DAY_MS)
    world.facebook.advance_clock(2 * DAY_MS / 1000)
    sent = await world.send(text_message("Hello"))
    assert sent.status.failure is not None
    assert sent.status.failure.reason == "HUMAN_AGENT_NOT_APPROVED"
    await world.until_channel(lambda channel: not channel.human_agent_enabled)


async def test_the_origin_is_kept(world: OutboxWorld) -> None:
    assert (await world.send(text_message("Hello", sender="BOT"))).status.origin is SendOrigin.BOT


# Quotes


async def test_a_reply_quotes_the_customers_message(world: OutboxWorld) -> None:
    delivery = world.facebook.person(PSID).says("Which size?")
    assert delivery.mid is not None
    await world.customer_writes(mid=delivery.mid, cim_id="in-7")
    message = text_message("Size 42.")
    message.header.intent, message.header.original_message_id = "REPLY_TO", "in-7"
    sent = await world.send(message)
    (entry,) = world.taken()
    assert (entry.details["reply_to"], sent.status.warnings) == (delivery.mid, ())


async def test_a_quote_that_is_not_known_is_dropped_with_a_warning(world: OutboxWorld) -> None:
    message = text_message("Size 42.")
    message.header.intent, message.header.original_message_id = "REPLY_TO", "in-unknown"
    sent = await world.send(message)
    assert sent.status.state == MessageState.SENT
    assert [warning.code for warning in sent.status.warnings] == ["QUOTE_DROPPED"]


async def test_a_quote_that_facebook_refuses_is_dropped_and_the_reply_goes_out(world: OutboxWorld) -> None:
    message = text_message("Size 42.")
    message.header.intent, message.header.provider_message_id = "REPLY_TO", "m_of_another_conversation"
    sent = await world.send(message)
    (entry,) = world.taken()
    assert (sent.status.state, entry.details["reply_to"], len(world.calls())) == (MessageState.SENT, None, 2)
    assert [warning.code for warning in sent.status.warnings] == ["QUOTE_DROPPED"]
