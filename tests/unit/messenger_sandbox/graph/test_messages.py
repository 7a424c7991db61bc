from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest

from messenger_sandbox import FAULTS, Endpoint, EntryKind, Fault, Filter, PersonHandle, Stage
from messenger_sandbox.clock import DAY_MS
from messenger_sandbox.fault_script import ScriptedFault
from messenger_sandbox.state import SandboxState
from tests.support.sandbox_world import APP_ID, OTHER_PSID, PAGE_ID, PAGE_TOKEN, PSID, Waits
from tests.support.webhook_receiver import WebhookReceiver

URL = f"/v25.0/{PAGE_ID}/messages"


def body(text: str = "hi", **changes: Any) -> dict[str, Any]:
    return {"recipient": {"id": PSID}, "messaging_type": "RESPONSE", "message": {"text": text}} | changes


@pytest.fixture
async def graph(http: httpx.AsyncClient, state: SandboxState) -> httpx.AsyncClient:
    """Speaks for the page, to a person who has just written."""
    http.headers["Authorization"] = f"Bearer {PAGE_TOKEN}"
    PersonHandle(state, PSID).says("hello")
    return http


def script(state: SandboxState, name: str, fault: Fault | None = None) -> None:
    state.script_fault(ScriptedFault(name=name, fault=fault or FAULTS[name]))


def entries(state: SandboxState, kind: EntryKind) -> list[dict[str, Any]]:
    return [entry.as_json() for entry in state.journal.entries(Filter(kind=kind))]


async def test_a_send_is_answered_with_recipient_and_message_id(graph: httpx.AsyncClient, state: SandboxState) -> None:
    answer = await graph.post(URL, json=body())
    [taken] = entries(state, EntryKind.SEND_TAKEN)
    assert answer.status_code == 200
    assert answer.json() == {"recipient_id": PSID, "message_id": taken["mid"]}


async def test_the_customer_sees_texts_in_the_order_sent(graph: httpx.AsyncClient, state: SandboxState) -> None:
    for text in ("one", "two", "two"):
        await graph.post(URL, json=body(text))
    assert PersonHandle(state, PSID).saw == ("one", "two", "two")


async def test_a_repeat_is_another_message(graph: httpx.AsyncClient) -> None:
    answers = [(await graph.post(URL, json=body())).json()["message_id"] for _ in range(2)]
    assert answers[0] != answers[1]


async def test_a_refused_send_is_told_and_never_seen(graph: httpx.AsyncClient, state: SandboxState) -> None:
    state.clock.advance(DAY_MS)
    answer = await graph.post(URL, json=body())
    assert answer.status_code == 400
    assert answer.json()["error"]["error_subcode"] == 2018278
    assert PersonHandle(state, PSID).saw == ()
    [told] = entries(state, EntryKind.SEND_ANSWERED)
    assert (told["psid"], told["details"]["code"], told["details"]["subcode"]) == (PSID, 10, 2018278)


async def test_another_pages_person_is_a_stranger(graph: httpx.AsyncClient) -> None:
    answer = await graph.post(URL, json=body(recipient={"id": OTHER_PSID}))
    assert answer.json()["error"]["error_subcode"] == 2018001


async def test_the_journal_tells_what_came_with_the_text(graph: httpx.AsyncClient, state: SandboxState) -> None:
    [asked] = [entry.mid for entry in state.journal.entries(Filter(kind=EntryKind.PERSON_ACTED))]
    chips = [{"content_type": "text", "title": "A title that is too long", "payload": "P"}]
    message = {"text": "Which?", "metadata": "fbc:1", "quick_replies": chips}
    await graph.post(URL, json=body(message=message, reply_to={"mid": asked}))
    [taken] = entries(state, EntryKind.SEND_TAKEN)
    assert taken["details"] == {
        "content": "text",
        "text": "Which?",
        "body": None,
        "media": [],
        "quick_replies": ["A title that is too "],
        "metadata": "fbc:1",
        "reply_to": asked,
        "messaging_type": "RESPONSE",
        "tag": None,
        "persona_id": None,
    }


