from __future__ import annotations

from typing import Any

import httpx
import pytest

from messenger_sandbox import PersonHandle, Routing, Usage
from messenger_sandbox.clock import DAY_MS
from messenger_sandbox.state import SandboxState
from tests.support.sandbox_world import APP_ID, OTHER_PSID, PAGE_ID, PAGE_TOKEN, PSID
from tests.support.webhook_receiver import WebhookReceiver

SEND = {"recipient": {"id": PSID}, "messaging_type": "RESPONSE", "message": {"text": "hi"}}


async def direct(http: httpx.AsyncClient, method: str, path: str, body: Any = None) -> dict[str, Any]:
    answer = await http.request(method, f"/_sandbox{path}", json=body)
    assert answer.status_code == 200, answer.text
    value: dict[str, Any] = answer.json()
    return value


async def send(http: httpx.AsyncClient) -> httpx.Response:
    return await http.post("/v25.0/me/messages", json=SEND, headers={"Authorization": f"Bearer {PAGE_TOKEN}"})


async def test_a_page_made_without_a_token_gets_one_that_works(http: httpx.AsyncClient) -> None:
    made = await direct(http, "POST", "/pages", {"name": "New page", "subscribed_fields": ["messages"]})
    answer = await http.get("/v25.0/me", params={"access_token": made["access_token"]})
    assert answer.json() == {"id": made["page_id"], "name": "New page"}
    assert made["subscribed_fields"] == ["messages"]


async def test_a_token_that_was_given_is_not_repeated(http: httpx.AsyncClient) -> None:
    made = await direct(http, "POST", "/pages", {"page_id": "100200300400509", "token": "canary-given"})
    listed = await direct(http, "GET", "/pages")
    assert "canary" not in f"{made}{listed}"
    assert "100200300400509" in [page["page_id"] for page in listed["pages"]]


async def test_a_pages_token_can_be_spoilt_and_mended(http: httpx.AsyncClient) -> None:
    codes = []
    for fault in ("token_password_changed", None):
        await direct(http, "PATCH", f"/pages/{PAGE_ID}", {"token_fault": fault})
        codes.append((await http.get("/v25.0/me", params={"access_token": PAGE_TOKEN})).status_code)
    assert codes == [401, 200]


async def test_a_new_person_can_write_and_be_answered(http: httpx.AsyncClient) -> None:
    made = await direct(http, "POST", "/people", {"page_id": PAGE_ID, "first_name": "Sana", "last_name": "Khan"})
    assert made["name"] == "Sana Khan"
    said = await direct(http, "POST", f"/people/{made['psid']}/says", {"text": "hello"})
    assert said["mid"].startswith("m_")
    listed = await direct(http, "GET", "/people")
    assert made["psid"] in [person["psid"] for person in listed["people"]]


async def test_an_act_can_wait_for_its_webhook(http: httpx.AsyncClient, receiver: WebhookReceiver) -> None:
    said = await direct(http, "POST", f"/people/{PSID}/says", {"text": "hello", "wait": True})
    assert said["outcome"] == "delivered"
    assert receiver.texts == ["hello"]


async def test_what_a_person_saw_can_be_read(http: httpx.AsyncClient, state: SandboxState) -> None:
    PersonHandle(state, PSID).says("hello")
    await send(http)
    assert await direct(http, "GET", f"/people/{PSID}/seen") == {"seen": ["hi"]}


async def test_a_handshake_can_be_run(http: httpx.AsyncClient, state: SandboxState, receiver: WebhookReceiver) -> None:
    state.world.change_app(callback_url=None)
    assert await direct(http, "POST", "/handshake", {"callback_url": receiver.url}) == {"verified": True, "status": 200}


async def test_the_journal_can_be_followed(http: httpx.AsyncClient, state: SandboxState) -> None:
    PersonHandle(state, PSID).says("first")
    seen = (await direct(http, "GET", "/journal"))["last_seq"]
    PersonHandle(state, PSID).says("second")
    PersonHandle(state, OTHER_PSID).says("elsewhere")
    told = await direct(http, "GET", f"/journal?after={seen}&psid={PSID}&kind=person_acted")
    assert [entry["details"]["item"]["message"]["text"] for entry in told["entries"]] == ["second"]


