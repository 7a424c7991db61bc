from __future__ import annotations

import orjson
import pytest

from messenger_sandbox import KNOWN_FIELDS, EntryKind, Outcome, PageHandle, PersonHandle
from messenger_sandbox.state import SandboxState
from tests.support.sandbox_world import NOW_MS, PAGE_ID, PSID
from tests.support.webhook_receiver import WebhookReceiver


@pytest.fixture
def page(state: SandboxState) -> PageHandle:
    state.world.change_page(PAGE_ID, subscribed_fields=KNOWN_FIELDS)
    return PageHandle(state, PAGE_ID)


async def test_a_comment_arrives_among_the_changes(receiver: WebhookReceiver, page: PageHandle) -> None:
    assert await page.does("feed.comment", message="How much?") is Outcome.DELIVERED
    [entry] = orjson.loads(receiver.received[0].body)["entry"]
    [change] = entry["changes"]
    assert (entry["id"], entry["time"]) == (PAGE_ID, NOW_MS // 1_000)
    assert (change["field"], change["value"]["message"]) == ("feed", "How much?")


async def test_a_warning_arrives_without_a_sender(receiver: WebhookReceiver, page: PageHandle) -> None:
    await page.does("policy_enforcement.warning")
    [item] = receiver.received[0].items
    assert set(item) == {"recipient", "timestamp", "policy_enforcement"}


async def test_the_journal_names_the_page_and_no_person(state: SandboxState, page: PageHandle) -> None:
    page.does("business_integrity.restricted")
    entry = state.journal.entries()[0]
    assert (entry.kind, entry.page_id, entry.psid) == (EntryKind.PAGE_EVENT, PAGE_ID, None)
    assert entry.details["event"] == "business_integrity"


async def test_odd_ways_are_possible_for_a_page_too(receiver: WebhookReceiver, page: PageHandle) -> None:
    await page.does("feed.comment", variants=["changed_fields"])
    assert orjson.loads(receiver.received[0].body)["entry"][0]["changed_fields"] == ["feed"]


async def test_what_a_page_is_not_subscribed_to_is_withheld(state: SandboxState) -> None:
    assert await PageHandle(state, PAGE_ID).does("feed.comment") is Outcome.WITHHELD


async def test_a_page_writes_no_message_of_a_person(page: PageHandle) -> None:
    with pytest.raises(ValueError, match="between a person and a page"):
        page.does("message.text")


async def test_an_unknown_page_has_no_handle(state: SandboxState) -> None:
    with pytest.raises(KeyError):
        PageHandle(state, "0")


async def test_what_happens_to_a_page_holds_up_none_of_its_customers(
    receiver: WebhookReceiver, page: PageHandle, state: SandboxState
) -> None:
    receiver.speaks.clear()
    stuck = page.does("policy_enforcement.warning")
    await receiver.has_received(1)
    PersonHandle(state, PSID).says("flows")
    await receiver.has_received(2)
    assert receiver.texts == ["flows"]
    assert not stuck.done
    receiver.speaks.set()
    await state.sender.settle()


async def test_what_happens_to_a_page_arrives_in_its_order(
    receiver: WebhookReceiver, page: PageHandle, state: SandboxState
) -> None:
    receiver.answers([500])
    for action in ("warning", "block", "unblock"):
        page.does(f"policy_enforcement.{action}")
    await state.sender.settle()
    told = [got.items[0]["policy_enforcement"]["action"] for got in receiver.received]
    assert told == ["warning", "warning", "block", "unblock"]
