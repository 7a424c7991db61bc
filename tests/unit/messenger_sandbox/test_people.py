from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from messenger_sandbox import Delivery, EntryKind, Filter, PersonHandle
from messenger_sandbox.people import ACTS, emit
from messenger_sandbox.state import SandboxState
from messenger_sandbox.webhooks import EventKind
from tests.support.sandbox_world import NOW_MS, PAGE_ID, PSID


@pytest.fixture
def person(state: SandboxState) -> PersonHandle:
    return PersonHandle(state, PSID)


def answered(state: SandboxState, mid: str = "m_answer") -> int:
    """Lets the page say something and returns when that was."""
    emit(state, PSID, EventKind.ECHO, {"mid": mid, "text": "yes"})
    return state.world.conversation(PSID).messages[mid].sent_ms


Acting = Callable[[PersonHandle], Delivery]
OPENING: list[tuple[str, Acting, bool]] = [
    ("a text", lambda person: person.says("hi"), True),
    ("a tap", lambda person: person.taps("Agent", "AGENT"), True),
    ("a reaction", lambda person: person.reacts("m_answer"), True),
    ("an unreaction", lambda person: person.unreacts("m_answer"), False),
    ("reading", lambda person: person.reads(), False),
    ("receiving", lambda person: person.receives(), False),
]


@pytest.mark.parametrize(("does", "opens"), [row[1:] for row in OPENING], ids=[row[0] for row in OPENING])
async def test_only_the_persons_own_doing_opens_the_window(
    state: SandboxState, person: PersonHandle, does: Acting, *, opens: bool
) -> None:
    does(person)
    assert (state.world.conversation(PSID).opened_ms is not None) is opens


async def test_the_pages_answer_does_not_open_the_window(state: SandboxState) -> None:
    answered(state)
    assert state.world.conversation(PSID).opened_ms is None


async def test_two_messages_of_one_millisecond_have_two_times(person: PersonHandle) -> None:
    items = [person.says(text).events[0].item for text in ("a", "b")]
    assert [item["timestamp"] for item in items] == [NOW_MS, NOW_MS + 1]


async def test_a_tapped_quick_reply_carries_its_payload(person: PersonHandle) -> None:
    message = person.says("Sales", quick_reply="SALES").events[0].item["message"]
    assert (message["text"], message["quick_reply"]) == ("Sales", {"payload": "SALES"})


async def test_a_quote_tells_whose_message_it_quotes(state: SandboxState, person: PersonHandle) -> None:
    answered(state)
    own = person.says("first").mid
    quotes = [person.says("q", reply_to=mid).events[0].item["message"]["reply_to"] for mid in (own, "m_answer")]
    assert quotes == [{"mid": own, "is_self_reply": True}, {"mid": "m_answer", "is_self_reply": False}]


async def test_attachments_may_come_with_a_text(person: PersonHandle) -> None:
    picture = {"type": "image", "payload": {"url": "https://scontent.xx.fbcdn.net/1.jpg"}}
    message = person.sends(picture, picture, text="see").events[0].item["message"]
    assert (message["text"], message["attachments"]) == ("see", [picture, picture])


async def test_reading_covers_the_last_message_of_the_page(state: SandboxState, person: PersonHandle) -> None:
    sent_ms = answered(state)
    person.says("thanks")
    assert person.reads().events[0].item["read"] == {"watermark": sent_ms}


async def test_receiving_names_mids_only_if_asked(state: SandboxState, person: PersonHandle) -> None:
    watermark = answered(state)
    assert person.receives().events[0].item["delivery"] == {"watermark": watermark}
    named = person.receives(["m_answer"]).events[0].item["delivery"]
    assert named == {"mids": ["m_answer"], "watermark": watermark}


async def test_the_journal_holds_what_the_person_did(state: SandboxState, person: PersonHandle) -> None:
    said = person.says("hi")
    [entry] = state.journal.entries(Filter(kind=EntryKind.PERSON_ACTED))
    assert (entry.page_id, entry.psid, entry.mid) == (PAGE_ID, PSID, said.mid)
    assert entry.details["item"]["message"]["text"] == "hi"


async def test_an_unknown_person_cannot_act(state: SandboxState) -> None:
    with pytest.raises(KeyError):
        PersonHandle(state, "0")


SCRIPTS: dict[str, dict[str, Any]] = {
    "says": {"text": "hi"},
    "sends": {"attachments": [{"type": "image", "payload": {"url": "https://cc.example/1.jpg"}}]},
    "taps": {"title": "Agent", "payload": "AGENT"},
    "reacts": {"mid": "m_answer"},
    "unreacts": {"mid": "m_answer"},
    "reads": {},
    "receives": {},
}


def test_every_act_is_tried() -> None:
    assert set(SCRIPTS) == set(ACTS)


@pytest.mark.parametrize("name", SCRIPTS)
async def test_every_act_can_be_directed_by_name(state: SandboxState, person: PersonHandle, name: str) -> None:
    ACTS[name](person, SCRIPTS[name])
    assert len(state.journal.entries(Filter(kind=EntryKind.PERSON_ACTED))) == 1
