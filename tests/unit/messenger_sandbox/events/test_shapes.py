"""The documented shape of every event, written down a second time, against what the forms make of it.

Both ways: nothing is sent that no documentation knows, and everything documented is sent by some form.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from messenger_sandbox.events.attachments import AttachmentType
from messenger_sandbox.events.forms import FORMS, kind_of
from messenger_sandbox.events.kinds import EventKind
from tests.support.sandbox_setting import event_of

# A shape is a type, several types, a set of values, a list of one shape, or an object of shapes; ANY_KEY stands for
# every key that is not named.
Shape = Any
ANY_KEY = "*"
NULL = type(None)

REFERRAL: Shape = {
    "ref": (str, NULL),
    "source": {"ADS", "SHORTLINK", "CUSTOMER_CHAT_PLUGIN", "DISCOVER_TAB", "MESSENGER_CODE"},
    "type": {"OPEN_THREAD", "LEAD_COMPLETE", "LEAD_INCOMPLETE"},
    "ad_id": str,
    "referer_uri": str,
    "is_guest_user": bool,
    "ads_context_data": {
        "ad_title": str,
        "photo_url": str,
        "video_url": str,
        "post_id": str,
        "product_id": str,
        "flow_id": str,
    },
}
LEAD: Shape = {"data": [{"question": str, "answer": str}]}
LINK: Shape = {"url": str, "title": str}
REEL: Shape = LINK | {"reel_video_id": int}
SHARED_POST: Shape = LINK | {"id": int}
MEDIUM: Shape = {"url": str, "attachment_id": int}
PRODUCTS: Shape = {
    "elements": [{"id": str, "retailer_id": str, "image_url": str, "title": str, "subtitle": str}],
}
TEMPLATE: Shape = {
    "product": PRODUCTS,
    "template_type": {"button", "generic", "media"},
    "text": str,
    "buttons": [{"type": {"web_url", "postback"}, "url": str, "title": str, "payload": str}],
    "elements": [{"title": str, "subtitle": str, "image_url": str, "media_type": {"image"}, "attachment_id": int}],
}
PAYLOADS: dict[str, Shape] = {
    "image": MEDIUM | {"sticker_id": int},
    "video": MEDIUM,
    "audio": MEDIUM,
    "file": MEDIUM,
    "sticker": {"url": str, "sticker_id": (int, str)},
    "reel": REEL,
    "ig_reel": REEL,
    "post": SHARED_POST,
    "ig_post": SHARED_POST,
    "fallback": LINK,
    "template": TEMPLATE,
    "location": {"coordinates": {"lat": float, "long": float}},
    "share": {"url": str},
    "appointment_booking": {
        "booking_id": str,
        "status": {"requested", "confirmed", "declined", "cancelled"},
        "start_time": int,
        "end_time": int,
        "timezone": str,
    },
    "story": {"url": str},
    "story_mention": {"url": str},
    "hologram": LINK | {"depth": int},
}
MESSAGE: Shape = {
    "mid": str,
    "text": str,
    "quick_reply": {"payload": str},
    "reply_to": {"mid": str, "is_self_reply": bool},
    "attachments": "attachments",
    "referral": REFERRAL | {"product": {"id": str}},
    "commands": [{"name": str}],
    "nlp": {"entities": {}, "errors": [{"code": str, "message": str}]},
    "is_deleted": (bool, str),
    "is_unsupported": bool,
    "is_echo": bool,
    "app_id": (int, str),
    "metadata": str,
    "sticker_id": int,
    "seq": int,
}
REACTION_NAMES = {"smile", "angry", "sad", "wow", "love", "like", "dislike", "other"}
POLICY: Shape = {"action": {"warning", "block", "unblock"}, "reason": str}
PARTY: Shape = {"id": str, "user_ref": str}
ITEM: Shape = {
    "sender": PARTY,
    "recipient": {"id": str},
    "timestamp": (int, str),
    "message": MESSAGE,
    "prior_message": {"source": str, "identifier": str},
    "hop_context": [{"app_id": int, "metadata": str}],
    "lead": LEAD,
    "message_edit": {"mid": str, "text": str, "num_edit": (int, str)},
    "reaction": {"action": {"react", "unreact"}, "reaction": REACTION_NAMES, "emoji": str, "mid": str},
    "read": {"watermark": int, "seq": int},
    "delivery": {"mids": [str], "watermark": int, "seq": int},
    "postback": {"mid": str, "title": str, "payload": str, "referral": REFERRAL},
    "referral": REFERRAL,
    "optin": {
        "type": {"notification_messages", "one_time_notif_req"},
        "title": str,
        "payload": str,
        "ref": str,
        "source": str,
        "user_ref": str,
        "notification_messages_token": str,
        "notification_messages_topic": str,
        "notification_messages_timezone": str,
        "notification_messages_status": {"STOP NOTIFICATIONS", "RESUME NOTIFICATIONS"},
        "token_expiry_timestamp": int,
        "user_token_status": {"REFRESHED", "NOT_REFRESHED"},
        "one_time_notif_token": str,
    },
    "account_linking": {"status": {"linked", "unlinked"}, "authorization_code": str},
    "policy_enforcement": POLICY,
    "policy-enforcement": POLICY | {"action": {"block"}},
    "messaging_feedback": {
        "feedback_screens": [
            {
                "screen_id": int,
                "questions": {
                    ANY_KEY: {
                        "type": {"csat", "nps", "ces", "free_form"},
                        "payload": str,
                        "follow_up": {"type": {"free_form"}, "payload": str},
                    }
                },
            }
        ]
    },
    "response_feedback": {"feedback": {"Good response", "Bad response"}, "mid": str},
    "order": {
        "note": str,
        "products": [
            {
                "id": int,
                "retailer_id": str,
                "name": str,
                "unit_price": (int, float),
                "currency": str,
                "quantity": int,
            }
        ],
    },
    "messaging_customer_information": {"screens": [{"screen_id": str, "responses": [{"key": str, "value": str}]}]},
    "game_play": {
        "game_id": str,
        "player_id": str,
        "context_type": {"SOLO", "THREAD", "GROUP"},
        "context_id": str,
        "score": int,
        "payload": str,
    },
    "form": {"id": str},
    "template": {"type": {"coupon"}, "payload": str, "coupon_code": str},
    "pass_thread_control": {"previous_owner_app_id": (str, NULL), "new_owner_app_id": str, "metadata": str},
    "take_thread_control": {"previous_owner_app_id": str, "new_owner_app_id": str, "metadata": str},
    "request_thread_control": {"requested_owner_app_id": int, "metadata": str},
    "app_roles": {ANY_KEY: [{"primary_receiver", "secondary_receiver"}]},
    "holo_call": {"room": str, "minutes": int},
}
FEED: Shape = {
    "item": {"comment", "reaction", "status", "photo", "video", "share"},
    "verb": {"add", "edited", "remove", "hide", "unhide"},
    "comment_id": str,
    "post_id": str,
    "parent_id": str,
    "from": {"id": str, "name": str},
    "sender_id": int,
    "sender_name": str,
    "message": str,
    "photo": str,
    "video": str,
    "photos": [str],
    "photo_ids": [str],
    "photo_id": str,
    "video_id": str,
    "share_id": str,
    "open_graph_story_id": str,
    "link": str,
    "created_time": int,
    "edited_time": int,
    "is_hidden": bool,
    "published": int,
    "reaction_type": {"like", "love", "wow", "haha", "sorry", "anger", "care"},
    "post": {
        "id": str,
        "status_type": str,
        "is_published": bool,
        "updated_time": str,
        "permalink_url": str,
        "promotion_status": str,
    },
}
CHANGES: dict[str, Shape] = {
    "feed": FEED,
    "mention": {
        "item": {"comment"},
        "verb": {"add"},
        "comment_id": str,
        "post_id": str,
        "message": str,
        "created_time": int,
    },
    "business_integrity": {
        "timestamp": int,
        "status": str,
        "violations": [{"type": str, "description": str, "url": str}],
        "restrictions": [
            {"feature": str, "status": str, "description": str, "applied_time": int, "expiration_time": int}
        ],
        "action_events": [],
    },
    "conversations": {"page_id": str, "thread_id": str},
}

# Which keys an event of the kind holds beside sender, recipient and timestamp, at the least.
KEYS: dict[EventKind, str] = {
    EventKind.MESSAGE: "message",
    EventKind.ECHO: "message",
    EventKind.UNSEND: "message",
    EventKind.REACT: "reaction",
    EventKind.UNREACT: "reaction",
    EventKind.COUPON: "template",
    EventKind.UNKNOWN: "holo_call",
    **{
        kind: kind.value
        for kind in EventKind
        if kind.value in ITEM and kind not in {EventKind.MESSAGE, EventKind.UNKNOWN}
    },
}


def walk(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Yields the path of all that the value holds; a path that begins with `!` is not as documented."""
    if shape == "attachments":
        for attachment in value:
            yield from _attachment(attachment, path)
    elif isinstance(shape, dict):
        yield from _members(shape, value, path)
    elif isinstance(shape, list):
        yield path if isinstance(value, list) else f"!{path}: {value!r}"
        for each in value:
            yield from walk(shape[0], each, f"{path}[]")
    elif isinstance(shape, set):
        yield f"{path}={value}" if value in shape else f"!{path}: {value!r}"
    else:
        right = isinstance(value, shape) and not (isinstance(value, bool) and shape is int)
        yield path if right else f"!{path}: {value!r}"


