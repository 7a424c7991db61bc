"""The properties of a Messenger profile, one row each: its path in an update mask, and Facebook's name and form. Pure.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/messenger-profile-api
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from expertflow.connector.v1.channel_pb2 import (
    Command,
    CommandSet,
    Greeting,
    IceBreaker,
    IceBreakerSet,
    MenuItem,
    MessengerProfile,
    PersistentMenu,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property, as Facebook knows it."""

    name: str
    written: Callable[[MessengerProfile], Any]
    """Facebook's form of it; empty: the profile has none."""
    read: Callable[[Any], MessengerProfile]
    """A profile with this property alone. What has another form than Facebook documents is left out."""


def _started(profile: MessengerProfile) -> dict[str, Any]:
    return {"payload": profile.get_started_payload} if profile.get_started_payload else {}


def _read_started(told: Any) -> MessengerProfile:
    payload = _text(told, "payload") if isinstance(told, dict) else ""
    return MessengerProfile(get_started_payload=payload or None)


def _greetings(profile: MessengerProfile) -> list[dict[str, Any]]:
    return [{"locale": one.locale, "text": one.text} for one in profile.greetings]


def _read_greetings(told: Any) -> MessengerProfile:
    return MessengerProfile(
        greetings=[Greeting(locale=_text(one, "locale"), text=_text(one, "text")) for one in _objects(told)]
    )


def _ice_breakers(profile: MessengerProfile) -> list[dict[str, Any]]:
    return [
        {
            "locale": one.locale,
            "call_to_actions": [{"question": ask.question, "payload": ask.payload} for ask in one.questions],
        }
        for one in profile.ice_breakers
    ]


def _read_ice_breakers(told: Any) -> MessengerProfile:
    return MessengerProfile(
        ice_breakers=[
            IceBreakerSet(
                locale=_text(one, "locale"),
                questions=[
                    IceBreaker(question=_text(ask, "question"), payload=_text(ask, "payload"))
                    for ask in _objects(one.get("call_to_actions"))
                ],
            )
            for one in _objects(told)
        ]
    )


def _menus(profile: MessengerProfile) -> list[dict[str, Any]]:
    return [
        {
            "locale": menu.locale,
            "composer_input_disabled": menu.composer_input_disabled,
            "call_to_actions": [_menu_item(item) for item in menu.items],
        }
        for menu in profile.persistent_menus
    ]


def _menu_item(item: MenuItem) -> dict[str, str]:
    if item.WhichOneof("action") == "url":
        return {"type": "web_url", "title": item.title, "url": item.url}
    return {"type": "postback", "title": item.title, "payload": item.payload}


def _read_menus(told: Any) -> MessengerProfile:
    return MessengerProfile(
        persistent_menus=[
            PersistentMenu(
                locale=_text(menu, "locale"),
                composer_input_disabled=menu.get("composer_input_disabled") is True,
                items=[_read_menu_item(item) for item in _objects(menu.get("call_to_actions"))],
            )
            for menu in _objects(told)
        ]
    )


def _read_menu_item(told: Mapping[str, Any]) -> MenuItem:
    item = MenuItem(title=_text(told, "title"))
    # A type that this release does not know keeps its title, so that an operator sees that there is an entry.
    if told.get("type") == "web_url":
        item.url = _text(told, "url")
    elif told.get("type") == "postback":
        item.payload = _text(told, "payload")
    return item


def _commands(profile: MessengerProfile) -> list[dict[str, Any]]:
    return [
        {
            "locale": one.locale,
            "commands": [{"name": command.name, "description": command.description} for command in one.commands],
        }
        for one in profile.command_sets
    ]


def _read_commands(told: Any) -> MessengerProfile:
    return MessengerProfile(
        command_sets=[
            CommandSet(
                locale=_text(one, "locale"),
                commands=[
                    Command(name=_text(command, "name"), description=_text(command, "description"))
                    for command in _objects(one.get("commands"))
                ],
            )
            for one in _objects(told)
        ]
    )


PROPERTIES: Mapping[str, Property] = MappingProxyType(
    {
        "get_started_payload": Property(name="get_started", written=_started, read=_read_started),
        "greetings": Property(name="greeting", written=_greetings, read=_read_greetings),
        "ice_breakers": Property(name="ice_breakers", written=_ice_breakers, read=_read_ice_breakers),
        "persistent_menus": Property(name="persistent_menu", written=_menus, read=_read_menus),
        "command_sets": Property(name="commands", written=_commands, read=_read_commands),
    }
)
"""Path in an update mask → the property; a test compares it with the proto."""


def profile_told(body: Mapping[str, Any]) -> MessengerProfile:
    """The profile in an answer of `GET /{page}/messenger_profile`."""
    profile = MessengerProfile()
    for entry in _objects(body.get("data")):
        for one in PROPERTIES.values():
            if one.name in entry:
                profile.MergeFrom(one.read(entry[one.name]))
    return profile


def changed_profile(present: MessengerProfile, new: MessengerProfile, paths: Collection[str]) -> MessengerProfile:
    """The profile after a change of these properties."""
    changed = MessengerProfile()
    for path, one in PROPERTIES.items():
        changed.MergeFrom(one.read(one.written(new if path in paths else present)))
    return changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What has to be told to Facebook, by Facebook's names."""

    set: Mapping[str, Any]
    deleted: tuple[str, ...]


def difference(present: MessengerProfile, wanted: MessengerProfile) -> Difference:
    """The properties that differ. Those that are so already need no call: Facebook counts them."""
    differing = [one for one in PROPERTIES.values() if one.written(present) != one.written(wanted)]
    return Difference(
        set={one.name: one.written(wanted) for one in differing if one.written(wanted)},
        deleted=tuple(one.name for one in differing if not one.written(wanted)),
    )


def _objects(told: object) -> Iterator[Mapping[str, Any]]:
    return (one for one in told if isinstance(one, dict)) if isinstance(told, list) else iter(())


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""
