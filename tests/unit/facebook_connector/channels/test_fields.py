from __future__ import annotations

from facebook_connector.channels.fields import DISABLED_WITHOUT, ESSENTIAL_FIELD, disabled_without, wanted
from messenger_sandbox.world import SUGGESTED_FIELDS


def test_the_connector_understands_what_a_contact_centre_subscribes_to() -> None:
    assert set(DISABLED_WITHOUT) == SUGGESTED_FIELDS
    assert ESSENTIAL_FIELD in DISABLED_WITHOUT


def test_thumbs_under_messages_are_nobodys_default() -> None:
    assert "response_feedback" not in DISABLED_WITHOUT


def test_wishes_are_taken_as_they_are() -> None:
    assert wanted(["messages", "feed", "messages"]) == ("feed", "messages")


def test_without_a_wish_all_that_is_understood() -> None:
    assert wanted([]) == tuple(sorted(DISABLED_WITHOUT))


def test_a_field_that_is_not_understood_is_named() -> None:
    assert disabled_without("feed") == "events of the field feed"
