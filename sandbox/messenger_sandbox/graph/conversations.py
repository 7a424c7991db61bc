"""The Conversations API: what was written in a thread, the newest first; of the messages only the last 20.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/conversations. Two calls a
second and page. Times are whole seconds with `+0000`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from messenger_sandbox.clock import DAY_MS
from messenger_sandbox.errors import ErrorName, RefusedError, refusal
from messenger_sandbox.graph.call import Answer, GraphCall
from messenger_sandbox.graph.fields import Field, read_fields
from messenger_sandbox.media.shelf import MediaShelf
from messenger_sandbox.rates import CONVERSATIONS
from messenger_sandbox.rules.attempt import as_object, bad
from messenger_sandbox.state import SandboxState
from messenger_sandbox.threads import may_answer
from messenger_sandbox.world import Message, Page, Person

READABLE: Final = 20
"""So many messages of a conversation can be read; older ones answer as deleted."""
LISTED: Final = 25
"""Conversations of one answer."""
THREAD_PREFIX: Final = "t_"
MESSAGE_PREFIX: Final = "m_"
_ID_ALONE: Final = (Field(name="id"),)
_MESSAGE_DEFAULT: Final = (Field(name="id"), Field(name="created_time"))


async def list_conversations(call: GraphCall) -> Answer:
    """`platform` (default `messenger`), `user_id`, `fields`, `limit`."""
    page, state = _reader(call), call.state
    if call.params.get("platform", "messenger") != "messenger":
        return Answer(body={"data": []})
    psid = call.params.get("user_id")
    people = [person for person in state.world.people_of(page.page_id) if psid in {None, person.psid}]
    written = [person for person in people if state.world.conversation(person.psid).messages]
    written.sort(key=lambda person: _updated_ms(state, person), reverse=True)
    fields = _asked(call, _ID_ALONE)
    return Answer(body={"data": [_conversation(state, page, person, fields) for person in written[:LISTED]]})


async def read_conversation(call: GraphCall) -> Answer:
    page = _reader(call)
    person = call.state.world.find_thread(page.page_id, call.node)
    if person is None:
        raise RefusedError(refusal(ErrorName.MISSING_OBJECT))
    return Answer(body=_conversation(call.state, page, person, _asked(call, _ID_ALONE)), facts={"psid": person.psid})


async def read_message(call: GraphCall) -> Answer:
    page = _reader(call)
    person = call.state.world.find_message(page.page_id, call.node)
    if person is None:
        raise RefusedError(refusal(ErrorName.MISSING_OBJECT))
    newest = call.state.world.conversation(person.psid).newest(READABLE)
    message = next((message for message in newest if message.mid == call.node), None)
    if message is None:
        raise RefusedError(refusal(ErrorName.MESSAGE_DELETED))
    fields = _asked(call, _MESSAGE_DEFAULT)
    return Answer(body=_message(call.state, page, person, message, fields), facts={"psid": person.psid})


def _reader(call: GraphCall) -> Page:
    """Counts the call; raises RefusedError without the permissions."""
    by_id = call.node.startswith((THREAD_PREFIX, MESSAGE_PREFIX))
    if by_id and not isinstance(call.caller, Page):
        raise RefusedError(refusal(ErrorName.MISSING_OBJECT))
    page = call.caller if by_id and isinstance(call.caller, Page) else call.page()
    if "pages_messaging" not in page.scopes:
        raise RefusedError(refusal(ErrorName.MESSAGING_PERMISSION_MISSING))
    if "pages_read_engagement" not in page.scopes:
        raise RefusedError(refusal(ErrorName.PERMISSION_MISSING, "Requires pages_read_engagement permission"))
    call.state.rates.count(CONVERSATIONS, page.page_id)
    return page


def _asked(call: GraphCall, default: tuple[Field, ...]) -> tuple[Field, ...]:
    text = call.params.get("fields")
    return read_fields(text) if isinstance(text, str) and text else default


def _conversation(state: SandboxState, page: Page, person: Person, fields: tuple[Field, ...]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for field in fields:
        if field.name == "messages":
            told["messages"] = _messages(state, page, person, field)
        elif field.name in CONVERSATION_FIELDS:
            told[field.name] = CONVERSATION_FIELDS[field.name](state, page, person)
        else:
            raise RefusedError(bad(f"Tried accessing nonexisting field ({field.name}) on node type (UnifiedThread)"))
    return told | {"id": state.world.thread_id(person.psid)}


def _messages(state: SandboxState, page: Page, person: Person, field: Field) -> dict[str, Any]:
    count = READABLE if field.limit is None else min(field.limit, READABLE)
    newest = state.world.conversation(person.psid).newest(count)
    fields = field.fields or _MESSAGE_DEFAULT
    return {"data": [_message(state, page, person, message, fields) for message in newest]}


def _message(
    state: SandboxState, page: Page, person: Person, message: Message, fields: tuple[Field, ...]
) -> dict[str, Any]:
    told: dict[str, Any] = {"id": message.mid}
    sides = (_party(person.psid, person.name), _party(page.page_id, page.name))
    author, reader = sides if message.from_person else sides[::-1]
    for field in fields:
        value = _message_field(field.name, message, author, reader, state.media)
        if value is not None:
            told[field.name] = value
    return told


def _message_field(
    name: str, message: Message, author: dict[str, str], reader: dict[str, str], media: MediaShelf
) -> Any:
    if name in {"from", "to"}:
        return author if name == "from" else {"data": [reader]}
    if name not in MESSAGE_FIELDS:
        raise RefusedError(bad(f"Tried accessing nonexisting field ({name}) on node type (Message)"))
    return MESSAGE_FIELDS[name](message, media)


def _party(node_id: str, name: str) -> dict[str, str]:
    return {"name": name, "email": f"{node_id}@facebook.com", "id": node_id}


def _attachments(message: Message, media: MediaShelf) -> dict[str, Any] | None:
    items = [item for item in message.content.get("attachments") or () if as_object(item).get("type") != "sticker"]
    told = [_attachment(as_object(item), media) for item in items]
    return {"data": told} if told else None


def _attachment(item: Mapping[str, Any], media: MediaShelf) -> dict[str, Any]:
    payload = as_object(item.get("payload"))
    if item.get("type") == "template":
        return {"generic_template": {"title": item.get("title", "")}}
    url = payload.get("url") or item.get("url") or ""
    file = media.find(unquote(urlsplit(str(url)).path))
    told: dict[str, Any] = {"id": str(payload.get("attachment_id") or (file.asset if file is not None else "0"))}
    if file is not None:
        told |= {"mime_type": file.content_type, "name": file.name or file.asset, "size": file.size_bytes}
    kind = item.get("type")
    return told | ({f"{kind}_data": {"url": url}} if kind in {"image", "video"} else {"file_url": url})


def _sticker(message: Message, _: MediaShelf) -> str | None:
    items = (as_object(item) for item in message.content.get("attachments") or ())
    return next((as_object(item["payload"]).get("url") for item in items if item.get("type") == "sticker"), None)


MESSAGE_FIELDS: Mapping[str, Callable[[Message, MediaShelf], Any]] = MappingProxyType(
    {
        "id": lambda message, _: message.mid,
        "created_time": lambda message, _: iso(message.sent_ms),
        "message": lambda message, _: message.content.get("text") or "",
        "attachments": _attachments,
        "sticker": _sticker,
        "reply_to": lambda message, _: message.content.get("reply_to"),
        "shares": lambda *_: None,
        "tags": lambda *_: None,
        "reactions": lambda *_: None,
    }
)
"""`from` and `to` come beside these. A field without a value is left out; shares, tags and reactions are not played."""


def _can_reply(state: SandboxState, _: Page, person: Person) -> bool:
    opened_ms = state.world.conversation(person.psid).opened_ms
    return opened_ms is not None and state.clock() - opened_ms < DAY_MS


def _is_owner(state: SandboxState, page: Page, person: Person) -> bool:
    ownership = state.world.conversation(person.psid).ownership
    return may_answer(state.world.app.app_id, page.routing, ownership, state.clock())


def _participants(_: SandboxState, page: Page, person: Person) -> dict[str, Any]:
    return {"data": [_party(person.psid, person.name), _party(page.page_id, page.name)]}


def _updated_ms(state: SandboxState, person: Person) -> int:
    (newest,) = state.world.conversation(person.psid).newest(1)
    return newest.sent_ms


def _snippet(state: SandboxState, _: Page, person: Person) -> str:
    (newest,) = state.world.conversation(person.psid).newest(1)
    return str(newest.content.get("text") or "")


CONVERSATION_FIELDS: Mapping[str, Callable[[SandboxState, Page, Person], Any]] = MappingProxyType(
    {
        "id": lambda state, _, person: state.world.thread_id(person.psid),
        "link": lambda _, page, person: f"/{page.page_id}/inbox/{person.psid}/",
        "updated_time": lambda state, _, person: iso(_updated_ms(state, person)),
        "snippet": _snippet,
        "message_count": lambda state, _, person: len(state.world.conversation(person.psid).messages),
        "unread_count": lambda *_: 0,
        "can_reply": _can_reply,
        "is_owner": _is_owner,
        "folder": lambda *_: "inbox",
        "participants": _participants,
        "senders": _participants,
    }
)
"""`messages` comes beside these."""


def iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms // 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
