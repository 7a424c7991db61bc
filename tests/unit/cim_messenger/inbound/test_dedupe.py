from __future__ import annotations

from typing import Any

import pytest

from cim_messenger.inbound import read_webhook, translate
from expertflow.connector.v1.inbound_event_pb2 import InboundEvent
from tests.support.webhook_bodies import PAGE, PSID, TIME, envelope, text_item
from tests.support.webhook_expectations import SETTINGS

ME = {"sender": {"id": PSID}, "recipient": {"id": PAGE}, "timestamp": TIME}


def _event(item: dict[str, Any], **entry: Any) -> InboundEvent:
    (event,) = translate(read_webhook(envelope({"id": PAGE, "time": TIME, "messaging": [item], **entry})), SETTINGS)
    assert isinstance(event, InboundEvent)
    return event


# These keys are in every database that has ever run: none may change.
@pytest.mark.parametrize(
    ("item", "key"),
    [
        (text_item("m_1"), "mid:m_1"),
        ({**ME, "message": {"mid": "m_1", "is_echo": True}}, "mid:m_1"),
        ({**ME, "postback": {"mid": "m_1"}}, "mid:m_1"),
        ({**ME, "message": {"mid": "m_1", "is_deleted": True}}, "unsend:m_1"),
        ({**ME, "message_edit": {"mid": "m_1", "num_edit": "2"}}, "edit:m_1:2"),
        ({**ME, "reaction": {"mid": "m_1", "action": "react"}}, f"reaction:m_1:{PSID}:react:{TIME}"),
        ({**ME, "read": {"watermark": 1794299999999}}, f"read:{PSID}:1794299999999"),
        (
            {**ME, "delivery": {"watermark": 1794299999999, "mids": ["a", "b"]}},
            f"delivery:{PSID}:1794299999999:7e18f737311b2dc3b2f269dd78396b0351f14fb66efa879f768cb23181883c78",
        ),
        ({**ME, "optin": {"ref": "x"}}, "optin:5a73dab504ba1348d3e314356d42ce737100c7f5ad28485542ea4b2033039f0a"),
        (
            {**ME, "hologram": {"b": 1.10, "a": "ü"}},
            "unknown:40cbd175843b1065e6539e767301ffda9cc32bfc9bd3fcb906f63852460a6c70",
        ),
        (text_item("m" * 600), "sha256:d2bf3b6335ffba23f72c3a1a28aed2a7ad0532203a039e00a352783f3478ff19"),
    ],
    ids=[
        "message",
        "echo",
        "postback",
        "unsend",
        "edit",
        "reaction",
        "read",
        "delivery",
        "opt-in",
        "unknown",
        "long mid",
    ],
)
def test_the_key_of_each_kind(item: dict[str, Any], key: str) -> None:
    assert _event(item).dedupe_key == key


@pytest.mark.parametrize(
    "item", [text_item("m_1"), {**ME, "optin": {"ref": "x"}}, {**ME, "read": {"watermark": 1794299999999}}]
)
def test_the_entrys_time_is_in_no_key(item: dict[str, Any]) -> None:
    first, again = _event(item), _event(item, time=TIME + 5000)

    assert first == again


def test_repeats_of_a_message_may_differ_in_what_a_mid_does_not_name() -> None:
    image = {"type": "image", "payload": {"url": "https://x.fbcdn.net/1.jpg?oe=1"}}
    renewed = {"type": "image", "payload": {"url": "https://x.fbcdn.net/1.jpg?oe=2"}}
    first = _event({**ME, "message": {"mid": "m_1", "seq": 1, "attachments": [image]}})
    again = _event({**ME, "message": {"mid": "m_1", "seq": 2, "attachments": [renewed]}})

    assert first.dedupe_key == again.dedupe_key
    assert first.messages[0].id == again.messages[0].id


@pytest.mark.parametrize(
    "other",
    [
        {**ME, "optin": {"ref": "y"}},
        {**ME, "timestamp": TIME + 1, "optin": {"ref": "x"}},
        {**ME, "sender": {"id": "8"}, "optin": {"ref": "x"}},
        {**ME, "account_linking": {"ref": "x"}},
        {**ME, "optin": {"ref": "x", "more": 1.0}},
    ],
    ids=["content", "time", "sender", "kind", "more"],
)
def test_events_without_an_id_are_told_apart(other: dict[str, Any]) -> None:
    assert _event({**ME, "optin": {"ref": "x"}}).dedupe_key != _event(other).dedupe_key


def test_the_order_of_members_is_in_no_key() -> None:
    first = _event({**ME, "optin": {"ref": "x", "type": "y"}})
    again = _event({"optin": {"type": "y", "ref": "x"}, **ME})

    assert first.dedupe_key == again.dedupe_key
