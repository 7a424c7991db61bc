from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from facebook_gateway.webhook import OFF_LOOP_BYTES
from tests.integration.facebook_gateway.conftest import Edge, Edges
from tests.support.ingest_recorder import IngestRecorder
from tests.support.webhook_bodies import PAGE, PSID, SECRET, TIME, envelope, signed, text_item, webhook

OTHER_PAGE = "100200300400600"


@pytest.mark.parametrize("path", ["/webhook", f"/webhook/{PAGE}", "/facebook-connector/webhook/whatever/"])
async def test_a_signed_text_is_stored_before_the_200(edge: Edge, path: str) -> None:
    answer = await edge.post(webhook(text_item("m_1", "Grüße 👍")), path=path)

    assert answer.status_code == 200
    (event,) = edge.recorder.events
    assert (event.page_id, event.psid) == (PAGE, PSID)
    assert event.messages[0].body.markdown_text == "Grüße 👍"


async def test_each_item_comes_with_its_exact_bytes(edge: Edge) -> None:
    items = [
        r'{"sender" : {"id":24680135791113151}, "x\u00e4":"\u00FC\/", "n":1.10}',
        json.dumps(text_item("m_2", "ü")),
    ]
    body = f'{{"object":"page","entry":[{{"messaging":[ {items[0]} , {items[1]}],"id":{PAGE}}}]}}'.encode()

    await edge.post(body)

    assert [event.raw.decode() for event in edge.recorder.events] == items
    assert edge.recorder.events[0].psid == "24680135791113151"


async def test_two_items_of_a_body_are_two_events(edge: Edge) -> None:
    await edge.post(webhook(text_item("m_1"), text_item("m_2")))

    assert [event.messages[0].header.provider_message_id for event in edge.recorder.events] == ["m_1", "m_2"]


async def test_the_same_webhook_fifty_times_at_once_is_one_event(edge: Edge) -> None:
    body = webhook(text_item("m_1"))

    answers = await asyncio.gather(*(edge.post(body) for _ in range(50)))

    assert {answer.status_code for answer in answers} == {200}
    assert len(edge.recorder.items) == 50
    assert len(edge.recorder.events) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": "sha256=" + "0" * 64},
        {"X-Hub-Signature-256": "canary"},
        signed(webhook(text_item("m_1")), "another secret"),
    ],
    ids=["missing", "wrong", "malformed", "foreign"],
)
async def test_without_a_valid_signature_403_and_no_hint(edge: Edge, headers: dict[str, str]) -> None:
    answer = await edge.post(webhook(text_item("m_1")), headers)

    assert (answer.status_code, answer.content) == (403, b"")
    assert edge.recorder.items == []


async def test_any_secret_of_an_app_verifies(edges: Edges) -> None:
    recorder = IngestRecorder()
    recorder.add_app("1", [PAGE], secrets=["old secret", SECRET])
    edge = await edges.start(recorder)
    body = webhook(text_item("m_1"))

    assert (await edge.post(body, signed(body, "old secret"))).status_code == 200
    assert (await edge.post(body, signed(body, SECRET))).status_code == 200


async def test_a_secret_set_after_the_start_is_fetched_when_it_is_needed(edges: Edges) -> None:
    recorder = IngestRecorder()
    edge = await edges.start(recorder)
    assert (await edge.post(webhook(text_item("m_1")))).status_code == 403
    recorder.add_app("1", [PAGE], secrets=[SECRET])

    assert (await edge.post(webhook(text_item("m_1")))).status_code == 200


async def test_a_page_added_after_the_start_is_fetched_when_it_is_needed(edge: Edge) -> None:
    await edge.post(webhook(text_item("m_0")))
    edge.recorder.keys.apps[0].page_ids.append(OTHER_PAGE)

    await edge.post(webhook(text_item("m_1", page=OTHER_PAGE), page=OTHER_PAGE))

    assert [event.page_id for event in edge.recorder.events] == [PAGE, OTHER_PAGE]


async def test_bad_signatures_cost_one_read_of_the_keys_a_second(edge: Edge) -> None:
    await asyncio.gather(*(edge.post(webhook(text_item("m_1")), {}) for _ in range(20)))

    assert edge.recorder.key_reads <= 3


