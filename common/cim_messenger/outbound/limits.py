"""Messenger's limits of outbound messages, each with the page that states it."""

from __future__ import annotations

TEXT_UNITS = 1_999
"""UTF-16 units of `message.text`, which must be *less than* 2 000 characters. Meta does not say what it counts; this
unit is the one by which a text never turns out longer than they count it, bytes excepted.
https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/send-api"""


def utf16_units(text: str) -> int:
    """The length of a text as Java and JavaScript count it: a character outside the basic plane counts twice."""
    return len(text) + sum(character > "\uffff" for character in text)
