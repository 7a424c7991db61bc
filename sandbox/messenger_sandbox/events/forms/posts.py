"""Forms of what happens on the page itself: comments, reactions and posts, which come as `changes`; times in seconds.

Source: https://developers.facebook.com/docs/graph-api/webhooks/reference/page and fixtures of restfb.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from messenger_sandbox.events.kinds import Item
from messenger_sandbox.events.setting import Fill, Setting

VISITOR: Final = {"id": "24680135790", "name": "Ali R."}
"""Somebody who comments: a page-scoped id, but no PSID."""
REACTION_TYPES: Final = ("like", "love", "wow", "haha", "sorry", "anger", "care")


def _post_id(setting: Setting) -> str:
    return f"{setting.page_id}_9001"


def _post(setting: Setting) -> Item:
    return {
        "id": _post_id(setting),
        "status_type": "added_photos",
        "is_published": True,
        "updated_time": "2026-11-10T08:41:39+0000",
        "permalink_url": f"https://www.facebook.com/{setting.page_id}/posts/9001",
        "promotion_status": "inactive",
    }


def _comment(setting: Setting, verb: str = "add", **more: Any) -> Item:
    at_s = setting.at_ms // 1_000
    return {
        "item": "comment",
        "verb": verb,
        "comment_id": "9001_9555",
        "post_id": _post_id(setting),
        "parent_id": _post_id(setting),
        "from": VISITOR,
        "message": "What is the price?",
        "created_time": at_s,
        "post": _post(setting),
    } | more


def _removed(setting: Setting) -> Item:
    """Neither a text nor a time is left."""
    comment = _comment(setting, "remove")
    return {name: value for name, value in comment.items() if name not in {"message", "created_time"}}


def _without_from(setting: Setting) -> Item:
    return {name: value for name, value in _comment(setting).items() if name != "from"}


def _legacy_sender(setting: Setting) -> Item:
    """Before v2.11 of the API; some bodies of today hold both forms."""
    return _without_from(setting) | {"sender_id": int(VISITOR["id"]), "sender_name": VISITOR["name"]}


def _reaction(setting: Setting, verb: str, **more: Any) -> Item:
    reacted = {"item": "reaction", "verb": verb, "post_id": _post_id(setting), "parent_id": _post_id(setting)}
    return reacted | {"from": VISITOR, "reaction_type": "care", "created_time": setting.at_ms // 1_000} | more


def _reacted(name: str) -> Fill:
    return lambda setting: _reaction(setting, "add", reaction_type=name)


def _posted(setting: Setting, item: str, **more: Any) -> Item:
    posted = {"item": item, "verb": "add", "post_id": _post_id(setting), "from": VISITOR, "published": 1}
    return posted | {"created_time": setting.at_ms // 1_000} | more


def _mention(setting: Setting) -> Item:
    """Lacks who wrote it and what it belongs to."""
    return {
        "item": "comment",
        "verb": "add",
        "comment_id": "7007_7100",
        "post_id": "112233445566_7007",
        "message": "Try @[100200300400500:Sandbox page]",
        "created_time": setting.at_ms // 1_000,
    }


POST_FORMS: Final[Mapping[str, Fill]] = {
    "feed.comment": _comment,
    "feed.comment_both_senders": lambda setting: _legacy_sender(setting) | {"from": VISITOR},
    "feed.comment_legacy_sender": _legacy_sender,
    "feed.comment_without_from": _without_from,
    "feed.comment_photo": lambda setting: _comment(setting, photo=setting.media("jpeg")),
    "feed.comment_photo_only": lambda setting: {
        name: value for name, value in _comment(setting, photo=setting.media("jpeg")).items() if name != "message"
    },
    "feed.comment_video": lambda setting: _comment(setting, video=setting.media("mp4")),
    "feed.comment_edited": lambda setting: _comment(
        setting, "edited", message="What is the price, please?", edited_time=setting.at_ms // 1_000
    ),
    "feed.comment_removed": _removed,
    "feed.comment_hidden": lambda setting: _comment(setting, "hide", is_hidden=True),
    "feed.comment_unhidden": lambda setting: _comment(setting, "unhide", is_hidden=False),
    "feed.reply": lambda setting: _comment(setting, comment_id="9001_9556", parent_id="9001_9555", message="Same here"),
    "feed.reply_page_prefix": lambda setting: _comment(
        setting, comment_id=f"{setting.page_id}_9557", parent_id=f"{setting.page_id}_9555", message="And me"
    ),
    "feed.own_comment": lambda setting: (
        _comment(setting, message="We sent you a message") | {"from": {"id": setting.page_id, "name": "Sandbox page"}}
    ),
    **{f"feed.reaction_{name}": _reacted(name) for name in REACTION_TYPES},
    "feed.reaction_removed": lambda setting: _reaction(setting, "remove"),
    "feed.reaction_to_comment": lambda setting: _reaction(setting, "add", comment_id="9001_9555"),
    "feed.post": lambda setting: _posted(setting, "status", message="Are you open today?"),
    "feed.own_post": lambda setting: (
        _posted(setting, "status", message="New chairs") | {"from": {"id": setting.page_id, "name": "Sandbox page"}}
    ),
    "feed.post_photo": lambda setting: _posted(setting, "photo", photo_id="880010", link=setting.media("jpeg")),
    "feed.post_photos": lambda setting: _posted(
        setting, "photo", photos=[setting.media("jpeg"), setting.media("png")], photo_ids=["880011", "880012"]
    ),
    "feed.post_video": lambda setting: _posted(setting, "video", video_id="880013", link=setting.media("mp4")),
    "feed.post_share": lambda setting: _posted(
        setting, "share", share_id="880014", open_graph_story_id="880015", link="https://news.example/chairs"
    ),
    "mention.comment": _mention,
}
