"""Messages with media, and what the sandbox saw of them."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from expertflow.cim.v1.interactive_pb2 import CAROUSEL_MESSAGE_TYPE_MEDIA
from expertflow.cim.v1.message_pb2 import CimMessage
from facebook_connector.sending.values import Failure, MessageState
from messenger_sandbox.fault_script import Endpoint, ScriptedFault
from messenger_sandbox.faults import FAULTS
from messenger_sandbox.journal import Entry, EntryKind, Filter
from messenger_sandbox.media.kinds import MEDIA_ROWS
from tests.support.outbox_world import OutboxWorld, text_message
from tests.support.sandbox_world import PSID

PNG, PDF, MP4 = (MEDIA_ROWS[name].build(b"reply") for name in ("png", "pdf", "mp4"))


def medium(kind: str, url: str, cim_id: str = "out-1", *, caption: str = "", psid: str = PSID) -> CimMessage:
    message = text_message("", cim_id, psid=psid)
    message.body.Clear()
    message.body.type = kind.upper()
    content = getattr(message.body, kind)
    content.attachment.media_url = url
    content.caption = caption
    return message


def images(*urls: str) -> CimMessage:
    message = text_message("")
    message.body.Clear()
    message.body.type = "CAROUSEL"
    message.body.carousel.carousel_message_type = CAROUSEL_MESSAGE_TYPE_MEDIA
    for url in urls:
        message.body.carousel.elements.add(url=url)
    return message


def shown(entry: Entry) -> list[tuple[str, str]]:
    return [(each["type"], each["sha256"]) for each in entry.details["media"]]


def spoil_upload(world: OutboxWorld, name: str, **changes: float) -> None:
    """Lets the next upload go wrong."""
    fault = replace(FAULTS[name], **changes)  # type: ignore[arg-type]
    world.facebook.script_fault(ScriptedFault(name=name, fault=fault, endpoint=Endpoint.UPLOADS))


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def uploads(world: OutboxWorld) -> tuple[Entry, ...]:
    return world.facebook.journal.entries(Filter(kind=EntryKind.MEDIA_UPLOADED))


async def failure_of(world: OutboxWorld, message: CimMessage) -> Failure:
    await world.send(message, wait_ms=0)
    failure = (await world.until_state(MessageState.FAILED, closed=True)).status.failure
    assert failure is not None
    return failure
