"""Forms of what a person does besides writing: taps, reactions, edits, receipts, opt-ins, referrals, orders."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from messenger_sandbox.events.forms.messages import LEAD, ad_referral
from messenger_sandbox.events.item_variants import USER_REF
from messenger_sandbox.events.kinds import Item
from messenger_sandbox.events.setting import Fill, Setting

REACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "smile": "😆",
        "angry": "😠",
        "sad": "😢",
        "wow": "😮",
        "love": "❤",
        "like": "👍",
        "dislike": "👎",
        "other": "🦄",
    }
)
"""All names of reactions, each with an emoji; `other` may have any."""
YEAR_MS: Final = 365 * 86_400_000
SHORTLINK: Final[Mapping[str, str]] = {"ref": "promo_7", "source": "SHORTLINK", "type": "OPEN_THREAD"}


def _reacted(reaction: str) -> Fill:
    return lambda setting: {
        "target_mid": setting.page_mid,
        "reaction": reaction,
        "emoji": REACTIONS[reaction],
    }


def _edited(number: object) -> Fill:
    return lambda setting: {
        "target_mid": setting.own_mid,
        "text": "Where is my *second* order?",
        "num_edit": number,
    }


def _tapped(setting: Setting, **more: Any) -> Item:
    return {"mid": setting.mid, "title": "Talk to an agent", "payload": "AGENT"} | more


def _notification(setting: Setting, **more: Any) -> Item:
    """An opt-in to marketing messages; its token is what they are addressed to."""
    return {
        "type": "notification_messages",
        "title": "Offers",
        "payload": "OFFERS",
        "notification_messages_token": "4810077230045",
        "notification_messages_topic": "offers",
        "notification_messages_timezone": "Asia/Karachi",
        "token_expiry_timestamp": setting.at_ms + YEAR_MS,
        "user_token_status": "NOT_REFRESHED",
    } | more


def _rated(kind: str, score: str, **more: Any) -> Fill:
    """The answer to a customer feedback template: the question's id is a key, the score is text."""
    question = {f"{kind}_1": {"type": kind, "payload": score} | more}
    return lambda _: {"feedback_screens": [{"screen_id": 0, "questions": question}]}


def _cart(_: Setting) -> Item:
    chair = {"id": 58201, "retailer_id": "SKU-7", "name": "Chair", "unit_price": 4500, "currency": "PKR", "quantity": 2}
    lamp = {"id": 58202, "retailer_id": "SKU-8", "name": "Lamp", "unit_price": 999.5, "currency": "PKR", "quantity": 1}
    return {"note": "Please ring twice", "products": [chair, lamp]}


def _address(_: Setting) -> Item:
    responses = [{"key": "street", "value": "12 Mall Road"}, {"key": "city", "value": "Lahore"}]
    return {"screens": [{"screen_id": "shipping_address", "responses": responses}]}


def _played(context: str) -> Fill:
    played = {"game_id": "220011", "player_id": "330022", "context_type": context, "context_id": "440033"}
    return lambda _: played | {"score": 1200, "payload": '{"level":3}'}


