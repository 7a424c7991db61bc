"""Uncertain messages that no echo settles: the conversation tells."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from facebook_connector.sending.answers import MAX_ATTEMPTS
from messenger_sandbox.world import Message
from tests.support.outbox_world import OutboxWorld, text_message
from tests.support.sandbox_world import PAGE_ID, PSID

HALF_A_MINUTE_MS = 30_000
UNTIL_FINAL_MS = 91_000


def texts(world: OutboxWorld) -> list[object]:
    return [entry.details["text"] for entry in world.taken()]


async def doubt(world: OutboxWorld, fault: str, text: str = "Hello") -> None:
    """A message of which nobody knows whether Facebook took it, and whose echo has not come for half a minute."""
    world.facebook.script_fault(fault)
    await world.send(text_message(text), wait_ms=0)
    await world.until_state("UNCERTAIN")
    world.clock.shift_ms += HALF_A_MINUTE_MS


async def test_what_the_conversation_shows_was_sent(world: OutboxWorld) -> None:
    await doubt(world, "server_error_after_taken")
    found = await world.until_state("SENT")
    assert found.status.parts[0].mid == world.taken()[0].mid
    assert texts(world) == ["Hello"]


async def test_what_the_conversation_lacks_is_sent_again(world: OutboxWorld) -> None:
    await doubt(world, "reset")
    await world.until_state("SENT")
    assert texts(world) == ["Hello"]
    assert len(world.calls()) == 2


async def test_the_parts_after_a_settled_one_follow(world: OutboxWorld) -> None:
    text = "word " * 600
    await doubt(world, "reset_after_taken", text)
    await world.until_state("SENT")
    assert "".join(map(str, texts(world))) == text


async def test_an_equal_text_of_another_message_is_not_taken_for_it(world: OutboxWorld) -> None:
    await world.send(text_message("Hello", "out-0"))
    await doubt(world, "server_error")
    await world.until_state("SENT")
    assert texts(world) == ["Hello", "Hello"]


def another_app_says_the_same(world: OutboxWorld) -> None:
    said = Message(mid="m_inbox", from_person=False, sent_ms=world.clock.now_ms(), content={"text": "Hello"})
    world.facebook.state.world.add_message(PSID, said)


def the_customer_goes_on(world: OutboxWorld) -> None:
    for number in range(21):
        world.facebook.person(PSID).says(f"and {number}")


def the_app_may_not_read(world: OutboxWorld) -> None:
    world.facebook.state.world.change_page(PAGE_ID, scopes=frozenset({"pages_messaging"}))


@pytest.mark.parametrize("undecided", [another_app_says_the_same, the_customer_goes_on, the_app_may_not_read])
async def test_what_the_conversation_leaves_open_is_never_sent_again(
    world: OutboxWorld, undecided: Callable[[OutboxWorld], None]
) -> None:
    world.facebook.script_fault("server_error_after_taken")
    await world.send(text_message("Hello"), wait_ms=0)
    await world.until_state("UNCERTAIN")
    undecided(world)
    world.clock.shift_ms += HALF_A_MINUTE_MS
    await world.until_read()
    assert (await world.get()).status.open
    world.clock.shift_ms += UNTIL_FINAL_MS
    found = await world.until_state("UNCERTAIN", closed=True)
    assert found.status.failure is not None
    assert found.status.failure.reason == "DELIVERY_UNCERTAIN"
    await world.send(text_message("next", "out-2"))
    assert texts(world) == ["Hello", "next"]


async def test_a_message_that_never_arrives_is_given_up_in_the_end(world: OutboxWorld) -> None:
    world.facebook.script_fault("reset", times=MAX_ATTEMPTS)
    await world.send(text_message("Hello"), wait_ms=0)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        await world.until_calls(attempt)
        await world.until_state("UNCERTAIN")
        world.clock.shift_ms += HALF_A_MINUTE_MS
    found = await world.until_state("FAILED")
    assert found.status.failure is not None
    assert found.status.failure.reason == "PROVIDER_UNAVAILABLE"
    assert texts(world) == []