async def test_a_body_that_is_no_json_is_quarantined(edge: Edge) -> None:
    body = b'{"object":"page","entry":[oops'

    answer = await edge.post(body)

    assert answer.status_code == 200
    (item,) = edge.recorder.quarantined
    assert (item.reason, item.raw) == ("NOT_JSON", body)
    assert "oops" not in item.detail


async def test_an_unknown_page_is_quarantined_and_stops_no_other(edge: Edge) -> None:
    stranger: dict[str, Any] = {"id": OTHER_PAGE, "time": TIME, "messaging": [text_item("m_1", page=OTHER_PAGE)]}
    ours = {"id": PAGE, "time": TIME, "messaging": [text_item("m_2")]}

    answer = await edge.post(envelope(stranger, ours))

    assert answer.status_code == 200
    (item,) = edge.recorder.quarantined
    assert (item.reason, item.page_id) == ("UNKNOWN_PAGE", OTHER_PAGE)
    assert json.loads(item.raw) == stranger["messaging"][0]
    assert [event.dedupe_key for event in edge.recorder.events] == ["mid:m_2"]


async def test_an_app_cannot_speak_for_the_page_of_another(edge: Edge) -> None:
    edge.recorder.add_app("666", [OTHER_PAGE], secrets=["other secret"])

    answer = await edge.post(webhook(text_item("m_1", page=OTHER_PAGE), page=OTHER_PAGE))

    assert answer.status_code == 200
    assert [(item.reason, item.page_id) for item in edge.recorder.quarantined] == [("PAGE_NOT_OF_APP", OTHER_PAGE)]
    assert edge.recorder.events == []


async def test_an_unsigned_body_is_taken_if_all_its_pages_allow_it(edges: Edges) -> None:
    recorder = IngestRecorder()
    recorder.add_app("", [PAGE])
    recorder.keys.unsigned_page_ids.append(PAGE)
    edge = await edges.start(recorder)

    assert (await edge.post(webhook(text_item("m_1")), {})).status_code == 200
    assert [event.dedupe_key for event in recorder.events] == ["mid:m_1"]


async def test_an_unsigned_body_with_one_page_that_does_not_allow_it_is_refused_whole(
    edges: Edges, recorder: IngestRecorder
) -> None:
    recorder.add_app("", [OTHER_PAGE])
    recorder.keys.unsigned_page_ids.append(OTHER_PAGE)
    edge = await edges.start(recorder)
    allowed = {"id": OTHER_PAGE, "messaging": [text_item("m_1", page=OTHER_PAGE)]}
    strict = {"id": PAGE, "messaging": [text_item("m_2")]}

    nobodys = {"messaging": [{"message": {"mid": "m_3"}}]}

    bodies = [envelope(allowed, strict), envelope(allowed, nobodys), b"[", b"[]"]
    answers = await asyncio.gather(*(edge.post(body, {}) for body in bodies))

    assert {answer.status_code for answer in answers} == {403}
    assert recorder.items == []


async def test_a_conversations_items_are_stored_in_the_order_of_their_times(edge: Edge) -> None:
    await edge.post(webhook(text_item("m_2", time=TIME + 5), text_item("m_1", time=TIME)))

    assert [event.dedupe_key for event in edge.recorder.events] == ["mid:m_1", "mid:m_2"]


async def test_long_bodies_are_taken_too(edge: Edge) -> None:
    items = [text_item(f"m_{number}", "ж" * 2000) for number in range(100)]
    body = webhook(*items)
    assert len(body) > OFF_LOOP_BYTES

    assert (await edge.post(body)).status_code == 200
    assert len(edge.recorder.events) == 100


@pytest.mark.parametrize("body", [envelope({"id": PAGE, "time": TIME}), b"{}", b"[]", b""])
async def test_what_holds_nothing_needs_no_server(edge: Edge, body: bytes) -> None:
    answer = await edge.post(body)

    assert answer.status_code == 200
    assert edge.recorder.items == []


@pytest.mark.parametrize("path", ["/", "/webhook//", "/webhooks", "/webhook/1/2", "/facebook-connector"])
async def test_other_paths_are_unknown(edge: Edge, path: str) -> None:
    assert (await edge.post(webhook(text_item("m_1")), path=path)).status_code == 404


async def test_other_methods_are_not_allowed(edge: Edge) -> None:
    assert (await edge.client.put("/webhook")).status_code == 405
