"""The header of a CIM message from Facebook: who speaks to whom, and when."""

from __future__ import annotations

from typing import Final

from cim_messenger.inbound.events import Draft, Event
from cim_messenger.inbound.fields import identifier, json_of, members, timestamp
from cim_messenger.inbound.settings import TranslatorSettings
from expertflow.cim.v1.json_pb2 import Json
from expertflow.cim.v1.message_pb2 import Attribute, ChannelData, MessageHeader, Sender

DIRECT_MESSAGE: Final = "DM"
"""Contact centres branch on the attribute `MESSAGE_TYPE`: `DM` a direct message, `SM` a comment."""

_MESSAGE_TYPE: Final = Attribute(key="MESSAGE_TYPE", value_type="String100", value=Json(text=f'"{DIRECT_MESSAGE}"'))

PAGE_INBOX_APPS: Final = frozenset({"263902037430900", "26390203743090"})
"""The app of the Page inbox; Facebook's documentation prints both, captures show the first."""


def header(event: Event, draft: Draft, settings: TranslatorSettings, moment: int | None) -> MessageHeader:
    """All of the header but what depends on the part or on history; `moment` in milliseconds."""
    return MessageHeader(
        sender=_page_sender(event) if event.outgoing else _customer_sender(settings),
        channel_data=ChannelData(
            channel_customer_identifier=event.psid or None,
            service_identifier=event.page_id,
            request_priority=0,
            additional_attributes=[_MESSAGE_TYPE],
        ),
        timestamp=timestamp(moment),
        provider_message_id=draft.mid or None,
    )


def _customer_sender(settings: TranslatorSettings) -> Sender:
    return Sender(id=settings.sender_id, type="CONNECTOR", sender_name=settings.sender_name)


def _page_sender(event: Event) -> Sender:
    app_id = identifier(members(event.payload).get("app_id"))
    return Sender(
        id=app_id or event.page_id,
        type="APP",
        sender_name="PAGE_INBOX" if app_id in PAGE_INBOX_APPS else "FACEBOOK_APP",
        additional_detail=json_of({"app_id": app_id}) if app_id else None,
    )