def _members(shape: dict[str, Shape], value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"!{path}: {value!r}"
        return
    yield path
    for key, each in value.items():
        name = key if key in shape else ANY_KEY
        if name in shape:
            yield from walk(shape[name], each, f"{path}.{name}")
        else:
            yield f"!{path}.{key}: not documented"


def _attachment(attachment: dict[str, Any], path: str) -> Iterator[str]:
    kind = attachment["type"]
    beside = {name: value for name, value in attachment.items() if name != "payload"}
    yield from walk({"type": set(PAYLOADS), "title": str, "url": str}, beside, f"{path}[]")
    payload = attachment.get("payload")
    if isinstance(payload, dict):
        yield from walk(PAYLOADS[kind], payload, f"{path}[{kind}]")
    elif "payload" in attachment:
        yield from walk((str, NULL), payload, f"{path}[{kind}]")


def documented(shape: Shape, path: str) -> Iterator[str]:
    """Yields every path that a value of the shape may hold, each allowed value of a set included."""
    if shape == "attachments":
        for kind, payload in PAYLOADS.items():
            yield f"{path}[].type={kind}"
            yield from documented(payload, f"{path}[{kind}]")
    elif isinstance(shape, dict):
        yield path
        for name, each in shape.items():
            yield from documented(each, f"{path}.{name}")
    elif isinstance(shape, list):
        yield path
        for each in shape:
            yield from documented(each, f"{path}[]")
    elif isinstance(shape, set):
        yield from (f"{path}={value}" for value in shape)
    else:
        yield path


def paths_of(form: str) -> list[str]:
    item = event_of(form).item
    if kind_of(form).value in CHANGES:
        return [*walk(CHANGES[item["field"]], item["value"], item["field"])]
    return [*walk(ITEM, item, "item")]


@pytest.mark.parametrize("form", FORMS)
def test_nothing_is_sent_that_no_documentation_knows(form: str) -> None:
    assert [path for path in paths_of(form) if path.startswith("!")] == []


# What only the newest echoes, or no form on purpose, have: the shapes are shared with places where they do occur.
ELSEWHERE = {
    *(f"item.{place}.type={kind}" for place in ("postback.referral", "message.referral") for kind in
      ("LEAD_COMPLETE", "LEAD_INCOMPLETE")),
    *(f"item.{place}.source={source}" for place in ("postback.referral", "message.referral") for source in
      ("DISCOVER_TAB", "MESSENGER_CODE")),
    "item.message.referral.source=SHORTLINK",
    "item.message.referral.source=CUSTOMER_CHAT_PLUGIN",
    "item.message.referral.referer_uri",
    "item.message.referral.is_guest_user",
    "item.referral.is_guest_user",
}  # fmt: skip


def test_everything_documented_is_sent_by_some_form() -> None:
    sent = {path for form in FORMS for path in paths_of(form)}
    wanted = {path for name, shape in CHANGES.items() for path in documented(shape, name)}
    assert (wanted | {*documented(ITEM, "item")}) - sent - ELSEWHERE == set()


def test_nothing_is_excused_that_is_sent() -> None:
    assert {path for form in FORMS for path in paths_of(form)}.isdisjoint(ELSEWHERE)


@pytest.mark.parametrize("form", [form for form in FORMS if kind_of(form).value not in CHANGES])
def test_an_event_stands_under_the_key_of_its_kind(form: str) -> None:
    keys = {key.replace("-", "_") for key in event_of(form).item}
    assert KEYS[kind_of(form)] in keys


def test_every_kind_has_a_documented_shape() -> None:
    assert {*KEYS} | {EventKind(name) for name in CHANGES} == set(EventKind)


def test_every_attachment_type_has_a_documented_payload() -> None:
    assert set(PAYLOADS) == set(AttachmentType)
