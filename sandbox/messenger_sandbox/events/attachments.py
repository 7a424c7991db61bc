"""Every type of attachment, one row each, and the forms it was seen in.

A row says what the payload of the type holds; a form is one whole attachment list of a message. Source:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/webhook-events/messages
and, for the odd forms, issues of chatwoot, rapidpro, botman and courier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from messenger_sandbox.events.kinds import Item
from messenger_sandbox.events.setting import Setting


class AttachmentType(StrEnum):
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    FILE = "file"
    STICKER = "sticker"
    REEL = "reel"
    IG_REEL = "ig_reel"
    POST = "post"
    IG_POST = "ig_post"
    FALLBACK = "fallback"
    TEMPLATE = "template"
    LOCATION = "location"
    SHARE = "share"
    APPOINTMENT_BOOKING = "appointment_booking"
    STORY = "story"
    STORY_MENTION = "story_mention"
    UNKNOWN = "hologram"
    """A type that nobody knows yet: new ones appear without notice."""


THUMBS_UP: Final[Mapping[str, int]] = MappingProxyType(
    {"small": 369239263222822, "medium": 369239343222814, "large": 369239383222810}
)
"""The stickers of the like button, which come without any text."""
STICKER_ID: Final = 1435019863455637
LINK: Final = "https://news.example/2026/11/depot?from=a%20b&x=1"
REDIRECT: Final = "https://l.facebook.com/l.php?u=https%3A%2F%2Fnews.example%2F2026%2F11%2Fdepot&h=AT1xYz&s=1"
TITLE: Final = "Depot opens on Monday"
BOOKED_S: Final = 1_796_040_000


def attachment(kind: AttachmentType, payload: Mapping[str, Any]) -> Item:
    return {"type": kind.value, "payload": dict(payload)}


def image(url: str) -> Item:
    return attachment(AttachmentType.IMAGE, {"url": url})


def sticker(url: str, sticker_id: int | str) -> Item:
    """A sticker as it comes since June 2026. Its id is a number on one page of the documentation, text on another."""
    return attachment(AttachmentType.STICKER, {"url": url, "sticker_id": sticker_id})


def sticker_as_image(url: str, sticker_id: int | str) -> Item:
    """A sticker as it came until the end of August 2026; from June on both forms stood in one message."""
    return attachment(AttachmentType.IMAGE, {"url": url, "sticker_id": sticker_id})


def fallback(url: str = LINK, title: str = TITLE) -> Item:
    """A shared link with its preview."""
    return attachment(AttachmentType.FALLBACK, {"url": url, "title": title})


def product(*retailer_ids: str, picture_url: str) -> Item:
    elements = [
        {
            "id": f"58201{number}",
            "retailer_id": retailer_id,
            "image_url": picture_url,
            "title": f"Chair {retailer_id}",
            "subtitle": "PKR 4,500",
        }
        for number, retailer_id in enumerate(retailer_ids)
    ]
    return attachment(AttachmentType.TEMPLATE, {"product": {"elements": elements}})


def appointment(status: str) -> Item:
    """Its times are in seconds. `status` is one of requested, confirmed, declined, cancelled."""
    booking = {
        "booking_id": "77310045",
        "status": status,
        "start_time": BOOKED_S,
        "end_time": BOOKED_S + 1_800,
        "timezone": "Asia/Karachi",
    }
    return attachment(AttachmentType.APPOINTMENT_BOOKING, booking)


def location(latitude: float, longitude: float) -> Item:
    return {
        "title": "Pinned location",
        "url": f"https://www.facebook.com/l.php?u=https%3A%2F%2Fmaps.example%2F{latitude}%2C{longitude}",
        "type": AttachmentType.LOCATION.value,
        "payload": {"coordinates": {"lat": latitude, "long": longitude}},
    }


def reel(kind: AttachmentType, url: str) -> Item:
    return attachment(kind, {"url": url, "title": "How we pack", "reel_video_id": 8801200345670012})


def post(kind: AttachmentType, url: str | None) -> Item:
    there = {} if url is None else {"url": url}
    return attachment(kind, {**there, "title": "New in: chairs", "id": 122107854312008877})


AttachmentForm = Callable[[Setting], list[Item]]
"""Builds the attachments of one message."""


def _of(kind: AttachmentType, media_kind: str) -> AttachmentForm:
    return lambda setting: [attachment(kind, {"url": setting.media(media_kind)})]


def _thumb(size: str) -> AttachmentForm:
    return lambda setting: [sticker(setting.media("sticker"), THUMBS_UP[size])]


def _overlap(setting: Setting) -> list[Item]:
    url = setting.media("sticker")
    return [sticker(url, STICKER_ID), sticker_as_image(url, STICKER_ID)]


ATTACHMENT_FORMS: Mapping[str, AttachmentForm] = MappingProxyType(
    {
        "image": _of(AttachmentType.IMAGE, "jpeg"),
        "image_png": _of(AttachmentType.IMAGE, "png"),
        "gif": _of(AttachmentType.IMAGE, "gif"),
        "video": _of(AttachmentType.VIDEO, "mp4"),
        "audio": _of(AttachmentType.AUDIO, "voice_clip"),
        "file": _of(AttachmentType.FILE, "pdf"),
        "album": lambda setting: [image(setting.media(kind)) for kind in ("jpeg", "png", "jpeg")],
        "album_and_file": lambda setting: [
            *(image(setting.media("jpeg")) for _ in range(3)),
            attachment(AttachmentType.FILE, {"url": setting.media("pdf")}),
        ],
        "sticker": lambda setting: [sticker(setting.media("sticker"), STICKER_ID)],
        "sticker_text_id": lambda setting: [sticker(setting.media("sticker"), str(STICKER_ID))],
        "sticker_as_image": lambda setting: [sticker_as_image(setting.media("sticker"), STICKER_ID)],
        "sticker_overlap": _overlap,
        "sticker_overlap_and_image": lambda setting: [*_overlap(setting), image(setting.media("jpeg"))],
        "thumbs_up_small": _thumb("small"),
        "thumbs_up_medium": _thumb("medium"),
        "thumbs_up_large": _thumb("large"),
        "reel": lambda setting: [reel(AttachmentType.REEL, setting.media("mp4"))],
        "ig_reel": lambda setting: [reel(AttachmentType.IG_REEL, setting.media("mp4"))],
        "ig_reel_relative": lambda _: [reel(AttachmentType.IG_REEL, "/reel/8801200345670012/")],
        "post": lambda _: [post(AttachmentType.POST, "https://www.facebook.com/100200300400500/posts/9001")],
        "post_without_url": lambda _: [post(AttachmentType.POST, None)],
        "ig_post": lambda setting: [post(AttachmentType.IG_POST, setting.media("jpeg"))],
        "fallback": lambda _: [fallback()],
        "fallback_redirect": lambda _: [fallback(REDIRECT)],
        "fallback_empty_url": lambda _: [fallback("")],
        "fallback_no_url": lambda _: [fallback("My Documents/prices.doc", "prices.doc")],
        "fallback_on_attachment": lambda _: [{"title": TITLE, "url": LINK, "type": "fallback", "payload": None}],
        "fallback_payload_is_text": lambda _: [{"title": TITLE, "type": "fallback", "payload": LINK}],
        "fallback_bare": lambda _: [{"type": "fallback"}],
        "product": lambda setting: [product("SKU-7", "SKU-8", picture_url=setting.media("jpeg"))],
        "location": lambda _: [location(24.8607, 67.0011)],
        "share": lambda _: [attachment(AttachmentType.SHARE, {"url": LINK})],
        "appointment_requested": lambda _: [appointment("requested")],
        "appointment_confirmed": lambda _: [appointment("confirmed")],
        "appointment_declined": lambda _: [appointment("declined")],
        "appointment_cancelled": lambda _: [appointment("cancelled")],
        "story": _of(AttachmentType.STORY, "jpeg"),
        "story_mention": _of(AttachmentType.STORY_MENTION, "jpeg"),
        "unknown_type": lambda _: [attachment(AttachmentType.UNKNOWN, {"url": LINK, "title": TITLE, "depth": 3})],
        "image_and_fallback": lambda setting: [image(setting.media("jpeg")), fallback()],
    }
)
"""By name, what a person may attach; `forms` makes a message of each."""
