"""Takes a webhook's body apart: every item of every entry, parsed, and with the exact bytes it came in.

A body is an envelope `{"object", "entry": [{"id", "time", "messaging"|"standby"|"changes": [item, …]}]}`
(https://developers.facebook.com/docs/messenger-platform/webhooks), or an array of them, or what the test button of the
app dashboard posts: `{"field", "value"}`. Values are parsed by the C scanner of `json`, which says where each one ends
and leaves numbers as they are spelt: a parser that does neither would need a second pass for the bytes, and ids beyond
2^53 and `1.10` must survive. Nothing here knows what an item means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, NoReturn

from cim_messenger.cim_json.json_text import JsonObject, JsonValue, Number


class NotJsonError(ValueError):
    """A body is no JSON by RFC 8259, or nests too deeply to be read. The message holds nothing of the body."""


class Place(Enum):
    """Where in a body an item stood."""

    MESSAGING = "messaging"
    """This app takes part in the conversation."""
    STANDBY = "standby"
    """Another app owns the conversation."""
    CHANGES = "changes"
    """`{"field", "value"}`: news about the page, and the dashboard's test posts."""
    ELSEWHERE = ""
    """Where no event belongs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One element of an entry's list, or something that stands where no event belongs."""

    place: Place
    entry_list: str
    """The name of the list that it stood in, also of one that this version does not know; empty: in none."""
    entry_id: str
    """The spelling of the entry's `id`; empty if it has none."""
    value: JsonValue
    raw: bytes
    """The exact bytes of `value`."""


def read_webhook(body: bytes) -> list[Item]:
    """Lists all items in the order of the body. Raises `NotJsonError`; of nothing else that stands in a body."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise NotJsonError("is not UTF-8") from None
    cursor = _Cursor(text)
    try:
        items = list(_top(cursor))
        cursor.end()
    except RecursionError:
        raise NotJsonError("nests too deeply") from None
    return items


_LISTS: Final = {place.value: place for place in (Place.MESSAGING, Place.STANDBY, Place.CHANGES)}
_ENTRY_FRAME: Final = frozenset({"id", "time"})
_LIST_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
_BLANK: Final = frozenset(" \t\n\r")
_BLANKS = re.compile(r"[ \t\n\r]*")
_PLAIN_KEY = re.compile(r'[ \t\n\r]*"([^"\\\x00-\x1f]*)"[ \t\n\r]*:')
"""A key without escapes, as Facebook's are: one look instead of three."""


class _ConstantError(ValueError):
    """`NaN` or `Infinity`, which JSON does not have."""


def _refuse_constant(_name: str) -> NoReturn:
    raise _ConstantError


_DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=_refuse_constant)


