"""One call of the Send API: a rendered message with its recipient, label, quote and metadata around it, or an action.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/send-api
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from cim_messenger.outbound import Action, UploadedMedia, message_of, read_part
from facebook_connector.sending.metadata import PartReference, write
from facebook_connector.sending.values import LaneHead, LanePart
from facebook_connector.sending.window import Label

LABELS: Mapping[Label, Mapping[str, str]] = MappingProxyType(
    {
        Label.RESPONSE: {"messaging_type": "RESPONSE"},
        Label.HUMAN_AGENT: {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"},
        Label.UTILITY: {"messaging_type": "UTILITY"},
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What stands around a message."""

    label: Label
    quote_mid: str
    """Empty: nothing is quoted."""
    installation: str


def envelope(head: LaneHead, part: LanePart, marks: Marks, uploaded: Sequence[UploadedMedia] = ()) -> Mapping[str, Any]:
    """The call's JSON body. `uploaded` are the part's media, in order."""
    reference = PartReference(installation=marks.installation, cim_id=head.cim_id, part=part.index)
    rendered = message_of(read_part(part.kind, part.payload), uploaded)
    message = {**rendered, "metadata": write(reference)}
    quote = {"reply_to": {"mid": marks.quote_mid}} if marks.quote_mid else {}
    return {"recipient": {"id": head.lane.psid}, **LABELS[marks.label], **quote, "message": message}


def action_envelope(psid: str, action: Action, target_mid: str) -> Mapping[str, Any]:
    """The JSON body of a sender action. `target_mid`: the message that a reaction is on; empty for other actions."""
    call: dict[str, Any] = {"recipient": {"id": psid}, "sender_action": action.sender_action}
    if action.target is not None:
        reaction = {"reaction": action.reaction} if action.reaction else {}
        call["payload"] = {"message_id": target_mid, **reaction}
    return call
