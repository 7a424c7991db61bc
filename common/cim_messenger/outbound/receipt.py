"""RECEIPT: the receipt of a purchase, as Messenger's receipt template. Amounts are whole numbers, as CIM has them.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/templates/receipt
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cim_messenger.outbound import limits
from cim_messenger.outbound.buttons import template_part
from cim_messenger.outbound.checks import amount
from cim_messenger.outbound.links import web_address
from cim_messenger.outbound.refusals import exceeds, invalid
from cim_messenger.outbound.text import split_warnings, text_of, text_parts
from cim_messenger.outbound.values import Rendered, Rules
from expertflow.cim.v1.interactive_pb2 import ReceiptAddress, ReceiptAdjustment, ReceiptBody, ReceiptElement
from expertflow.cim.v1.message_pb2 import CimMessage

FIELD = "body.receipt"
_CURRENCY = re.compile(r"[A-Z]{3}")
_SECONDS = re.compile(r"[0-9]{1,10}")
_MILLISECONDS = re.compile(r"[0-9]{11,13}")


def render_receipt(message: CimMessage, rules: Rules) -> Rendered:
    """The text, if there is one, and then the receipt."""
    before = text_parts(text_of(message), rules)
    template = template_part(_payload(message.body.receipt))
    return Rendered(parts=(*before, template), warnings=tuple(split_warnings(before)))


def _payload(body: ReceiptBody) -> dict[str, Any]:
    if (count := len(body.elements)) > limits.RECEIPT_ELEMENTS.maximum:
        raise exceeds(f"{FIELD}.elements", limits.RECEIPT_ELEMENTS, count)
    required = {name: _required(getattr(body, name), f"{FIELD}.{name}") for name in REQUIRED}
    return {
        "template_type": "receipt",
        **required,
        "currency": _currency(body.currency, f"{FIELD}.currency"),
        "summary": _summary(body),
        **_given(
            sharable=body.sharable if body.HasField("sharable") else None,
            merchant_name=body.merchant_name.strip(),
            timestamp=_timestamp(body.timestamp_text.strip()),
            elements=[_element(item, f"{FIELD}.elements[{index}]") for index, item in enumerate(body.elements)],
            address=_address(body.address) if body.HasField("address") else None,
            adjustments=[_adjustment(item, f"{FIELD}.adjustments[{i}]") for i, item in enumerate(body.adjustments)],
        ),
    }


REQUIRED = ("recipient_name", "order_number", "payment_method")
"""Texts that the template cannot be without; they have the same names in CIM."""


def _given(**values: Any) -> dict[str, Any]:
    """The values that say something; 0 and False do."""
    return {name: value for name, value in values.items() if value is not None and value not in ("", [], {})}


def _required(text: str, path: str) -> str:
    if not (said := text.strip()):
        raise invalid(path, "It is missing, and Messenger's receipts need it.")
    return said


def _currency(text: str, path: str) -> str:
    if not _CURRENCY.fullmatch(code := text.strip().upper()):
        raise invalid(path, "It must be a currency's three letters by ISO 4217.")
    return code


def _summary(body: ReceiptBody) -> Mapping[str, int]:
    summary = body.summary
    if not summary.HasField("total_cost"):
        raise invalid(f"{FIELD}.summary.total_cost", "It is missing, and Messenger's receipts need it.")
    return {name: _amount(getattr(summary, name), f"{FIELD}.summary.{name}") for name in SUMS if summary.HasField(name)}


SUMS = ("subtotal", "shipping_cost", "total_tax", "total_cost")


def _element(item: ReceiptElement, path: str) -> dict[str, Any]:
    if not item.HasField("price"):
        raise invalid(f"{path}.price", "An item of a receipt needs a price.")
    return _given(
        title=_required(item.title, f"{path}.title"),
        subtitle=item.subtitle.strip(),
        quantity=_amount(item.quantity, f"{path}.quantity") if item.HasField("quantity") else None,
        price=_amount(item.price, f"{path}.price"),
        currency=_currency(item.currency, f"{path}.currency") if item.currency.strip() else None,
        image_url=web_address(item.image_url, f"{path}.image_url") if item.image_url.strip() else None,
    )


def _adjustment(item: ReceiptAdjustment, path: str) -> dict[str, Any]:
    return {"name": _required(item.name, f"{path}.name"), "amount": _amount(item.amount, f"{path}.amount")}


def _amount(value: int, path: str) -> int:
    amount(value, path)
    return value


def _address(address: ReceiptAddress) -> dict[str, Any] | None:
    """Messenger takes a whole address or none."""
    if not any(getattr(address, name).strip() for name, _ in ADDRESS_FIELDS):
        return None
    return dict(_address_fields(address))


ADDRESS_FIELDS = (
    ("street1", "street_1"),
    ("street2", "street_2"),
    ("city", "city"),
    ("postal_code", "postal_code"),
    ("state", "state"),
    ("country", "country"),
)
"""Field of CIM → field of the template."""


def _address_fields(address: ReceiptAddress) -> Iterator[tuple[str, str]]:
    for name, wire_name in ADDRESS_FIELDS:
        text = getattr(address, name).strip()
        if text or name != "street2":
            yield wire_name, _required(text, f"{FIELD}.address.{name}")


def _timestamp(text: str) -> str:
    """Seconds since 1970 in digits; milliseconds are shortened to them."""
    if not text or _SECONDS.fullmatch(text):
        return text
    if _MILLISECONDS.fullmatch(text):
        return text[:-3]
    raise invalid(f"{FIELD}.timestamp_text", "It must be a time in seconds since 1970, in decimal digits.")
