from __future__ import annotations

import pytest

from expertflow.connector.v1.channel_pb2 import Greeting, MessengerProfile
from facebook_connector.channels.profile_properties import PROPERTIES, changed_profile, difference, profile_told
from tests.support.messenger_profiles import full_profile

AT_FACEBOOK = {
    "get_started": {"payload": "START"},
    "greeting": [{"locale": "default", "text": "Hello {{user_first_name}}"}, {"locale": "de_DE", "text": "Moin"}],
    "ice_breakers": [
        {"locale": "default", "call_to_actions": [{"question": "Where is my parcel?", "payload": "PARCEL"}]}
    ],
    "persistent_menu": [
        {
            "locale": "default",
            "composer_input_disabled": True,
            "call_to_actions": [
                {"type": "postback", "title": "Talk to us", "payload": "AGENT"},
                {"type": "web_url", "title": "Shop", "url": "https://shop.example/start"},
            ],
        }
    ],
    "commands": [{"locale": "default", "commands": [{"name": "track", "description": "Finds a parcel"}]}],
}


def test_every_property_of_the_contract_has_a_row() -> None:
    assert PROPERTIES.keys() == set(MessengerProfile.DESCRIPTOR.fields_by_name)


def test_a_profile_is_written_as_facebook_documents_it() -> None:
    assert difference(MessengerProfile(), full_profile()).set == AT_FACEBOOK


@pytest.mark.parametrize(
    "body",
    [
        {"data": [AT_FACEBOOK]},
        {"data": [{name: value} for name, value in AT_FACEBOOK.items()]},
    ],
    ids=["in one entry", "an entry each"],
)
def test_what_facebook_tells_is_read(body: dict[str, object]) -> None:
    assert profile_told(body) == full_profile()


@pytest.mark.parametrize("body", [{}, {"data": []}, {"data": "x"}, {"data": [{"greeting": "x", "get_started": 1}]}])
def test_what_has_another_form_is_left_out(body: dict[str, object]) -> None:
    assert profile_told(body) == MessengerProfile()


def test_a_menu_entry_of_an_unknown_type_keeps_its_title() -> None:
    told = {"persistent_menu": [{"locale": "default", "call_to_actions": [{"type": "nested", "title": "More"}]}]}
    (item,) = profile_told({"data": [told]}).persistent_menus[0].items
    assert (item.title, item.WhichOneof("action")) == ("More", None)


def test_only_named_properties_change() -> None:
    new = MessengerProfile(greetings=[Greeting(locale="default", text="New")])
    changed = changed_profile(full_profile(), new, {"greetings", "command_sets"})
    expected = full_profile()
    expected.ClearField("command_sets")
    expected.ClearField("greetings")
    expected.greetings.extend(new.greetings)
    assert changed == expected


def test_what_is_so_already_needs_no_call() -> None:
    wanted = full_profile()
    wanted.greetings[0].text = "New"
    wanted.ClearField("ice_breakers")
    told = difference(full_profile(), wanted)
    assert (set(told.set), told.deleted) == ({"greeting"}, ("ice_breakers",))
    assert (difference(wanted, wanted).set, difference(wanted, wanted).deleted) == ({}, ())
