from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cim_messenger.inbound.webhook import NotJsonError, Place, read_webhook
from tests.support.json_tokens import Token, text_of

SCALARS = (
    st.none()
    | st.booleans()
    | st.text(max_size=8)
    | st.sampled_from(["1", "-0", "1.10", "1e400", "24680135791113151", "123456789012345678901234567890"]).map(Token)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
LISTS = st.dictionaries(
    st.sampled_from(["id", "time", "messaging", "standby", "changes", "calls"]),
    st.lists(VALUES, max_size=4) | VALUES,
)


def _raws(body: str | bytes) -> list[tuple[Place, bytes]]:
    return [(item.place, item.raw) for item in read_webhook(body.encode() if isinstance(body, str) else body)]


def test_items_come_in_order_with_their_place_entry_and_bytes() -> None:
    body = (
        b'{"object":"page","entry":[{"messaging":[ {"a" : 1.10} ,{}],"id":7},{"id":"8","standby":[{"b":"\\u00fc"}]}]}'
    )

    items = read_webhook(body)

    assert [(item.place, item.entry_id, item.raw) for item in items] == [
        (Place.MESSAGING, "7", b'{"a" : 1.10}'),
        (Place.MESSAGING, "7", b"{}"),
        (Place.STANDBY, "8", b'{"b":"\\u00fc"}'),
    ]


@pytest.mark.parametrize(
    ("body", "entry_list"),
    [
        ('{"entry":[{"messaging":[{"a":1}]}]}', "messaging"),
        ('{"entry":[{"standby":[{"a":1}]}]}', "standby"),
        ('{"entry":[{"changes":[{"a":1}]}]}', "changes"),
        ('{"field":"messages","value":{}}', "changes"),
        ('{"entry":[{"calls_2":[{"a":1}]}]}', "calls_2"),
        ('{"entry":[{"\\ud800":[{"a":1}]}]}', ""),
        ('{"entry":[{"' + 65 * "x" + '":[{"a":1}]}]}', ""),
        ('{"entry":[{"changed_fields":["feed"]}]}', ""),
        ("[7]", ""),
    ],
)
def test_the_list_an_item_stood_in_is_named(body: str, entry_list: str) -> None:
    assert [item.entry_list for item in read_webhook(body.encode())] == [entry_list]


def test_bytes_beyond_ascii_are_kept_as_they_came() -> None:
    body = '{"entry":[{"x":"ü👍","messaging":[{"text":"ж👍"}]}]}'

    assert _raws(body) == [(Place.MESSAGING, '{"text":"ж👍"}'.encode())]


@given(entries=st.lists(LISTS, max_size=3))
def test_whatever_stands_in_the_lists_is_found_with_its_bytes(entries: list[dict[str, Any]]) -> None:
    items = read_webhook(text_of({"entry": entries}).encode())

    for place in ("messaging", "standby", "changes"):
        there: list[Any] = []
        for entry in entries:
            value = entry.get(place, [])
            there += value if isinstance(value, list) else [value]
        assert [item.raw.decode() for item in items if item.place.value == place] == [text_of(value) for value in there]


@given(value=VALUES)
def test_a_value_is_parsed_as_its_bytes_say(value: Any) -> None:
    (item,) = read_webhook(text_of({"entry": [{"messaging": [value]}]}).encode())

    assert _tokens(item.value) == value


def _tokens(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tokens(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_tokens(element) for element in value]
    return Token(value.token) if hasattr(value, "token") else value


BODY = rb' {"object":"page","entry":[ {"id":7,"messaging":[{"a":"\u00fc","b":[1.5,true,null]},"x"]},{"changes":{}}]} '
DAMAGED = st.tuples(st.integers(0, len(BODY)), st.integers(0, 3), st.binary(max_size=2)).map(
    lambda cut: BODY[: cut[0]] + cut[2] + BODY[cut[0] + cut[1] :]
)


@given(body=st.binary(max_size=50) | DAMAGED)
def test_what_json_is_is_no_opinion_of_ours(body: bytes) -> None:
    assert _is_read(body) == _is_json(body)


def _is_read(body: bytes) -> bool:
    try:
        read_webhook(body)
    except NotJsonError:
        return False
    return True


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body.decode(), parse_constant=_refuse)
    except ValueError:
        return False
    return True


def _refuse(name: str) -> Any:
    raise ValueError(name)


@pytest.mark.parametrize(
    "body",
    [
        *("", " ", "{", "{1:2}", '{"a":1,}', '{"a":-}', "nul", "NaN", "01", '"\n"', "{} x", "\ufeff{}", '{"a\n":1}'),
        *('{"entry"}', '{"entry":}', '{"entry":[}', '{"entry":[1,]}'),
        *('{"entry":[{"messaging":[1}]}', '{"entry":[{"messaging":[Infinity]}]}'),
    ],
)
def test_what_is_no_json_is_refused_without_a_word_of_it(body: str) -> None:
    with pytest.raises(NotJsonError) as raised:
        read_webhook(body.encode())

    assert raised.value.__suppress_context__ or raised.value.__context__ is None


@pytest.mark.parametrize("body", [b"\xff", b'"\xed\xa0\x80"'])
def test_what_is_no_utf_8_is_refused(body: bytes) -> None:
    with pytest.raises(NotJsonError, match="UTF-8"):
        read_webhook(body)


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"entry":[{"messaging":['])
def test_endless_nesting_is_refused(opening: str) -> None:
    with pytest.raises(NotJsonError):
        read_webhook((opening * 100_000).encode())
    with pytest.raises(NotJsonError):
        read_webhook((opening + "[" * 100_000 + "]" * 100_000).encode())


@pytest.mark.parametrize("key", ['"messaging":', ' "messaging" :\n', '"\\u006dessaging":', '"messagin\\u0067"\t:'])
def test_keys_are_known_however_they_are_spelt(key: str) -> None:
    assert _raws('{"entry":{"id":"1",' + key + '[{"a":1}]}}') == [(Place.MESSAGING, b'{"a":1}')]


def test_a_list_that_is_no_list_is_one_item() -> None:
    assert _raws('{"entry":{"id":"1","messaging":{"a":1}}}') == [(Place.MESSAGING, b'{"a":1}')]


def test_a_list_that_stands_twice_counts_twice() -> None:
    assert _raws('{"entry":[{"messaging":[1],"messaging":[2]}],"entry":[{"messaging":[3]}]}') == [
        (Place.MESSAGING, b"1"),
        (Place.MESSAGING, b"2"),
        (Place.MESSAGING, b"3"),
    ]


@pytest.mark.parametrize(
    ("body", "raw"),
    [
        ('{"entry":[{"id":"1","calls":[{"id":"c"}],"messaging":[]}]}', b'[{"id":"c"}]'),
        ('{"entry":[ {"id":"1", "changed_fields":["feed"]}]}', b'{"id":"1", "changed_fields":["feed"]}'),
        ('{"entry":[7]}', b"7"),
        (' {"hello":"world"} ', b'{"hello":"world"}'),
        ("[7]", b"7"),
        ('"hi"', b'"hi"'),
    ],
)
def test_what_stands_elsewhere_is_found_too(body: str, raw: bytes) -> None:
    assert _raws(body) == [(Place.ELSEWHERE, raw)]


@pytest.mark.parametrize("body", ["{}", "[]", '{"object":"page","entry":[]}', '{"entry":[{"id":"1","time":2}]}'])
def test_nothing_is_nothing(body: str) -> None:
    assert _raws(body) == []


def test_a_post_of_the_dashboard_is_a_change() -> None:
    assert _raws('{"field":"messages","value":{}}') == [(Place.CHANGES, b'{"field":"messages","value":{}}')]
