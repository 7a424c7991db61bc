"""What the sandbox, as Facebook, says of rendered messages: its own rules, in a world where the customer just wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from cim_messenger.outbound import MediaKind, Part, Rendered, UploadedMedia, written_part
from facebook_connector.sending.envelope import Marks, action_envelope, envelope
from facebook_connector.sending.kinds import HANDLING
from facebook_connector.sending.values import Lane, LaneHead, LanePart, PartState, SendOrigin
from facebook_connector.sending.window import Label
from messenger_sandbox.errors import GraphError
from messenger_sandbox.rules import SendAttempt, judge
from messenger_sandbox.world import Conversation, Message, Page, Person
from tests.support.sandbox_world import NOW_MS, PAGE_ID, PAGE_TOKEN, PSID

INSTALLATION = "0" * 36
TARGET_MID = "m_target"


def refusals(rendered: Rendered, cim_id: str = "out-1") -> list[GraphError]:
    """Facebook's refusals of what a message became; none: all of it goes."""
    calls = [_call(part, cim_id, index) for index, part in enumerate(rendered.parts)]
    if rendered.action is not None:
        calls.append(action_envelope(PSID, rendered.action, TARGET_MID))
    return [refused for call in calls if (refused := _verdict(call)) is not None]


def _call(part: Part, cim_id: str, index: int) -> Mapping[str, Any]:
    """The call as the lane makes it, with media that are at Facebook already."""
    uploaded = [
        UploadedMedia(kind=medium.kind or MediaKind.FILE, attachment_id=str(1_857_777_774_821_000 + number))
        for number, medium in enumerate(part.media)
    ]
    label = Label.RESPONSE if HANDLING[part.kind].needs_window else Label.UTILITY
    waiting = LanePart(index=index, kind=part.kind, state=PartState.QUEUED, payload=written_part(part), attempts=0)
    marks = Marks(label=label, quote_mid="", installation=INSTALLATION)
    return envelope(_head(cim_id, waiting), waiting, marks, uploaded)


def _head(cim_id: str, part: LanePart) -> LaneHead:
    return LaneHead(
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


def _verdict(call: Mapping[str, Any]) -> GraphError | None:
    conversation = Conversation()
    conversation.add(Message(mid=TARGET_MID, sent_ms=NOW_MS, from_person=True, content={}))
    conversation.open_window(NOW_MS)
    attempt = SendAttempt(
        params=orjson.loads(orjson.dumps(call)),
        page=Page(page_id=PAGE_ID, token=PAGE_TOKEN),
        person=Person(psid=PSID, page_id=PAGE_ID),
        conversation=conversation,
        now_ms=NOW_MS,
    )
    return judge(attempt)
