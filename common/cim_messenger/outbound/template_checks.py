"""What Messenger asks of templates that a caller wrote, one row for each type.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/templates
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from cim_messenger.outbound import limits
from cim_messenger.outbound.button_checks import buttons, default_action
from cim_messenger.outbound.checks import (
    Check,
    address,
    amount,
    any_text,
    as_members,
    by_type,
    every,
    flag,
    list_of,
    matching,
    one_of,
    shape,
    text,
    whole_number,
)
from cim_messenger.outbound.refusals import exceeds, invalid

CURRENCY: Check = matching(r"[A-Z]{3}", "a currency's three letters by ISO 4217")
SECONDS: Check = matching(r"[0-9]{1,10}", "a time in seconds since 1970, in decimal digits")
ATTACHMENT_ID: Check = matching(r"[0-9]{1,30}", "the id of an upload, in decimal digits")
_FACEBOOK_ADDRESS: Check = matching(r"https://([A-Za-z0-9-]+\.)*facebook\.com/[^\s]*", "an address of facebook.com")


def _more_than_a_title(card: Any, path: str) -> None:
    if not as_members(card, path).keys() - {"title"}:
        raise invalid(path, "A card needs a picture, a subtitle, a link or a button beside its title.")


def either(first: str, second: str) -> Check:
    """An object with one of two members."""

    def check(value: Any, path: str) -> None:
        members = as_members(value, path)
        if (members.get(first) is None) == (members.get(second) is None):
            raise invalid(path, f"It must have either {first} or {second}.")

    return check


SCALES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "csat": frozenset({"one_to_five", "five_stars", "five_emojis"}),
        "nps": frozenset({"zero_to_ten"}),
        "ces": frozenset({"one_to_seven"}),
        "free_form": frozenset(),
    }
)
"""Type of a survey's question → how its scale may be shown."""


def _scale(question: Any, path: str) -> None:
    option = question.get("score_option")
    if option is not None and option not in SCALES[question["type"]]:
        raise invalid(f"{path}.score_option", f"It does not fit a question of type {question['type']}.")


_generic_card = shape(
    {"title": text(limits.CARD_TITLE)},
    {
        "subtitle": text(limits.CARD_SUBTITLE),
        "image_url": address,
        "default_action": default_action,
        "buttons": buttons,
    },
)
_media_card = shape(
    {"media_type": one_of({"image", "video"})},
    {"url": _FACEBOOK_ADDRESS, "attachment_id": ATTACHMENT_ID, "buttons": buttons, "sharable": flag},
)
_receipt_element = shape(
    {"title": any_text, "price": amount},
    {"subtitle": any_text, "quantity": amount, "currency": CURRENCY, "image_url": address},
)
_receipt_address = shape(
    dict.fromkeys(("street_1", "city", "postal_code", "state", "country"), any_text), {"street_2": any_text}
)
_receipt_summary = shape({"total_cost": amount}, {"subtotal": amount, "shipping_cost": amount, "total_tax": amount})
_adjustments = list_of(limits.RECEIPT_ELEMENTS, shape({"name": any_text, "amount": amount}))
_question = shape(
    {
        "id": every(text(limits.SURVEY_QUESTION_ID), matching(r"[A-Za-z0-9_]+", "letters, digits and _ only")),
        "type": one_of(SCALES),
    },
    {
        "title": any_text,
        "placeholder": any_text,
        "score_label": any_text,
        "score_option": any_text,
        "follow_up": shape({"type": one_of({"free_form"})}, {"placeholder": any_text, "title": any_text}),
    },
)
_screen = shape({"questions": list_of(limits.SURVEY_QUESTIONS, every(_question, _scale))})

customer_feedback: Check = shape(
    {
        "template_type": any_text,
        "title": text(limits.SURVEY_TITLE),
        "feedback_screens": list_of(limits.SURVEY_SCREENS, _screen),
        "business_privacy": shape({"url": address}),
    },
    {
        "subtitle": text(limits.SURVEY_SUBTITLE),
        "button_title": text(limits.SURVEY_BUTTON),
        "expires_in_days": whole_number(limits.SURVEY_DAYS),
    },
)
"""A survey: one screen with one question."""

_grid_image = shape({"url": address}, {"is_hero_image": flag, "action": default_action})
_grid = shape(
    {"images": list_of(limits.GRID_IMAGES, _grid_image, least=2)},
    {"title": text(limits.GRID_TITLE), "subtitle": text(limits.GRID_SUBTITLE), "buttons": buttons},
)


def _one_hero(grid: Any, path: str) -> None:
    heroes = sum(image.get("is_hero_image") is True for image in grid["images"])
    if heroes > limits.GRID_HEROES.maximum:
        raise exceeds(f"{path}.images", limits.GRID_HEROES, heroes)


TEMPLATES: Mapping[str, Check] = MappingProxyType(
    {
        "button": shape(
            {"template_type": any_text, "text": text(limits.BUTTON_TEXT), "buttons": buttons}, {"sharable": flag}
        ),
        "generic": shape(
            {
                "template_type": any_text,
                "elements": list_of(limits.CARDS, every(_generic_card, _more_than_a_title)),
            },
            {"image_aspect_ratio": one_of({"horizontal", "square"}), "sharable": flag},
        ),
        "media": shape(
            {
                "template_type": any_text,
                "elements": list_of(limits.MEDIA_CARDS, every(_media_card, either("url", "attachment_id"))),
            },
            {"sharable": flag},
        ),
        "receipt": shape(
            {
                "template_type": any_text,
                "recipient_name": any_text,
                "order_number": any_text,
                "currency": CURRENCY,
                "payment_method": any_text,
                "summary": _receipt_summary,
            },
            {
                "merchant_name": any_text,
                "order_url": address,
                "timestamp": SECONDS,
                "elements": list_of(limits.RECEIPT_ELEMENTS, _receipt_element),
                "address": _receipt_address,
                "adjustments": _adjustments,
                "sharable": flag,
            },
        ),
        "coupon": every(
            either("coupon_code", "coupon_url"),
            shape(
                {"template_type": any_text, "title": text(limits.COUPON_TITLE)},
                {
                    "subtitle": text(limits.COUPON_SUBTITLE),
                    "coupon_code": any_text,
                    "coupon_url": address,
                    "image_url": address,
                },
            ),
        ),
        "product": shape(
            {
                "template_type": any_text,
                "elements": list_of(limits.PRODUCTS, shape({"id": matching(r"[0-9]{1,30}", "a product's id")})),
            }
        ),
        "customer_feedback": customer_feedback,
        "image_grid": shape(
            {"template_type": any_text, "elements": list_of(limits.GRIDS, every(_grid, _one_hero))},
        ),
    }
)
"""Type of a template → what it needs. Of the others Meta documents too little to tell what it takes."""

template: Check = by_type("template_type", TEMPLATES)
