"""CIM's buttons as Messenger's: buttons of templates and cards, and quick replies.

Sources: https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/buttons and
https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/quick-replies
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Any

from cim_messenger.outbound import limits
from cim_messenger.outbound.free_form import first_text, object_of
from cim_messenger.outbound.links import is_web_address, web_address
from cim_messenger.outbound.refusals import invalid, text_within
from cim_messenger.outbound.text import cut, fits
from cim_messenger.outbound.values import Warned
from expertflow.cim.v1.interactive_pb2 import Button

_PHONE = re.compile(r"\+[0-9]{5,20}")


class ChoiceKind(Enum):
    """What a choice does."""

    REPLY = auto()
    """Sends its payload back."""
    LINK = auto()
    """Opens a web address."""
    CALL = auto()
    """Calls a phone number."""
    PHONE_CHIP = auto()
    """Offers the customer's own phone number."""
    EMAIL_CHIP = auto()
    """Offers the customer's own e-mail address."""


KINDS: Mapping[str, ChoiceKind] = MappingProxyType(
    {
        "web_url": ChoiceKind.LINK,
        "phone_number": ChoiceKind.CALL,
        "user_phone_number": ChoiceKind.PHONE_CHIP,
        "user_email": ChoiceKind.EMAIL_CHIP,
    }
)
"""`Button.type` in lower case → what it does; any other replies."""
CHIPS: Mapping[ChoiceKind, str] = MappingProxyType(
    {ChoiceKind.PHONE_CHIP: "user_phone_number", ChoiceKind.EMAIL_CHIP: "user_email"}
)
"""Messenger writes the titles of these itself, and shows them only as quick replies."""
ONLY_IN_TEMPLATES = frozenset({ChoiceKind.LINK, ChoiceKind.CALL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One button, checked."""

    kind: ChoiceKind
    title: str
    """In full; cut only where it is shown."""
    value: str
    """Payload, address or number."""

    @property
    def is_cut(self) -> bool:
        return not fits(self.title, limits.BUTTON_TITLE)

    def as_button(self) -> dict[str, Any]:
        """The button of a template or card. A chip, which only quick replies have, replies with its title."""
        shown = {"title": cut(self.title, limits.BUTTON_TITLE)}
        match self.kind:
            case ChoiceKind.LINK:
                return {"type": "web_url", **shown, "url": self.value}
            case ChoiceKind.CALL:
                return {"type": "phone_number", **shown, "payload": self.value}
            case _:
                return {"type": "postback", **shown, "payload": self.value}

    def as_quick_reply(self) -> dict[str, Any]:
        if chip := CHIPS.get(self.kind):
            return {"content_type": chip}
        return {
            "content_type": "text",
            "title": cut(self.title, limits.QUICK_REPLY_TITLE),
            "payload": self.value,
        }


def choices(buttons: Iterable[Button], path: str, *, links_by_payload: bool) -> tuple[Choice, ...]:
    """The buttons of a list at `path`. Raises `RefusedError` naming the field at fault.

    `links_by_payload`: whether a button is a link for the mere reason that its payload is a web address.
    """
    return tuple(
        _choice(button, f"{path}[{index}]", links_by_payload=links_by_payload) for index, button in enumerate(buttons)
    )


def full_titles(shown: Iterable[Choice]) -> str:
    """The titles that are cut, in full, one below the other."""
    return "\n".join(f"• {choice.title}" for choice in shown if choice.is_cut)


def cut_warnings(shown: Iterable[Choice], part_index: int | None = None) -> tuple[Warned, ...]:
    """What to say of titles that were cut."""
    count = sum(choice.is_cut for choice in shown)
    if not count:
        return ()
    titles = "1 title was" if count == 1 else f"{count} titles were"
    detail = f"{titles} cut to {limits.BUTTON_TITLE.maximum} characters and in full put into the text."
    return (Warned(code="TITLE_CUT", detail=detail, part_index=part_index),)


def _choice(button: Button, path: str, *, links_by_payload: bool) -> Choice:
    kind = KINDS.get(button.button_type.strip().lower(), ChoiceKind.REPLY)
    if kind in CHIPS:
        payload = button.payload if button.payload.strip() else CHIPS[kind]
        text_within(payload, limits.BUTTON_PAYLOAD, f"{path}.payload")
        return Choice(kind=kind, title=button.title.strip() or CHIPS[kind], value=payload)
    if kind is ChoiceKind.REPLY and links_by_payload and is_web_address(button.payload):
        kind = ChoiceKind.LINK
    title = button.title.strip()
    if not title:
        raise invalid(f"{path}.title", "A button needs a title.")
    return Choice(kind=kind, title=title, value=_value(button, kind, path))


def _value(button: Button, kind: ChoiceKind, path: str) -> str:
    field = f"{path}.payload"
    if kind is ChoiceKind.LINK:
        details = object_of(button.additional_button_details)
        given = button.payload if is_web_address(button.payload.strip()) else first_text(details, "url")
        return web_address(given, field)
    if kind is ChoiceKind.CALL:
        number = re.sub(r"[ ()./-]", "", button.payload)
        if not _PHONE.fullmatch(number):
            raise invalid(field, "It must be a phone number with + and country code.")
        return number
    return text_within(button.payload, limits.BUTTON_PAYLOAD, field)
