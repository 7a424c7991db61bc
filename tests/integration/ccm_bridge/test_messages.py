"""What CCM sends to `/cim-messages`, and what it is answered; the way through REST alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ccm_bridge import messages
from tests.support.bridged_connector import Bridged, bridged_connector
from tests.support.ccm_stand_in import Message, agent_message, as_jackson_writes
from tests.support.channels import ANA, PAGE_ID
from tests.support.processes import free_port

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def place(database_url: str, tmp_path: Path) -> AsyncIterator[Bridged]:
    async with bridged_connector(database_url, tmp_path) as bridged:
        yield bridged


def text(words: str = "Hello", **changes: Any) -> Message:
    return agent_message(PAGE_ID, ANA, {"type": "PLAIN", "markdownText": words}, **changes)


async def raw(place: Bridged, content: bytes, path: str = "/cim-messages", **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=20) as client:
        return await client.post(f"{place.bridge}{path}", content=content, headers=headers)


async def opened(place: Bridged) -> None:
    """The customer writes: before that Facebook lets nobody write to them."""
    await place.facebook.person(ANA).says("Hello")
    await place.ccm.has_taken(1)


async def has_sent(place: Bridged, count: int = 1) -> None:
    async with place.waiting():
        while len(place.facebook.person(ANA).saw) < count:
            await place.breathes()


UNSENDABLE: dict[str, Message] = {
    "BODY_INVALID": {"type": "PLAIN", "markdownText": " "},
    "UNSUPPORTED_BODY": {"type": "HOLOGRAM", "depth": 3},
    "CUSTOM_NOT_ALLOWED": {"type": "CUSTOM", "markdownText": None, "jsonNode": {"text": "raw"}},
    "MEDIA_ORIGIN_NOT_ALLOWED": {"type": "IMAGE", "attachment": {"mediaUrl": "https://elsewhere.example/a.png"}},
}


async def test_what_cannot_be_sent_gets_a_200_and_a_failure_with_its_reason(place: Bridged) -> None:
    sent = {reason: agent_message(PAGE_ID, ANA, body) for reason, body in UNSENDABLE.items()}
    answers = [await place.ccm.sends(message) for message in sent.values()]
    told = await place.ccm.has_taken(len(sent), body_type="DELIVERYNOTIFICATION")

    assert [answer.status_code for answer in answers] == [200] * len(sent)
    assert [answer.json()["state"] for answer in answers] == ["FAILED"] * len(sent)
    for (reason, message), news in zip(sent.items(), told, strict=True):
        assert (news["body"]["messageId"], news["body"]["status"]) == (message["id"], "FAILED")
        assert news["body"]["reasonCode"] == "400"
        assert news["body"]["markdownText"].startswith(f"{reason}: ")
        assert news["header"]["channelData"]["channelCustomerIdentifier"] == ANA
    assert place.facebook.person(ANA).saw == ()


UNREADABLE: list[tuple[bytes, str]] = [
    (b"", "$"),
    (b"{", "$"),
    (b"\xff\xfe", "$"),
    (b"[]", "$"),
    (b'{"header": ""}', "$.header"),
    (b'{"id": {}}', "$.id"),
    (b'{"id": "1", "header": {"timestamp": "yesterday"}}', "$.header.timestamp"),
    (b'{"id": "1", "header": {"channelData": []}}', "$.header.channelData"),
    (as_jackson_writes({**text(), "id": ""}), "$.id"),
    (as_jackson_writes(agent_message("", ANA, {"type": "PLAIN"})), "$.header.channelData.serviceIdentifier"),
    (
        as_jackson_writes(agent_message(PAGE_ID, "", {"type": "PLAIN"})),
        "$.header.channelData.channelCustomerIdentifier",
    ),
    (as_jackson_writes({**text(), "body": None}), "$.body"),
    (as_jackson_writes({**text(), "id": "x" * 129}), "$.id"),
]


@ON_SQLITE
async def test_what_cannot_be_read_gets_a_400_with_the_path(place: Bridged) -> None:
    answers = [await raw(place, content) for content, _ in UNREADABLE]

    assert [answer.status_code for answer in answers] == [400] * len(UNREADABLE)
    assert [answer.json()["path"] for answer in answers] == [path for _, path in UNREADABLE]
    assert all(answer.json()["detail"] for answer in answers)
    assert answers[0].headers["content-type"] == "application/json"


@ON_SQLITE
async def test_an_unknown_service_identifier_gets_a_404(place: Bridged) -> None:
    for page in ("999", "no-page-at-all"):
        answer = await place.ccm.sends(agent_message(page, ANA, {"type": "PLAIN", "markdownText": "Hello"}))

        assert (answer.status_code, answer.json()["reason"]) == (404, "CHANNEL_NOT_FOUND")


@ON_SQLITE
async def test_a_page_of_which_ccm_cannot_tell_now_gets_a_503(place: Bridged) -> None:
    place.ccm.configurations = {"999": 500}
    answer = await place.ccm.sends(agent_message("999", ANA, {"type": "PLAIN", "markdownText": "Hello"}))

    assert (answer.status_code, answer.json()["reason"]) == (503, "CHANNEL_NOT_FOUND")
    assert answer.headers["retry-after"]


async def test_a_repeat_gets_its_200_and_sends_nothing(place: Bridged) -> None:
    await opened(place)
    message = text()
    answers = [await place.ccm.sends(message) for _ in range(3)]
    await has_sent(place)
    answers.append(await place.ccm.sends(message))

    assert [answer.status_code for answer in answers] == [200] * 4
    assert place.facebook.person(ANA).saw == ("Hello",)


@ON_SQLITE
async def test_the_same_id_with_other_words_is_a_conflict(place: Bridged) -> None:
    message = text()
    await place.ccm.sends(message)
    answer = await place.ccm.sends({**message, "body": {"type": "PLAIN", "markdownText": "Other"}})

    assert (answer.status_code, answer.json()["reason"]) == (409, "MESSAGE_ID_CONFLICT")


INTERNAL: list[Message] = [
    {"type": "NOTIFICATION", "notificationType": "AGENT_SUBSCRIBED", "notificationData": {}},
    {"type": "NOTIFICATION", "notificationType": "CONSULT_TRANSFER"},
    {"type": "DELIVERYNOTIFICATION", "messageId": "m", "status": "DELIVERED", "reasonCode": 200},
    {"type": "DELETEDNOTIFICATION", "messageId": "m"},
    {"type": "WRAPUP", "note": "n", "wrapups": []},
    {"type": "VOICE_RECORDING", "recordingUrl": "https://rec.example/9"},
]


@ON_SQLITE
async def test_what_is_not_for_customers_gets_a_200_and_goes_nowhere(place: Bridged) -> None:
    for body in INTERNAL:
        message = agent_message(PAGE_ID, ANA, body)
        del message["header"]["channelData"]
        answer = await place.ccm.sends(message)

        assert (answer.status_code, answer.json()["state"]) == (200, "IGNORED")


@ON_SQLITE
async def test_typing_and_seen_marks_reach_the_customer(place: Bridged) -> None:
    await opened(place)
    typing = {"type": "NOTIFICATION", "notificationType": "TYPING_STARTED", "notificationData": {}}
    # As the desk writes it: a number, and a time that is no time.
    seen = {"type": "DELIVERYNOTIFICATION", "messageId": "m", "status": "READ", "reasonCode": 200}
    for body, action in ((typing, "typing_on"), (seen, "mark_seen")):
        answer = await place.ccm.sends(agent_message(PAGE_ID, ANA, body, timestamp=""))

        assert (answer.status_code, answer.json()["state"]) == (200, "SENT")
        assert action in str(place.facebook.journal.entries())


@ON_SQLITE
async def test_encoded_words_of_a_bot_arrive_decoded(place: Bridged) -> None:
    await opened(place)
    await place.ccm.sends(text("R3LDvMOfZQ==", additionalData={"isEncoded": True}))
    await has_sent(place)

    assert place.facebook.person(ANA).saw == ("Grüße",)


@ON_SQLITE
async def test_both_paths_are_served_with_and_without_a_slash(database_url: str, tmp_path: Path) -> None:
    async with bridged_connector(database_url, tmp_path, bridge_prefix="/facebook-connector") as place:
        for path in (
            "/cim-messages",
            "/cim-messages/",
            "/facebook-connector/cim-messages",
            "/facebook-connector/cim-messages/",
        ):
            assert (await raw(place, as_jackson_writes(text()), path)).status_code == 200
        assert (await raw(place, b"{}", "/other/cim-messages")).status_code == 404


@ON_SQLITE
async def test_a_token_is_asked_for_where_one_is_set(database_url: str, tmp_path: Path) -> None:
    async with bridged_connector(database_url, tmp_path, bridge_token="canary-bridge") as place:
        content = as_jackson_writes(text())
        without = await raw(place, content)
        wrong = await raw(place, content, authorization="Bearer other")
        right = await raw(place, content, authorization="Bearer canary-bridge")

    assert (without.status_code, wrong.status_code, right.status_code) == (401, 401, 200)
    assert "canary" not in without.text


@ON_SQLITE
async def test_a_body_longer_than_allowed_gets_a_413(database_url: str, tmp_path: Path) -> None:
    async with bridged_connector(database_url, tmp_path, bridge_max_body_bytes=65536) as place:
        answer = await raw(place, as_jackson_writes(text("x" * 70_000)))

    assert (answer.status_code, answer.json()["reason"]) == (413, "MESSAGE_TOO_LARGE")


@ON_SQLITE
async def test_figures_and_health_tell_the_truth(place: Bridged) -> None:
    await raw(place, b"{")
    await place.ccm.sends(text())

    assert await place.figure('ccm_bridge_received_total{status="400"}') == 1
    assert await place.figure('ccm_bridge_received_total{status="200"}') == 1
    assert (await place.get("/healthz")).status_code == 200
    assert ((await place.get("/readyz")).status_code, (await place.get("/readyz")).text) == (200, "ready")
    place.ccm.always = 503
    await place.facebook.person(ANA).says("one")
    await place.ccm.was_called(1)
    async with place.waiting():
        while "503" not in (await place.get("/readyz")).text:
            await place.breathes()
    assert (await place.get("/readyz")).status_code == 200


@ON_SQLITE
async def test_without_the_server_ccm_is_told_to_come_again(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "CALL_TIMEOUT_S", 0.5)
    async with bridged_connector(database_url, tmp_path, server=f"127.0.0.1:{free_port()}") as place:
        answer = await place.ccm.sends(text())
        ready = await place.get("/readyz")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["reason"] == "UNAVAILABLE"
    assert (ready.status_code, ready.text) == (503, "the server cannot be reached, or cannot store")
