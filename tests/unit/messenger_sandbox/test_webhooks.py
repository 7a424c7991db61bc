from __future__ import annotations

from typing import Any

import orjson
import pytest

from messenger_sandbox.webhooks import (
    EVENT_ROWS,
    EventKind,
    Parties,
    build_event,
    serialise,
    signature,
    webhook_body,
)

PARTIES = Parties(page_id="100200300400500", psid="7001002003004005", timestamp_ms=1_794_300_000_000)
PERSON, PAGE = {"id": "7001002003004005"}, {"id": "100200300400500"}
AT = {"sender": PERSON, "recipient": PAGE, "timestamp": 1_794_300_000_000}
PICTURE = {"type": "image", "payload": {"url": "https://cc.example/1.jpg"}}

# The vector of the reference: secret, one-line body without a trailing newline, digest over exactly these bytes.
VECTOR = (
    rb'{"object":"page","entry":[{"id":"100200300400500","time":1794300000123,"messaging":[{"sender":'
    rb'{"id":"7001002003004005"},"recipient":{"id":"100200300400500"},"timestamp":1794300000000,"message":'
    rb'{"mid":"m_demo1","text":"Gr\u00fc\u00dfe \ud83d\udc4d"}}]}]}'
)
VECTOR_DIGEST = "sha256=8883e86dde3002d5ca32115a29203a3f951e0ffee46e65811a67a3ac1cd26255"


def test_the_vector_is_signed_as_facebook_signs_it() -> None:
    assert len(VECTOR) == 253
    assert signature(VECTOR, "test_app_secret") == VECTOR_DIGEST


def test_the_builder_writes_the_very_bytes_of_the_vector() -> None:
    event = build_event(EventKind.MESSAGE, PARTIES, {"mid": "m_demo1", "text": "Grüße 👍"})
    assert webhook_body([event], 1_794_300_000_123) == VECTOR


def test_slashes_are_escaped() -> None:
    assert serialise({"url": "https://a.example/b"}) == rb'{"url":"https:\/\/a.example\/b"}'


def test_a_body_is_pure_ascii_and_reads_back_as_it_was_meant() -> None:
    value = {"text": 'Ж/€/👨‍👩‍👧/\\/"\n\u2028'}
    body = serialise(value)
    assert body.isascii()
    assert orjson.loads(body) == value


ROWS: list[tuple[str, EventKind, dict[str, Any], dict[str, Any]]] = [
    ("a text", EventKind.MESSAGE, {"mid": "m_1", "text": "hi"}, AT | {"message": {"mid": "m_1", "text": "hi"}}),
    (
        "a quoted text",
        EventKind.MESSAGE,
        {"mid": "m_1", "text": "hi", "reply_to": {"mid": "m_0", "is_self_reply": False}},
        AT | {"message": {"mid": "m_1", "text": "hi", "reply_to": {"mid": "m_0", "is_self_reply": False}}},
    ),
    (
        "attachments with a text",
        EventKind.MESSAGE,
        {"mid": "m_1", "text": "see", "attachments": [PICTURE, PICTURE]},
        AT | {"message": {"mid": "m_1", "text": "see", "attachments": [PICTURE, PICTURE]}},
    ),
    (
        "a postback",
        EventKind.POSTBACK,
        {"mid": "m_1", "title": "Agent", "payload": "AGENT"},
        AT | {"postback": {"mid": "m_1", "title": "Agent", "payload": "AGENT"}},
    ),
    (
        "a reaction",
        EventKind.REACT,
        {"target_mid": "m_0", "reaction": "love", "emoji": "❤"},
        AT | {"reaction": {"action": "react", "reaction": "love", "emoji": "❤", "mid": "m_0"}},
    ),
    ("an unreaction", EventKind.UNREACT, {"target_mid": "m_0"}, AT | {"reaction": {"action": "unreact", "mid": "m_0"}}),
    ("a read", EventKind.READ, {"watermark": 5}, AT | {"read": {"watermark": 5}}),
    (
        "a delivery, which has no timestamp",
        EventKind.DELIVERY,
        {"mids": ["m_0"], "watermark": 5},
        {"sender": PERSON, "recipient": PAGE, "delivery": {"mids": ["m_0"], "watermark": 5}},
    ),
    (
        "an echo, with sender and recipient swapped",
        EventKind.ECHO,
        {"mid": "m_2", "text": "yes", "app_id": 555, "metadata": "x"},
        AT
        | {"sender": PAGE, "recipient": PERSON}
        | {"message": {"is_echo": True, "app_id": 555, "metadata": "x", "mid": "m_2", "text": "yes"}},
    ),
]


@pytest.mark.parametrize(("kind", "details", "item"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_an_event_has_the_shape_of_the_reference(
    kind: EventKind, details: dict[str, Any], item: dict[str, Any]
) -> None:
    assert build_event(kind, PARTIES, details).item == item


def test_every_kind_has_a_builder_and_a_row_here() -> None:
    assert set(EVENT_ROWS) == set(EventKind) == {row[1] for row in ROWS}


def test_events_of_several_pages_travel_in_one_body_in_their_order() -> None:
    elsewhere = Parties(page_id="100200300400501", psid="7001002003004006", timestamp_ms=1)
    first = build_event(EventKind.MESSAGE, PARTIES, {"mid": "m_1", "text": "a"})
    second = build_event(EventKind.MESSAGE, elsewhere, {"mid": "m_2", "text": "b"})
    body = orjson.loads(webhook_body([first, second], 9))
    assert [(entry["id"], entry["time"], len(entry["messaging"])) for entry in body["entry"]] == [
        ("100200300400500", 9, 1),
        ("100200300400501", 9, 1),
    ]
