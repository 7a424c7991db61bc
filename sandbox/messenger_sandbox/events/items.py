"""How each kind of event is written: what stands in its item beside sender, recipient and timestamp.

A builder reads the details it knows; one that is required and missing raises KeyError. Source:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/webhook-events
"""

from __future__ import annotations

from collections.abc import Callable

from messenger_sandbox.events.kinds import Details, Item, present

Builder = Callable[[Details], Item]


def message(details: Details) -> Item:
    """Text, attachments or both (which only a person may send together), and all that may come with them."""
    said = present(
        details,
        "mid",
        "text",
        "quick_reply",
        "reply_to",
        "attachments",
        "referral",
        "commands",
        "nlp",
        "is_unsupported",
        "sticker_id",
        "seq",
    )
    return {"message": said} | present(details, "prior_message", "hop_context", "lead")


def unsend(details: Details) -> Item:
    """The person took a message back; some captures have the flag as text."""
    return {"message": {"mid": details["target_mid"], "is_deleted": details.get("is_deleted", True)}}


def message_edit(details: Details) -> Item:
    """`num_edit` counts from 1 to 5; Meta's table says integer, its samples have text."""
    return {"message_edit": {"mid": details["target_mid"], **present(details, "text", "num_edit")}}


def postback(details: Details) -> Item:
    return {"postback": present(details, "mid", "title", "payload", "referral")}


def react(details: Details) -> Item:
    known = {"action": "react", "reaction": details["reaction"]}
    return {"reaction": known | present(details, "emoji") | {"mid": details["target_mid"]}}


def unreact(details: Details) -> Item:
    """May lack both the reaction and its emoji."""
    return {"reaction": {"action": "unreact", **present(details, "reaction", "emoji"), "mid": details["target_mid"]}}


def read(details: Details) -> Item:
    return {"read": {"watermark": details["watermark"], **present(details, "seq")}}


def delivery(details: Details) -> Item:
    return {"delivery": present(details, "mids", "watermark", "seq")}


def echo(details: Details) -> Item:
    said = present(details, "app_id", "metadata", "mid", "text", "attachments", "sticker_id", "reply_to")
    return {"message": {"is_echo": True} | said}


def referral(details: Details) -> Item:
    """`lead`, of a lead ad, stands beside the referral."""
    told = {name: value for name, value in details.items() if name != "lead"}
    return {"referral": told} | present(details, "lead")


def unknown(details: Details) -> Item:
    """Any `key` with any `value`."""
    return {details["key"]: details["value"]}


def under(key: str) -> Builder:
    """For kinds that are one object under one key: the details are that object, nulls and all."""
    return lambda details: {key: dict(details)}


def change(field: str) -> Builder:
    """For items of `changes`: the details are the value."""
    return lambda details: {"field": field, "value": dict(details)}
