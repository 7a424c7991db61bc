"""Lets a thread change hands: the world remembers the owner, the journal tells, the app concerned gets its event.

Only the app that wins, loses or is asked for a thread is told. The sandbox plays one app's webhooks, so what that app
does by itself brings it none.
"""

from __future__ import annotations

from messenger_sandbox.delivery import Delivery
from messenger_sandbox.emission import emit
from messenger_sandbox.events.kinds import EventKind
from messenger_sandbox.journal import EntryKind
from messenger_sandbox.state import SandboxState
from messenger_sandbox.threads import CONTROL_MS, Ownership, owner_at


def owner_of(state: SandboxState, psid: str) -> str | None:
    owner = owner_at(state.world.conversation(psid).ownership, state.clock())
    return None if owner is None else owner.app_id


def passes(state: SandboxState, psid: str, app_id: str, *, metadata: str | None = None) -> Delivery | None:
    """Whoever owns the thread gives it to this app; the delivery is that of the event, if there is one."""
    previous = owner_of(state, psid)
    _own(state, psid, app_id, "pass")
    if app_id != state.world.app.app_id or previous == app_id:
        return None
    told = {"previous_owner_app_id": previous, "new_owner_app_id": app_id, "metadata": metadata}
    return emit(state, psid, EventKind.PASS_THREAD_CONTROL, told)


def takes(state: SandboxState, psid: str, app_id: str, *, metadata: str | None = None) -> Delivery | None:
    """This app takes the thread; nobody is told if it was idle."""
    previous, ours = owner_of(state, psid), state.world.app.app_id
    _own(state, psid, app_id, "take")
    if previous != ours or app_id == ours:
        return None
    told = {"previous_owner_app_id": previous, "new_owner_app_id": app_id, "metadata": metadata}
    return emit(state, psid, EventKind.TAKE_THREAD_CONTROL, told)


def requests(state: SandboxState, psid: str, app_id: str, *, metadata: str | None = None) -> Delivery | None:
    """This app asks the owner for the thread."""
    _tell(state, psid, "request", app_id)
    ours = state.world.app.app_id
    if owner_of(state, psid) != ours or app_id == ours:
        return None
    told = {"requested_owner_app_id": int(app_id), "metadata": metadata}
    return emit(state, psid, EventKind.REQUEST_THREAD_CONTROL, told)


def releases(state: SandboxState, psid: str) -> None:
    """The thread becomes idle."""
    state.world.conversation(psid).ownership = None
    _tell(state, psid, "release", None)


def extends(state: SandboxState, psid: str, seconds: int) -> None:
    """The owner keeps the thread for so long from now."""
    owner = owner_of(state, psid)
    assert owner is not None, "only an owner extends"
    _own(state, psid, owner, "extend", seconds * 1_000)


def _own(state: SandboxState, psid: str, app_id: str, how: str, for_ms: int = CONTROL_MS) -> None:
    ownership = Ownership(app_id=app_id, until_ms=state.clock() + for_ms)
    state.world.conversation(psid).ownership = ownership
    _tell(state, psid, how, app_id)


def _tell(state: SandboxState, psid: str, how: str, app_id: str | None) -> None:
    page_id = state.world.person(psid).page_id
    state.journal.record(EntryKind.THREAD_CONTROL, page_id=page_id, psid=psid, how=how, app_id=app_id)
