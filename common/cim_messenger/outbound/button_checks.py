"""What Messenger asks of buttons that a caller wrote, one row for each type.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/buttons
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cim_messenger.outbound import limits
from cim_messenger.outbound.checks import (
    Check,
    address,
    any_text,
    by_type,
    flag,
    list_of,
    matching,
    one_of,
    shape,
    text,
)

TITLE: Check = text(limits.BUTTON_TITLE)
PAYLOAD: Check = text(limits.BUTTON_PAYLOAD)
LINK_NEEDED: Mapping[str, Check] = MappingProxyType({"type": any_text, "url": address})
LINK_OPTIONAL: Mapping[str, Check] = MappingProxyType(
    {
        "webview_height_ratio": one_of({"compact", "tall", "full"}),
        "messenger_extensions": flag,
        "fallback_url": address,
        "webview_share_button": one_of({"hide"}),
    }
)

BUTTONS: Mapping[str, Check] = MappingProxyType(
    {
        "web_url": shape({**LINK_NEEDED, "title": TITLE}, LINK_OPTIONAL),
        "postback": shape({"type": any_text, "title": TITLE, "payload": PAYLOAD}),
        "phone_number": shape(
            {
                "type": any_text,
                "title": TITLE,
                "payload": matching(r"\+[0-9]{5,20}", "a phone number with + and country code"),
            }
        ),
        "account_link": shape({"type": any_text, "url": address}),
        "account_unlink": shape({"type": any_text}),
    }
)
"""Type of a button → what it needs."""

buttons: Check = list_of(limits.TEMPLATE_BUTTONS, by_type("type", BUTTONS))
"""The buttons of a template or card."""

default_action: Check = by_type("type", {"web_url": shape(LINK_NEEDED, LINK_OPTIONAL)})
"""What a tap on a card itself does: a link without a title."""
