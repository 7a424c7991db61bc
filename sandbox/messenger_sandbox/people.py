"""What a person at the other end does: write, tap, react, read. Each act changes the world and becomes a webhook.

The acts stand in a table for the control endpoint; tests call the methods. Whether an act opens the window is said by
the event's row in `webhooks`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from messenger_sandbox.delivery import Delivery
from messenger_sandbox.journal import EntryKind
from messenger_sandbox.state import SandboxState
from messenger_sandbox.webhooks import EVENT_ROWS, EventKind, Parties, build_event
from messenger_sandbox.world import Conversation, Message

PAGE_INBOX_APP_ID = 263902037430900
"""The app id in echoes of what was typed in the Page inbox."""
_BESIDE_CONTENT = frozenset({"mid", "app_id", "metadata"})


def emit(state: SandboxState, psid: str, kind: EventKind, details: Mapping[str, Any]) -> Delivery:
    """Makes an event happen now: remembers the message, moves the window, writes the journal, sends the webhook."""
    person, conversation = state.world.person(psid), state.world.conversation(psid)
    now_ms = conversation.next_time(state.clock())
    event = build_event(kind, Parties(page_id=person.page_id, psid=psid, timestamp_ms=now_ms), details)
    row = EVENT_ROWS[kind]
    if event.mid is not None:
        content = {name: value for name, value in details.items() if name not in _BESIDE_CONTENT}
        conversation.add(Message(mid=event.mid, from_person=not row.from_page, sent_ms=now_ms, content=content))
    if row.opens_window:
        conversation.open_window(now_ms)
    if not row.from_page:
        state.journal.record(
            EntryKind.PERSON_ACTED,
            page_id=person.page_id,
            psid=psid,
            mid=event.mid,
            event=kind.value,
            item=dict(event.item),
        )
    return state.sender.submit(event)


class PersonHandle:
    """One person, as a test or the control endpoint moves them. Each act returns its delivery, which may be awaited."""

    def __init__(self, state: SandboxState, psid: str) -> None:
        """Raises KeyError for an unknown PSID."""
        self.person = state.world.person(psid)
        self._state = state

    @property
    def saw(self) -> tuple[str, ...]:
        """What the person saw from the page, in order."""
        return self._state.journal.seen_by(self.person.psid)

    def says(self, text: str, *, reply_to: str | None = None, quick_reply: str | None = None) -> Delivery:
        """Writes a text; `reply_to` is the mid of a quoted message, `quick_reply` the payload of a tapped one."""
        return self._writes(
            {
                "text": text,
                "quick_reply": None if quick_reply is None else {"payload": quick_reply},
                "reply_to": self._quote(reply_to),
            }
        )

    def sends(self, *attachments: Mapping[str, Any], text: str | None = None) -> Delivery:
        """Sends attachments as they stand in a webhook (`{"type", "payload"}`), with a text if given."""
        return self._writes({"text": text, "attachments": list(attachments)})

    def taps(self, title: str, payload: str) -> Delivery:
        """Taps a button: a postback."""
        return self._does(EventKind.POSTBACK, {"mid": self._state.ids.mid(), "title": title, "payload": payload})

    def reacts(self, mid: str, *, reaction: str = "love", emoji: str = "❤") -> Delivery:
        return self._does(EventKind.REACT, {"target_mid": mid, "reaction": reaction, "emoji": emoji})

    def unreacts(self, mid: str) -> Delivery:
        return self._does(EventKind.UNREACT, {"target_mid": mid})

    def reads(self) -> Delivery:
        """Reads everything the page sent so far."""
        return self._does(EventKind.READ, {"watermark": self._watermark()})

    def receives(self, mids: Sequence[str] | None = None) -> Delivery:
        """The person's device got everything so far; `mids` are named in the event, None leaves them out."""
        return self._does(EventKind.DELIVERY, {"mids": mids, "watermark": self._watermark()})

    def _writes(self, content: Mapping[str, Any]) -> Delivery:
        return self._does(EventKind.MESSAGE, {"mid": self._state.ids.mid(), **content})

    def _does(self, kind: EventKind, details: Mapping[str, Any]) -> Delivery:
        return emit(self._state, self.person.psid, kind, details)

    def _conversation(self) -> Conversation:
        return self._state.world.conversation(self.person.psid)

    def _watermark(self) -> int:
        sent = self._conversation().sent_by_page()
        return sent[-1].sent_ms if sent else self._state.clock()

    def _quote(self, mid: str | None) -> dict[str, Any] | None:
        if mid is None:
            return None
        quoted = self._conversation().messages.get(mid)
        return {"mid": mid, "is_self_reply": quoted is not None and quoted.from_person}


Act = Callable[[PersonHandle, Mapping[str, Any]], Delivery]
"""Reads an act from the control endpoint's JSON; a missing key raises KeyError."""

ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "says": lambda person, act: person.says(
            act["text"], reply_to=act.get("reply_to"), quick_reply=act.get("quick_reply")
        ),
        "sends": lambda person, act: person.sends(*act["attachments"], text=act.get("text")),
        "taps": lambda person, act: person.taps(act["title"], act["payload"]),
        "reacts": lambda person, act: person.reacts(
            act["mid"], reaction=act.get("reaction", "love"), emoji=act.get("emoji", "❤")
        ),
        "unreacts": lambda person, act: person.unreacts(act["mid"]),
        "reads": lambda person, _: person.reads(),
        "receives": lambda person, act: person.receives(act.get("mids")),
    }
)
