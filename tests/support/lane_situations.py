"""Builders for the tests of the sending decisions: the head of a lane, its channel, and answers of Facebook."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson

from cim_messenger.outbound import MediaKind, PartKind, UploadedMedia
from facebook_connector.sending.graph_answers import Answered, GraphError
from facebook_connector.sending.kinds import HANDLING
from facebook_connector.sending.lane import Call, Situation, next_step
from facebook_connector.sending.values import Lane, LaneHead, LanePart, PartState, SendingChannel, SendOrigin
from facebook_connector.sending.window import HOUR_MS

NOW = 1_794_300_000_000
DAY = 24 * HOUR_MS

MEDIUM = {"url": "https://files.example/1.png", "kind": "image", "mime_type": "", "file_name": ""}
UPLOADED = (UploadedMedia(kind=MediaKind.IMAGE, attachment_id="1857"),)

CHANNEL = SendingChannel(
    page_id="100200300400500",
    etag="1",
    page_token="EAAcanary",
    app_secret="",
    graph_version="",
    human_agent_enabled=True,
    edited_marker="",
    default_prompt="Please choose:",
    allow_custom=False,
)


def part(
    index: int = 0, state: PartState = PartState.QUEUED, attempts: int = 0, kind: PartKind = PartKind.TEXT
) -> LanePart:
    tree: dict[str, Any] = {"message": {"text": f"part {index}"}}
    if HANDLING[kind].uploads:
        tree = {"message": {}, "media": [MEDIUM]}
    payload = orjson.dumps(tree)
    return LanePart(index=index, kind=kind, state=state, payload=payload, attempts=attempts)


def situation(**changes: Any) -> Situation:
    """A message of one part inside the window; changes name fields of the head, or of the situation around it."""
    head = LaneHead(
        lane=Lane(page_id="100200300400500", psid="7001002003004005"),
        cim_id="out-1",
        origin=SendOrigin.HUMAN,
        accept_time_ms=NOW,
        expire_time_ms=NOW + DAY,
        retry_at_ms=0,
        uncertain_since_ms=None,
        quote_mid="",
        quoted=False,
        last_customer_action_ms=NOW - HOUR_MS,
        parts=(part(),),
    )
    around = ("channel", "repairs", "uploaded", "now_ms", "read_at_ms", "unread")
    outer = {name: changes.pop(name) for name in around if name in changes}
    base = Situation(head=replace(head, **changes), channel=CHANNEL, epoch=7, installation="inst", now_ms=NOW)
    return replace(base, **outer)


def call_of(given: Situation) -> Call:
    step = next_step(given)
    assert isinstance(step, Call)
    return step


def refusal(code: int, subcode: int | None = None) -> Answered:
    error = GraphError(code=code, subcode=subcode, message="", transient=False, trace_id="AbC")
    return Answered(status=400, error=error)
