"""`/{page}/messenger_profile`: reads, sets and deletes its properties; ten calls in ten minutes.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/messenger-profile-api
"""

from __future__ import annotations

from typing import Final

from messenger_sandbox.errors import RefusedError
from messenger_sandbox.graph.call import Answer, GraphCall
from messenger_sandbox.graph.fields import read_names
from messenger_sandbox.rates import MESSENGER_PROFILE
from messenger_sandbox.rules.attempt import bad
from messenger_sandbox.rules.profile import PROPERTIES, dependency_fault, profile_fault
from messenger_sandbox.world import Page

_PERMISSION: Final = "pages_manage_metadata"
_SUCCESS: Final = {"result": "success"}
_BESIDE: Final = frozenset({"platform"})


async def read_profile(call: GraphCall) -> Answer:
    page, names = _counted(call), _names(call)
    profile = call.state.world.profile(page.page_id)
    told = {name: profile[name] for name in names if name in profile}
    return Answer(body={"data": [told] if told else []})


async def set_profile(call: GraphCall) -> Answer:
    """Sets whole properties; those that are not named stay."""
    page = _counted(call)
    changes = {name: value for name, value in call.params.items() if name not in _BESIDE}
    fault = profile_fault(changes, call.state.world.profile(page.page_id))
    if fault is not None:
        raise RefusedError(fault)
    call.state.world.profile(page.page_id).update(changes)
    return Answer(body=_SUCCESS, facts={"properties": sorted(changes)})


async def delete_profile(call: GraphCall) -> Answer:
    page, names = _counted(call), _names(call)
    profile = call.state.world.profile(page.page_id)
    left = {name: value for name, value in profile.items() if name not in names}
    fault = dependency_fault(left)
    if fault is not None:
        raise RefusedError(fault)
    profile.clear()
    profile.update(left)
    return Answer(body=_SUCCESS, facts={"properties": sorted(names)})


def _counted(call: GraphCall) -> Page:
    page = call.page(_PERMISSION)
    call.state.rates.count(MESSENGER_PROFILE, page.page_id)
    return page


def _names(call: GraphCall) -> list[str]:
    names = read_names(call.params.get("fields"))
    unknown = sorted(set(names) - PROPERTIES.keys())
    if not names or unknown:
        raise RefusedError(bad(f"Param fields must be some of {', '.join(sorted(PROPERTIES))}"))
    return names
