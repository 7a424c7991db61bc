from __future__ import annotations

from typing import Any

import orjson
import pytest

from messenger_sandbox import KNOWN_FIELDS
from messenger_sandbox.events.kinds import Manner
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
OF_PAGE = {"recipient": PAGE, "timestamp": 1_794_300_000_000}
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
    (
        "a message taken back",
        EventKind.UNSEND,
        {"target_mid": "m_0"},
        AT | {"message": {"mid": "m_0", "is_deleted": True}},
    ),
    (
        "an edit",
        EventKind.MESSAGE_EDIT,
        {"target_mid": "m_0", "text": "new", "num_edit": 2},
        AT | {"message_edit": {"mid": "m_0", "text": "new", "num_edit": 2}},
    ),
    ("an opt-in", EventKind.OPTIN, {"ref": "cart"}, AT | {"optin": {"ref": "cart"}}),
    (
        "a referral, with its lead beside",
        EventKind.REFERRAL,
        {"ref": None, "source": "ADS", "lead": {"data": []}},
        AT | {"referral": {"ref": None, "source": "ADS"}, "lead": {"data": []}},
    ),
    (
        "account linking",
        EventKind.ACCOUNT_LINKING,
        {"status": "unlinked"},
        AT | {"account_linking": {"status": "unlinked"}},
    ),
    (
        "feedback, which has no timestamp",
        EventKind.FEEDBACK,
        {"feedback_screens": []},
        {"sender": PERSON, "recipient": PAGE, "messaging_feedback": {"feedback_screens": []}},
    ),
    (
        "a thumb under an answer, whose mid is no message of its own",
        EventKind.RESPONSE_FEEDBACK,
        {"feedback": "Bad response", "mid": "m_0"},
        AT | {"response_feedback": {"feedback": "Bad response", "mid": "m_0"}},
    ),
    ("an order", EventKind.ORDER, {"products": []}, AT | {"order": {"products": []}}),
    (
        "a filled-in form of the page",
        EventKind.CUSTOMER_INFORMATION,
        {"screens": []},
        AT | {"messaging_customer_information": {"screens": []}},
    ),
    ("a game", EventKind.GAME_PLAY, {"score": 1}, AT | {"game_play": {"score": 1}}),
    ("a lead form", EventKind.FORM, {"id": "5"}, AT | {"form": {"id": "5"}}),
    ("an opened coupon", EventKind.COUPON, {"coupon_code": "X"}, AT | {"template": {"coupon_code": "X"}}),
    (
        "a thread passed from nobody",
        EventKind.PASS_THREAD_CONTROL,
        {"previous_owner_app_id": None, "new_owner_app_id": "555"},
        AT | {"pass_thread_control": {"previous_owner_app_id": None, "new_owner_app_id": "555"}},
    ),
    (
        "a thread taken",
        EventKind.TAKE_THREAD_CONTROL,
        {"new_owner_app_id": "26"},
        AT | {"take_thread_control": {"new_owner_app_id": "26"}},
    ),
    (
        "a thread asked for",
        EventKind.REQUEST_THREAD_CONTROL,
        {"requested_owner_app_id": 26},
        AT | {"request_thread_control": {"requested_owner_app_id": 26}},
    ),
    (
        "roles, of no sender",
        EventKind.APP_ROLES,
        {"555": ["primary_receiver"]},
        OF_PAGE | {"app_roles": {"555": ["primary_receiver"]}},
    ),
    (
        "a warning, of no sender",
        EventKind.POLICY_ENFORCEMENT,
        {"action": "warning"},
        OF_PAGE | {"policy_enforcement": {"action": "warning"}},
    ),
    ("a comment", EventKind.FEED, {"item": "comment"}, {"field": "feed", "value": {"item": "comment"}}),
    ("a mention", EventKind.MENTION, {"item": "comment"}, {"field": "mention", "value": {"item": "comment"}}),
    (
        "a restriction",
        EventKind.BUSINESS_INTEGRITY,
        {"status": "restricted"},
        {"field": "business_integrity", "value": {"status": "restricted"}},
    ),
    (
        "any other change",
        EventKind.CONVERSATIONS,
        {"thread_id": "t_1"},
        {"field": "conversations", "value": {"thread_id": "t_1"}},
    ),
    ("what nobody knows yet", EventKind.UNKNOWN, {"key": "holo", "value": [1]}, AT | {"holo": [1]}),
]