async def test_other_content_is_named_by_its_type(graph: httpx.AsyncClient, state: SandboxState) -> None:
    button = {"type": "postback", "title": "Agent", "payload": "AGENT"}
    template = {"type": "template", "payload": {"template_type": "button", "text": "Which?", "buttons": [button]}}
    await graph.post(URL, json=body(message={"attachment": template}))
    await graph.post(URL, json=body(message={"sticker_id": 369239263222822}))
    assert PersonHandle(state, PSID).saw == ("[template]", "[sticker_id]")


async def test_an_action_is_answered_with_the_recipient_alone(graph: httpx.AsyncClient, state: SandboxState) -> None:
    answer = await graph.post(URL, json={"recipient": {"id": PSID}, "sender_action": "typing_on"})
    assert answer.json() == {"recipient_id": PSID}
    [taken] = entries(state, EntryKind.ACTION_TAKEN)
    assert taken["details"]["action"] == "typing_on"


async def test_a_message_is_echoed_to_the_app(
    receiver: WebhookReceiver, graph: httpx.AsyncClient, state: SandboxState
) -> None:
    message = {"text": "yes", "metadata": "fbc:1"}
    mid = (await graph.post(URL, json=body(message=message))).json()["message_id"]
    await state.sender.settle()
    item = receiver.received[-1].items[0]
    assert (item["sender"], item["recipient"]) == ({"id": PAGE_ID}, {"id": PSID})
    expected = {"is_echo": True, "app_id": int(APP_ID), "metadata": "fbc:1", "mid": mid, "text": "yes"}
    assert item["message"] == expected


async def test_without_the_subscription_there_is_no_echo(
    receiver: WebhookReceiver, graph: httpx.AsyncClient, state: SandboxState
) -> None:
    state.world.change_page(PAGE_ID, subscribed_fields=frozenset({"messages"}))
    await graph.post(URL, json=body())
    await state.sender.settle()
    assert receiver.texts == ["hello"]


async def test_an_echo_of_a_template_has_its_title(
    receiver: WebhookReceiver, graph: httpx.AsyncClient, state: SandboxState
) -> None:
    payload = {"template_type": "coupon", "title": "10% off", "coupon_code": "TEN"}
    await graph.post(URL, json=body(message={"attachment": {"type": "template", "payload": payload}}))
    await state.sender.settle()
    [attachment] = receiver.received[-1].items[0]["message"]["attachments"]
    assert attachment == {"title": "10% off", "type": "template", "payload": payload}


async def test_an_echo_of_a_sticker_is_an_attachment(
    receiver: WebhookReceiver, graph: httpx.AsyncClient, state: SandboxState
) -> None:
    await graph.post(URL, json=body(message={"sticker_id": "369239263222822"}))
    await state.sender.settle()
    [attachment] = receiver.received[-1].items[0]["message"]["attachments"]
    assert (attachment["type"], attachment["payload"]["sticker_id"]) == ("sticker", 369239263222822)


BEFORE = [name for name, fault in FAULTS.items() if fault.stage is Stage.BEFORE_TAKEN and (fault.error or fault.status)]
AFTER = [name for name, fault in FAULTS.items() if fault.stage is Stage.AFTER_TAKEN and (fault.error or fault.status)]


@pytest.mark.parametrize("name", BEFORE)
async def test_a_fault_before_hides_the_message(graph: httpx.AsyncClient, state: SandboxState, name: str) -> None:
    script(state, name)
    answer = await graph.post(URL, json=body())
    assert answer.status_code >= 400
    assert PersonHandle(state, PSID).saw == ()


@pytest.mark.parametrize("name", AFTER)
async def test_a_fault_after_leaves_the_message_visible(
    graph: httpx.AsyncClient, state: SandboxState, name: str
) -> None:
    script(state, name)
    answer = await graph.post(URL, json=body())
    assert "message_id" not in answer.text
    assert PersonHandle(state, PSID).saw == ("hi",)
    [told] = entries(state, EntryKind.SEND_ANSWERED)
    assert (told["details"]["fault"], told["details"]["status"]) == (name, answer.status_code)


async def test_a_fault_is_over_after_its_time(graph: httpx.AsyncClient, state: SandboxState) -> None:
    script(state, "temporary")
    statuses = [(await graph.post(URL, json=body())).status_code for _ in range(2)]
    assert statuses == [500, 200]