async def test_a_day_can_pass(http: httpx.AsyncClient, state: SandboxState) -> None:
    PersonHandle(state, PSID).says("hello")
    before = await send(http)
    await direct(http, "POST", "/clock/advance", {"seconds": DAY_MS / 1_000})
    after = await send(http)
    assert (before.status_code, after.json()["error"]["error_subcode"]) == (200, 2018278)


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"name": "temporary"}, 500),
        ({"stage": "before_taken", "error": "app_limit", "psid": PSID}, 403),
        ({"stage": "after_taken", "status": 418, "body": "teapot"}, 418),
    ],
)
async def test_a_fault_can_be_scripted(
    http: httpx.AsyncClient, state: SandboxState, fault: dict[str, Any], status: int
) -> None:
    PersonHandle(state, PSID).says("hello")
    listed = await direct(http, "POST", "/faults", fault | {"times": 2})
    assert [waiting["times"] for waiting in listed["waiting"]] == [2]
    assert (await send(http)).status_code == status
    assert (await direct(http, "DELETE", "/faults"))["waiting"] == []
    assert (await send(http)).status_code == 200


async def test_any_form_can_be_played_by_name(http: httpx.AsyncClient, receiver: WebhookReceiver) -> None:
    known = await direct(http, "GET", "/forms")
    assert {"order.cart", "message.sticker_overlap"} <= set(known["forms"])
    assert {"array_body", "numeric_ids"} <= set(known["variants"])
    act = {"form": "message.text", "variants": ["numeric_ids"], "changes": {"text": "odd"}, "wait": True}
    assert (await direct(http, "POST", f"/people/{PSID}/does", act))["outcome"] == "delivered"
    [item] = receiver.received[0].items
    assert (item["message"]["text"], item["sender"]) == ("odd", {"id": int(PSID)})


async def test_something_can_happen_to_a_page(http: httpx.AsyncClient, receiver: WebhookReceiver) -> None:
    happening = {"form": "policy_enforcement.block", "changes": {"reason": "spam"}, "wait": True}
    assert await direct(http, "POST", f"/pages/{PAGE_ID}/does", happening) == {"outcome": "delivered"}
    assert receiver.received[0].items[0]["policy_enforcement"] == {"action": "block", "reason": "spam"}


async def test_a_file_can_be_put_there_sent_and_fetched(http: httpx.AsyncClient, receiver: WebhookReceiver) -> None:
    file = await direct(http, "POST", "/media", {"kind": "bytes", "name": "list.csv", "size_bytes": 70_000})
    await direct(http, "POST", f"/people/{PSID}/sends_media", {"assets": [file["asset"]], "wait": True})
    [attachment] = receiver.received[0].items[0]["message"]["attachments"]
    assert attachment == {"type": "file", "payload": {"url": file["url"]}}
    assert len((await http.get(file["url"], headers={"Cookie": "canary=1"})).content) == 70_000
    [fetch] = (await direct(http, "GET", f"/media/fetches?asset={file['asset']}"))["fetches"]
    assert (fetch["status"], fetch["sent_bytes"], fetch["complete"], fetch["has_credential"]) == (
        200,
        70_000,
        True,
        True,
    )
    assert "cookie" in fetch["headers"]
    assert "canary" not in str(fetch)
    [listed] = (await direct(http, "GET", "/media"))["files"]
    assert (listed["content_type"], listed["fetches"]) == ("text/csv", 1)


@pytest.mark.parametrize(
    ("fault", "status"), [({"name": "gone", "times": 1}, 410), ({"location": "http://10.0.0.1/x", "times": 1}, 302)]
)
async def test_a_file_can_be_spoilt_for_a_time(http: httpx.AsyncClient, fault: dict[str, Any], status: int) -> None:
    file = await direct(http, "POST", "/media", {"kind": "png"})
    await direct(http, "POST", f"/media/{file['asset']}/fault", fault)
    assert [(await http.get(file["url"])).status_code for _ in range(2)] == [status, 200]


async def test_a_spoilt_file_can_be_mended(http: httpx.AsyncClient) -> None:
    file = await direct(http, "POST", "/media", {"kind": "png"})
    await direct(http, "POST", f"/media/{file['asset']}/fault", {"name": "not_found"})
    assert (await http.get(file["url"])).status_code == 404
    await direct(http, "DELETE", f"/media/{file['asset']}/fault")
    assert (await http.get(file["url"])).status_code == 200


