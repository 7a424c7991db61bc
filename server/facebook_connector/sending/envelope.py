"""One call of the Send API: the rendered message with its recipient, label, quote and metadata around it.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/send-api
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import orjson

from facebook_connector.sending.metadata import PartReference, write
from facebook_connector.sending.values import LaneHead, LanePart
from facebook_connector.sending.window import Label

LABELS: Mapping[Label, Mapping[str, str]] = MappingProxyType(
    {
        Label.RESPONSE: {"messaging_type": "RESPONSE"},
        Label.HUMAN_AGENT: {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"},
    }
)


def envelope(head: LaneHead, part: LanePart, *, label: Label, quote_mid: str, installation: str) -> Mapping[str, Any]:
    """The call's JSON body. An empty `quote_mid` quotes nothing."""
    reference = PartReference(installation=installation, cim_id=head.cim_id, part=part.index)
    message = {**orjson.loads(part.payload), "metadata": write(reference)}
    quote = {"reply_to": {"mid": quote_mid}} if quote_mid else {}
    return {"recipient": {"id": head.lane.psid}, **LABELS[label], **quote, "message": message}
