"""What customers do, on the sandbox; and how the journal's entries of it read at their side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from connector_cli.demo.cast import AGENT_PAYLOAD, Act, Deed
from messenger_sandbox import Delivery, Entry, EntryKind, RunningSandbox

Item = Mapping[str, Any]

DEEDS: Mapping[Deed, Callable[[RunningSandbox, Act], Delivery]] = MappingProxyType(
    {
        Deed.WRITES: lambda sandbox, act: sandbox.person(act.person.psid).says(act.text),
        Deed.SENDS_PICTURES: lambda sandbox, act: sandbox.person(act.person.psid).sends_media(
            sandbox.media.put("jpeg"), sandbox.media.put("png"), text=act.text
        ),
        Deed.SENDS_STICKER: lambda sandbox, act: sandbox.person(act.person.psid).sends_sticker(),
        Deed.QUOTES: lambda sandbox, act: sandbox.person(act.person.psid).says(
            act.text, reply_to=_newest_of_page(sandbox, act.person.psid)
        ),
        Deed.REACTS: lambda sandbox, act: sandbox.person(act.person.psid).reacts(
            _newest_of_page(sandbox, act.person.psid)
        ),
        Deed.TAPS: lambda sandbox, act: sandbox.person(act.person.psid).taps(act.text, AGENT_PAYLOAD),
    }
)

SHOWN = frozenset({"message", "postback", "react"})
"""The events of customers that the contact centre shall get; others are receipts."""


def is_deed(entry: Entry) -> bool:
    """Whether a customer did something that the contact centre is to see."""
    return entry.kind is EntryKind.PERSON_ACTED and entry.details["event"] in SHOWN


def told(item: Item) -> tuple[str, str]:
    """What stands in an item of a webhook: a verb, and what of."""
    if "reaction" in item:
        return "reacts", item["reaction"]["emoji"]
    if "postback" in item:
        return "taps", item["postback"]["title"]
    message = item["message"]
    types = [attachment["type"] for attachment in message.get("attachments", ())]
    files = f"({', '.join(types)})" if types else ""
    return ("sends" if types else "writes"), " ".join(filter(None, (message.get("text"), files)))


def about(item: Item) -> str | None:
    """The mid of the message that an item quotes or reacts to."""
    mid: str | None = (item.get("reaction") or item.get("message", {}).get("reply_to") or {}).get("mid")
    return mid


def _newest_of_page(sandbox: RunningSandbox, psid: str) -> str:
    return sandbox.world.conversation(psid).sent_by_page()[-1].mid
