"""The JSON of a connector's settings, pushed and pulled, read into values. Pure.

Two shapes are known: a push is `{serviceIdentifier, connectorConfigurations: [{key, type, value}]}`, the answer to a
pull is the bare list. Whether one push may carry several channels is not known, so a list of pushes is read too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from cim_messenger.cim_json import CimJsonError, JsonValue, Number, read_json, wrong_kind

PAGE_ID: Final = re.compile(r"[0-9]{1,32}")
"""The service identifier of a Facebook channel is the id of its page."""

_ROOT: Final = "$"
_IDENTIFIER: Final = "serviceIdentifier"
_LIST: Final = "connectorConfigurations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One setting. Its `type` is not kept: what a key means decides how its value is read."""

    key: str
    value: JsonValue = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The settings of one channel."""

    page_id: str
    attributes: tuple[Attribute, ...]


def read_push(body: str | bytes) -> tuple[Configuration, ...]:
    """The channels of a push, in order. Raises CimJsonError, which names the place and no value."""
    pushed = read_json(body)
    if isinstance(pushed, list):
        return tuple(_configuration(one, f"{_ROOT}[{index}]") for index, one in enumerate(pushed))
    return (_configuration(pushed, _ROOT),)


def read_pull(body: str | bytes, page_id: str) -> Configuration:
    """What CCM knows of a page; an empty body or null: nothing. Raises CimJsonError."""
    told = read_json(body) if body.strip() else None
    if isinstance(told, dict) and _LIST in told:
        return Configuration(page_id=page_id, attributes=_attributes(told[_LIST], f"{_ROOT}.{_LIST}"))
    return Configuration(page_id=page_id, attributes=() if told is None else _attributes(told, _ROOT))


def _configuration(value: JsonValue, path: str) -> Configuration:
    if not isinstance(value, dict):
        raise wrong_kind(value, path, "an object")
    return Configuration(
        page_id=_page_id(value.get(_IDENTIFIER), f"{path}.{_IDENTIFIER}"),
        attributes=_attributes(value.get(_LIST), f"{path}.{_LIST}"),
    )


def _page_id(value: JsonValue, path: str) -> str:
    text = value.token if isinstance(value, Number) else value
    if not isinstance(text, str):
        raise wrong_kind(value, path, "a string")
    if not PAGE_ID.fullmatch(text.strip()):
        raise CimJsonError(path, "is not the id of a Facebook Page, 1 to 32 digits")
    return text.strip()


def _attributes(value: JsonValue, path: str) -> tuple[Attribute, ...]:
    if not isinstance(value, list):
        raise wrong_kind(value, path, "a list")
    return tuple(_attribute(one, f"{path}[{index}]") for index, one in enumerate(value))


def _attribute(value: JsonValue, path: str) -> Attribute:
    if not isinstance(value, dict):
        raise wrong_kind(value, path, "an object")
    key = value.get("key")
    if not isinstance(key, str):
        raise wrong_kind(key, f"{path}.key", "a string")
    return Attribute(key=key.strip(), value=value.get("value"))
