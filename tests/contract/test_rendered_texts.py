from __future__ import annotations

import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from cim_messenger.outbound import Refusal, Rules, render
from expertflow.cim.v1.message_pb2 import CimMessage
from facebook_connector.sending.envelope import envelope
from facebook_connector.sending.values import Lane, LaneHead, LanePart, PartKind, PartState, SendOrigin
from facebook_connector.sending.window import Label
from messenger_sandbox.errors import GraphError
from messenger_sandbox.rules import SendAttempt, judge
from messenger_sandbox.world import Conversation, Page, Person
from tests.support.sandbox_world import NOW_MS, PAGE_ID, PAGE_TOKEN, PSID

TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from([" ", "\n", "word", "🙂", "👩‍👩‍👧‍👦", "https://a.example/b?c=d", "\u0301", "\x00", "你好"]),
        max_size=900,
    ).map("".join),
)


def verdict_of_facebook(cim_id: str, index: int, payload: bytes) -> GraphError | None:
    part = LanePart(index=index, kind=PartKind.TEXT, state=PartState.QUEUED, payload=payload, attempts=0)
    head = LaneHead(
        lane=Lane(page_id=PAGE_ID, psid=PSID),
        cim_id=cim_id,
        origin=SendOrigin.BOT,
        accept_time_ms=NOW_MS,
        expire_time_ms=NOW_MS,
        retry_at_ms=0,
        uncertain_since_ms=None,
        quote_mid="",
        quoted=False,
        last_customer_action_ms=NOW_MS,
        parts=(part,),
    )
    params = envelope(head, part, label=Label.RESPONSE, quote_mid="", installation="0" * 36)
    conversation = Conversation()
    conversation.open_window(NOW_MS)
    attempt = SendAttempt(
        params=orjson.loads(orjson.dumps(params)),
        page=Page(page_id=PAGE_ID, token=PAGE_TOKEN),
        person=Person(psid=PSID, page_id=PAGE_ID),
        conversation=conversation,
        now_ms=NOW_MS,
    )
    return judge(attempt)


@given(TEXTS, st.integers(min_value=20, max_value=1999), st.text(min_size=1, max_size=128))
@example("x" * 2000, 1999, "i")
@example(" " * 4000 + "x", 1999, "i")
def test_every_text_is_taken_by_facebook_or_refused_by_us(text: str, limit: int, cim_id: str) -> None:
    message = CimMessage()
    message.body.markdown_text = text
    message.body.plain.SetInParent()
    result = render(message, Rules(text_limit=limit))
    if isinstance(result, Refusal):
        assert result.reason in {"BODY_INVALID", "CONTENT_LIMIT_EXCEEDED"}
        return
    for index, part in enumerate(result.parts):
        assert verdict_of_facebook(cim_id, index, orjson.dumps(part.message)) is None
