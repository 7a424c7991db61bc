"""What a person at the other end does: write, send media, tap, react, read. Each act becomes a webhook.

The acts stand in a table for the control endpoint; tests call the methods. Whatever has no method of its own is played
by `does`, from the forms in `events.forms`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from messenger_sandbox.delivery import Delivery
from messenger_sandbox.emission import emit
from messenger_sandbox.events.forms import FORMS, kind_of, manner_of
from messenger_sandbox.events.forms.echoes import PAGE_INBOX_APP_ID
from messenger_sandbox.events.kinds import AS_USUAL, Details, Manner
from messenger_sandbox.events.rows import EVENT_ROWS
from messenger_sandbox.events.setting import Setting
from messenger_sandbox.journal import EntryKind, Filter
from messenger_sandbox.media.shelf import MediaFile
from messenger_sandbox.state import SandboxState
from messenger_sandbox.webhooks import EventKind
from messenger_sandbox.world import Conversation

__all__ = ["ACTS", "PAGE_INBOX_APP_ID", "Act", "PersonHandle", "emit"]


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

    @property
    def profile_calls(self) -> int:
        """How often this person's profile was asked for."""
        return self._state.profiles.count(self.person.psid)

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

    def sends_media(self, *files: MediaFile, text: str | None = None, reply_to: str | None = None) -> Delivery:
        """Sends files from the sandbox's shelf in one message, each as the attachment type of its kind."""
        attachments = [{"type": file.attachment_type, "payload": {"url": file.url}} for file in files]
        return self._writes({"text": text, "attachments": attachments, "reply_to": self._quote(reply_to)})

    def sends_image(self, file: MediaFile | None = None, *, text: str | None = None) -> Delivery:
        """Sends this picture, or a new one."""
        return self.sends_media(file or self._state.media.put("jpeg"), text=text)

    def sends_gif(self, file: MediaFile | None = None, *, text: str | None = None) -> Delivery:
        return self.sends_media(file or self._state.media.put("gif"), text=text)

    def sends_video(self, file: MediaFile | None = None, *, text: str | None = None) -> Delivery:
        return self.sends_media(file or self._state.media.put("mp4"), text=text)

    def sends_audio(self, file: MediaFile | None = None, *, text: str | None = None) -> Delivery:
        """Sends this sound, or a new voice clip."""
        return self.sends_media(file or self._state.media.put("voice_clip"), text=text)

    def sends_file(self, file: MediaFile | None = None, *, text: str | None = None) -> Delivery:
        return self.sends_media(file or self._state.media.put("pdf"), text=text)

    def sends_sticker(self, form: str = "sticker") -> Delivery:
        """Sends a sticker in one of its forms: `sticker`, `sticker_as_image`, `sticker_overlap`, `thumbs_up_small`."""
        return self.does(f"message.{form}")

    def edits(self, mid: str, text: str, *, num_edit: int | str | None = None) -> Delivery:
        """Changes an own message; the edits of a message are counted unless a number is given."""
        number = self._edits_of(mid) + 1 if num_edit is None else num_edit
        return self._does(EventKind.MESSAGE_EDIT, {"target_mid": mid, "text": text, "num_edit": number})

    def unsends(self, mid: str) -> Delivery:
        return self._does(EventKind.UNSEND, {"target_mid": mid})

    def taps(self, title: str, payload: str) -> Delivery:
        """Taps a button: a postback."""
        return self._does(EventKind.POSTBACK, {"mid": self._state.ids.mid(), "title": title, "payload": payload})

    def follows_link(self, ref: str) -> Delivery:
        """Opens the conversation again by an m.me link that carries a `ref`."""
        return self._does(EventKind.REFERRAL, {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"})

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

    def does(self, form: str, *, variants: Sequence[str] = (), standby: bool = False, **changes: Any) -> Delivery:
        """Plays any form of `events.forms`, with details changed, in odd ways (`variants`) or in standby if asked for.

        Raises KeyError for an unknown form, ValueError for an unknown variant or a form of a page.
        """
        kind, manner = kind_of(form), manner_of(form).with_more(variants, standby=standby)
        if not EVENT_ROWS[kind].has_sender:
            raise ValueError(f"{form} happens to a page, not to a person")
        details = FORMS[form](self._setting()) | changes
        if kind is EventKind.ECHO:
            self._note_sent(details)
        return self._does(kind, details, manner)

    def _writes(self, content: Mapping[str, Any]) -> Delivery:
        return self._does(EventKind.MESSAGE, {"mid": self._state.ids.mid(), **content})

    def _does(self, kind: EventKind, details: Details, manner: Manner = AS_USUAL) -> Delivery:
        return emit(self._state, self.person.psid, kind, details, manner)

    def _note_sent(self, details: Details) -> None:
        """Whoever wrote it for the page, the person sees it."""
        attachments = details.get("attachments") or ({"type": "text"},)
        self._state.journal.record(
            EntryKind.SEND_TAKEN,
            page_id=self.person.page_id,
            psid=self.person.psid,
            mid=details["mid"],
            content=attachments[0]["type"],
            text=details.get("text"),
        )

    def _conversation(self) -> Conversation:
        return self._state.world.conversation(self.person.psid)

    def _watermark(self) -> int:
        wrote_ms = self._conversation().page_wrote_ms
        return self._state.clock() if wrote_ms is None else wrote_ms

    def _quote(self, mid: str | None) -> dict[str, Any] | None:
        if mid is None:
            return None
        quoted = self._conversation().messages.get(mid)
        return {"mid": mid, "is_self_reply": quoted is not None and quoted.from_person}

    def _edits_of(self, mid: str) -> int:
        acts = self._state.journal.entries(Filter(kind=EntryKind.PERSON_ACTED, psid=self.person.psid))
        return sum(act.details["item"].get("message_edit", {}).get("mid") == mid for act in acts)

    def _setting(self) -> Setting:
        messages = self._conversation().messages.values()
        newest = {message.from_person: message.mid for message in messages}
        return Setting(
            mid=self._state.ids.mid(),
            own_mid=newest.get(True) or self._state.ids.mid(),
            page_mid=newest.get(False) or self._state.ids.mid(),
            page_id=self.person.page_id,
            app_id=self._state.world.app.app_id,
            at_ms=self._watermark(),
            media=lambda kind: self._state.media.put(kind).url,
        )

    def media(self, assets: Sequence[str]) -> tuple[MediaFile, ...]:
        """Finds files of the sandbox's shelf; raises KeyError for an unknown one."""
        return tuple(self._state.media.file(asset) for asset in assets)


Act = Callable[[PersonHandle, Mapping[str, Any]], Delivery]
"""Reads an act from the control endpoint's JSON; a missing key raises KeyError."""

ACTS: Mapping[str, Act] = MappingProxyType(
    {
        "says": lambda person, act: person.says(
            act["text"], reply_to=act.get("reply_to"), quick_reply=act.get("quick_reply")
        ),
        "sends": lambda person, act: person.sends(*act["attachments"], text=act.get("text")),
        "sends_media": lambda person, act: person.sends_media(
            *person.media(act["assets"]), text=act.get("text"), reply_to=act.get("reply_to")
        ),
        "sends_image": lambda person, act: person.sends_image(text=act.get("text")),
        "sends_gif": lambda person, act: person.sends_gif(text=act.get("text")),
        "sends_video": lambda person, act: person.sends_video(text=act.get("text")),
        "sends_audio": lambda person, act: person.sends_audio(text=act.get("text")),
        "sends_file": lambda person, act: person.sends_file(text=act.get("text")),
        "sends_sticker": lambda person, act: person.sends_sticker(act.get("form", "sticker")),
        "edits": lambda person, act: person.edits(act["mid"], act["text"], num_edit=act.get("num_edit")),
        "unsends": lambda person, act: person.unsends(act["mid"]),
        "taps": lambda person, act: person.taps(act["title"], act["payload"]),
        "follows_link": lambda person, act: person.follows_link(act["ref"]),
        "reacts": lambda person, act: person.reacts(
            act["mid"], reaction=act.get("reaction", "love"), emoji=act.get("emoji", "❤")
        ),
        "unreacts": lambda person, act: person.unreacts(act["mid"]),
        "reads": lambda person, _: person.reads(),
        "receives": lambda person, act: person.receives(act.get("mids")),
        "does": lambda person, act: person.does(
            act["form"],
            variants=act.get("variants", ()),
            standby=bool(act.get("standby")),
            **act.get("changes", {}),
        ),
    }
)
