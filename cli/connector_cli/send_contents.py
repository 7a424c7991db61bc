"""What the options of `send` say, as the body of a CIM message in CIM JSON. Nothing is called here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from connector_cli.failures import Failure

BESIDE_TEXT = frozenset({"image", "video", "audio", "document", "url", "location", "button", "quick_reply"})
"""Options that `--text` completes: caption, title or prompt."""

MEDIA = ("image", "video", "audio", "document")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The options that say what to send, as they were typed; one of them at most, but for the text."""

    text: str | None = None
    image: str | None = None
    video: str | None = None
    audio: str | None = None
    document: str | None = None
    sticker: str | None = None
    url: str | None = None
    location: str | None = None
    button: tuple[str, ...] = ()
    quick_reply: tuple[str, ...] = ()
    react: str | None = None
    typing: str | None = None
    file: str | None = None

    def kind(self) -> str:
        """The name of the option that decides. Raises `Failure` where none or several do."""
        given = [one.name for one in fields(self) if one.name != "text" and getattr(self, one.name)]
        if len(given) > 1:
            raise Failure(f"{option(given[0])} and {option(given[1])} are two messages: send them one after the other")
        if given and self.text is not None and given[0] not in BESIDE_TEXT:
            raise Failure(f"--text cannot stand beside {option(given[0])}")
        if not given and not (self.text or "").strip():
            raise Failure("there is nothing to send: name --text, or another content of `send --help`")
        return given[0] if given else "text"


def option(name: str) -> str:
    """How a content is typed."""
    return f"--{name.replace('_', '-')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A medium that is to be sent."""

    url: str
    name: str = ""
    """Of the file it came from; empty: it was given as an address."""
    mime_type: str = ""


def is_address(medium: str) -> bool:
    """Whether it names a medium on the web, not a file of this machine."""
    return medium.lower().startswith(("http://", "https://"))


def body_of(contents: Contents, link: Link | None = None) -> dict[str, Any]:
    """The body in CIM JSON; `link` is that of the medium, if there is one. Raises `Failure` for what cannot be read."""
    kind = contents.kind()
    if kind in MEDIA:
        assert link is not None
        return _medium(kind, contents.text, link)
    return _BODIES[kind](contents)


def _medium(kind: str, text: str | None, link: Link) -> dict[str, Any]:
    attachment: dict[str, Any] = {"mediaUrl": link.url}
    if link.mime_type:
        attachment["mimeType"] = link.mime_type
    body: dict[str, Any] = {
        "type": "FILE" if kind == "document" else kind.upper(),
        "markdownText": text,
        "attachment": attachment,
    }
    if kind == "document" and link.name:
        body["additionalDetails"] = {"fileName": link.name}
    return body


def _plain(contents: Contents) -> dict[str, Any]:
    return {"type": "PLAIN", "markdownText": contents.text}


def _sticker(contents: Contents) -> dict[str, Any]:
    return {"type": "STICKER", "stickerId": contents.sticker}


def _url(contents: Contents) -> dict[str, Any]:
    return {"type": "URL", "markdownText": contents.text, "mediaUrl": contents.url}


def _location(contents: Contents) -> dict[str, Any]:
    try:
        latitude, longitude = (float(part) for part in str(contents.location).split(","))
    except ValueError:
        raise Failure(f"--location {contents.location}: must look like 48.2082,16.3738") from None
    location = {"latitude": latitude, "longitude": longitude}
    return {"type": "LOCATION", "markdownText": contents.text, "location": location}


def _buttons(contents: Contents) -> dict[str, Any]:
    return _choices(contents.text, "BUTTON", "--button", contents.button)


def _quick_replies(contents: Contents) -> dict[str, Any]:
    return _choices(contents.text, "QUICK_REPLIES", "--quick-reply", contents.quick_reply)


def _choices(text: str | None, kind: str, named: str, choices: tuple[str, ...]) -> dict[str, Any]:
    buttons = [_button(named, choice) for choice in choices]
    return {"type": "BUTTON", "markdownText": text, "buttonMessageType": kind, "buttons": buttons}


def _button(named: str, choice: str) -> dict[str, str]:
    title, equals, payload = choice.partition("=")
    if not title.strip() or (equals and not payload):
        raise Failure(f"{named} {choice!r}: must look like TITLE=PAYLOAD, or TITLE alone")
    payload = payload or title
    return {"title": title, "payload": payload, "type": "web_url" if is_address(payload) else "String"}


def _reaction(contents: Contents) -> dict[str, Any]:
    return {"type": "CUSTOM", "jsonNode": {"kind": "reaction", "action": "react", "emoji": contents.react}}


def _typing(contents: Contents) -> dict[str, Any]:
    started = contents.typing == "on"
    return {
        "type": "NOTIFICATION",
        "notificationType": "TYPING_STARTED" if started else "TYPING_STOPPED",
        "notificationData": {},
    }


_BODIES: Mapping[str, Callable[[Contents], dict[str, Any]]] = {
    "text": _plain,
    "sticker": _sticker,
    "url": _url,
    "location": _location,
    "button": _buttons,
    "quick_reply": _quick_replies,
    "react": _reaction,
    "typing": _typing,
}
"""Option → body; media and files are read first and so are not here."""
