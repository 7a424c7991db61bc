"""Hypothesis strategies for webhooks: what Facebook's words can stand for when nobody keeps to any form."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from cim_messenger.inbound.attachments import BUILDERS
from cim_messenger.inbound.messages import MESSAGE_FIELDS, POSTBACK_FIELDS
from cim_messenger.inbound.table import CHANGES, EVENTS, SIBLINGS

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


def spelt(body: Any) -> bytes:
    """A body as JSON; numbers that JSON does not have are replaced by some that it has and Python has not."""
    return json.dumps(body).replace("NaN", "0").replace("Infinity", "1e400").encode()