async def test_reads_of_a_profile_can_be_asked_for(http: httpx.AsyncClient) -> None:
    await http.get(f"/v25.0/{PSID}", params={"access_token": PAGE_TOKEN})
    assert await direct(http, "GET", f"/people/{PSID}/profile_calls") == {"calls": 1, "most_at_once": 1}


async def test_webhooks_can_be_held_and_released_in_another_order(
    http: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    await direct(http, "POST", "/webhooks/hold")
    for text in ("a", "b", "c"):
        await direct(http, "POST", f"/people/{PSID}/says", {"text": text})
    assert await direct(http, "POST", "/webhooks/release", {"order": [1, 2, 0]}) == {"released": 3}
    await direct(http, "POST", "/webhooks/settle")
    assert receiver.texts == ["b", "c", "a"]


async def test_held_webhooks_can_travel_in_one_body(http: httpx.AsyncClient, receiver: WebhookReceiver) -> None:
    await direct(http, "POST", "/webhooks/hold")
    for text in ("a", "b"):
        await direct(http, "POST", f"/people/{PSID}/says", {"text": text})
    assert await direct(http, "POST", "/webhooks/release", {"batch": True}) == {"released": 2}
    await direct(http, "POST", "/webhooks/settle")
    assert len(receiver.received) == 1
    assert receiver.texts == ["a", "b"]


async def test_a_held_webhook_can_be_posted_many_times_at_once(
    http: httpx.AsyncClient, receiver: WebhookReceiver
) -> None:
    await direct(http, "POST", "/webhooks/hold")
    await direct(http, "POST", f"/people/{PSID}/says", {"text": "again"})
    assert await direct(http, "POST", "/webhooks/release", {"copies": 3}) == {"statuses": [200, 200, 200]}
    assert len({got.body for got in receiver.received}) == 1
    assert receiver.texts == ["again"] * 3


@pytest.mark.parametrize(
    ("method_and_path", "body"),
    [
        ("POST /people/1/says", {"text": "nobody"}),
        (f"POST /people/{PSID}/dances", {}),
        (f"POST /people/{PSID}/says", {}),
        ("POST /people", {"page_id": "1"}),
        ("POST /people", {}),
        ("PATCH /pages/1", {}),
        (f"PATCH /pages/{PAGE_ID}", {"token_fault": "nothing"}),
        ("POST /clock/advance", {"seconds": -1}),
        ("POST /clock/advance", []),
        (f"PATCH /pages/{PAGE_ID}", {"receipts": ["smile"]}),
        (f"PATCH /pages/{PAGE_ID}", {"routing": {}}),
        (f"POST /people/{PSID}/thread", {"how": "steal"}),
        ("POST /faults", {"name": "earthquake"}),
        ("POST /faults", {"stage": "before_taken", "error": "earthquake"}),
        ("POST /faults", {"name": "temporary", "times": 0}),
        ("POST /webhooks/release", {"order": [3]}),
        ("POST /handshake", {}),
        ("GET /journal?kind=secret", None),
    ],
)
async def test_a_wrong_direction_is_told_so(http: httpx.AsyncClient, method_and_path: str, body: Any) -> None:
    method, path = method_and_path.split()
    answer = await http.request(method, f"/_sandbox{path}", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_an_unknown_direction_is_not_found(http: httpx.AsyncClient) -> None:
    answer = await http.get("/_sandbox/nowhere")
    assert (answer.status_code, answer.json()) == (404, {"error": "Not Found"})


async def test_a_page_can_be_routed_and_another_app_can_take_the_thread(
    http: httpx.AsyncClient, state: SandboxState
) -> None:
    await direct(http, "PATCH", f"/pages/{PAGE_ID}", {"routing": {"default_app_id": APP_ID}, "receipts": ["delivery"]})
    page = state.world.page(PAGE_ID)
    assert page.routing == Routing(default_app_id=APP_ID)
    assert page.receipts == {"delivery"}
    for how, owner in (("take", "263902037430900"), ("pass", APP_ID), ("release", None)):
        assert await direct(http, "POST", f"/people/{PSID}/thread", {"how": how}) == {"owner": owner}


async def test_a_page_can_be_told_to_be_busy(http: httpx.AsyncClient, state: SandboxState) -> None:
    await direct(http, "PATCH", f"/pages/{PAGE_ID}", {"usage": {"percent": 97, "regain_minutes": 3}})
    assert state.world.page(PAGE_ID).usage == Usage(percent=97, regain_minutes=3)
