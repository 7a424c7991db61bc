"""How the value of an attribute is read: as a secret, as a number of an app, as a switch. Pure.

A reading either has something to apply, or says why what is stored stays. It never repeats the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from cim_messenger.cim_json import JsonValue, Number

MAX_TOKEN: Final = 2000
MAX_APP_SECRET: Final = 256
MAX_APP_SECRETS: Final = 5
"""The limits of `ChannelSecrets`."""

GRAPH_HOST: Final = "graph.facebook.com"

_MASKED: Final = re.compile(r"\*+")
_SECRET: Final = re.compile(r"[!-~]+")
"""What a secret of Facebook's is made of: printable ASCII without spaces."""
_DIGITS: Final = re.compile(r"[0-9]{1,32}")
_HALF: Final = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair, which JSON can spell and no Unicode text holds."""
_VERSION: Final = re.compile(r"/(v[0-9]{1,3}\.[0-9]{1,3})/?")
_WORDS: Final = {"true": True, "false": False}


class Fate(StrEnum):
    """What became of an attribute."""

    APPLIED = "applied"
    KEPT = "kept"
    IGNORED = "ignored"


Applied: TypeAlias = "str | bool | tuple[str, ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a value says; `applied` is there if the fate is APPLIED."""

    fate: Fate
    detail: str = ""
    """Why, where that is not plain. Holds no value."""
    applied: Applied | None = field(default=None, repr=False)
    masked: bool = False
    """Whether CCM hid the value."""


Reader: TypeAlias = Callable[[JsonValue], Reading]

EMPTY: Final = Reading(fate=Fate.KEPT, detail="has no value: what is stored stays")
MASKED: Final = Reading(
    fate=Fate.KEPT, detail="CCM sends asterisks in place of the value: what is stored stays", masked=True
)


def page_token(value: JsonValue) -> Reading:
    """Reads an access token."""
    return _text_or(value, _page_token)


def app_secrets(value: JsonValue) -> Reading:
    """Reads one app secret, or several between commas: while it is changed the new one stands first."""
    return _text_or(value, _app_secrets)


def verify_token(value: JsonValue) -> Reading:
    """Reads a text that a person made up, taken as it is."""
    return _text_or(value, _verify_token)


def app_id(value: JsonValue) -> Reading:
    """Reads the id of a Facebook app."""
    return _text_or(value, _app_id)


def switch(value: JsonValue) -> Reading:
    """Reads true or false, as JSON has them or as words."""
    if isinstance(value, bool):
        return _applied(value)
    return _text_or(value, _switch)


def graph_host(value: JsonValue) -> Reading:
    """Judges the address of the Graph API. None is ever taken from CCM.

    Whoever could write it there could have page tokens, and requests from inside, sent to a place of their choice.
    """
    return _text_or(value, _graph_host)


def unused(reason: str) -> Reader:
    """Reads nothing, for a reason."""
    return lambda _value: _ignored(reason)


def _text_or(value: JsonValue, read: Callable[[str], Reading]) -> Reading:
    text = value.token if isinstance(value, Number) else value
    if text is None or (isinstance(text, str) and not text.strip()):
        return EMPTY
    if not isinstance(text, str):
        return _ignored("is no text")
    return MASKED if _MASKED.fullmatch(text.strip()) else read(text)


def _page_token(text: str) -> Reading:
    return _facebooks(text.strip(), MAX_TOKEN) or _applied(text.strip())


def _app_secrets(text: str) -> Reading:
    secrets = tuple(filter(None, map(str.strip, text.split(","))))
    if not 0 < len(secrets) <= MAX_APP_SECRETS:
        return _ignored(f"holds no secret, or more than {MAX_APP_SECRETS} between commas")
    refused = next(filter(None, (_facebooks(secret, MAX_APP_SECRET) for secret in secrets)), None)
    return refused or _applied(secrets)


def _facebooks(text: str, limit: int) -> Reading | None:
    """Why a text is no secret of Facebook's; None: it may be one. None of those holds an asterisk."""
    if "*" in text:
        return MASKED
    if len(text) > limit:
        return _ignored(f"has {len(text)} characters, at most {limit} are allowed")
    if not _SECRET.fullmatch(text):
        return _ignored("holds a space, a line break or another character that no secret of Facebook's has")
    return None


def _verify_token(text: str) -> Reading:
    if len(text) > MAX_TOKEN:
        return _ignored(f"has {len(text)} characters, at most {MAX_TOKEN} are allowed")
    if _HALF.search(text):
        return _ignored("holds half a character")
    return _applied(text)


def _app_id(text: str) -> Reading:
    return _applied(text.strip()) if _DIGITS.fullmatch(text.strip()) else _ignored("is not the id of an app, in digits")


def _switch(text: str) -> Reading:
    word = _WORDS.get(text.strip().lower())
    return _ignored("is neither true nor false") if word is None else _applied(word)


def _graph_host(text: str) -> Reading:
    try:
        parts = urlsplit(text.strip())
        facebook = parts.scheme == "https" and parts.netloc.lower() == GRAPH_HOST
    except ValueError:
        facebook = False
    if not facebook:
        return _ignored(
            f"is not https://{GRAPH_HOST}: no other host is called. A proxy for Facebook's calls is set at the server, "
            "by FBC_GRAPH_URL"
        )
    version = _VERSION.fullmatch(parts.path)
    named = f"version {version[1]} in it" if version else "what stands behind the host"
    return _ignored(f"the host is the one that is called; {named} is not used: the connector chooses its own version")


def _applied(value: Applied) -> Reading:
    return Reading(fate=Fate.APPLIED, applied=value)


def _ignored(detail: str) -> Reading:
    return Reading(fate=Fate.IGNORED, detail=detail)
