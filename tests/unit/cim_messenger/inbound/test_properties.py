from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cim_messenger.cim_json import encode
from cim_messenger.inbound import read_webhook, translate
from expertflow.connector.v1.inbound_event_pb2 import InboundEvent
from expertflow.connector.v1.inbound_pb2 import EVENT_KIND_PAGE_EVENT
from tests.support.webhook_expectations import SETTINGS
from tests.support.webhook_strategies import ENTRIES, ITEMS, VALUES, spelt


def _checked(body: Any) -> None:
    text = spelt(body)
    for result in translate(read_webhook(text), SETTINGS):
        assert result.raw in text
        assert len(result.page_id) <= 64
        if isinstance(result, InboundEvent):
            _check_event(result)
        else:
            assert result.reason in {"NOT_AN_EVENT", "UNKNOWN_PAGE", "UNTRANSLATABLE"}
            assert len(result.detail) <= 1024


def _check_event(event: InboundEvent) -> None:
    assert event.page_id
    assert event.kind
    assert event.psid or event.kind == EVENT_KIND_PAGE_EVENT
    assert len(event.psid) <= 64
    assert 1 <= len(event.dedupe_key) <= 512
    assert len(event.messages) <= 100
    assert len({message.id for message in event.messages}) == len(event.messages)
    for message in event.messages:
        assert message.body.WhichOneof("content")
        encode(message)
    event.SerializeToString()


@settings(max_examples=120)
@given(entries=st.lists(ENTRIES | VALUES, max_size=3))
def test_no_envelope_makes_the_translation_raise(entries: list[Any]) -> None:
    _checked({"object": "page", "entry": entries})


@settings(max_examples=200)
@given(items=st.lists(ITEMS, min_size=1, max_size=3))
def test_no_item_makes_the_translation_raise(items: list[Any]) -> None:
    _checked({"object": "page", "entry": [{"id": "7", "time": 1, "messaging": items}]})


@given(body=VALUES)
def test_no_body_makes_the_translation_raise(body: Any) -> None:
    _checked(body)
