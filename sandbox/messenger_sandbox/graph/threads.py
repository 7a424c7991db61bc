"""`/{page}/…_thread_control` and `/{page}/thread_owner`: the app passes, takes, requests, releases, extends.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/conversation-routing
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from messenger_sandbox import handover
from messenger_sandbox.errors import ErrorName, RefusedError, refusal
from messenger_sandbox.graph.call import Answer, GraphCall
from messenger_sandbox.rules.attempt import bad, recipient_psid
from messenger_sandbox.rules.shapes import digits
from messenger_sandbox.threads import LONGEST_CONTROL_S, PAGE_INBOX_APP_ID, owner_at
from messenger_sandbox.world import Page

_PERMISSION: Final = "pages_messaging"
_SUCCESS: Final = {"success": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The thread a call is about, as the calling app sees it."""

    page: Page
    psid: str
    owner: str | None
    ours: str

    def check_owner(self, *, or_idle: bool = False) -> None:
        """Raises RefusedError unless the app owns the thread, or nobody does where that is enough."""
        if self.owner != self.ours and not (or_idle and self.owner is None):
            raise RefusedError(refusal(ErrorName.THREAD_OWNED))


def thread_of(call: GraphCall, psid: str | None) -> Thread:
    """Finds it; raises RefusedError for a person of no or another page."""
    page, world = call.page(_PERMISSION), call.state.world
    if psid is None or world.find_person(page.page_id, psid) is None:
        raise RefusedError(refusal(ErrorName.NO_MATCHING_USER))
    return Thread(page=page, psid=psid, owner=handover.owner_of(call.state, psid), ours=world.app.app_id)


async def pass_control(call: GraphCall) -> Answer:
    thread = thread_of(call, recipient_psid(call.params))
    thread.check_owner(or_idle=True)
    target = target_app(thread, call.params.get("target_app_id"))
    handover.passes(call.state, thread.psid, target, metadata=_metadata(call))
    return _done(thread)


async def take_control(call: GraphCall) -> Answer:
    """Only with routing, and only for an app that has the switch for it."""
    thread = thread_of(call, recipient_psid(call.params))
    if thread.page.routing is None or not thread.page.routing.may_take:
        raise RefusedError(refusal(ErrorName.NO_PERMISSION))
    handover.takes(call.state, thread.psid, thread.ours, metadata=_metadata(call))
    return _done(thread)


async def request_control(call: GraphCall) -> Answer:
    thread = thread_of(call, recipient_psid(call.params))
    if thread.owner == thread.ours:
        raise RefusedError(bad("The app already owns this thread"))
    handover.requests(call.state, thread.psid, thread.ours, metadata=_metadata(call))
    return _done(thread)


async def release_control(call: GraphCall) -> Answer:
    thread = thread_of(call, recipient_psid(call.params))
    thread.check_owner()
    handover.releases(call.state, thread.psid)
    return _done(thread)


async def extend_control(call: GraphCall) -> Answer:
    thread = thread_of(call, recipient_psid(call.params))
    thread.check_owner()
    handover.extends(call.state, thread.psid, _seconds(call.params.get("duration")))
    return _done(thread)


async def thread_owner(call: GraphCall) -> Answer:
    thread = thread_of(call, str(call.params.get("recipient", "")))
    owner = owner_at(call.state.world.conversation(thread.psid).ownership, call.state.clock())
    told = [] if owner is None else [{"thread_owner": {"app_id": owner.app_id, "expiration": owner.until_ms // 1_000}}]
    return Answer(body={"data": told}, facts={"psid": thread.psid})


def target_app(thread: Thread, given: object) -> str:
    """Reads the app that is to get the thread; raises RefusedError for one the page has nothing to do with."""
    others = frozenset() if thread.page.routing is None else thread.page.routing.other_apps
    if given is None:
        raise RefusedError(bad("The parameter target_app_id is required"))
    if digits(given, "target_app_id") is not None or str(given) not in {thread.ours, PAGE_INBOX_APP_ID} | others:
        raise RefusedError(refusal(ErrorName.WRONG_APP))
    return str(given)


def _seconds(given: Any) -> int:
    text = str(given)
    seconds = int(text) if text.isdecimal() and not isinstance(given, bool) else 0
    if not 1 <= seconds <= LONGEST_CONTROL_S:
        raise RefusedError(bad(f"Param duration must be 1 to {LONGEST_CONTROL_S} seconds"))
    return seconds


def _metadata(call: GraphCall) -> str | None:
    metadata = call.params.get("metadata")
    return metadata if isinstance(metadata, str) else None


def _done(thread: Thread) -> Answer:
    return Answer(body=_SUCCESS, facts={"psid": thread.psid})
