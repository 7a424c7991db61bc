"""What Facebook takes in a Messenger profile, one row per limit, and every fault of a profile. Pure.

Lengths are UTF-16 units, as in `cim_messenger.outbound.limits`. Every fault is found before a profile is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import urlsplit

from cim_messenger.outbound.limits import Limit, utf16_units
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
from facebook_connector.errors import ConnectorError, FieldViolation

T = TypeVar("T")

_PAGE: Final = "https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/messenger-profile-api"

DEFAULT_LOCALE: Final = "default"
MAX_URL: Final = 2_000
"""Not Facebook's: no address that long works everywhere."""


def _length(of: str, maximum: int, page: str) -> Limit:
    return Limit(of=of, maximum=maximum, unit="UTF-16 units", source=f"{_PAGE}/{page}")


def _count(of: str, maximum: int, page: str) -> Limit:
    return Limit(of=of, maximum=maximum, unit="elements", source=f"{_PAGE}/{page}")


GET_STARTED_PAYLOAD: Final = _length("get started: payload", 1_000, "get-started-button")
GREETING_TEXT: Final = _length("greeting: text", 160, "greeting")
QUESTIONS: Final = _count("ice breakers of a locale", 4, "ice-breakers")
QUESTION: Final = _length("ice breaker: question", 80, "ice-breakers")
QUESTION_PAYLOAD: Final = _length("ice breaker: payload", 1_000, "ice-breakers")
MENU_ITEMS: Final = _count("entries of a persistent menu", 20, "persistent-menu")
MENU_TITLE: Final = _length("menu entry: title", 30, "persistent-menu")
MENU_PAYLOAD: Final = _length("menu entry: payload", 1_000, "persistent-menu")
COMMANDS: Final = _count("commands of a locale", 100, "commands")
COMMAND_NAME: Final = _length("command: name", 32, "commands")
COMMAND_DESCRIPTION: Final = _length("command: description", 64, "commands")

LIMITS: Final[tuple[Limit, ...]] = tuple(value for value in vars().values() if isinstance(value, Limit))
"""All of them, in the order above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a profile."""

    field: str
    description: str
    limit: Limit | None = None
    """The limit that is broken; None: the value is of no use at any length."""
    value: int = 0
    """What was found, in the limit's unit."""


def require_within_limits(profile: MessengerProfile, paths: Collection[str]) -> None:
    """Raises `ConnectorError` INVALID_FIELD or CONTENT_LIMIT_EXCEEDED with every fault of the properties named."""
    found = [fault for fault in faults(profile) if fault.field.split(".")[1].partition("[")[0] in paths]
    if not found:
        return
    # A value of no use is the graver fault: a limit alone is never named while one stands beside it.
    first = min(found, key=lambda fault: fault.limit is not None)
    reason, metadata = "INVALID_FIELD", {"field": first.field}
    if first.limit is not None:
        reason = "CONTENT_LIMIT_EXCEEDED"
        metadata |= {"maximum": str(first.limit.maximum), "value": str(first.value)}
    violations = tuple(FieldViolation(field=fault.field, description=fault.description) for fault in found)
    raise ConnectorError(reason, f"{first.field} {first.description}.", metadata=metadata, violations=violations)


def faults(profile: MessengerProfile) -> Iterator[Fault]:
    """Every fault of a profile, by its path in an update request. Empty properties have none: they are deleted."""
    if profile.get_started_payload:
        yield from _text("profile.get_started_payload", profile.get_started_payload, GET_STARTED_PAYLOAD)
    yield from _by_locale("profile.greetings", profile.greetings)
    for where, greeting in _each("profile.greetings", profile.greetings):
        yield from _text(f"{where}.text", greeting.text, GREETING_TEXT)
    yield from _by_locale("profile.ice_breakers", profile.ice_breakers)
    for where, questions in _each("profile.ice_breakers", profile.ice_breakers):
        yield from _questions(f"{where}.questions", questions.questions)
    yield from _by_locale("profile.persistent_menus", profile.persistent_menus)
    for where, menu in _each("profile.persistent_menus", profile.persistent_menus):
        yield from _items(f"{where}.items", menu.items)
    yield from _by_locale("profile.command_sets", profile.command_sets)
    for where, commands in _each("profile.command_sets", profile.command_sets):
        yield from _commands(f"{where}.commands", commands.commands)


def _questions(where: str, questions: Collection[IceBreaker]) -> Iterator[Fault]:
    yield from _size(where, questions, QUESTIONS)
    for place, one in _each(where, questions):
        yield from _text(f"{place}.question", one.question, QUESTION)
        yield from _text(f"{place}.payload", one.payload, QUESTION_PAYLOAD)


def _items(where: str, items: Collection[MenuItem]) -> Iterator[Fault]:
    yield from _size(where, items, MENU_ITEMS)
    for place, item in _each(where, items):
        yield from _text(f"{place}.title", item.title, MENU_TITLE)
        action = item.WhichOneof("action")
        if action is None:
            yield Fault(field=place, description="does nothing: set payload or url")
        elif action == "payload":
            yield from _text(f"{place}.payload", item.payload, MENU_PAYLOAD)
        elif not _is_web_address(item.url):
            yield Fault(field=f"{place}.url", description=f"must be an https address of at most {MAX_URL} characters")


def _commands(where: str, commands: Collection[Command]) -> Iterator[Fault]:
    yield from _size(where, commands, COMMANDS)
    for place, command in _each(where, commands):
        yield from _text(f"{place}.name", command.name, COMMAND_NAME)
        yield from _text(f"{place}.description", command.description, COMMAND_DESCRIPTION)


def _by_locale(
    where: str,
    entries: Collection[Greeting] | Collection[IceBreakerSet] | Collection[PersistentMenu] | Collection[CommandSet],
) -> Iterator[Fault]:
    locales = [entry.locale for entry in entries]
    for place, locale in _each(where, locales):
        if not locale:
            yield Fault(field=f"{place}.locale", description=f"is required, for instance {DEFAULT_LOCALE} or de_DE")
    if locales and DEFAULT_LOCALE not in locales:
        yield Fault(field=where, description=f"has no entry for the locale {DEFAULT_LOCALE}, which Facebook demands")
    if len(set(locales)) < len(locales):
        yield Fault(field=where, description="has two entries for one locale")


def _text(where: str, text: str, limit: Limit) -> Iterator[Fault]:
    if not text.strip():
        yield Fault(field=where, description="is required")
    elif (units := utf16_units(text)) > limit.maximum:
        said = f"has {units} characters, at most {limit.maximum} are allowed"
        yield Fault(field=where, description=said, limit=limit, value=units)


def _size(where: str, entries: Collection[object], limit: Limit) -> Iterator[Fault]:
    if not entries:
        yield Fault(field=where, description="must have at least one entry")
    elif (count := len(entries)) > limit.maximum:
        said = f"has {count} entries, at most {limit.maximum} are allowed"
        yield Fault(field=where, description=said, limit=limit, value=count)


def _each(where: str, entries: Iterable[T]) -> Iterator[tuple[str, T]]:
    return ((f"{where}[{place}]", entry) for place, entry in enumerate(entries))


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and len(url) <= MAX_URL and url.isprintable()