class _Cursor:
    """A place in a JSON text. `members` and `elements` stop at each value; the caller must step over it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def peek(self) -> str:
        """The next character that is no blank; empty at the end. From then on it is the present place."""
        character = self._text[self._at : self._at + 1]
        if character in _BLANK:  # Facebook writes none
            self._at = _end_of_blanks(self._text, self._at)
            character = self._text[self._at : self._at + 1]
        return character

    def value(self) -> JsonValue:
        """Steps over a value."""
        start = self.position
        value: JsonValue
        try:
            value, self._at = _DECODER.raw_decode(self._text, start)
        except json.JSONDecodeError as error:
            # `from None`: the error holds the whole body, and bodies hold customers' words.
            raise NotJsonError(f"is no JSON at character {error.pos}") from None
        except _ConstantError:
            raise NotJsonError(f"is no JSON near character {start}") from None
        return value

    def value_and_bytes(self) -> tuple[JsonValue, bytes]:
        """Steps over a value and gives it with the bytes it came in."""
        start = self.position
        return self.value(), self.since(start)

    def members(self) -> Iterator[str]:
        """The keys of the object that begins here."""
        self._take("{")
        if self._took("}"):
            return
        while True:
            yield self._key()
            if not self._took(","):
                break
        self._take("}")

    def elements(self) -> Iterator[None]:
        """Once for each element of the array that begins here."""
        self._take("[")
        if self._took("]"):
            return
        while True:
            yield
            if not self._took(","):
                break
        self._take("]")

    def each(self) -> Iterator[None]:
        """Once for each element of an array, or once for a value that is none: Facebook may leave the list out."""
        if self.peek() == "[":
            yield from self.elements()
        else:
            yield

    def since(self, start: int) -> bytes:
        """The bytes from `start`, a former `position`, to here."""
        return self._text[start : self._at].encode()

    @property
    def position(self) -> int:
        """Where the next value begins."""
        self.peek()
        return self._at

    def end(self) -> None:
        """Raises `NotJsonError` if anything but blanks follows."""
        if self.peek():
            raise NotJsonError(f"is no JSON at character {self._at}")

    def _key(self) -> str:
        match = _PLAIN_KEY.match(self._text, self._at)
        if match:
            self._at = match.end()
            return match[1]
        if self.peek() != '"':
            raise NotJsonError(f"is no JSON at character {self._at}")
        key = self.value()
        self._take(":")
        return str(key)

    def _took(self, character: str) -> bool:
        found = self.peek() == character
        self._at += found
        return found

    def _take(self, character: str) -> None:
        if not self._took(character):
            raise NotJsonError(f"is no JSON at character {self._at}")


def _end_of_blanks(text: str, start: int) -> int:
    match = _BLANKS.match(text, start)
    return match.end() if match else start


def _top(cursor: _Cursor) -> Iterator[Item]:
    for _ in cursor.each():
        yield from _envelope(cursor)


def _envelope(cursor: _Cursor) -> Iterator[Item]:
    if cursor.peek() != "{":
        yield _stray(*cursor.value_and_bytes())
        return
    start = cursor.position
    rest: JsonObject = {}
    has_entries = False
    for key in cursor.members():
        if key == "entry":
            has_entries = True
            for _ in cursor.each():
                yield from _entry(cursor)
        else:
            rest[key] = cursor.value()
    if not has_entries and rest:
        place = Place.CHANGES if {"field", "value"} <= rest.keys() else Place.ELSEWHERE
        yield Item(place=place, entry_list=place.value, entry_id="", value=rest, raw=cursor.since(start))


def _entry(cursor: _Cursor) -> Iterator[Item]:
    if cursor.peek() != "{":
        yield _stray(*cursor.value_and_bytes())
        return
    start = cursor.position
    found: list[tuple[str, JsonValue, bytes]] = []
    rest: JsonObject = {}
    for key in cursor.members():
        if key in _LISTS:
            found.extend((key, *cursor.value_and_bytes()) for _ in cursor.each())
            continue
        begun, value = cursor.position, cursor.value()
        if _lists_objects(value):
            # A list that this version does not know may hold events: it must not vanish behind the lists it knows.
            found.append((key if _LIST_NAME.fullmatch(key) else "", {key: value}, cursor.since(begun)))
        else:
            rest[key] = value
    if not found and any(value for key, value in rest.items() if key not in _ENTRY_FRAME):
        found.append(("", rest, cursor.since(start)))
    entry_id = _spelling(rest.get("id"))
    for name, value, raw in found:
        place = _LISTS.get(name, Place.ELSEWHERE)
        yield Item(place=place, entry_list=name, entry_id=entry_id, value=value, raw=raw)


def _stray(value: JsonValue, raw: bytes) -> Item:
    return Item(place=Place.ELSEWHERE, entry_list="", entry_id="", value=value, raw=raw)


def _lists_objects(value: JsonValue) -> bool:
    return isinstance(value, list) and any(isinstance(element, dict) for element in value)


def _spelling(value: JsonValue) -> str:
    if isinstance(value, Number):
        return value.token
    return value if isinstance(value, str) else ""
