from __future__ import annotations

from typing import Any

import pytest

from messenger_sandbox.rules.profile import PROPERTIES, profile_fault

STARTED = {"get_started": {"payload": "START"}}
TAP = {"type": "postback", "title": "Agent", "payload": "AGENT"}
LINK = {"type": "web_url", "title": "Shop", "url": "https://cc.example/", "webview_height_ratio": "full"}


def menu(*items: Any, **changes: Any) -> dict[str, Any]:
    return {"persistent_menu": [{"locale": "default", "call_to_actions": list(items)} | changes]}


ROWS: list[tuple[str, dict[str, Any], bool]] = [
    ("a start button", STARTED, True),
    ("a start button without a payload", {"get_started": {}}, False),
    ("a greeting", {"greeting": [{"locale": "default", "text": "Hi {{user_first_name}}!"}]}, True),
    ("a greeting in one language only", {"greeting": [{"locale": "ur_PK", "text": "Salam"}]}, False),
    (
        "a greeting in one language twice",
        {"greeting": [{"locale": "default", "text": "Hi"}, {"locale": "default", "text": "Hello"}]},
        False,
    ),
    (
        "questions to begin with",
        {"ice_breakers": [{"locale": "default", "call_to_actions": [{"question": "Open?", "payload": "HOURS"}]}]},
        True,
    ),
    ("questions in the old form", {"ice_breakers": [{"question": "Open?", "payload": "HOURS"}]}, False),
    ("a menu", menu(TAP, LINK), True),
    ("a menu that closes the composer", menu(TAP, composer_input_disabled=True), True),
    ("a menu that dials", menu({"type": "phone_number", "title": "Call", "payload": "+1"}), False),
    ("a menu's link without a title", menu({"type": "web_url", "url": "https://cc.example/"}), False),
    ("a menu that is an object", {"persistent_menu": {"locale": "default"}}, False),
    (
        "commands",
        {"commands": [{"locale": "default", "commands": [{"name": "track", "description": "Track an order"}]}]},
        True,
    ),
    ("no commands", {"commands": [{"locale": "default", "commands": []}]}, False),
    ("domains", {"whitelisted_domains": ["https://cc.example"]}, True),
    ("domains without a scheme", {"whitelisted_domains": ["cc.example"]}, False),
    ("a login page", {"account_linking_url": "https://cc.example/login"}, True),
    ("a login page that is none", {"account_linking_url": "login"}, False),
    ("a property that is none", {"home_url": {"url": "https://cc.example"}}, False),
    ("nothing", {}, False),
]


@pytest.mark.parametrize(("changes", "taken"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_property_is_judged_by_its_shape(changes: dict[str, Any], *, taken: bool) -> None:
    assert (profile_fault(changes, STARTED) is None) is taken


def test_every_property_is_both_taken_and_refused() -> None:
    seen = {(name, taken) for _, changes, taken in ROWS for name in changes}
    assert seen >= {(name, taken) for name in PROPERTIES for taken in (True, False)}


def test_a_menu_needs_a_start_button_before_or_with_it() -> None:
    assert profile_fault(menu(TAP), {}) is not None
    assert profile_fault(menu(TAP) | STARTED, {}) is None
