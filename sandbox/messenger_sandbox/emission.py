"""Makes an event happen: the world remembers it, the window moves, the journal tells of it, the webhook leaves."""

from __future__ import annotations

from messenger_sandbox.delivery import Delivery
from messenger_sandbox.events.body_variants import VARIANTS
from messenger_sandbox.events.kinds import AS_USUAL, Details, Manner, Place
from messenger_sandbox.events.rows import EVENT_ROWS, Event, EventRow, build_event
from messenger_sandbox.journal import EntryKind
from messenger_sandbox.state import SandboxState
from messenger_sandbox.threads import may_answer
from messenger_sandbox.webhooks import EventKind, Parties
from messenger_sandbox.world import Conversation, Message

_BESIDE_CONTENT = frozenset({"mid", "app_id", "metadata"})


def emit(state: SandboxState, psid: str, kind: EventKind, details: Details, manner: Manner = AS_USUAL) -> Delivery:
    """Makes an event between a person and their page happen now.

    Raises KeyError for an unknown person or a missing detail, ValueError for an unknown variant.
    """
    person, conversation, row = state.world.person(psid), state.world.conversation(psid), _row(kind, manner)
    now_ms = conversation.next_time(state.clock())
    if _goes_to_standby(state, person.page_id, conversation, row):
        manner = manner.with_more((), standby=True)
    event = build_event(kind, Parties(page_id=person.page_id, psid=psid, timestamp_ms=now_ms), details, manner)
    if event.mid is not None:
        content = {name: value for name, value in details.items() if name not in _BESIDE_CONTENT}
        message = Message(mid=event.mid, from_person=not row.from_page, sent_ms=now_ms, content=content)
        state.world.add_message(psid, message)
    elif kind is EventKind.UNSEND:
        conversation.remove(details["target_mid"])
    elif kind is EventKind.MESSAGE_EDIT:
        conversation.rewrite(details["target_mid"], details["text"])
    if row.opens_window:
        conversation.open_window(now_ms)
    return _leave(state, event, row)


def emit_of_page(
    state: SandboxState, page_id: str, kind: EventKind, details: Details, manner: Manner = AS_USUAL
) -> Delivery:
    """Makes an event of the page itself happen now; raises as `emit` does, and ValueError for a kind of a person."""
    row = _row(kind, manner)
    if row.has_sender:
        raise ValueError(f"{kind} happens between a person and a page")
    parties = Parties(page_id=state.world.page(page_id).page_id, psid=None, timestamp_ms=state.clock())
    return _leave(state, build_event(kind, parties, details, manner), row)


def _goes_to_standby(state: SandboxState, page_id: str, conversation: Conversation, row: EventRow) -> bool:
    """With routing, an app that may not answer only listens; what happens to the thread itself it is told."""
    routing = state.world.page(page_id).routing
    if routing is None or row.by_facebook or row.place is not Place.MESSAGING:
        return False
    return not may_answer(state.world.app.app_id, routing, conversation.ownership, state.clock())


def _row(kind: EventKind, manner: Manner) -> EventRow:
    unknown = [name for name in manner.variants if name not in VARIANTS]
    if unknown:
        raise ValueError(f"there is no variant {', '.join(unknown)}")
    return EVENT_ROWS[kind]


def _leave(state: SandboxState, event: Event, row: EventRow) -> Delivery:
    if not row.from_page:
        told = EntryKind.PAGE_EVENT if row.by_facebook else EntryKind.PERSON_ACTED
        ids = {"page_id": event.page_id, "psid": event.psid, "mid": event.mid}
        state.journal.record(told, **ids, event=event.kind.value, item=dict(event.item))
    return state.sender.submit(event)
