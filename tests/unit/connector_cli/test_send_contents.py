from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from connector_cli.failures import Failure
from connector_cli.send_contents import BESIDE_TEXT, MEDIA, Contents, Link, body_of

LINK = Link(url="https://media.example/m/1", name="Rechnung März.pdf", mime_type="application/pdf")
TYPED: dict[str, Any] = {
    "text": "Hello",
    "image": "box.jpg",
    "video": "clip.mp4",
    "audio": "note.mp3",
    "document": "invoice.pdf",
    "sticker": "369239263222822",
    "url": "https://shop.example",
    "location": "48.2082, 16.3738",
    "button": ("Track=TRACK", "Shop=https://shop.example"),
    "quick_reply": ("Today=TODAY", "Tomorrow"),
    "react": "😊",
    "typing": "on",
    "file": "message.json",
}
"""How each content is typed."""
ATTACHMENT = {"mediaUrl": "https://media.example/m/1", "mimeType": "application/pdf"}
BODIES: dict[str, dict[str, Any]] = {
    "text": {"type": "PLAIN", "markdownText": "Hello"},
    "image": {"type": "IMAGE", "markdownText": None, "attachment": ATTACHMENT},
    "video": {"type": "VIDEO", "markdownText": None, "attachment": ATTACHMENT},
    "audio": {"type": "AUDIO", "markdownText": None, "attachment": ATTACHMENT},
    "document": {
        "type": "FILE",
        "markdownText": None,
        "attachment": ATTACHMENT,
        "additionalDetails": {"fileName": "Rechnung März.pdf"},
    },
    "sticker": {"type": "STICKER", "stickerId": "369239263222822"},
    "url": {"type": "URL", "markdownText": None, "mediaUrl": "https://shop.example"},
    "location": {
        "type": "LOCATION",
        "markdownText": None,
        "location": {"latitude": 48.2082, "longitude": 16.3738},
    },
    "button": {
        "type": "BUTTON",
        "markdownText": None,
        "buttonMessageType": "BUTTON",
        "buttons": [
            {"title": "Track", "payload": "TRACK", "type": "String"},
            {"title": "Shop", "payload": "https://shop.example", "type": "web_url"},
        ],
    },
    "quick_reply": {
        "type": "BUTTON",
        "markdownText": None,
        "buttonMessageType": "QUICK_REPLIES",
        "buttons": [
            {"title": "Today", "payload": "TODAY", "type": "String"},
            {"title": "Tomorrow", "payload": "Tomorrow", "type": "String"},
        ],
    },
    "react": {"type": "CUSTOM", "jsonNode": {"kind": "reaction", "action": "react", "emoji": "😊"}},
    "typing": {"type": "NOTIFICATION", "notificationType": "TYPING_STARTED", "notificationData": {}},
}


def test_every_option_is_tried() -> None:
    assert TYPED.keys() == {one.name for one in fields(Contents)}
    assert BODIES.keys() | {"file"} == TYPED.keys()
    assert set(MEDIA) < BESIDE_TEXT < TYPED.keys()


@pytest.mark.parametrize("name", BODIES)
def test_an_option_becomes_a_body(name: str) -> None:
    assert body_of(Contents(**{name: TYPED[name]}), LINK if name in MEDIA else None) == BODIES[name]


@pytest.mark.parametrize("name", sorted(BESIDE_TEXT))
def test_a_text_stands_beside_what_it_completes(name: str) -> None:
    body = body_of(Contents(**{name: TYPED[name]}, text="When?"), LINK if name in MEDIA else None)
    assert body == {**BODIES[name], "markdownText": "When?"}


@pytest.mark.parametrize("name", sorted(TYPED.keys() - BESIDE_TEXT - {"text"}))
def test_a_text_beside_anything_else_is_a_mistake(name: str) -> None:
    with pytest.raises(Failure, match=f"--text cannot stand beside --{name}"):
        Contents(**{name: TYPED[name]}, text="When?").kind()


def test_two_contents_are_two_messages() -> None:
    with pytest.raises(Failure, match="--image and --quick-reply are two messages"):
        Contents(image="box.jpg", quick_reply=("A",)).kind()


@pytest.mark.parametrize("text", [None, "", " \n"])
def test_nothing_is_not_sent(text: str | None) -> None:
    with pytest.raises(Failure, match="nothing to send"):
        Contents(text=text).kind()


@pytest.mark.parametrize(
    "contents",
    [
        Contents(location="Vienna"),
        Contents(location="1,2,3"),
        Contents(button=("=PAYLOAD",)),
        Contents(quick_reply=("Title=",)),
    ],
)
def test_what_cannot_be_read_is_shown_as_it_should_be(contents: Contents) -> None:
    with pytest.raises(Failure, match="must look like"):
        body_of(contents)


def test_typing_can_end() -> None:
    assert body_of(Contents(typing="off"))["notificationType"] == "TYPING_STOPPED"


def test_an_address_on_the_web_brings_neither_name_nor_type() -> None:
    body = body_of(Contents(document="https://shop.example/a.pdf"), Link(url="https://shop.example/a.pdf"))
    assert body == {"type": "FILE", "markdownText": None, "attachment": {"mediaUrl": "https://shop.example/a.pdf"}}
