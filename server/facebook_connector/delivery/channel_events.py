"""The events of a page's own conversation that tell of its channel: throttled, stopped, or sending again. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from cim_messenger.ids import message_id
from expertflow.cim.v1.freeform_pb2 import CustomBody
from expertflow.cim.v1.json_pb2 import Json
from expertflow.cim.v1.message_pb2 import Attribute, ChannelData, CimMessage, MessageBody, MessageHeader, Sender
from expertflow.connector.v1 import inbound_event_pb2, inbound_pb2
from facebook_connector.delivery.notifications import DEFAULT_SENDER, NotificationSender
from facebook_connector.delivery.values import EventRecord, MessageRecord

KIND = "channel_state"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelNews:
    """A channel came into a state."""

    page_id: str
    state: str
    """ACTIVE, THROTTLED or STOPPED."""
    reason: str
    """`ErrorReason` name; empty with ACTIVE."""
    detail: str
    """For operators."""
    time_ms: int


def channel_event(news: ChannelNews, sender: NotificationSender = DEFAULT_SENDER) -> EventRecord:
    """The event that tells it, on the ordering key of the page itself."""
    node = {"kind": KIND, "state": news.state, "reason": news.reason, "detail": news.detail}
    raw = orjson.dumps({**node, "page_id": news.page_id, "time_ms": news.time_ms})
    # No event of Facebook's has a key that begins so.
    dedupe_key = f"channel/state/{news.time_ms}/{news.state}"
    message = CimMessage(
        id=message_id(news.page_id, dedupe_key, 0),
        header=MessageHeader(
            sender=Sender(id=sender.id, type="CONNECTOR", sender_name=sender.name),
            channel_data=ChannelData(
                service_identifier=news.page_id,
                request_priority=0,
                additional_attributes=[Attribute(key="MESSAGE_TYPE", value_type="String100", value=Json(text='"DM"'))],
            ),
        ),
        body=MessageBody(
            type="CUSTOM",
            markdown_text=f"The channel is {news.state}. {news.detail}".strip(),
            custom=CustomBody(json_node=Json(text=orjson.dumps(node).decode())),
        ),
    )
    message.header.timestamp.FromMilliseconds(news.time_ms)
    told = MessageRecord(cim_id=message.id, message=message.SerializeToString(deterministic=True), context=b"")
    return EventRecord(
        page_id=news.page_id,
        psid="",
        kind=inbound_pb2.EVENT_KIND_PAGE_EVENT,
        dedupe_key=dedupe_key,
        mid="",
        event_time_ms=news.time_ms,
        opens_window=False,
        messages=(told,),
        raw=raw,
        source=inbound_event_pb2.INGEST_SOURCE_LIVE,
        translator_version=0,
    )
