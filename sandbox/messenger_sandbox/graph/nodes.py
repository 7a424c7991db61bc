"""`GET /{node}`: a page reads itself, a person's profile, a persona, a conversation or a message.

Profile source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/identity/user-profile.
One forbidden or unknown field fails the whole call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from messenger_sandbox.errors import ErrorName, RefusedError, refusal
from messenger_sandbox.fault_script import Endpoint
from messenger_sandbox.faults import Stage
from messenger_sandbox.graph.call import Answer, GraphCall, Room, error_answer
from messenger_sandbox.graph.conversations import (
    MESSAGE_PREFIX,
    THREAD_PREFIX,
    read_conversation,
    read_message,
)
from messenger_sandbox.graph.personas import find_persona, read_persona
from messenger_sandbox.graph.spoiling import fault_of, spoilable
from messenger_sandbox.world import Page, Person

PAGE_FIELDS: Mapping[str, Callable[[Page], Any]] = MappingProxyType(
    {
        "id": lambda page: page.page_id,
        "name": lambda page: page.name,
        "messaging_feature_status": lambda page: {
            "hop_v2": page.routing is not None,
            "msgr_multi_app": page.routing is not None,
            "ig_multi_app": False,
        },
    }
)
HISTORY: Mapping[str, Room] = MappingProxyType({THREAD_PREFIX: read_conversation, MESSAGE_PREFIX: read_message})
"""Nodes that tell by their first letters what they are."""
PROFILE_FIELDS: Mapping[str, Callable[[Person], Any]] = MappingProxyType(
    {
        "id": lambda person: person.psid,
        "name": lambda person: person.name,
        "first_name": lambda person: person.first_name,
        "last_name": lambda person: person.last_name,
        "profile_pic": lambda person: person.profile_pic,
    }
)
FIELD_PERMISSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "locale": "pages_user_locale",
        "timezone": "pages_user_timezone",
        "gender": "pages_user_gender",
    }
)
"""Fields that need a permission of their own, which no page of the sandbox has."""
_PAGE_DEFAULT: Final = ("name", "id")
_PROFILE_DEFAULT: Final = ("first_name", "last_name", "profile_pic", "id")


async def read_node(call: GraphCall) -> Answer:
    if isinstance(call.caller, Page) and call.node in {"me", call.caller.page_id}:
        page = call.page()
        return Answer(body=_chosen(PAGE_FIELDS, page, _asked(call, _PAGE_DEFAULT), node_type="Page"))
    for prefix, room in HISTORY.items():
        if call.node.startswith(prefix):
            return await spoilable(call, room, Endpoint.CONVERSATIONS)
    if find_persona(call) is not None:
        return await spoilable(call, read_persona, Endpoint.PERSONAS)
    with call.state.profiles.asking(call.node):
        spoilt = await fault_of(call, Stage.PROFILE, call.node, endpoint=Endpoint.PROFILES)
        return spoilt or _profile(call)


def _profile(call: GraphCall) -> Answer:
    try:
        return _read_profile(call)
    except RefusedError as refused:
        return error_answer(refused.error, call.trace_id, psid=call.node)


def _read_profile(call: GraphCall) -> Answer:
    page = call.caller
    person = call.state.world.find_person(page.page_id, call.node) if isinstance(page, Page) else None
    if not isinstance(page, Page) or person is None:
        raise RefusedError(refusal(ErrorName.MISSING_OBJECT))
    if "pages_messaging" not in page.scopes:
        raise RefusedError(refusal(ErrorName.MESSAGING_PERMISSION_MISSING))
    fields = _asked(call, _PROFILE_DEFAULT)
    if any(name in FIELD_PERMISSIONS for name in fields):
        raise RefusedError(refusal(ErrorName.PROFILE_FIELD_FORBIDDEN))
    if person.phone_only:
        raise RefusedError(refusal(ErrorName.NO_PROFILE))
    body = _chosen(PROFILE_FIELDS, person, fields, node_type="User")
    return Answer(body=body if person.consents else {}, facts={"psid": person.psid})


def _asked(call: GraphCall, default: tuple[str, ...]) -> tuple[str, ...]:
    fields = call.params.get("fields")
    return tuple(name.strip() for name in fields.split(",")) if isinstance(fields, str) and fields else default


def _chosen(
    readers: Mapping[str, Callable[[Any], Any]], node: Page | Person, fields: tuple[str, ...], *, node_type: str
) -> dict[str, Any]:
    """Reads the fields; one that has no value (a person without a picture) is left out, as Facebook does."""
    unknown = next((name for name in fields if name not in readers), None)
    if unknown is not None:
        detail = f"Tried accessing nonexisting field ({unknown}) on node type ({node_type})"
        raise RefusedError(refusal(ErrorName.BAD_PARAMETER, detail))
    values = {name: readers[name](node) for name in fields}
    return {name: value for name, value in values.items() if value is not None}
