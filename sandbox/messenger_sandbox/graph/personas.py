"""`/{page}/personas` and `/{persona}`: faces that a page shows instead of its own.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/personas. The
picture is not fetched.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from messenger_sandbox.errors import ErrorName, RefusedError, refusal
from messenger_sandbox.graph.call import Answer, GraphCall
from messenger_sandbox.rules.profile import persona
from messenger_sandbox.world import Page

_PERMISSION: Final = "pages_messaging"


async def create_persona(call: GraphCall) -> Answer:
    page, given = call.page(_PERMISSION), dict(call.params)
    fault = persona(given, "persona")
    if fault is not None:
        raise RefusedError(fault)
    persona_id = call.state.ids.attachment_id()
    call.state.world.personas(page.page_id)[persona_id] = given
    return Answer(body={"id": persona_id})


async def list_personas(call: GraphCall) -> Answer:
    page = call.page(_PERMISSION)
    personas = call.state.world.personas(page.page_id)
    return Answer(body={"data": [{"id": persona_id, **face} for persona_id, face in personas.items()]})


def find_persona(call: GraphCall) -> Mapping[str, Any] | None:
    """The persona that the path names, if it is one of the caller's."""
    if not isinstance(call.caller, Page):
        return None
    return call.state.world.personas(call.caller.page_id).get(call.node)


async def read_persona(call: GraphCall) -> Answer:
    return Answer(body={"id": call.node, **_found(call)})


async def delete_persona(call: GraphCall) -> Answer:
    """Messages that went out keep the face."""
    _found(call)
    assert isinstance(call.caller, Page), "only pages have personas"
    del call.state.world.personas(call.caller.page_id)[call.node]
    return Answer(body={"success": True})


def _found(call: GraphCall) -> Mapping[str, Any]:
    found = find_persona(call)
    if found is None:
        raise RefusedError(refusal(ErrorName.MISSING_OBJECT))
    return found
