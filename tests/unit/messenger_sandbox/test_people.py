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
    ("a link to the thread", lambda person: person.follows_link("promo"), True),
    ("an edit", lambda person: person.edits("m_mine", "other words"), False),
    ("an unsend", lambda person: person.unsends("m_mine"), False),
    ("an opt-in", lambda person: person.does("optin.send_to_messenger"), False),
    ("a message in standby", lambda person: person.does("message.text", standby=True), True),
    ("somebody else's answer", lambda person: person.does("echo.page_inbox"), False),
    ("a thread that changes hands", lambda person: person.does("pass_thread_control.to_us"), False),
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


async def test_media_is_sent_as_the_attachment_of_its_kind(state: SandboxState, person: PersonHandle) -> None:
    files = [state.media.put(kind) for kind in ("jpeg", "3gp", "amr", "pdf")]
    message = person.sends_media(*files, text="all").events[0].item["message"]
    assert message["text"] == "all"
    assert [(each["type"], each["payload"]["url"]) for each in message["attachments"]] == [
        ("image", files[0].url),
        ("video", files[1].url),
        ("audio", files[2].url),
        ("file", files[3].url),
    ]


SENDING: dict[str, tuple[Acting, str, str]] = {
    "a picture": (lambda person: person.sends_image(), "image", "jpeg"),
    "a moving picture": (lambda person: person.sends_gif(), "image", "gif"),
    "a film": (lambda person: person.sends_video(), "video", "mp4"),
    "a voice": (lambda person: person.sends_audio(), "audio", "voice_clip"),
    "a document": (lambda person: person.sends_file(), "file", "pdf"),
    "a sticker": (lambda person: person.sends_sticker(), "sticker", "sticker"),
}


@pytest.mark.parametrize(("does", "attached", "kind"), SENDING.values(), ids=SENDING)
async def test_what_is_sent_without_a_file_gets_a_new_one(
    state: SandboxState, person: PersonHandle, does: Acting, attached: str, kind: str
) -> None:
    [attachment] = does(person).events[0].item["message"]["attachments"]
    [file] = state.media.files
    assert (attachment["type"], attachment["payload"]["url"], file.kind) == (attached, file.url, kind)


async def test_the_edits_of_a_message_are_counted(person: PersonHandle) -> None:
    mids = [person.says("frist").mid or "", person.says("other").mid or ""]
    edits = [person.edits(mid, "first").events[0].item["message_edit"]["num_edit"] for mid in (*mids, mids[0])]
    assert edits == [1, 1, 2]


async def test_an_edit_may_have_any_number(person: PersonHandle) -> None:
    assert person.edits("m_1", "x", num_edit="37").events[0].item["message_edit"]["num_edit"] == "37"


async def test_a_form_refers_to_the_conversation(state: SandboxState, person: PersonHandle) -> None:
    own = person.says("first").mid
    answered(state)
    assert person.does("message.quote_of_own").events[0].item["message"]["reply_to"]["mid"] == own
    assert person.does("message.quote_of_page").events[0].item["message"]["reply_to"]["mid"] == "m_answer"


async def test_details_of_a_form_can_be_changed(person: PersonHandle) -> None:
    assert person.does("message.album", text="three").events[0].item["message"]["text"] == "three"


async def test_what_others_answered_is_seen_by_the_person(person: PersonHandle) -> None:
    person.does("echo.page_inbox", text="from the inbox")
    person.does("echo.two_images")
    assert person.saw == ("from the inbox", "[image]")


async def test_what_facebook_does_is_no_act_of_the_person(state: SandboxState, person: PersonHandle) -> None:
    person.does("take_thread_control.by_inbox")
    entry = state.journal.entries()[0]
    assert (entry.kind, entry.psid, entry.details["event"]) == (EntryKind.PAGE_EVENT, PSID, "take_thread_control")


async def test_a_person_does_nothing_that_happens_to_a_page(person: PersonHandle) -> None:
    with pytest.raises(ValueError, match="to a page"):
        person.does("feed.comment")


async def test_an_unknown_variant_is_refused(state: SandboxState, person: PersonHandle) -> None:
    with pytest.raises(ValueError, match="no variant upside_down"):
        person.does("message.text", variants=["upside_down"])
    assert state.journal.entries(Filter(kind=EntryKind.PERSON_ACTED)) == ()


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
    "sends_media": {"assets": []},
    "sends_image": {"text": "see"},
    "sends_gif": {},
    "sends_video": {},
    "sends_audio": {},
    "sends_file": {},
    "sends_sticker": {"form": "thumbs_up_large"},
    "edits": {"mid": "m_mine", "text": "other words"},
    "unsends": {"mid": "m_mine"},
    "taps": {"title": "Agent", "payload": "AGENT"},
    "follows_link": {"ref": "promo"},
    "does": {"form": "order.cart", "variants": ["numeric_ids"], "changes": {"note": None}},
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
