"""Gets hold of the media that a message names: by URL, by the id of an upload, or from the call itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from messenger_sandbox.errors import ErrorName, RefusedError, refusal
from messenger_sandbox.graph.call import GraphCall
from messenger_sandbox.journal import EntryKind
from messenger_sandbox.media.content import Content
from messenger_sandbox.rules.attempt import NOTHING, as_object
from messenger_sandbox.rules.media import content_fault
from messenger_sandbox.uploads import Upload
from messenger_sandbox.world import Page


async def media_of(call: GraphCall, page: Page, message: Mapping[str, Any]) -> tuple[Upload, ...]:
    """All media of a message that the rules let through, in order; raises RefusedError."""
    attachment = as_object(message.get("attachment"))
    if attachment.get("type") == "template":
        return _of_template(call, page, as_object(attachment.get("payload")))
    if attachment:
        return (await take(call, page, attachment),)
    return tuple([await take(call, page, image) for image in message.get("attachments") or ()])


async def take(call: GraphCall, page: Page, attachment: Mapping[str, Any]) -> Upload:
    """Gets one piece of media and keeps it; raises RefusedError."""
    kind, payload = attachment["type"], attachment.get("payload") or NOTHING
    if payload.get("attachment_id") is not None:
        return _known(call, page, str(payload["attachment_id"]), kind)
    by_url = payload.get("url") is not None
    content = await call.state.fetcher.fetch(payload["url"], kind) if by_url else call.file
    assert content is not None, "the rules let nothing through that has no source"
    fault = content_fault(kind, content, by_url=by_url)
    if fault is not None:
        raise RefusedError(fault)
    return _keep(call, page, kind, content)


def _keep(call: GraphCall, page: Page, kind: str, content: Content) -> Upload:
    state = call.state
    upload = state.uploads.add(
        Upload(
            attachment_id=state.ids.attachment_id(),
            page_id=page.page_id,
            kind=kind,
            file=state.media.keep(content, kind),
            sha256=content.sha256,
            at_ms=state.clock(),
        )
    )
    state.journal.record(EntryKind.MEDIA_UPLOADED, page_id=page.page_id, **upload.shown())
    return upload


def _of_template(call: GraphCall, page: Page, payload: Mapping[str, Any]) -> tuple[Upload, ...]:
    """A media template may name an upload."""
    if payload.get("template_type") != "media":
        return ()
    named = [element for element in payload["elements"] if element.get("attachment_id") is not None]
    return tuple(_known(call, page, str(element["attachment_id"]), element["media_type"]) for element in named)


def _known(call: GraphCall, page: Page, attachment_id: str, kind: str) -> Upload:
    """An upload is sent as the type it was uploaded as."""
    upload = call.state.uploads.find(page.page_id, attachment_id, call.state.clock())
    if upload is None:
        raise RefusedError(refusal(ErrorName.ATTACHMENT_UNKNOWN))
    if upload.kind != kind:
        raise RefusedError(refusal(ErrorName.UPLOAD_FAILED))
    return upload
