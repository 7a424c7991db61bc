from __future__ import annotations

from typing import Any

import httpx
import pytest

from messenger_sandbox import FAULTS, Endpoint, Person, PersonHandle, ScriptedFault
from messenger_sandbox.clock import SECOND_MS
from messenger_sandbox.graph.conversations import CONVERSATION_FIELDS, MESSAGE_FIELDS
from messenger_sandbox.state import SandboxState
from tests.support.sandbox_world import OTHER_PSID, PAGE_ID, PAGE_TOKEN, PSID

URL = f"/v25.0/{PAGE_ID}/conversations"
MINE = {"platform": "messenger", "user_id": PSID}
PERSON = {"name": "Ali Raza", "email": f"{PSID}@facebook.com", "id": PSID}
PAGE = {"name": "Sandbox page", "email": f"{PAGE_ID}@facebook.com", "id": PAGE_ID}


@pytest.fixture
def person(state: SandboxState) -> PersonHandle:
    return PersonHandle(state, PSID)


@pytest.fixture
async def graph(http: httpx.AsyncClient) -> httpx.AsyncClient:
    http.headers["Authorization"] = f"Bearer {PAGE_TOKEN}"
    return http


async def read(graph: httpx.AsyncClient, state: SandboxState, path: str, **params: str) -> Any:
    """Reads as slowly as Facebook wants it."""
    state.clock.advance(SECOND_MS)
    return (await graph.get(path, params=params)).json()


async def sends(graph: httpx.AsyncClient, **message: Any) -> str:
    answer = await graph.post(
        f"/v25.0/{PAGE_ID}/messages",
        json={"recipient": {"id": PSID}, "messaging_type": "RESPONSE", "message": message},
    )
    return str(answer.json()["message_id"])


async def thread_of(graph: httpx.AsyncClient, state: SandboxState) -> str:
    [found] = (await read(graph, state, URL, **MINE))["data"]
    assert list(found) == ["id"]
    return str(found["id"])


async def test_a_conversation_is_found_by_its_person(
    graph: httpx.AsyncClient, state: SandboxState, person: PersonHandle
) -> None:
    person.says("hello")
    assert (await thread_of(graph, state)).startswith("t_")


async def test_who_never_wrote_has_no_conversation(graph: httpx.AsyncClient, state: SandboxState) -> None:
    assert await read(graph, state, URL, **MINE) == {"data": []}


@pytest.mark.parametrize("params", [{"user_id": OTHER_PSID}, {"user_id": PSID, "platform": "instagram"}])
async def test_other_pages_and_platforms_show_nothing(
    graph: httpx.AsyncClient, state: SandboxState, person: PersonHandle, params: dict[str, str]
) -> None:
    person.says("hello")
    PersonHandle(state, OTHER_PSID).says("hello")
    assert await read(graph, state, URL, **params) == {"data": []}


async def test_without_a_person_all_are_listed_the_newest_first(
    graph: httpx.AsyncClient, state: SandboxState, person: PersonHandle
) -> None:
    second = state.world.put_person(Person(psid="7001002003004009", page_id=PAGE_ID))
    PersonHandle(state, second.psid).says("first")
    state.clock.advance(SECOND_MS)
    person.says("second")
    listed = (await read(graph, state, URL, fields="snippet"))["data"]
    assert [thread["snippet"] for thread in listed] == ["second", "first"]


async def test_messages_of_both_sides_come_the_newest_first(
    graph: httpx.AsyncClient, state: SandboxState, person: PersonHandle
) -> None:
    asked = person.says("Where is it?").mid
    answered = await sends(graph, text="On its way")
    fields = "messages{id,created_time,from,to,message}"
    thread = await read(graph, state, f"/v25.0/{await thread_of(graph, state)}", fields=fields)
    told = thread["messages"]["data"]
    assert [(one["id"], one["message"]) for one in told] == [(answered, "On its way"), (asked, "Where is it?")]
    assert [one["from"] for one in told] == [PAGE, PERSON]
    assert [one["to"] for one in told] == [{"data": [PERSON]}, {"data": [PAGE]}]
    assert [one["created_time"] for one in told] == ["2026-11-10T08:40:00+0000"] * 2


async def test_messages_can_be_limited_in_the_list(
    graph: httpx.AsyncClient, state: SandboxState, person: PersonHandle
) -> None:
    for number in range(3):
        person.says(str(number))
    [thread] = (await read(graph, state, URL, **MINE, fields="messages.limit(2){message}"))["data"]
    assert [one["message"] for one in thread["messages"]["data"]] == ["2", "1"]


async def test_only_the_last_20_messages_can_be_read(
    graph: httpx.AsyncClient, state: SandboxState, person: PersonHandle
) -> None:
    mids = [person.says(str(number)).mid for number in range(21)]
    [thread] = (await read(graph, state, URL, **MINE, fields="messages.limit(50),message_count"))["data"]
    assert thread["message_count"] == 21
    assert [one["id"] for one in thread["messages"]["data"]] == mids[:0:-1]
    assert (await read(graph, state, f"/v25.0/{mids[1]}"))["id"] == mids[1]
    assert (await read(graph, state, f"/v25.0/{mids[0]}"))["error"]["code"] == 9000001


