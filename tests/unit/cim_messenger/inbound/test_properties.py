from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cim_messenger.cim_json import encode
from cim_messenger.inbound import read_webhook, translate
from cim_messenger.inbound.attachments import BUILDERS
from cim_messenger.inbound.messages import MESSAGE_FIELDS, POSTBACK_FIELDS
from cim_messenger.inbound.table import CHANGES, EVENTS, SIBLINGS
from expertflow.connector.v1.inbound_event_pb2 import InboundEvent
from expertflow.connector.v1.inbound_pb2 import EVENT_KIND_PAGE_EVENT
from tests.support.webhook_expectations import SETTINGS

# Facebook's own words in places where they do not belong reach deeper than random ones.
WORDS = (
    *EVENTS,
    *CHANGES,
    *BUILDERS,
    *SIBLINGS,
    *MESSAGE_FIELDS,
    *POSTBACK_FIELDS,
    *("sender", "recipient", "timestamp", "id", "user_ref", "type", "url", "emoji", "action", "watermark", "mids"),
    *("coordinates", "lat", "long", "elements", "product", "buttons", "num_edit", "field", "value", "kind", "name"),
    *("feedback_screens", "questions", "screen_id", "follow_up", "ads_context_data", "title", "payload", "text", "mid"),
)
TEXTS = st.sampled_from(
    [
        *WORDS,
        *("react", "true", "", " ", "0", "7", "1795000000", "1795000000000", "9" * 70, "m_1", "\x00", "\ud83d", "👍"),
        *("https://[", "http://x.example/%ff%00", "//x", "/reel/1", "https://l.facebook.com/l.php?u=http%3A%2F%2Fx"),
    ]
) | st.text(max_size=6)
NUMBERS = st.integers() | st.floats() | st.sampled_from([1795000000000, 10**30, 0, -1, 1e308, 2**31, 2**63])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS) | TEXTS, inner, max_size=6),
    max_leaves=25,
)
PARTIES = st.fixed_dictionaries({"id": st.just("7") | TEXTS | st.integers()}) | VALUES
ITEMS = st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=5).flatmap(
    lambda rest: st.fixed_dictionaries({"sender": PARTIES, "recipient": PARTIES}).map(
        lambda parties: {**rest, **parties}
    )
)
ENTRIES = st.fixed_dictionaries(
    {},
    optional={"id": VALUES, "time": VALUES}
    | {place: st.lists(ITEMS | VALUES, max_size=3) for place in ("messaging", "standby", "changes", "calls")},
)


def _checked(body: Any) -> None:
    text = json.dumps(body).replace("NaN", "0").replace("Infinity", "1e400").encode()
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
