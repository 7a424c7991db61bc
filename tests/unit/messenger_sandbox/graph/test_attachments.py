from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from messenger_sandbox import EntryKind, Filter, PersonHandle
from messenger_sandbox.clock import DAY_MS
from messenger_sandbox.media.kinds import MEDIA_ROWS
from messenger_sandbox.state import SandboxState
from tests.support.file_host import FileHost, file_host
from tests.support.sandbox_world import OTHER_PAGE_ID, OTHER_PSID, OTHER_TOKEN, PAGE_ID, PAGE_TOKEN, PSID
from tests.support.webhook_receiver import WebhookReceiver

UPLOADS = f"/v25.0/{PAGE_ID}/message_attachments"
MESSAGES = f"/v25.0/{PAGE_ID}/messages"
PNG, PDF = (MEDIA_ROWS[kind].build(b"label") for kind in ("png", "pdf"))
UNKNOWN_ID = (400, 100, 2018074)


@pytest.fixture
async def host() -> AsyncIterator[FileHost]:
    async with file_host() as host:
        yield host


@pytest.fixture
async def graph(http: httpx.AsyncClient, state: SandboxState) -> httpx.AsyncClient:
    http.headers["Authorization"] = f"Bearer {PAGE_TOKEN}"
    PersonHandle(state, PSID).says("hello")
    PersonHandle(state, OTHER_PSID).says("hello")
    return http


def media(kind: str, **payload: Any) -> dict[str, Any]:
    return {"attachment": {"type": kind, "payload": payload}}


def sent(message: dict[str, Any], psid: str = PSID) -> dict[str, Any]:
    return {"recipient": {"id": psid}, "messaging_type": "RESPONSE", "message": message}


