from __future__ import annotations

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from cim_messenger.inbound import read_webhook, translate
from expertflow.connector.v1 import inbound_pb2, operations_pb2
from expertflow.connector.v1.inbound_event_pb2 import InboundEvent
from expertflow.connector.v1.operations_pb2 import DeadLetter, DeadLetterFilter
from expertflow.connector.v1.operations_service_pb2 import (
    DiscardDeadLettersRequest,
    ListAuditEventsRequest,
    ListDeadLettersRequest,
    ListDeadLettersResponse,
    ListSubscriptionsRequest,
    RedriveDeadLettersRequest,
)
from facebook_connector.operations import renewing
from facebook_connector.settings import ServerSettings
from tests.integration.facebook_connector.operations.conftest import Console
from tests.support.channels import PAGE_ID
from tests.support.inbound_wire import START_MS
from tests.support.operators import refusal
from tests.support.poison import ROUND_S, ROUNDS, answer, give_up
from tests.support.quarantined import body, said

UNAVAILABLE = inbound_pb2.NACK_REASON_UNAVAILABLE
LIVE, REDRIVE = inbound_pb2.DELIVERY_ORIGIN_LIVE, inbound_pb2.DELIVERY_ORIGIN_REDRIVE


async def listed(console: Console, **changes: object) -> ListDeadLettersResponse:
    request = ListDeadLettersRequest(subscription="ccm", **changes)  # type: ignore[arg-type]
    return await console.operations.ListDeadLetters(request)


async def letters(console: Console, **conditions: object) -> list[DeadLetter]:
    chosen = DeadLetterFilter(**conditions)  # type: ignore[arg-type]
    return list((await listed(console, filter=chosen)).dead_letters)


def redrive(request_id: str = "", **conditions: object) -> RedriveDeadLettersRequest:
    chosen = DeadLetterFilter(**conditions)  # type: ignore[arg-type]
    return RedriveDeadLettersRequest(subscription="ccm", filter=chosen, request_id=request_id)


async def test_a_poisonous_message_is_given_up_while_others_flow_and_its_conversation_goes_on(console: Console) -> None:
    await console.wire.texts("poison", "next", psid="70009")
    async with console.wire.stream() as stream:
        for number in range(ROUNDS - 1):
            await console.wire.texts(f"other-{number}", psid=f"8{number}")
            assert await answer(stream, 2, {"cim-poison"}) == [f"cim-other-{number}"]
            await stream.elapse(ROUND_S)
        assert not await letters(console)
        await console.wire.texts("last", psid="89")
        assert sorted(await answer(stream, 3, {"cim-poison"})) == ["cim-last", "cim-next"]
        await stream.nothing_before_pong()
        [letter] = await letters(console)

    assert letter.message.id == "cim-poison"
    assert letter.message.body.markdown_text == "text of poison"
    assert (letter.subscription, letter.ordering_key) == ("ccm", f"{PAGE_ID}/70009")
    assert letter.kind == inbound_pb2.EVENT_KIND_MESSAGE
    assert (letter.delivery_attempts, letter.counted_attempts) == (ROUNDS, ROUNDS)
    assert (letter.last_detail, letter.last_client_id) == ("no such field", "ccm-0")
    assert letter.store_time.ToMilliseconds() == START_MS
    assert letter.dead_letter_time.ToMilliseconds() == START_MS + (ROUNDS - 1) * ROUND_S * 1000


async def test_a_dead_letter_is_redriven_before_what_waits_and_counted_anew(console: Console) -> None:
    await give_up(console.wire, "a")
    [letter] = await letters(console)
    await console.wire.texts("later", psid="7a")

    request = redrive("r-1", ids=[letter.id])
    answers = [await console.operations.RedriveDeadLetters(request) for _ in range(2)]
    received = await console.delivered("ccm", 2)

    assert [one.redriven_count for one in answers] == [1, 1]
    assert [(one.message.id, one.origin, one.delivery_attempt) for one in received] == [
        ("cim-a", REDRIVE, 1),
        ("cim-later", LIVE, 1),
    ]
    assert not await letters(console)
    noted = (await console.operations.ListAuditEvents(ListAuditEventsRequest(target="ccm"))).audit_events
    assert [(one.action, one.detail, one.request_id) for one in noted] == [
        ("RedriveDeadLetters", "dead letters redriven: 1", "r-1")
    ]


def as_an_older_release_understood_it(text: str, psid: str = "700") -> InboundEvent:
    """A message as the gateway handed it over, with another text than the customer wrote."""
    item = {**said(text, page_id=PAGE_ID), "sender": {"id": psid}}
    [event] = translate(read_webhook(body(item, page_id=PAGE_ID)), ServerSettings.load().translator)
    assert isinstance(event, InboundEvent)
    event.messages[0].body.markdown_text = "as an older release understood it"
    return event


async def test_a_redriven_message_can_be_translated_anew_under_its_id(console: Console) -> None:
    event = as_an_older_release_understood_it("as it was written")
    await console.wire.ingest(event)
    await give_up(console.wire, "a", with_ids={event.messages[0].id})
    before = {one.message.id: one.message.body.markdown_text for one in await letters(console)}

    answered = await console.operations.RedriveDeadLetters(
        RedriveDeadLettersRequest(subscription="ccm", filter=DeadLetterFilter(all=True), retranslate=True)
    )
    received = {one.message.id: one for one in await console.delivered("ccm", 2)}

    # Of the other one the raw bytes are none of Messenger's: it goes as it is.
    assert (answered.redriven_count, answered.retranslated_count) == (2, 1)
    assert set(before) == set(received) == {"cim-a", event.messages[0].id}
    assert before[event.messages[0].id] == "as an older release understood it"
    anew = received[event.messages[0].id]
    assert anew.message.body.markdown_text == "as it was written"
    assert anew.context.HasField("window_close_time")
    assert received["cim-a"].message.body.markdown_text == "text of a"