async def test_a_message_that_was_taken_back_is_gone(
    graph: httpx.AsyncClient, state: SandboxState, person: PersonHandle
) -> None:
    mid = person.says("oops").mid
    assert mid is not None
    person.unsends(mid)
    assert (await read(graph, state, f"/v25.0/{mid}"))["error"]["code"] == 9000001


async def test_an_edited_message_reads_as_it_is_now(
    graph: httpx.AsyncClient, state: SandboxState, person: PersonHandle
) -> None:
    mid = person.says("helo").mid
    assert mid is not None
    person.edits(mid, "hello")
    assert (await read(graph, state, f"/v25.0/{mid}", fields="message"))["message"] == "hello"


async def test_media_is_told_with_type_name_and_size(
    graph: httpx.AsyncClient, state: SandboxState, person: PersonHandle
) -> None:
    file = state.media.put("pdf", name="invoice.pdf", size_bytes=2_000)
    mid = person.sends_media(file).mid
    told = await read(graph, state, f"/v25.0/{mid}", fields="message,attachments")
    assert told["message"] == ""
    [attachment] = told["attachments"]["data"]
    expected = {"mime_type": "application/pdf", "name": "invoice.pdf", "size": 2_000, "file_url": file.url}
    assert expected.items() <= attachment.items()


async def test_a_picture_a_template_and_a_sticker_differ(
    graph: httpx.AsyncClient, state: SandboxState, person: PersonHandle
) -> None:
    picture = person.sends_image().mid
    payload = {"template_type": "coupon", "title": "10% off", "coupon_code": "TEN"}
    coupon = await sends(graph, attachment={"type": "template", "payload": payload})
    sticker = await sends(graph, sticker_id=369239263222822)
    shown = [
        await read(graph, state, f"/v25.0/{mid}", fields="attachments,sticker") for mid in (picture, coupon, sticker)
    ]
    assert list(shown[0]["attachments"]["data"][0]["image_data"]) == ["url"]
    assert shown[1]["attachments"]["data"] == [{"generic_template": {"title": "10% off"}}]
    assert shown[2].keys() == {"id", "sticker"}


async def test_a_quote_is_told(graph: httpx.AsyncClient, state: SandboxState, person: PersonHandle) -> None:
    quoted = person.says("this").mid
    mid = person.says("I mean that", reply_to=quoted).mid
    told = await read(graph, state, f"/v25.0/{mid}", fields="reply_to")
    assert told["reply_to"] == {"mid": quoted, "is_self_reply": True}


async def test_every_field_can_be_asked_for(
    graph: httpx.AsyncClient, state: SandboxState, person: PersonHandle
) -> None:
    mid = person.says("hello").mid
    thread = await thread_of(graph, state)
    told = await read(graph, state, f"/v25.0/{thread}", fields=",".join(CONVERSATION_FIELDS))
    assert told.keys() == CONVERSATION_FIELDS.keys()
    assert (told["can_reply"], told["is_owner"], told["updated_time"]) == (True, True, "2026-11-10T08:40:00+0000")
    assert "error" not in await read(graph, state, f"/v25.0/{mid}", fields=",".join(MESSAGE_FIELDS))


@pytest.mark.parametrize("fields", ["colour", "messages{colour}", "messages{"])
async def test_a_field_that_does_not_exist_fails_the_call(
    graph: httpx.AsyncClient, state: SandboxState, person: PersonHandle, fields: str
) -> None:
    person.says("hello")
    assert (await read(graph, state, URL, **MINE, fields=fields))["error"]["code"] == 100


@pytest.mark.parametrize("node", ["t_1", "m_1"])
async def test_an_unknown_node_is_missing(graph: httpx.AsyncClient, state: SandboxState, node: str) -> None:
    assert (await read(graph, state, f"/v25.0/{node}"))["error"]["error_subcode"] == 33


async def test_another_page_reads_nothing(http: httpx.AsyncClient, state: SandboxState) -> None:
    http.headers["Authorization"] = f"Bearer {PAGE_TOKEN}"
    mid = PersonHandle(state, OTHER_PSID).says("hello").mid
    for node in (mid, state.world.thread_id(OTHER_PSID)):
        assert (await read(http, state, f"/v25.0/{node}"))["error"]["error_subcode"] == 33


@pytest.mark.parametrize(("scope", "code"), [("pages_messaging", 230), ("pages_read_engagement", 200)])
async def test_both_permissions_are_needed(
    graph: httpx.AsyncClient, state: SandboxState, scope: str, code: int
) -> None:
    page = state.world.page(PAGE_ID)
    state.world.change_page(PAGE_ID, scopes=page.scopes - {scope})
    assert (await read(graph, state, URL, **MINE))["error"]["code"] == code


async def test_the_third_call_of_a_second_is_refused(graph: httpx.AsyncClient) -> None:
    answers = [await graph.get(URL, params=MINE) for _ in range(3)]
    assert [answer.json().get("error", {}).get("code") for answer in answers] == [None, None, 613]


async def test_faults_happen_to_lists_and_nodes(
    graph: httpx.AsyncClient, state: SandboxState, person: PersonHandle
) -> None:
    mid = person.says("hello").mid
    rule = ScriptedFault(name="temporary", fault=FAULTS["temporary"], endpoint=Endpoint.CONVERSATIONS, times=2)
    state.script_fault(rule)
    for path in (URL, f"/v25.0/{mid}"):
        assert (await read(graph, state, path))["error"]["code"] == 2
    assert (await read(graph, state, f"/v25.0/{mid}"))["id"] == mid
