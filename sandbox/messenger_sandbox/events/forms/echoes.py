"""Forms of `echo`: what the app is told of messages of the page, its own and everybody else's.

Echoes differ from messages of a person: attachment ids are numbers, templates carry a title and a link of their own,
and a link preview stands on the attachment with a payload of null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from messenger_sandbox.events.attachments import LINK, STICKER_ID, TITLE, appointment, image, product, sticker
from messenger_sandbox.events.kinds import Item
from messenger_sandbox.events.setting import Fill, Setting

PAGE_INBOX_APP_ID: Final = 263902037430900
"""The app id in echoes of what was typed in the Page inbox."""
OTHER_APP_ID: Final = 666000777888999
METADATA: Final = "crm:ticket:8812"


def _ours(setting: Setting, **content: Any) -> Item:
    return {"app_id": int(setting.app_id), "metadata": METADATA, "mid": setting.mid} | content


def _theirs(setting: Setting, **content: Any) -> Item:
    return {"app_id": OTHER_APP_ID, "mid": setting.mid} | content


def _template(payload: Mapping[str, Any], *, title: str = "Which one?") -> Item:
    return {"title": title, "url": "https://www.facebook.com/commerce/", "type": "template", "payload": dict(payload)}


def _media(kind: str, media_kind: str) -> Fill:
    def fill(setting: Setting) -> Item:
        payload = {"url": setting.media(media_kind), "attachment_id": 1857777774821032}
        return _theirs(setting, attachments=[{"type": kind, "payload": payload}])

    return fill


_BUTTONS: Final = (
    {"type": "web_url", "url": LINK, "title": "Read"},
    {"type": "postback", "title": "Talk to an agent", "payload": "AGENT"},
)
_LINK_PREVIEW: Final = {"title": TITLE, "url": LINK, "type": "fallback", "payload": None}

ECHO_FORMS: Final[Mapping[str, Fill]] = {
    "echo.own": lambda setting: _ours(setting, text="On its way"),
    "echo.own_app_id_as_text": lambda setting: _ours(setting, text="On its way", app_id=setting.app_id),
    "echo.own_without_metadata": lambda setting: _ours(setting, text="On its way", metadata=None),
    "echo.other_app": lambda setting: _theirs(setting, text="Written by another app"),
    "echo.other_app_metadata": lambda setting: _theirs(setting, text="Written by another app", metadata="bot:17"),
    "echo.page_inbox": lambda setting: _theirs(setting, text="Typed in the inbox", app_id=PAGE_INBOX_APP_ID),
    "echo.page_inbox_as_text": lambda setting: _theirs(setting, text="Typed too", app_id=str(PAGE_INBOX_APP_ID)),
    "echo.without_app_id": lambda setting: {"mid": setting.mid, "text": "An automatic reply"},
    "echo.quoting": lambda setting: _theirs(
        setting, text="This one", reply_to={"mid": setting.own_mid, "is_self_reply": False}
    ),
    "echo.image": _media("image", "jpeg"),
    "echo.audio": _media("audio", "m4a"),
    "echo.video": _media("video", "mp4"),
    "echo.file": _media("file", "pdf"),
    "echo.two_images": lambda setting: _theirs(
        setting, attachments=[image(setting.media("jpeg")), image(setting.media("png"))]
    ),
    "echo.sticker": lambda setting: _theirs(setting, attachments=[sticker(setting.media("sticker"), STICKER_ID)]),
    "echo.link": lambda setting: _theirs(setting, text=LINK, attachments=[_LINK_PREVIEW]),
    "echo.template_button": lambda setting: _ours(
        setting, attachments=[_template({"template_type": "button", "text": "Which one?", "buttons": [*_BUTTONS]})]
    ),
    "echo.template_generic": lambda setting: _theirs(
        setting,
        attachments=[
            _template(
                {
                    "template_type": "generic",
                    "elements": [{"title": "Chair", "subtitle": "PKR 4,500", "image_url": setting.media("jpeg")}],
                }
            )
        ],
    ),
    "echo.template_media": lambda setting: _theirs(
        setting,
        attachments=[
            _template(
                {
                    "template_type": "media",
                    "elements": [{"media_type": "image", "attachment_id": 1857777774821032}],
                },
                title="",
            )
        ],
    ),
    "echo.template_empty": lambda setting: _theirs(setting, attachments=[_template({}, title="")]),
    "echo.product": lambda setting: _theirs(setting, attachments=[product("SKU-7", picture_url=setting.media("jpeg"))]),
    "echo.appointment": lambda setting: _theirs(setting, attachments=[appointment("confirmed")]),
}