async def test_more_than_one_transaction_translates_are_all_translated_and_a_repeat_gets_the_first_answer(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewing, "AT_ONCE", 2)
    texts = [f"as it was written, {number}" for number in range(5)]
    events = [as_an_older_release_understood_it(text, psid=f"70{number}") for number, text in enumerate(texts)]
    await console.wire.ingest(*events)
    await give_up(console.wire, with_ids={event.messages[0].id for event in events})

    request = redrive("r-1", all=True)
    request.retranslate = True
    answers = [await console.operations.RedriveDeadLetters(request) for _ in range(2)]
    received = await console.delivered("ccm", 5)

    assert [(one.redriven_count, one.retranslated_count) for one in answers] == [(5, 5)] * 2
    assert {one.message.body.markdown_text for one in received} == set(texts)


async def test_a_discarded_one_is_gone(console: Console) -> None:
    await give_up(console.wire, "a", "b")
    answered = await console.operations.DiscardDeadLetters(
        DiscardDeadLettersRequest(subscription="ccm", filter=DeadLetterFilter(page_id=PAGE_ID, psid="7a"))
    )

    assert answered.discarded_count == 1
    [left] = await letters(console)
    assert left.message.id == "cim-b"
    async with console.wire.stream() as stream:
        await stream.nothing_before_pong()


async def test_they_are_listed_oldest_first_page_by_page_and_by_conditions(console: Console) -> None:
    await give_up(console.wire, "a")
    await give_up(console.wire, "b")
    first = await listed(console, page_size=1)
    second = await listed(console, page_size=1, page_token=first.next_page_token)
    middle = Timestamp(seconds=START_MS // 1000 + 20 * ROUND_S)

    assert [one.message.id for one in (*first.dead_letters, *second.dead_letters)] == ["cim-a", "cim-b"]
    assert (bool(first.next_page_token), bool(second.next_page_token)) == (True, False)
    assert [one.message.id for one in await letters(console, start_time=middle)] == ["cim-b"]
    assert [one.message.id for one in await letters(console, end_time=middle)] == ["cim-a"]
    assert [one.message.id for one in await letters(console, ids=[second.dead_letters[0].id, "999", "x"])] == ["cim-b"]
    assert await letters(console, page_id="1") == []


async def test_what_is_not_there_and_what_says_nothing_is_refused_and_nothing_done(console: Console) -> None:
    await give_up(console.wire, "a")
    [letter] = await letters(console)
    call = console.operations.RedriveDeadLetters
    for conditions, expected in (
        ({}, ("INVALID_ARGUMENT", "INVALID_FIELD")),
        ({"psid": "7a"}, ("INVALID_ARGUMENT", "INVALID_FIELD")),
        ({"ids": [letter.id, "999"]}, ("NOT_FOUND", "DEAD_LETTER_NOT_FOUND")),
    ):
        code, info = await refusal(call(redrive(**conditions)))
        assert (code, info.reason) == expected
    code, info = await refusal(call(RedriveDeadLettersRequest(subscription="none", filter=DeadLetterFilter(all=True))))
    assert (code, info.reason) == ("NOT_FOUND", "SUBSCRIPTION_NOT_FOUND")
    assert await letters(console) == [letter]


async def test_consumers_that_give_back_all_make_the_subscription_pause_and_report(console: Console) -> None:
    for number in range(3):
        await console.wire.texts(f"m_{number}", psid=f"7{number}")
    async with console.wire.stream() as stream:
        received = await stream.messages()
        await stream.nack(*received, reason=UNAVAILABLE)
        await stream.settled()
        [paused] = (await console.operations.ListSubscriptions(ListSubscriptionsRequest())).subscriptions
        await console.wire.texts("m_new", psid="79")
        await stream.after(0.5)
        await stream.nothing_before_pong()
        await stream.elapse(ROUND_S)
        assert len(await stream.messages()) == 4
        [active] = (await console.operations.ListSubscriptions(ListSubscriptionsRequest())).subscriptions

    assert paused.state == operations_pb2.SUBSCRIPTION_STATE_PAUSED
    assert "UNAVAILABLE" in paused.state_reason
    assert 1_000 <= paused.resume_time.ToMilliseconds() - START_MS <= 2_000
    assert active.state == operations_pb2.SUBSCRIPTION_STATE_ACTIVE
    noted = (await console.operations.ListAuditEvents(ListAuditEventsRequest(action="SubscriptionPaused"))).audit_events
    assert [(one.actor, one.target) for one in noted] == [("server", "ccm")]


async def test_where_all_fail_none_is_given_up_and_the_subscription_pauses(console: Console) -> None:
    names = [f"m_{number}" for number in range(3)]
    for name in names:
        await console.wire.texts(name, psid=f"7{name}")
    async with console.wire.stream() as stream:
        for _ in range(ROUNDS):
            await answer(stream, 3, {f"cim-{name}" for name in names})
            await stream.elapse(ROUND_S)
    noted = (await console.operations.ListAuditEvents(ListAuditEventsRequest(action="SubscriptionPaused"))).audit_events

    assert not await letters(console)
    assert "20 %" in noted[0].detail
    assert sorted(await console.ids("ccm", 3)) == [f"cim-{name}" for name in names]
