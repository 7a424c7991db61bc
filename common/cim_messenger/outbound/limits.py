"""Messenger's limits of outbound messages, each with the page that states it: the only place that knows the numbers.

Lengths are UTF-16 units. Meta does not say what it counts; by this unit a text never turns out longer than they count
it, bytes excepted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_MESSENGER: Final = "https://developers.facebook.com/documentation/business-messaging/messenger-platform"
_SEND_API: Final = f"{_MESSENGER}/reference/send-api"
_QUICK_REPLIES: Final = f"{_MESSENGER}/send-messages/quick-replies"
_BUTTONS: Final = f"{_MESSENGER}/send-messages/buttons"
_TEMPLATES: Final = f"{_MESSENGER}/send-messages/templates"
_CHANGELOG: Final = f"{_MESSENGER}/changelog"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How much of something Messenger takes."""

    of: str
    """What is limited, for people: `button template: text`."""
    maximum: int
    unit: str
    """`UTF-16 units`, `elements` or `days`."""
    source: str
    """The page that states it."""


def _length(of: str, maximum: int, source: str) -> Limit:
    return Limit(of=of, maximum=maximum, unit="UTF-16 units", source=source)


def _count(of: str, maximum: int, source: str) -> Limit:
    return Limit(of=of, maximum=maximum, unit="elements", source=source)


TEXT: Final = _length("text", 1_999, _SEND_API)
"""Must be *less than* 2 000 characters."""
METADATA: Final = _length("metadata", 999, _SEND_API)
QUICK_REPLIES: Final = _count("quick replies of a message", 13, _QUICK_REPLIES)
QUICK_REPLY_TITLE: Final = _length("quick reply: title", 20, _QUICK_REPLIES)
QUICK_REPLY_PAYLOAD: Final = _length("quick reply: payload", 1_000, _QUICK_REPLIES)
BUTTON_TITLE: Final = _length("button: title", 20, _BUTTONS)
BUTTON_PAYLOAD: Final = _length("button: payload", 1_000, _BUTTONS)
IMAGES: Final = _count("images of one message", 10, _CHANGELOG)
"""Meta's own number was never published; the lower of the two that circulate."""
BUTTON_TEXT: Final = _length("button template: text", 640, f"{_TEMPLATES}/button")
TEMPLATE_BUTTONS: Final = _count("buttons of a template or card", 3, f"{_TEMPLATES}/button")
CARDS: Final = _count("generic template: cards", 10, f"{_TEMPLATES}/generic")
CARD_TITLE: Final = _length("card: title", 80, f"{_TEMPLATES}/generic")
CARD_SUBTITLE: Final = _length("card: subtitle", 80, f"{_TEMPLATES}/generic")
MEDIA_CARDS: Final = _count("media template: cards", 1, f"{_TEMPLATES}/media")
RECEIPT_ELEMENTS: Final = _count("receipt template: elements", 100, f"{_TEMPLATES}/receipt")
COUPON_TITLE: Final = _length("coupon template: title", 80, f"{_TEMPLATES}/coupon")
COUPON_SUBTITLE: Final = _length("coupon template: subtitle", 80, f"{_TEMPLATES}/coupon")
PRODUCTS: Final = _count("product template: products", 10, f"{_TEMPLATES}/product")
GRIDS: Final = _count("image grid template: grids", 1, _CHANGELOG)
GRID_HEROES: Final = _count("image grid: hero images", 1, _CHANGELOG)
GRID_IMAGES: Final = _count("image grid: images", 6, _CHANGELOG)
GRID_TITLE: Final = _length("image grid: title", 45, _CHANGELOG)
GRID_SUBTITLE: Final = _length("image grid: subtitle", 80, _CHANGELOG)
SURVEY_TITLE: Final = _length("customer feedback: title", 65, f"{_TEMPLATES}/customer-feedback")
SURVEY_SUBTITLE: Final = _length("customer feedback: subtitle", 80, f"{_TEMPLATES}/customer-feedback")
SURVEY_BUTTON: Final = _length("customer feedback: button title", 20, f"{_TEMPLATES}/customer-feedback")
SURVEY_SCREENS: Final = _count("customer feedback: screens", 1, f"{_TEMPLATES}/customer-feedback")
SURVEY_QUESTIONS: Final = _count("customer feedback: questions of a screen", 1, f"{_TEMPLATES}/customer-feedback")
SURVEY_QUESTION_ID: Final = _length("customer feedback: id of a question", 80, f"{_TEMPLATES}/customer-feedback")
SURVEY_DAYS: Final = Limit(
    of="customer feedback: days until it expires", maximum=7, unit="days", source=f"{_TEMPLATES}/customer-feedback"
)

LIMITS: Final[tuple[Limit, ...]] = tuple(value for value in vars().values() if isinstance(value, Limit))
"""All of them, in the order above."""


def utf16_units(text: str) -> int:
    """The length of a text as Java and JavaScript count it: a character outside the basic plane counts twice."""
    return len(text) + sum(character > "\uffff" for character in text)
