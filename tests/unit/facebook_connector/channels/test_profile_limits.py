from __future__ import annotations

from collections.abc import Callable

import pytest

from expertflow.connector.v1.channel_pb2 import Command, IceBreaker, MenuItem, MessengerProfile
from facebook_connector.channels.profile_limits import LIMITS, faults, require_within_limits
from facebook_connector.channels.profile_properties import PROPERTIES
from facebook_connector.errors import ConnectorError
from tests.support.messenger_profiles import full_profile

Spoil = Callable[[MessengerProfile], object]

TOO_LONG: dict[str, tuple[Spoil, str]] = {
    "get started: payload": (
        lambda profile: setattr(profile, "get_started_payload", "x" * 1001),
        "profile.get_started_payload",
    ),
    "greeting: text": (lambda profile: setattr(profile.greetings[1], "text", "x" * 161), "profile.greetings[1].text"),
    "ice breakers of a locale": (
        lambda profile: profile.ice_breakers[0].questions.extend([IceBreaker(question="q", payload="p")] * 4),
        "profile.ice_breakers[0].questions",
    ),
    "ice breaker: question": (
        lambda profile: setattr(profile.ice_breakers[0].questions[0], "question", "x" * 81),
        "profile.ice_breakers[0].questions[0].question",
    ),
    "ice breaker: payload": (
        lambda profile: setattr(profile.ice_breakers[0].questions[0], "payload", "x" * 1001),
        "profile.ice_breakers[0].questions[0].payload",
    ),
    "entries of a persistent menu": (
        lambda profile: profile.persistent_menus[0].items.extend([MenuItem(title="t", payload="p")] * 19),
        "profile.persistent_menus[0].items",
    ),
    "menu entry: title": (
        lambda profile: setattr(profile.persistent_menus[0].items[1], "title", "x" * 31),
        "profile.persistent_menus[0].items[1].title",
    ),
    "menu entry: payload": (
        lambda profile: setattr(profile.persistent_menus[0].items[0], "payload", "x" * 1001),
        "profile.persistent_menus[0].items[0].payload",
    ),
    "commands of a locale": (
        lambda profile: profile.command_sets[0].commands.extend([Command(name="n", description="d")] * 100),
        "profile.command_sets[0].commands",
    ),
    "command: name": (
        lambda profile: setattr(profile.command_sets[0].commands[0], "name", "x" * 33),
        "profile.command_sets[0].commands[0].name",
    ),
    "command: description": (
        lambda profile: setattr(profile.command_sets[0].commands[0], "description", "x" * 65),
        "profile.command_sets[0].commands[0].description",
    ),
}
"""Limit → how a profile breaks it by one, and the field that is named."""


def refusal_of(profile: MessengerProfile) -> ConnectorError:
    with pytest.raises(ConnectorError) as raised:
        require_within_limits(profile, PROPERTIES.keys())
    return raised.value


def test_a_full_and_an_empty_profile_have_no_fault() -> None:
    assert list(faults(full_profile())) == list(faults(MessengerProfile())) == []


def test_every_limit_is_broken_once() -> None:
    assert TOO_LONG.keys() == {limit.of for limit in LIMITS}


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.of)
def test_what_breaks_a_limit_is_named_with_the_number_and_what_was_found(limit: object) -> None:
    known = next(one for one in LIMITS if one is limit)
    spoil, field = TOO_LONG[known.of]
    profile = full_profile()
    spoil(profile)
    error = refusal_of(profile)
    assert error.reason == "CONTENT_LIMIT_EXCEEDED"
    assert error.metadata == {"field": field, "maximum": str(known.maximum), "value": str(known.maximum + 1)}
    assert [violation.field for violation in error.violations] == [field]


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda profile: setattr(profile.greetings[0], "locale", "fr_FR"), "profile.greetings"),
        (lambda profile: setattr(profile.greetings[1], "locale", "default"), "profile.greetings"),
        (lambda profile: setattr(profile.greetings[1], "locale", ""), "profile.greetings[1].locale"),
        (lambda profile: setattr(profile.greetings[1], "text", " "), "profile.greetings[1].text"),
        (lambda profile: setattr(profile.ice_breakers[0], "locale", "de_DE"), "profile.ice_breakers"),
        (lambda profile: profile.ice_breakers[0].ClearField("questions"), "profile.ice_breakers[0].questions"),
        (lambda profile: setattr(profile.persistent_menus[0], "locale", "de_DE"), "profile.persistent_menus"),
        (lambda profile: profile.persistent_menus[0].ClearField("items"), "profile.persistent_menus[0].items"),
        (
            lambda profile: profile.persistent_menus[0].items[0].ClearField("payload"),
            "profile.persistent_menus[0].items[0]",
        ),
        (lambda profile: setattr(profile.command_sets[0], "locale", "de_DE"), "profile.command_sets"),
        (lambda profile: profile.command_sets[0].ClearField("commands"), "profile.command_sets[0].commands"),
    ],
)
def test_a_value_of_no_use_is_named(spoil: Spoil, field: str) -> None:
    profile = full_profile()
    spoil(profile)
    error = refusal_of(profile)
    assert (error.reason, error.metadata) == ("INVALID_FIELD", {"field": field})


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example",
        "https:",
        "https://[",
        "https://shop.example/\n",
        "shop",
        "https://x.example/" + "x" * 2000,
    ],
)
def test_a_menu_opens_https_addresses_only(url: str) -> None:
    profile = full_profile()
    profile.persistent_menus[0].items[1].url = url
    assert refusal_of(profile).metadata["field"] == "profile.persistent_menus[0].items[1].url"


def test_a_character_beyond_the_basic_plane_counts_twice() -> None:
    profile = full_profile()
    profile.persistent_menus[0].items[0].title = "🙂" * 16
    assert refusal_of(profile).metadata["value"] == "32"


def test_all_faults_are_told_and_the_useless_value_decides() -> None:
    profile = full_profile()
    profile.greetings[0].text = "x" * 161
    profile.persistent_menus[0].items[0].title = ""
    error = refusal_of(profile)
    assert (error.reason, len(error.violations)) == ("INVALID_FIELD", 2)


def test_what_the_mask_does_not_name_is_not_judged() -> None:
    profile = full_profile()
    profile.greetings[0].text = "x" * 161
    require_within_limits(profile, PROPERTIES.keys() - {"greetings"})
