from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cim_messenger.cim_json import encode, validate
from cim_messenger.inbound import TRANSLATOR_VERSION, TranslatorSettings, media_links_under, read_webhook, translate
from expertflow.connector.v1.inbound_event_pb2 import (
    INGEST_SOURCE_BACKFILL,
    INGEST_SOURCE_LIVE,
    InboundEvent,
    QuarantinedItem,
)
from tests.support.webhook_bodies import PAGE, PSID, TIME, text_item, webhook
from tests.support.webhook_expectations import SETTINGS

ME = {"sender": {"id": PSID}, "recipient": {"id": PAGE}, "timestamp": TIME}


def _event(item: dict[str, Any], settings: TranslatorSettings = SETTINGS) -> InboundEvent:
    (event,) = translate(read_webhook(webhook(item)), settings)
    assert isinstance(event, InboundEvent)
    return event


def test_an_item_that_is_no_event_keeps_the_list_it_stood_in() -> None:
    (result,) = translate(read_webhook(b'{"entry":[{"id":"1","calls":[{"a":1}]}]}'), SETTINGS)

    assert isinstance(result, QuarantinedItem)
    assert (result.reason, result.entry_list, result.raw) == ("NOT_AN_EVENT", "calls", b'[{"a":1}]')


def test_a_text_as_a_contact_centre_reads_it() -> None:
    event = _event(text_item("m_1", "Grüße 👍"))

    assert json.loads(encode(event.messages[0])) == {
        "id": event.messages[0].id,
        "header": {
            "sender": {
                "id": SETTINGS.sender_id,
                "type": "CONNECTOR",
                "senderName": "FACEBOOK_CONNECTOR",
                "additionalDetail": None,
            },
            "channelData": {
                "channelCustomerIdentifier": PSID,
                "serviceIdentifier": PAGE,
                "requestPriority": 0,
                "customerFirstName": None,
                "customerLastName": None,
                "additionalAttributes": [{"key": "MESSAGE_TYPE", "type": "String100", "value": "DM"}],
            },
            "language": None,
            "timestamp": TIME,
            "securityInfo": None,
            "stamps": None,
            "intent": None,
            "entities": None,
            "channelSessionId": None,
            "conversationId": None,
            "customer": None,
            "originalMessageId": None,
            "providerMessageId": "m_1",
            "roomId": None,
            "schedulingMetaData": None,
            "additionalData": None,
        },
        "body": {"type": "PLAIN", "markdownText": "Grüße 👍"},
    }
    assert validate(event.messages[0]) == []


def test_an_event_says_who_translated_it_and_where_it_came_from() -> None:
    (live,) = translate(read_webhook(webhook(text_item("m_1"))), SETTINGS)
    (filled,) = translate(read_webhook(webhook(text_item("m_1"))), SETTINGS, INGEST_SOURCE_BACKFILL)

    assert isinstance(live, InboundEvent)
    assert isinstance(filled, InboundEvent)
    assert (live.source, filled.source) == (INGEST_SOURCE_LIVE, INGEST_SOURCE_BACKFILL)
    assert live.translator_version == TRANSLATOR_VERSION


def test_the_sender_is_a_setting() -> None:
    event = _event(text_item("m_1"), replace(SETTINGS, sender_id="id", sender_name="name"))

    assert event.messages[0].header.sender.id == "id"
    assert event.messages[0].header.sender.sender_name == "name"


def test_a_media_link_is_named_by_the_parts_own_id() -> None:
    images = [{"type": "image", "payload": {"url": f"https://x.fbcdn.net/{number}.jpg"}} for number in range(2)]
    settings = replace(SETTINGS, media_link=media_links_under("https://cc.example/fb/"))
    event = _event({**ME, "message": {"mid": "m_1", "attachments": images}}, settings)

    assert [message.body.image.attachment.media_url for message in event.messages] == [
        f"https://cc.example/fb/media/{message.id}" for message in event.messages
    ]


@pytest.mark.parametrize(
    ("reaction", "text"),
    [
        ({"action": "react", "reaction": "love", "emoji": "❤"}, "reacted ❤"),
        ({"action": "react", "reaction": "love"}, "reacted love"),
        ({"action": "react"}, "reacted"),
        ({"action": "unreact"}, "took a reaction back"),
    ],
)
def test_reactions_can_come_as_text(reaction: dict[str, str], text: str) -> None:
    event = _event({**ME, "reaction": {"mid": "m_1", **reaction}}, replace(SETTINGS, reactions_as_text=True))

    (message,) = event.messages
    assert (message.body.type, message.body.markdown_text, message.header.intent) == ("PLAIN", text, "REPLY_TO")
    assert event.refs.target_mid == "m_1"


@pytest.mark.parametrize(
    ("item", "opens"),
    [
        ({"message": {"mid": "m_1", "text": "hi"}}, True),
        ({"message": {"mid": "m_1", "is_unsupported": True}}, True),
        ({"message": {"mid": "m_1", "text": "hi", "quick_reply": {"payload": "x"}}}, True),
        ({"postback": {"payload": "x"}}, True),
        ({"reaction": {"mid": "m_1", "action": "react"}}, True),
        ({"referral": {"ref": "x"}}, True),
        ({"message_edit": {"mid": "m_1", "num_edit": 1}}, False),
        ({"message": {"mid": "m_1", "is_deleted": True}}, False),
        ({"reaction": {"mid": "m_1", "action": "unreact"}}, False),
        ({"reaction": {"mid": "m_1"}}, False),
        ({"read": {"watermark": TIME}}, False),
        ({"delivery": {"watermark": TIME}}, False),
        ({"optin": {"ref": "x"}}, False),
        ({"message": {"mid": "m_1", "is_echo": True}}, False),
        ({"sender": {"id": PAGE}, "recipient": {"id": PSID}, "reaction": {"mid": "m_1", "action": "react"}}, False),
        ({"sender": {"id": PAGE}, "recipient": {"id": PSID}, "message": {"mid": "m_1", "text": "hi"}}, False),
        ({"pass_thread_control": {}}, False),
        ({"order": {}}, False),
        ({"hologram": {}}, False),
        ({"sender": {"user_ref": "x"}, "message": {"mid": "m_1", "text": "hi"}}, False),
    ],
    ids=lambda value: (
        "" if isinstance(value, bool) else next(key for key in value if key not in {"sender", "recipient"})
    ),
)
def test_which_events_open_the_window(item: dict[str, Any], opens: bool) -> None:
    assert _event({**ME, **item}).opens_window is opens


def test_more_attachments_than_an_event_may_hold_are_listed_in_its_last_part() -> None:
    attachments = [{"type": "image", "payload": {"url": f"https://x.fbcdn.net/{number}.jpg"}} for number in range(150)]
    event = _event({**ME, "message": {"mid": "m_1", "text": "all my photos", "attachments": attachments}})

    assert len(event.messages) == 100
    listed = json.loads(event.messages[-1].body.custom.json_node.text)
    assert listed == {"kind": "attachments", "attachments": attachments[98:]}


def test_numbers_reach_the_contact_centre_as_they_were_spelt() -> None:
    body = webhook({**ME, "order": {"price": "PRICE"}}).replace(b'"PRICE"', b"[1.10,1e3,24680135791113151,-0]")
    (event,) = translate(read_webhook(body), SETTINGS)

    assert isinstance(event, InboundEvent)
    assert event.messages[0].body.custom.json_node.text == '{"kind":"order","price":[1.10,1e3,24680135791113151,-0]}'
