from __future__ import annotations

from connector_cli.profile_views import profile_rows
from expertflow.connector.v1.channel_pb2 import MenuItem, MessengerProfile
from tests.support.messenger_profiles import full_profile


def test_everything_a_customer_sees_has_a_row() -> None:
    assert profile_rows(full_profile()) == [
        ("get_started_payload", "", "Get Started", "postback START"),
        ("greetings", "default", "Hello {{user_first_name}}", ""),
        ("greetings", "de_DE", "Moin", ""),
        ("ice_breakers", "default", "Where is my parcel?", "postback PARCEL"),
        ("persistent_menus", "default", "", "takes the input field away"),
        ("persistent_menus", "default", "Talk to us", "postback AGENT"),
        ("persistent_menus", "default", "Shop", "opens https://shop.example/start"),
        ("command_sets", "default", "/track", "Finds a parcel"),
    ]


def test_an_empty_profile_has_no_row() -> None:
    assert profile_rows(MessengerProfile()) == []


def test_an_entry_of_an_unknown_type_is_shown() -> None:
    profile = full_profile()
    profile.persistent_menus[0].items.append(MenuItem(title="More"))
    assert ("persistent_menus", "default", "More", "of a type that this release does not know") in profile_rows(profile)
