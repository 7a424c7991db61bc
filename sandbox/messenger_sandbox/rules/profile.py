"""The properties of a Messenger profile, one row each, and which of them need another; personas too.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/messenger-profile-api
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from messenger_sandbox.errors import GraphError
from messenger_sandbox.rules.attempt import as_object, bad, one_of
from messenger_sandbox.rules.buttons import LINK_MEMBERS
from messenger_sandbox.rules.shapes import Check, any_text, each, first, flag, items, may, need, shape, text, url

_LOCALE: Final = need(any_text)
_MENU_TITLE: Final = need(text("menu.title"))
_MENU_ITEMS: Final[Mapping[str, Check]] = {
    "web_url": shape({**LINK_MEMBERS, "title": _MENU_TITLE}),
    "postback": shape({"type": need(any_text), "title": _MENU_TITLE, "payload": need(text("menu.payload"))}),
}


def _menu_item(value: Any, where: str) -> GraphError | None:
    kind = as_object(value).get("type")
    if not one_of(kind, _MENU_ITEMS):
        return bad(f"Param {where}[type] must be one of {', '.join(sorted(_MENU_ITEMS))}")
    return _MENU_ITEMS[str(kind)](value, where)


def _by_locale(entry: Check) -> Check:
    """A list of one entry per locale, with one for `default`."""

    def check(value: Any, where: str) -> GraphError | None:
        locales = [as_object(one).get("locale") for one in value] if isinstance(value, list) else []
        fault = each(entry)(value, where)
        if fault is None and "default" not in locales:
            return bad(f"Param {where} must hold an entry for the locale default")
        if fault is None and len(set(locales)) < len(locales):
            return bad(f"Param {where} must hold one entry per locale")
        return fault

    return check


_greeting: Final = shape({"locale": _LOCALE, "text": need(text("greeting.text"))})
_question: Final = shape({"question": need(any_text), "payload": need(text("menu.payload"))})
_ice_breakers: Final = shape({"locale": _LOCALE, "call_to_actions": need(items("ice_breakers.questions", _question))})
_menu: Final = shape(
    {
        "locale": _LOCALE,
        "composer_input_disabled": may(flag),
        "call_to_actions": may(items("menu.items", _menu_item)),
    }
)
_command: Final = shape({"name": need(text("command.name")), "description": need(text("command.description"))})
_commands: Final = shape({"locale": _LOCALE, "commands": need(items("commands", _command))})

PROPERTIES: Mapping[str, Check] = MappingProxyType(
    {
        "get_started": shape({"payload": need(text("menu.payload"))}),
        "greeting": _by_locale(_greeting),
        "ice_breakers": _by_locale(_ice_breakers),
        "persistent_menu": _by_locale(_menu),
        "commands": _by_locale(_commands),
        "whitelisted_domains": each(url),
        "account_linking_url": url,
    }
)
persona: Final[Check] = shape({"name": need(text("persona.name")), "profile_picture_url": need(url)})


def profile_fault(changes: Mapping[str, Any], present: Mapping[str, Any]) -> GraphError | None:
    """Judges properties that are to be set, beside those that are there."""
    unknown = sorted(changes.keys() - PROPERTIES.keys())
    if unknown:
        return bad(f'Invalid keys "{", ".join(unknown)}" were found in param "messenger_profile"')
    if not changes:
        return bad("At least one property of the Messenger profile is required")
    faults = first(*(PROPERTIES[name](value, name) for name, value in changes.items()))
    return faults or dependency_fault({**present, **changes})


def dependency_fault(profile: Mapping[str, Any]) -> GraphError | None:
    if "persistent_menu" in profile and "get_started" not in profile:
        return bad("You must set a Get Started button if you also wish to use persistent menu")
    return None
