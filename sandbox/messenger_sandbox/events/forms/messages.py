"""Forms of `message`: texts, quick replies, quotes, referrals, and one message per form of attachment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from messenger_sandbox.events.attachments import (
    ATTACHMENT_FORMS,
    LINK,
    STICKER_ID,
    THUMBS_UP,
    TITLE,
    AttachmentForm,
    fallback,
)
from messenger_sandbox.events.kinds import Item
from messenger_sandbox.events.setting import Fill, Setting

PHONE: Final = "+923001234567"
EMAIL: Final = "ali.raza@mail.example"
LEAD: Final[Mapping[str, Any]] = {
    "data": [
        {"question": "Do you want to sell our chairs?", "answer": "Yes"},
        {"question": "In which city?", "answer": "Multan"},
    ]
}


def ad_referral(setting: Setting, *, kind: str = "OPEN_THREAD") -> Item:
    """The person came from a Click-to-Messenger ad."""
    return {
        "ref": "autumn_chairs",
        "source": "ADS",
        "type": kind,
        "ad_id": "6120033445566",
        "ads_context_data": {
            "ad_title": "Chairs of this autumn",
            "photo_url": setting.media("jpeg"),
            "video_url": setting.media("mp4"),
            "post_id": "9007",
            "product_id": "58201",
            "flow_id": "31",
        },
    }


def _text(setting: Setting, **more: Any) -> Item:
    return {"mid": setting.mid, "text": "Where is my order?"} | more


def _attached(form: AttachmentForm) -> Fill:
    return lambda setting: {"mid": setting.mid, "attachments": form(setting)}


def _tapped(title: str, payload: str) -> Fill:
    return lambda setting: {"mid": setting.mid, "text": title, "quick_reply": {"payload": payload}}


def _long_text_nlp(setting: Setting) -> Item:
    nlp = {"errors": [{"code": "msg-invalid", "message": "Message is too long"}]}
    return {"mid": setting.mid, "text": "very " * 60 + "long", "nlp": nlp}


def _legacy(setting: Setting) -> Item:
    """As in captures of the first years: another form of mid, and numbers that nothing needs."""
    return {"mid": "mid.$cAAe" + setting.mid[-24:], "seq": 73, "text": "hello"}


def _legacy_sticker(setting: Setting) -> Item:
    """The id stands beside the attachments, too."""
    attachments = ATTACHMENT_FORMS["sticker_as_image"](setting)
    return {"mid": setting.mid, "seq": 74, "sticker_id": STICKER_ID, "attachments": attachments}


def _legacy_thumb(setting: Setting) -> Item:
    image = {"type": "image", "payload": {"url": setting.media("sticker")}}
    return {"mid": setting.mid, "sticker_id": THUMBS_UP["small"], "attachments": [image]}


_WRITTEN: Final[dict[str, Fill]] = {
    "message.text": _text,
    "message.unicode": lambda setting: _text(setting, text="Где мой заказ? 👩🏽‍💻 كيف\nالحال"),
    "message.quick_reply": _tapped("Order status", "ORDER_STATUS"),
    "message.quick_reply_phone": _tapped(PHONE, PHONE),
    "message.quick_reply_email": _tapped(EMAIL, EMAIL),
    "message.quote_of_page": lambda setting: _text(setting, reply_to={"mid": setting.page_mid, "is_self_reply": False}),
    "message.quote_of_own": lambda setting: _text(setting, reply_to={"mid": setting.own_mid, "is_self_reply": True}),
    "message.ad_referral": lambda setting: _text(setting, referral=ad_referral(setting)),
    "message.shop_referral": lambda setting: _text(setting, referral={"product": {"id": "58201"}}),
    "message.command": lambda setting: _text(setting, text="track A-1001", commands=[{"name": "track"}]),
    "message.nlp": lambda setting: _text(setting, nlp={"entities": {}}),
    "message.nlp_error": _long_text_nlp,
    "message.checkbox": lambda setting: _text(
        setting, prior_message={"source": "checkbox_plugin", "identifier": "guest-5a41c0e2"}
    ),
    "message.routed": lambda setting: _text(setting, hop_context=[{"app_id": 413038776280800, "metadata": "lead"}]),
    "message.lead": lambda setting: _text(setting, lead=LEAD),
    "message.unsupported": lambda setting: {"mid": setting.mid, "is_unsupported": True},
    "message.empty": lambda setting: {"mid": setting.mid},
    "message.legacy": _legacy,
    "message.legacy_sticker": _legacy_sticker,
    "message.legacy_thumb": _legacy_thumb,
    "message.text_and_attachments": lambda setting: _text(
        setting, attachments=ATTACHMENT_FORMS["album_and_file"](setting)
    ),
    "message.link": lambda setting: _text(setting, text=LINK, attachments=[fallback()]),
    "message.link_in_text": lambda setting: _text(setting, text=f"see {LINK} !", attachments=[fallback()]),
    "message.title_as_text": lambda setting: _text(setting, text=TITLE, attachments=[fallback()]),
}

MESSAGE_FORMS: Final[Mapping[str, Fill]] = _WRITTEN | {
    f"message.{name}": _attached(form) for name, form in ATTACHMENT_FORMS.items()
}