# Subscription, whether it opens the window, the list of the entry it travels in.
ROUTES: dict[EventKind, tuple[str, bool, str]] = {
    EventKind.MESSAGE: ("messages", True, "messaging"),
    EventKind.POSTBACK: ("messaging_postbacks", True, "messaging"),
    EventKind.REACT: ("message_reactions", True, "messaging"),
    EventKind.UNREACT: ("message_reactions", False, "messaging"),
    EventKind.READ: ("message_reads", False, "messaging"),
    EventKind.DELIVERY: ("message_deliveries", False, "messaging"),
    EventKind.ECHO: ("message_echoes", False, "messaging"),
    EventKind.UNSEND: ("messages", False, "messaging"),
    EventKind.MESSAGE_EDIT: ("message_edits", False, "messaging"),
    EventKind.OPTIN: ("messaging_optins", False, "messaging"),
    EventKind.REFERRAL: ("messaging_referrals", True, "messaging"),
    EventKind.ACCOUNT_LINKING: ("messaging_account_linking", False, "messaging"),
    EventKind.FEEDBACK: ("messaging_feedback", False, "messaging"),
    EventKind.RESPONSE_FEEDBACK: ("response_feedback", False, "messaging"),
    EventKind.ORDER: ("send_cart", False, "messaging"),
    EventKind.CUSTOMER_INFORMATION: ("messaging_customer_information", False, "messaging"),
    EventKind.GAME_PLAY: ("messaging_game_plays", False, "messaging"),
    EventKind.FORM: ("messaging_in_thread_lead_form_submit", False, "messaging"),
    EventKind.COUPON: ("messages", False, "messaging"),
    EventKind.PASS_THREAD_CONTROL: ("messaging_handovers", False, "messaging"),
    EventKind.TAKE_THREAD_CONTROL: ("messaging_handovers", False, "messaging"),
    EventKind.REQUEST_THREAD_CONTROL: ("messaging_handovers", False, "messaging"),
    EventKind.APP_ROLES: ("messaging_handovers", False, "messaging"),
    EventKind.POLICY_ENFORCEMENT: ("messaging_policy_enforcement", False, "messaging"),
    EventKind.FEED: ("feed", False, "changes"),
    EventKind.MENTION: ("mention", False, "changes"),
    EventKind.BUSINESS_INTEGRITY: ("business_integrity", False, "changes"),
    EventKind.CONVERSATIONS: ("conversations", False, "changes"),
    EventKind.UNKNOWN: ("messages", False, "messaging"),
}


@pytest.mark.parametrize(("kind", "details", "item"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_an_event_has_the_shape_of_the_reference(
    kind: EventKind, details: dict[str, Any], item: dict[str, Any]
) -> None:
    assert build_event(kind, PARTIES, details).item == item


def test_every_kind_has_a_builder_and_a_row_here() -> None:
    assert set(EVENT_ROWS) == set(EventKind) == {row[1] for row in ROWS} == set(ROUTES)


@pytest.mark.parametrize("kind", EventKind)
def test_a_kind_goes_the_way_of_the_reference(kind: EventKind) -> None:
    row = EVENT_ROWS[kind]
    assert (row.field, row.opens_window, row.place.value) == ROUTES[kind]


@pytest.mark.parametrize("kind", EventKind)
def test_a_page_can_subscribe_to_every_kind(kind: EventKind) -> None:
    assert EVENT_ROWS[kind].field in KNOWN_FIELDS


def test_only_what_is_written_makes_a_message() -> None:
    details = {"mid": "m_1", "feedback": "Good response"}
    built = {kind: build_event(kind, PARTIES, details).mid for kind in (EventKind.MESSAGE, EventKind.RESPONSE_FEEDBACK)}
    assert built == {EventKind.MESSAGE: "m_1", EventKind.RESPONSE_FEEDBACK: None}


def test_standby_has_a_list_and_a_subscription_of_its_own() -> None:
    event = build_event(EventKind.READ, PARTIES, {"watermark": 5}, Manner(standby=True))
    body = orjson.loads(webhook_body([event], 9))
    assert event.field == "standby"
    assert body["entry"] == [{"id": "100200300400500", "time": 9, "standby": [AT | {"read": {"watermark": 5}}]}]


def test_in_standby_a_postback_has_no_payload() -> None:
    details = {"mid": "m_1", "title": "Agent", "payload": "AGENT"}
    event = build_event(EventKind.POSTBACK, PARTIES, details, Manner(standby=True))
    assert event.item["postback"] == {"mid": "m_1", "title": "Agent"}


def test_a_change_does_not_travel_in_standby() -> None:
    with pytest.raises(ValueError, match="standby"):
        build_event(EventKind.FEED, PARTIES, {}, Manner(standby=True))


def test_the_entry_of_a_change_has_its_time_in_seconds() -> None:
    event = build_event(EventKind.FEED, PARTIES, {"item": "comment"})
    [entry] = orjson.loads(webhook_body([event], 1_794_300_000_123))["entry"]
    change = {"field": "feed", "value": {"item": "comment"}}
    assert entry == {"id": "100200300400500", "time": 1_794_300_000, "changes": [change]}


def test_events_of_several_pages_travel_in_one_body_in_their_order() -> None:
    elsewhere = Parties(page_id="100200300400501", psid="7001002003004006", timestamp_ms=1)
    first = build_event(EventKind.MESSAGE, PARTIES, {"mid": "m_1", "text": "a"})
    second = build_event(EventKind.MESSAGE, elsewhere, {"mid": "m_2", "text": "b"})
    body = orjson.loads(webhook_body([first, second], 9))
    assert [(entry["id"], entry["time"], len(entry["messaging"])) for entry in body["entry"]] == [
        ("100200300400500", 9, 1),
        ("100200300400501", 9, 1),
    ]