def verdict(answer: httpx.Response) -> tuple[int, int, int | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("error_subcode")


async def uploaded(graph: httpx.AsyncClient, data: bytes = PNG, kind: str = "image") -> str:
    form = {"message": orjson.dumps(media(kind, is_reusable=True)).decode()}
    answer = await graph.post(UPLOADS, data=form, files={"filedata": ("p.png", data, "image/png")})
    return str(answer.json()["attachment_id"])


def taken(state: SandboxState) -> list[dict[str, Any]]:
    [entry] = state.journal.entries(Filter(kind=EntryKind.SEND_TAKEN))
    return list(entry.details["media"])


async def test_an_upload_is_answered_with_its_id_alone(graph: httpx.AsyncClient, host: FileHost) -> None:
    url = host.put("p.png", PNG, "image/png")
    answer = await graph.post(UPLOADS, json={"message": media("image", url=url, is_reusable=True)})
    assert answer.status_code == 200
    assert list(answer.json()) == ["attachment_id"]
    assert answer.json()["attachment_id"].isdecimal()


async def test_an_uploaded_file_can_be_sent_and_arrives_whole(graph: httpx.AsyncClient, state: SandboxState) -> None:
    attachment_id = await uploaded(graph)
    answer = await graph.post(MESSAGES, json=sent(media("image", attachment_id=attachment_id)))
    assert answer.json().keys() == {"recipient_id", "message_id"}
    assert taken(state) == [
        {
            "type": "image",
            "attachment_id": attachment_id,
            "name": "p.png",
            "mime_type": "image/png",
            "size_bytes": len(PNG),
            "sha256": hashlib.sha256(PNG).hexdigest(),
        }
    ]


async def test_a_file_can_come_with_the_message(graph: httpx.AsyncClient, state: SandboxState) -> None:
    form = {
        "recipient": orjson.dumps({"id": PSID}).decode(),
        "messaging_type": "RESPONSE",
        "message": orjson.dumps(media("file", is_reusable=True)).decode(),
    }
    answer = await graph.post(MESSAGES, data=form, files={"filedata": ("invoice.pdf", PDF, "application/pdf")})
    [shown] = taken(state)
    assert answer.json()["attachment_id"] == shown["attachment_id"]
    assert (shown["name"], shown["sha256"]) == ("invoice.pdf", hashlib.sha256(PDF).hexdigest())


async def test_a_message_by_url_is_fetched(graph: httpx.AsyncClient, state: SandboxState, host: FileHost) -> None:
    url = host.put("p.png", PNG, "image/png")
    answer = await graph.post(MESSAGES, json=sent(media("image", url=url)))
    assert "attachment_id" not in answer.json()
    assert [shown["sha256"] for shown in taken(state)] == [hashlib.sha256(PNG).hexdigest()]


async def test_several_images_arrive_in_order(graph: httpx.AsyncClient, state: SandboxState, host: FileHost) -> None:
    by_id, by_url = await uploaded(graph), host.put("2.png", PNG + b"2", "image/png")
    payloads = [{"attachment_id": by_id}, {"url": by_url}]
    images = [{"type": "image", "payload": payload} for payload in payloads]
    await graph.post(MESSAGES, json=sent({"attachments": images}))
    assert [shown["size_bytes"] for shown in taken(state)] == [len(PNG), len(PNG) + 1]


async def test_what_cannot_be_fetched_is_not_sent(graph: httpx.AsyncClient, state: SandboxState) -> None:
    answer = await graph.post(MESSAGES, json=sent(media("image", url="https://cc.example/p.jpg")))
    assert verdict(answer) == (400, 100, 2018008)
    assert PersonHandle(state, PSID).saw == ()
    [told] = state.journal.entries(Filter(kind=EntryKind.SEND_ANSWERED))
    assert (told.psid, told.details["subcode"]) == (PSID, 2018008)


async def test_content_of_another_type_is_refused(graph: httpx.AsyncClient, host: FileHost) -> None:
    url = host.put("p.png", PDF, "image/png")
    assert verdict(await graph.post(UPLOADS, json={"message": media("image", url=url)})) == (400, 100, 2018047)


async def test_an_id_nobody_was_given_is_refused(graph: httpx.AsyncClient) -> None:
    assert verdict(await graph.post(MESSAGES, json=sent(media("image", attachment_id="1857")))) == UNKNOWN_ID


async def test_another_page_cannot_use_the_id(graph: httpx.AsyncClient) -> None:
    attachment_id = await uploaded(graph)
    graph.headers["Authorization"] = f"Bearer {OTHER_TOKEN}"
    message = sent(media("image", attachment_id=attachment_id), OTHER_PSID)
    assert verdict(await graph.post(f"/v25.0/{OTHER_PAGE_ID}/messages", json=message)) == UNKNOWN_ID


@pytest.mark.parametrize(("age_ms", "status"), [(90 * DAY_MS - 1, 200), (90 * DAY_MS, 400)])
async def test_an_id_lives_90_days(graph: httpx.AsyncClient, state: SandboxState, age_ms: int, status: int) -> None:
    attachment_id = await uploaded(graph)
    state.clock.advance(age_ms)
    PersonHandle(state, PSID).says("still there?")
    answer = await graph.post(MESSAGES, json=sent(media("image", attachment_id=attachment_id)))
    assert answer.status_code == status


async def test_an_upload_is_sent_as_what_it_was_uploaded_as(graph: httpx.AsyncClient) -> None:
    attachment_id = await uploaded(graph)
    answer = await graph.post(MESSAGES, json=sent(media("file", attachment_id=attachment_id)))
    assert verdict(answer) == (400, 100, 2018047)


@pytest.mark.parametrize(("named", "status"), [(True, 200), (False, 400)])
async def test_a_media_template_may_name_an_upload(
    graph: httpx.AsyncClient, state: SandboxState, *, named: bool, status: int
) -> None:
    attachment_id = await uploaded(graph) if named else "1857"
    payload = {"template_type": "media", "elements": [{"media_type": "image", "attachment_id": attachment_id}]}
    answer = await graph.post(MESSAGES, json=sent({"attachment": {"type": "template", "payload": payload}}))
    assert answer.status_code == status
    if named:
        assert [shown["attachment_id"] for shown in taken(state)] == [attachment_id]


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(media("image"), id="no source"),
        pytest.param(media("image", attachment_id="1857"), id="an id"),
        pytest.param(media("template", template_type="button"), id="a template"),
        pytest.param({"text": "hi"}, id="a text"),
        pytest.param("hi", id="a string"),
    ],
)
async def test_only_media_with_a_source_can_be_uploaded(graph: httpx.AsyncClient, message: object) -> None:
    assert verdict(await graph.post(UPLOADS, json={"message": message})) == (400, 100, None)


async def test_a_torn_multipart_body_is_told(graph: httpx.AsyncClient) -> None:
    answer = await graph.post(UPLOADS, content=b"junk", headers={"content-type": "multipart/form-data"})
    assert verdict(answer) == (400, 100, None)


async def test_the_echo_names_the_upload_by_number_and_leads_to_the_bytes(
    receiver: WebhookReceiver, graph: httpx.AsyncClient, state: SandboxState
) -> None:
    attachment_id = await uploaded(graph)
    await graph.post(MESSAGES, json=sent(media("image", attachment_id=attachment_id)))
    await state.sender.settle()
    [attachment] = receiver.received[-1].items[0]["message"]["attachments"]
    assert attachment["payload"]["attachment_id"] == int(attachment_id)
    link = httpx.URL(attachment["payload"]["url"])
    assert (await graph.get(link.raw_path.decode())).content == PNG
