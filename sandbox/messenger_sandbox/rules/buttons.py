"""Buttons of templates and of the persistent menu, one row per type.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/buttons
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

from messenger_sandbox.errors import GraphError
from messenger_sandbox.rules.attempt import as_object, bad, one_of
from messenger_sandbox.rules.shapes import Check, Member, any_text, choice, flag, matching, may, need, shape, text, url

LINK_MEMBERS: Final[Mapping[str, Member]] = MappingProxyType(
    {
        "type": need(choice({"web_url"})),
        "url": need(url),
        "webview_height_ratio": may(choice({"compact", "tall", "full", "COMPACT", "TALL", "FULL"})),
        "messenger_extensions": may(flag),
        "fallback_url": may(url),
        "webview_share_button": may(choice({"hide"})),
    }
)
TITLE: Final = need(text("button.title"))
PAYLOAD: Final = need(text("button.payload"))
_TYPE: Final = need(any_text)

BUTTONS: Mapping[str, Check] = MappingProxyType(
    {
        "web_url": shape({"title": TITLE, **LINK_MEMBERS}),
        "postback": shape({"type": _TYPE, "title": TITLE, "payload": PAYLOAD}),
        "phone_number": shape(
            {"type": _TYPE, "title": TITLE, "payload": need(matching(r"\+?[0-9][0-9 ()-]{2,30}", "a phone number"))}
        ),
        "account_link": shape({"type": _TYPE, "url": need(url)}),
        "account_unlink": shape({"type": _TYPE}),
        # Both are documented outside the pages of the Send API, and only in part.
        "game_play": shape({"type": _TYPE, "title": TITLE}, also_others=True),
        "audio_call": shape({"type": _TYPE, "title": TITLE}, also_others=True),
    }
)

default_action: Final[Check] = shape(LINK_MEMBERS)
"""What a tap on the element itself does: a link without a title."""


def button(allowed: Collection[str] = BUTTONS.keys()) -> Check:
    """A button of one of these types."""

    def check(value: Any, where: str) -> GraphError | None:
        kind = as_object(value).get("type")
        if not one_of(kind, allowed):
            return bad(f"Param {where}[type] must be one of {', '.join(sorted(allowed))}")
        return BUTTONS[str(kind)](value, where)

    return check
