from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from messenger_sandbox import FAULTS, EntryKind, Filter, Outcome, PersonHandle, RetryPolicy
from messenger_sandbox.clock import HOUR_MS
from messenger_sandbox.fault_script import ScriptedFault
from messenger_sandbox.poster import Poster, Wiring
from messenger_sandbox.state import SandboxState
from messenger_sandbox.webhooks import signature
from tests.support.sandbox_world import APP_SECRET, OTHER_PSID, PAGE_ID, PSID, Waits
from tests.support.webhook_receiver import WebhookReceiver


@pytest.fixture
def person(state: SandboxState) -> PersonHandle:
    return PersonHandle(state, PSID)


async def test_a_text_arrives_signed_over_its_bytes(receiver: WebhookReceiver, person: PersonHandle) -> None:
    assert await person.says("Grüße 👍") is Outcome.DELIVERED
    [got] = receiver.received
    assert got.body.isascii()
    assert got.signature == signature(got.body, APP_SECRET)
    assert receiver.texts == ["Grüße 👍"]


async def test_a_refused_body_is_sent_again_with_the_same_bytes(
    receiver: WebhookReceiver, person: PersonHandle, waits: Waits
) -> None:
    receiver.answers([503, 500, 204])
    assert await person.says("hi") is Outcome.DELIVERED
    assert len(receiver.received) == 4
    assert len({got.body for got in receiver.received}) == 1
    assert waits.seconds == [0.25, 0.5, 1.0]


async def test_a_body_is_given_up_after_the_last_attempt(
    receiver: WebhookReceiver, person: PersonHandle, state: SandboxState
) -> None:
    receiver.answers([500] * 12)
    assert await person.says("hi") is Outcome.DROPPED
    assert len(receiver.received) == 12
    [dropped] = state.journal.entries(Filter(kind=EntryKind.WEBHOOK_DROPPED))
    assert (dropped.psid, dropped.details["attempts"]) == (PSID, 12)


async def test_an_answer_that_comes_too_late_counts_as_none(receiver: WebhookReceiver, state: SandboxState) -> None:
    receiver.speaks.clear()
    wiring = Wiring(
        world=state.world,
        journal=state.journal,
        clock=state.clock,
        sleep=state.sleep,
        retry=RetryPolicy(attempts=1),
        answer_deadline_s=0.05,
    )
    poster = Poster(wiring)
    state.sender.hold()
    held = PersonHandle(state, PSID).says("hi")
    assert await poster.deliver(held.events) is Outcome.DROPPED
    [posted] = state.journal.entries(Filter(kind=EntryKind.WEBHOOK_POSTED))
    assert (posted.details["status"], posted.details["failure"]) == (None, "TimeoutError")
    await poster.close()


async def test_a_callback_that_is_down_is_tried_again(state: SandboxState, person: PersonHandle) -> None:
    state.world.change_app(callback_url="http://127.0.0.1:9/webhook")
    assert await person.says("hi") is Outcome.DROPPED
    failures = {entry.details["failure"] for entry in state.journal.entries(Filter(kind=EntryKind.WEBHOOK_POSTED))}
    assert failures == {"ConnectError"}


async def test_the_next_message_of_a_conversation_waits_for_the_one_before(
    receiver: WebhookReceiver, person: PersonHandle, state: SandboxState
) -> None:
    receiver.answers([503, 503])
    for text in ("one", "two", "three"):
        person.says(text)
    await state.sender.settle()
    assert receiver.texts == ["one", "one", "one", "two", "three"]


async def test_another_conversation_does_not_wait(receiver: WebhookReceiver, state: SandboxState) -> None:
    receiver.speaks.clear()
    stuck = PersonHandle(state, PSID).says("stuck")
    PersonHandle(state, OTHER_PSID).says("flows")
    await receiver.has_received(2)
    assert sorted(receiver.texts) == ["flows", "stuck"]
    assert not stuck.done
    receiver.speaks.set()
    await state.sender.settle()


async def test_an_event_of_an_unsubscribed_field_is_withheld(
    receiver: WebhookReceiver, person: PersonHandle, state: SandboxState
) -> None:
    state.world.change_page(PAGE_ID, subscribed_fields=frozenset({"message_reads"}))
    assert await person.says("nobody hears") is Outcome.WITHHELD
    assert receiver.received == []
    [withheld] = state.journal.entries(Filter(kind=EntryKind.WEBHOOK_WITHHELD))
    assert withheld.details["reason"] == "not_subscribed"


async def test_without_a_callback_everything_is_withheld(person: PersonHandle, state: SandboxState) -> None:
    assert await person.says("nobody hears") is Outcome.WITHHELD
    [withheld] = state.journal.entries(Filter(kind=EntryKind.WEBHOOK_WITHHELD))
    assert withheld.details["reason"] == "no_callback"


async def test_held_events_go_out_in_the_order_asked_for_also_twice_or_never(
    receiver: WebhookReceiver, person: PersonHandle, state: SandboxState
) -> None:
    state.sender.hold()
    said = [person.says(text) for text in ("a", "b", "c", "lost")]
    state.sender.release([2, 0, 1, 0])
    await state.sender.settle()
    assert receiver.texts == ["c", "a", "b", "a"]
    assert [await delivery for delivery in said] == [Outcome.DELIVERED] * 3 + [Outcome.DROPPED]


async def test_an_impossible_order_leaves_everything_held(
    receiver: WebhookReceiver, person: PersonHandle, state: SandboxState
) -> None:
    state.sender.hold()
    person.says("a")
    with pytest.raises(IndexError):
        state.sender.release([5])
    state.sender.release()
    await state.sender.settle()
    assert receiver.texts == ["a"]


