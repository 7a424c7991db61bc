from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from facebook_connector.graph.conversation import READABLE, read_view
from facebook_connector.sending.reconciliation import ConversationView, Unreadable

PAGE = "100200300400500"


def message(changes: Mapping[str, Any] = MappingProxyType({}), *, number: int = 1) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": f"m_{number}",
        "created_time": "2026-11-10T08:40:00+0000",
        "from": {"id": PAGE},
        "message": "hi",
    }
    return {**told, **changes}


def body(*messages: Any, **changes: Any) -> dict[str, Any]:
    return {"data": [{"id": "t_1", "messages": {"data": list(messages)}} | changes]}


def view(*messages: Any, **changes: Any) -> ConversationView:
    found = read_view(body(*messages, **changes), PAGE)
    assert isinstance(found, ConversationView)
    return found


def test_a_message_is_read_as_facebook_shows_it() -> None:
    (seen,) = view(message()).messages
    assert (seen.mid, seen.of_page, seen.time_ms, seen.text, seen.bare) == ("m_1", True, 1_794_300_000_000, "hi", True)


def test_a_persons_message_is_not_of_the_page() -> None:
    assert not view(message({"from": {"id": "7001002003004005"}})).messages[0].of_page


@pytest.mark.parametrize("name", ["attachments", "sticker", "shares"])
def test_what_stands_beside_the_text_is_seen(name: str) -> None:
    assert not view(message({name: {"data": [{}]}})).messages[0].bare


def test_facebooks_count_says_whether_anything_is_older() -> None:
    assert view(message(), message_count=1).complete
    assert not view(message(), message_count=2).complete


def test_without_a_count_a_short_last_page_holds_everything() -> None:
    assert view(message()).complete
    assert not view(*(message(number=number) for number in range(READABLE))).complete
    more = {"data": [message()], "paging": {"next": "https://graph.facebook.com/…"}}
    assert not view(messages=more).complete


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"data": []},
        {"data": [{"id": "t_1"}]},
        body("text"),
        body(message({"created_time": "yesterday"})),
        body(message({"from": None})),
        {"data": [{"messages": {"data": {}}}]},
    ],
)
def test_what_is_no_conversation_is_unreadable(odd: dict[str, Any]) -> None:
    assert isinstance(read_view(odd, PAGE), Unreadable)
