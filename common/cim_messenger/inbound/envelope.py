"""The header of a CIM message from Facebook: who speaks to whom, and when."""

from __future__ import annotations

from functools import cache
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from cim_messenger.inbound.events import Draft, Event
from cim_messenger.inbound.fields import identifier, json_of, members
from cim_messenger.inbound.settings import TranslatorSettings
from expertflow.cim.v1.json_pb2 import Json
from expertflow.cim.v1.message_pb2 import Attribute, ChannelData, MessageHeader, Sender

DIRECT_MESSAGE: Final = "DM"
"""Contact centres branch on the attribute `MESSAGE_TYPE`: `DM` a direct message, `SM` a comment."""

_MESSAGE_TYPE: Final = Attribute(key="MESSAGE_TYPE", value_type="String100", value=Json(text=f'"{DIRECT_MESSAGE}"'))

PAGE_INBOX_APPS: Final = frozenset({"263902037430900", "26390203743090"})
"""The app of the Page inbox; Facebook's documentation prints both, captures show the first."""


def header(event: Event, draft: Draft, settings: TranslatorSettings, moment: Timestamp | None) -> MessageHeader:
    """All of the header but what depends on the part or on history; `moment` is the event's time."""
    made = MessageHeader()
    made.CopyFrom(_from_customers(settings.sender_id, settings.sender_name))
    if event.outgoing:
        made.sender.CopyFrom(_page_sender(event))
    if event.psid:
        made.channel_data.channel_customer_identifier = event.psid
    made.channel_data.service_identifier = event.page_id
    if moment is not None:
        made.timestamp.CopyFrom(moment)
    if draft.mid:
        made.provider_message_id = draft.mid
    return made


@cache
def _from_customers(sender_id: str, sender_name: str) -> MessageHeader:
    """What the headers of all customers' messages share. A copy of it costs a third of putting it together."""
    return MessageHeader(
        sender=Sender(id=sender_id, type="CONNECTOR", sender_name=sender_name),
        channel_data=ChannelData(request_priority=0, additional_attributes=[_MESSAGE_TYPE]),
    )


def _page_sender(event: Event) -> Sender:
    app_id = identifier(members(event.payload).get("app_id"))
    return Sender(
        id=app_id or event.page_id,
        type="APP",
        sender_name="PAGE_INBOX" if app_id in PAGE_INBOX_APPS else "FACEBOOK_APP",
        additional_detail=json_of({"app_id": app_id}) if app_id else None,
    )