async def test_a_mere_delay_is_waited_out(graph: httpx.AsyncClient, state: SandboxState, waits: Waits) -> None:
    script(state, "slow", Fault(stage=Stage.BEFORE_TAKEN, delay_s=3))
    assert (await graph.post(URL, json=body())).status_code == 200
    assert waits.seconds == [3]


async def test_a_fault_after_waits_for_a_send_that_is_taken(graph: httpx.AsyncClient, state: SandboxState) -> None:
    script(state, "server_error_after_taken")
    statuses = [(await graph.post(URL, json=body(text))).status_code for text in ("", "hi")]
    assert statuses == [400, 500]


async def test_the_echo_can_be_through_before_the_answer(
    receiver: WebhookReceiver, graph: httpx.AsyncClient, state: SandboxState
) -> None:
    script(state, "echo_first")
    mid = (await graph.post(URL, json=body())).json()["message_id"]
    kinds = [entry.kind for entry in state.journal.entries() if entry.mid == mid]
    assert kinds == [EntryKind.SEND_TAKEN, EntryKind.WEBHOOK_POSTED, EntryKind.SEND_ANSWERED]


async def test_other_faults_do_not_wait_for_the_echo(
    receiver: WebhookReceiver, graph: httpx.AsyncClient, state: SandboxState
) -> None:
    receiver.speaks.clear()
    script(state, "server_error_after_taken")
    assert (await graph.post(URL, json=body())).status_code == 500
    assert entries(state, EntryKind.WEBHOOK_POSTED) == []


async def test_a_fault_answer_that_is_no_json_goes_out_as_it_is(graph: httpx.AsyncClient, state: SandboxState) -> None:
    script(state, "bad_gateway")
    answer = await graph.post(URL, json=body())
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert answer.text.startswith("<html>")


async def test_a_throttled_answer_tells_how_long(graph: httpx.AsyncClient, state: SandboxState) -> None:
    script(state, "messenger_limit")
    throttled, quiet = [await graph.post(URL, json=body()) for _ in range(2)]
    told = [orjson.loads(answer.headers["X-Business-Use-Case-Usage"])[PAGE_ID][0] for answer in (throttled, quiet)]
    assert [pool["call_count"] for pool in told] == [100, 1]
    assert [pool["estimated_time_to_regain_access"] for pool in told] == [1, 0]
    assert throttled.json()["error"]["code"] == 80006


async def test_a_fault_can_wait_for_a_text(graph: httpx.AsyncClient, state: SandboxState) -> None:
    state.script_fault(ScriptedFault(name="temporary", fault=FAULTS["temporary"], text="^two"))
    assert [(await graph.post(URL, json=body(text))).status_code for text in ("one", "two", "two")] == [200, 500, 200]


async def test_another_endpoint_has_faults_of_its_own(graph: httpx.AsyncClient, state: SandboxState) -> None:
    fault = FAULTS["server_error_after_taken"]
    state.script_fault(ScriptedFault(name="x", fault=fault, endpoint=Endpoint.SUBSCRIPTIONS))
    params = {"subscribed_fields": "messages"}
    answers = [
        await graph.post(URL, json=body()),
        await graph.post(f"/v25.0/{PAGE_ID}/subscribed_apps", params=params),
        await graph.post(f"/v25.0/{PAGE_ID}/subscribed_apps", params=params),
    ]
    assert [answer.status_code for answer in answers] == [200, 500, 200]
    assert state.world.page(PAGE_ID).subscribed_fields == {"messages"}


@pytest.mark.parametrize(
    ("receipts", "kinds"),
    [((), []), (("delivery",), ["delivery"]), (("delivery", "read"), ["delivery", "read"])],
)
async def test_devices_tell_by_themselves_what_arrived(
    receiver: WebhookReceiver,
    graph: httpx.AsyncClient,
    state: SandboxState,
    receipts: tuple[str, ...],
    kinds: list[str],
) -> None:
    state.world.change_page(PAGE_ID, receipts=frozenset(receipts))
    mid = (await graph.post(URL, json=body())).json()["message_id"]
    await state.sender.settle()
    echoed, *told = [got.items[0] for got in receiver.received[1:]]
    assert [next(kind for kind in ("delivery", "read") if kind in item) for item in told] == kinds
    assert all(item[kind]["watermark"] == echoed["timestamp"] for item, kind in zip(told, kinds, strict=True))
    assert all(item["delivery"]["mids"] == [mid] for item in told[:1])
