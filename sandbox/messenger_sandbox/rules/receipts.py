"""The receipt template.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/template/receipt.
That an order number is used once is not checked: Meta does not say among what.
"""

from __future__ import annotations

from typing import Final

from messenger_sandbox.rules.shapes import Check, amount, any_text, each, flag, items, matching, may, need, shape, url

_CURRENCY: Final = matching(r"[A-Z]{3}", "an ISO 4217 currency code")

_element: Final = shape(
    {
        "title": need(any_text),
        "subtitle": may(any_text),
        "quantity": may(amount),
        "price": need(amount),
        "currency": may(_CURRENCY),
        "image_url": may(url),
    }
)
_address: Final = shape(
    {
        "street_1": need(any_text),
        "street_2": may(lambda *_: None),
        "city": need(any_text),
        "postal_code": need(any_text),
        "state": need(any_text),
        "country": need(any_text),
    }
)
_summary: Final = shape(
    {
        "subtotal": may(amount),
        "shipping_cost": may(amount),
        "total_tax": may(amount),
        "total_cost": need(amount),
    }
)
_adjustment: Final = shape({"name": need(any_text), "amount": need(amount)})

RECEIPT: Final[Check] = shape(
    {
        "template_type": need(any_text),
        "recipient_name": need(any_text),
        "merchant_name": may(any_text),
        "order_number": need(any_text),
        "currency": need(_CURRENCY),
        "payment_method": need(any_text),
        "order_url": may(url),
        "timestamp": may(matching(r"[0-9]{1,12}", "a time in seconds")),
        "elements": may(items("receipt.elements", _element)),
        "address": may(_address),
        "summary": need(_summary),
        "adjustments": may(each(_adjustment)),
        "sharable": may(flag),
    }
)
