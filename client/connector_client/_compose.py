"""Builds outbound CIM messages of the plainest kind, so that answering a customer is one line."""

from __future__ import annotations

import uuid

from google.protobuf.timestamp_pb2 import Timestamp

from expertflow.cim.v1 import freeform_pb2, message_pb2

REPLY_TO = "REPLY_TO"


def text_message(
    page_id: str,
    psid: str,
    text: str,
    *,
    quote: str | None = None,
    sender: message_pb2.Sender | None = None,
) -> message_pb2.CimMessage:
    """A text from the page to a customer, with a new id and the time of now.

    `quote` is the `CimMessage.id` of the message it answers. `sender` (default: type `BOT`) decides how long after the
    customer's last action it may go out: type `AGENT` is a person, see `SendOrigin`.
    """
    now = Timestamp()
    now.GetCurrentTime()
    header = message_pb2.MessageHeader(
        sender=sender or message_pb2.Sender(id="connector_client", type="BOT"),
        channel_data=message_pb2.ChannelData(service_identifier=page_id, channel_customer_identifier=psid),
        timestamp=now,
    )
    if quote is not None:
        header.intent, header.original_message_id = REPLY_TO, quote
    body = message_pb2.MessageBody(type="PLAIN", markdown_text=text, plain=freeform_pb2.PlainBody())
    return message_pb2.CimMessage(id=str(uuid.uuid4()), header=header, body=body)