async def test_held_events_of_two_pages_travel_in_one_body(receiver: WebhookReceiver, state: SandboxState) -> None:
    state.sender.hold()
    said = [PersonHandle(state, PSID).says("a"), PersonHandle(state, OTHER_PSID).says("b")]
    batch = state.sender.release_as_batch()
    assert batch is not None
    assert await batch is Outcome.DELIVERED
    assert [await delivery for delivery in said] == [Outcome.DELIVERED] * 2
    [got] = receiver.received
    assert [item["message"]["text"] for item in got.items] == ["a", "b"]


async def test_a_body_holds_at_most_a_thousand_events(person: PersonHandle, state: SandboxState) -> None:
    [event] = person.says("hi").events
    with pytest.raises(ValueError, match="1 to 1000"):
        state.sender.submit_batch([event] * 1001)


async def test_fifty_copies_are_fifty_times_the_same_body(
    receiver: WebhookReceiver, person: PersonHandle, state: SandboxState
) -> None:
    state.sender.hold()
    said = person.says("hi")
    assert await state.sender.post_copies(said.events, 50) == [200] * 50
    assert len(receiver.received) == 50
    assert len({got.body for got in receiver.received}) == 1


@pytest.mark.parametrize(("statuses", "outcome"), [([500, 200], Outcome.DELIVERED), ([500, 500], Outcome.DROPPED)])
async def test_a_held_delivery_is_through_when_one_copy_is(
    receiver: WebhookReceiver, state: SandboxState, statuses: list[int], outcome: Outcome
) -> None:
    receiver.answers(statuses)
    state.sender.hold()
    said = PersonHandle(state, PSID).says("hi")
    assert sorted(filter(None, await state.sender.release_copies(2))) == sorted(statuses)
    assert await said is outcome


async def test_raw_bytes_go_out_with_the_signature_asked_for(receiver: WebhookReceiver, state: SandboxState) -> None:
    await state.sender.poster.post_raw(b"not json", signed_as="sha256=00")
    await state.sender.poster.post_raw(b"not json", signed_as=None)
    assert [(got.body, got.signature) for got in receiver.received] == [(b"not json", "sha256=00"), (b"not json", None)]


async def test_a_new_app_secret_signs_at_once(
    receiver: WebhookReceiver, person: PersonHandle, state: SandboxState
) -> None:
    state.world.change_app(app_secret="rotated")
    await person.says("hi")
    [got] = receiver.received
    assert got.signature == signature(got.body, "rotated")


async def test_an_hour_of_failures_costs_the_page_its_subscription(
    receiver: WebhookReceiver, person: PersonHandle, state: SandboxState
) -> None:
    receiver.answers([500] * 24)
    await person.says("first")
    state.clock.advance(HOUR_MS - 1)
    await person.says("still")
    assert state.world.page(PAGE_ID).subscribed_fields
    state.clock.advance(1)
    receiver.answers([500])
    await person.says("too late")
    assert state.world.page(PAGE_ID).subscribed_fields == frozenset()
    assert len(state.journal.entries(Filter(kind=EntryKind.PAGE_UNSUBSCRIBED))) == 1


async def test_one_success_ends_the_outage(
    receiver: WebhookReceiver, person: PersonHandle, state: SandboxState
) -> None:
    receiver.answers([500, 200, 500])
    await person.says("fails once")
    state.clock.advance(HOUR_MS)
    await person.says("fails once more")
    assert state.world.page(PAGE_ID).subscribed_fields


async def test_closing_ends_what_is_still_on_its_way(receiver: WebhookReceiver, state: SandboxState) -> None:
    receiver.speaks.clear()
    said = [PersonHandle(state, PSID).says(text) for text in ("stuck", "behind")]
    await receiver.has_received(1)
    await state.sender.close()
    assert [await delivery for delivery in said] == [Outcome.DROPPED] * 2


async def test_each_body_says_when_it_was_sent(
    receiver: WebhookReceiver, person: PersonHandle, state: SandboxState
) -> None:
    await person.says("hi")
    [got] = receiver.received
    assert orjson.loads(got.body)["entry"][0]["time"] == state.clock()


def test_waits_grow_to_a_limit() -> None:
    retry = RetryPolicy(first_wait_s=1, factor=3, longest_wait_s=10)
    assert [retry.wait_after(attempt) for attempt in (1, 2, 3, 4)] == [1, 3, 9, 10]


def script(state: SandboxState, name: str, **when: Any) -> None:
    state.script_fault(ScriptedFault(name=name, fault=FAULTS[name], **when))


async def test_a_webhook_can_come_twice(receiver: WebhookReceiver, person: PersonHandle, state: SandboxState) -> None:
    script(state, "webhook_duplicate", text="two")
    for text in ("one", "two", "three"):
        person.says(text)
    await state.sender.settle()
    assert receiver.texts == ["one", "two", "two", "three"]


async def test_a_late_webhook_is_overtaken(
    receiver: WebhookReceiver, person: PersonHandle, state: SandboxState, waits: Waits
) -> None:
    waits.together = asyncio.Barrier(2)
    script(state, "webhook_late")
    late = person.says("one")
    await person.says("two")
    await waits.together.wait()
    assert await late is Outcome.DELIVERED
    assert receiver.texts == ["two", "one"]
    assert waits.seconds == [2]


async def test_a_webhook_can_be_lost(receiver: WebhookReceiver, person: PersonHandle, state: SandboxState) -> None:
    script(state, "webhook_lost", event="read")
    person.says("one")
    assert await person.reads() is Outcome.WITHHELD
    await person.says("two")
    assert receiver.texts == ["one", "two"]
    [lost] = state.journal.entries(Filter(kind=EntryKind.WEBHOOK_WITHHELD))
    assert lost.details["reason"] == "webhook_lost"
