"""Templates, one row per kind that is alive: what its payload must hold.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/templates; the
address of each limit stands in `limits`. Kinds that Meta documents only in part are judged by that part.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from messenger_sandbox.errors import ErrorName, GraphError, refusal
from messenger_sandbox.rules.attempt import NOTHING, as_object, bad, one_of
from messenger_sandbox.rules.buttons import button, default_action
from messenger_sandbox.rules.feedback import FEEDBACK
from messenger_sandbox.rules.receipts import RECEIPT
from messenger_sandbox.rules.shapes import (
    Check,
    any_text,
    choice,
    digits,
    first,
    flag,
    is_web_url,
    items,
    may,
    need,
    shape,
    text,
    url,
)

_KIND: Final = need(any_text)
_LINK_OR_POSTBACK: Final = frozenset({"web_url", "postback"})

_generic_element: Final = shape(
    {
        "title": need(text("generic.title")),
        "subtitle": may(text("generic.subtitle")),
        "image_url": may(url),
        "default_action": may(default_action),
        "buttons": may(items("generic.buttons", button())),
    }
)


def _element_of_generic(value: Any, where: str) -> GraphError | None:
    if isinstance(value, dict) and not any(value.get(name) is not None for name in value if name != "title"):
        return bad(f"Param {where} must have at least one property besides its title")
    return _generic_element(value, where)


_media_element: Final = shape(
    {
        "media_type": need(choice({"image", "video"})),
        "attachment_id": may(digits),
        "url": may(url),
        "buttons": may(items("media.buttons", button())),
        "sharable": may(flag),
    }
)


def _element_of_media(value: Any, where: str) -> GraphError | None:
    """Media templates have errors of their own."""
    element = as_object(value)
    address, attachment_id = element.get("url"), element.get("attachment_id")
    if not one_of(element.get("media_type"), {"image", "video"}):
        return refusal(ErrorName.MEDIA_TYPE_INVALID)
    if address is None and attachment_id is None:
        return refusal(ErrorName.MEDIA_ID_MISSING)
    if address is not None and attachment_id is not None:
        return bad(f"Param {where} must hold either attachment_id or url")
    if address is not None and not _is_of_facebook(address):
        return refusal(ErrorName.MEDIA_URL_UNSUPPORTED)
    return _media_element(value, where)


def _is_of_facebook(address: object) -> bool:
    host = (urlsplit(str(address)).hostname or "") if is_web_url(address) else ""
    return host == "facebook.com" or host.endswith(".facebook.com")


def _product(value: Any, _: str) -> GraphError | None:
    product_id = as_object(value).get("id")
    known = digits(product_id, "id") is None and as_object(value).keys() == {"id"}
    return None if known else refusal(ErrorName.PRODUCT_INVALID)


_grid_image: Final = shape(
    {"url": need(url), "is_hero_image": may(flag), "action": may(shape({"type": _KIND}, also_others=True))}
)
_grid: Final = shape(
    {
        "images": need(items("image_grid.images", _grid_image)),
        "title": may(text("image_grid.title")),
        "subtitle": may(text("image_grid.subtitle")),
        "buttons": may(items("image_grid.buttons", button(_LINK_OR_POSTBACK))),
    }
)


def _element_of_grid(value: Any, where: str) -> GraphError | None:
    images = as_object(value).get("images")
    images = [as_object(image) for image in images] if isinstance(images, list) else []
    if sum(image.get("is_hero_image") is True for image in images) > 1:
        return bad(f"At most one image of param {where}[images] may be the hero image")
    actions = (
        _grid_action(image["action"], f"{where}[images][{index}][action]")
        for index, image in enumerate(images)
        if image.get("action") is not None
    )
    return first(_grid(value, where), *actions)


def _grid_action(value: Any, where: str) -> GraphError | None:
    """A link or a postback, without a title."""
    if as_object(value).get("type") == "web_url":
        return default_action(value, where)
    return shape({"type": need(choice(_LINK_OR_POSTBACK)), "payload": need(text("button.payload"))})(value, where)


_coupon: Final = shape(
    {
        "template_type": _KIND,
        "title": need(text("coupon.title")),
        "subtitle": may(text("coupon.subtitle")),
        "coupon_code": may(any_text),
        "coupon_url": may(url),
        "image_url": may(url),
    },
    also_others=True,
)


def _coupon_with_a_code(value: Any, where: str) -> GraphError | None:
    if not (as_object(value).get("coupon_code") or as_object(value).get("coupon_url")):
        return bad(f"Param {where} must hold coupon_code or coupon_url")
    return _coupon(value, where)


def _form(value: Any, where: str) -> GraphError | None:
    form_id = as_object(value).get("form_id")
    return refusal(ErrorName.FORM_INVALID) if digits(form_id, where) or not str(form_id).strip("0") else None


TEMPLATES: Mapping[str, Check] = MappingProxyType(
    {
        "button": shape(
            {
                "template_type": _KIND,
                "text": need(text("button_template.text")),
                "buttons": need(items("button_template.buttons", button())),
                "sharable": may(flag),
            }
        ),
        "coupon": _coupon_with_a_code,
        "customer_feedback": FEEDBACK,
        "customer_information": shape({"template_type": _KIND}, also_others=True),
        "generic": shape(
            {
                "template_type": _KIND,
                "elements": need(items("generic.elements", _element_of_generic)),
                "image_aspect_ratio": may(choice({"horizontal", "square"})),
                "sharable": may(flag),
            }
        ),
        "image_grid": shape({"template_type": _KIND, "elements": need(items("image_grid.elements", _element_of_grid))}),
        "instant_form": _form,
        "media": shape(
            {
                "template_type": _KIND,
                "elements": need(items("media.elements", _element_of_media)),
                "sharable": may(flag),
            }
        ),
        "notification_messages": shape({"template_type": _KIND, "payload": need(any_text)}, also_others=True),
        "product": shape({"template_type": _KIND, "elements": need(items("product.elements", _product))}),
        "receipt": RECEIPT,
    }
)
"""`airline_…`, `list` and `open_graph` are gone; a utility template does not stand in an attachment."""


def template(payload: object, where: str) -> GraphError | None:
    """Judges the payload of an attachment of type `template`."""
    kind = (payload if isinstance(payload, dict) else NOTHING).get("template_type")
    if not one_of(kind, TEMPLATES):
        return bad("Invalid template type")
    return TEMPLATES[str(kind)](payload, where)