ACT_FORMS: Final[Mapping[str, Fill]] = {
    "postback.button": _tapped,
    "postback.without_mid": lambda _: {"title": "Get Started", "payload": "GET_STARTED"},
    "postback.get_started_referral": lambda setting: _tapped(setting, title="Get Started", referral=SHORTLINK),
    "postback.ad_referral": lambda setting: _tapped(setting, title="Get Started", referral=ad_referral(setting)),
    "postback.guest": lambda setting: _tapped(
        setting,
        referral={
            "ref": "shop",
            "source": "CUSTOMER_CHAT_PLUGIN",
            "type": "OPEN_THREAD",
            "referer_uri": "https://shop.example/chairs",
            "is_guest_user": True,
        },
    ),
    "postback.empty_title": lambda setting: _tapped(setting, title="", referral={**SHORTLINK, "ref": None}),
    "postback.user_ref": _tapped,
    "postback.standby": _tapped,
    **{f"react.{name}": _reacted(name) for name in REACTIONS},
    "react.without_emoji": lambda setting: {"target_mid": setting.page_mid, "reaction": "other"},
    "react.escaped_emoji": lambda setting: _reacted("love")(setting) | {"emoji": "\\u{2764}\\u{FE0F}"},
    "unreact.bare": lambda setting: {"target_mid": setting.page_mid},
    "unreact.with_emoji": _reacted("love"),
    "read.watermark": lambda setting: {"watermark": setting.at_ms},
    "read.legacy": lambda setting: {"watermark": setting.at_ms, "seq": 38},
    "delivery.mids": lambda setting: {"mids": [setting.page_mid], "watermark": setting.at_ms},
    "delivery.watermark_only": lambda setting: {"watermark": setting.at_ms},
    "delivery.legacy": lambda setting: {"mids": [setting.page_mid], "watermark": setting.at_ms, "seq": 37},
    "message_edit.number": _edited(1),
    "message_edit.number_as_text": _edited("2"),
    "unsend.flag": lambda setting: {"target_mid": setting.own_mid},
    "unsend.flag_as_text": lambda setting: {"target_mid": setting.own_mid, "is_deleted": "true"},
    "optin.notification_messages": _notification,
    "optin.notification_messages_ref": lambda setting: _notification(setting, ref="from_shop", source="m.me"),
    "optin.notification_messages_stop": lambda setting: _notification(
        setting, notification_messages_status="STOP NOTIFICATIONS"
    ),
    "optin.notification_messages_resume": lambda setting: (
        _notification(setting)
        | {"notification_messages_status": "RESUME NOTIFICATIONS", "user_token_status": "REFRESHED"}
    ),
    "optin.send_to_messenger": lambda _: {"ref": "cart-1001"},
    "optin.checkbox": lambda _: {"ref": "cart-1002", "user_ref": USER_REF},
    "optin.one_time_notification": lambda _: {
        "type": "one_time_notif_req",
        "payload": "BACK_IN_STOCK",
        "one_time_notif_token": "7733001122",
    },
    "referral.shortlink": lambda _: dict(SHORTLINK),
    "referral.ad": ad_referral,
    "referral.plugin": lambda _: {
        "ref": "checkout",
        "source": "CUSTOMER_CHAT_PLUGIN",
        "type": "OPEN_THREAD",
        "referer_uri": "https://shop.example/checkout",
    },
    "referral.discover_tab": lambda _: {"source": "DISCOVER_TAB", "type": "OPEN_THREAD"},
    "referral.messenger_code": lambda _: {"ref": "poster", "source": "MESSENGER_CODE", "type": "OPEN_THREAD"},
    "referral.null_ref": lambda _: {**SHORTLINK, "ref": None},
    "referral.lead_complete": lambda setting: {**ad_referral(setting, kind="LEAD_COMPLETE"), "lead": LEAD},
    "referral.lead_incomplete": lambda setting: {**ad_referral(setting, kind="LEAD_INCOMPLETE"), "lead": LEAD},
    "account_linking.linked": lambda _: {"status": "linked", "authorization_code": "shop-login-88"},
    "account_linking.linked_without_code": lambda _: {"status": "linked"},
    "account_linking.unlinked": lambda _: {"status": "unlinked"},
    "messaging_feedback.csat": _rated("csat", "4", follow_up={"type": "free_form", "payload": "a bit slow"}),
    "messaging_feedback.nps": _rated("nps", "9"),
    "messaging_feedback.ces": _rated("ces", "6"),
    "messaging_feedback.free_form": _rated("free_form", "Nothing to complain about"),
    "response_feedback.good": lambda setting: {"feedback": "Good response", "mid": setting.page_mid},
    "response_feedback.bad": lambda setting: {"feedback": "Bad response", "mid": setting.page_mid},
    "order.cart": _cart,
    "messaging_customer_information.address": _address,
    "game_play.solo": _played("SOLO"),
    "game_play.thread": _played("THREAD"),
    "game_play.group": _played("GROUP"),
    "form.submitted": lambda _: {"id": "5510020030"},
    "coupon.opened": lambda _: {"type": "coupon", "payload": "autumn-2026", "coupon_code": "CHAIR10"},
    "unknown.new_kind": lambda _: {"key": "holo_call", "value": {"room": "r-1", "minutes": 3}},
}
