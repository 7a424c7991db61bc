"""A Messenger profile as a person reads it: what the customer sees, locale by locale."""

from __future__ import annotations

from collections.abc import Iterator

from expertflow.connector.v1.channel_pb2 import MenuItem, MessengerProfile

HEADER = ("PROPERTY", "LOCALE", "SHOWN", "DOES")

Row = tuple[str, str, str, str]


def profile_rows(profile: MessengerProfile) -> list[Row]:
    """One row per thing the customer sees; none at all: the profile is empty."""
    return list(_rows(profile))


def _rows(profile: MessengerProfile) -> Iterator[Row]:
    if profile.get_started_payload:
        yield "get_started_payload", "", "Get Started", f"postback {profile.get_started_payload}"
    for greeting in profile.greetings:
        yield "greetings", greeting.locale, greeting.text, ""
    for questions in profile.ice_breakers:
        for one in questions.questions:
            yield "ice_breakers", questions.locale, one.question, f"postback {one.payload}"
    for menu in profile.persistent_menus:
        if menu.composer_input_disabled:
            yield "persistent_menus", menu.locale, "", "takes the input field away"
        for item in menu.items:
            yield "persistent_menus", menu.locale, item.title, _action(item)
    for commands in profile.command_sets:
        for command in commands.commands:
            yield "command_sets", commands.locale, f"/{command.name}", command.description


def _action(item: MenuItem) -> str:
    action = item.WhichOneof("action")
    if action == "url":
        return f"opens {item.url}"
    return f"postback {item.payload}" if action == "payload" else "of a type that this release does not know"
