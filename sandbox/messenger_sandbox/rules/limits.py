"""Every number Facebook counts to, one row each, with the page that states it.

Characters are UTF-16 units: Meta does not say which unit its limits mean, and this one is the strictest reading that is
still by characters. Where Meta says "less than" the row holds the largest length that is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

DOCS: Final = "https://developers.facebook.com/documentation/business-messaging/messenger-platform/"
_SEND: Final = DOCS + "reference/send-api"
_QUICK_REPLIES: Final = DOCS + "send-messages/quick-replies"
_BUTTONS: Final = DOCS + "send-messages/buttons"
_TEMPLATES: Final = DOCS + "send-messages/template/"
_PROFILE: Final = DOCS + "reference/messenger-profile-api"
_UPLOADS: Final = DOCS + "reference/attachment-upload-api"
_UTILITY: Final = DOCS + "send-messages/utility-messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """From `least` to `most`, both taken."""

    most: int
    source: str
    least: int = 1


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "message.text": Limit(most=1999, source=_SEND),
        "message.metadata": Limit(least=0, most=999, source=_SEND),
        # Meta's number of images is not published; this is the lower of the two that circulate.
        "message.attachments": Limit(most=10, source=_SEND),
        "message.quick_replies": Limit(most=13, source=_QUICK_REPLIES),
        "quick_reply.payload": Limit(most=1000, source=_QUICK_REPLIES),
        "button.title": Limit(most=20, source=_BUTTONS),
        "button.payload": Limit(most=1000, source=_BUTTONS),
        "button_template.text": Limit(most=640, source=_TEMPLATES + "button"),
        "button_template.buttons": Limit(most=3, source=_TEMPLATES + "button"),
        "generic.elements": Limit(most=10, source=_TEMPLATES + "generic"),
        "generic.title": Limit(most=80, source=_TEMPLATES + "generic"),
        "generic.subtitle": Limit(least=0, most=80, source=_TEMPLATES + "generic"),
        "generic.buttons": Limit(most=3, source=_TEMPLATES + "generic"),
        "media.elements": Limit(most=1, source=_TEMPLATES + "media"),
        "media.buttons": Limit(most=3, source=_TEMPLATES + "media"),
        "receipt.elements": Limit(least=0, most=100, source=_TEMPLATES + "receipt"),
        "coupon.title": Limit(most=80, source=_TEMPLATES + "coupon"),
        "coupon.subtitle": Limit(least=0, most=80, source=_TEMPLATES + "coupon"),
        "product.elements": Limit(most=10, source=_TEMPLATES + "product"),
        "image_grid.elements": Limit(most=1, source=_TEMPLATES + "image-grid"),
        "image_grid.images": Limit(least=2, most=6, source=_TEMPLATES + "image-grid"),
        "image_grid.title": Limit(least=0, most=45, source=_TEMPLATES + "image-grid"),
        "image_grid.subtitle": Limit(least=0, most=80, source=_TEMPLATES + "image-grid"),
        "image_grid.buttons": Limit(least=0, most=3, source=_TEMPLATES + "image-grid"),
        "feedback.title": Limit(most=65, source=_TEMPLATES + "customer-feedback"),
        "feedback.subtitle": Limit(least=0, most=80, source=_TEMPLATES + "customer-feedback"),
        "feedback.button_title": Limit(most=20, source=_TEMPLATES + "customer-feedback"),
        "feedback.screens": Limit(most=1, source=_TEMPLATES + "customer-feedback"),
        "feedback.questions": Limit(most=1, source=_TEMPLATES + "customer-feedback"),
        "feedback.question_id": Limit(most=80, source=_TEMPLATES + "customer-feedback"),
        "feedback.expires_in_days": Limit(most=7, source=_TEMPLATES + "customer-feedback"),
        "attachment.bytes": Limit(most=25_000_000, source=_UPLOADS),
        "image_by_url.bytes": Limit(most=8_000_000, source=_UPLOADS),
        # Not on the page of the profile; the figure that circulates.
        "greeting.text": Limit(most=160, source=_PROFILE),
        "ice_breakers.questions": Limit(most=4, source=_PROFILE),
        "menu.items": Limit(most=20, source=_PROFILE),
        "menu.title": Limit(most=30, source=_PROFILE),
        "menu.payload": Limit(most=1000, source=_PROFILE),
        "commands": Limit(most=100, source=_PROFILE),
        "command.name": Limit(most=32, source=_PROFILE),
        "command.description": Limit(most=64, source=_PROFILE),
        "persona.name": Limit(most=50, source=DOCS + "send-messages/personas"),
        "utility.buttons_components": Limit(least=0, most=1, source=_UTILITY),
    }
)
