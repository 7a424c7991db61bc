"""Brings a part's media to Facebook: gets hold of the bytes, and uploads them unless the page has uploaded equal ones.

Nothing is written about an upload before it has ended: one that is cut off was never made, and is simply made again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from cim_messenger.outbound import MediaKind, MediaReference, UploadedMedia, read_part
from facebook_connector.graph.client import FilePart
from facebook_connector.graph.upload import UploadApi
from facebook_connector.outbox.places import UploadPlaces
from facebook_connector.sending.graph_answers import SendAnswer
from facebook_connector.sending.lane import Repairs
from facebook_connector.sending.media import AttachmentKey, Taken, ascii_name, kind_to_send
from facebook_connector.sending.ports import AttachmentLog, MediaSource
from facebook_connector.sending.values import LanePart, SendingChannel
from facebook_connector.telemetry import UPLOADS, new_metrics
from service_runtime.clock import Clock
from service_runtime.metrics import Metrics


class UploadRefusedError(Exception):
    """A call of the upload API gave no id."""

    def __init__(self, answer: SendAnswer) -> None:
        super().__init__("the upload gave no id")
        self.answer = answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """For whom a part's media are brought, and how."""

    channel: SendingChannel
    part: LanePart
    repairs: Repairs
    pace: Callable[[], Awaitable[None]]
    """Waits for the page's turn to upload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """All uploads of one process."""

    source: MediaSource
    api: UploadApi
    attachments: AttachmentLog
    clock: Clock
    metrics: Metrics = field(default_factory=new_metrics)
    places: UploadPlaces = field(default_factory=UploadPlaces)
    _under_way: WeakValueDictionary[AttachmentKey, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def bring(self, target: Target) -> tuple[UploadedMedia, ...]:
        """The part's media at Facebook, in order.

        Raises `MediaFailedError`, `UploadRefusedError` and `StoreUnavailable`. What was uploaded by then is known.
        """
        media = read_part(target.part.kind, target.part.payload).media
        return tuple([await self._bring(target, medium) for medium in media])

    async def forget(self, page_id: str, uploaded: Collection[UploadedMedia]) -> None:
        """Facebook does not know these any more, or cannot use them."""
        await self.attachments.drop(page_id, [medium.attachment_id for medium in uploaded])

    async def _bring(self, target: Target, medium: MediaReference) -> UploadedMedia:
        async with self.source.take(medium) as taken:
            kind = kind_to_send(taken.mime_type, target.part.kind, as_file=target.repairs.as_file)
            name = ascii_name(medium.file_name if "." in medium.file_name else taken.file_name)
            key = AttachmentKey(
                page_id=target.channel.page_id,
                sha256=taken.sha256,
                kind=kind,
                name=name if kind is MediaKind.FILE else "",
            )
            # Whoever sends the same to many people at once uploads it once.
            async with self._under_way.setdefault(key, asyncio.Lock()):
                attachment_id = await self._known(key) or await self._uploaded(target, key, taken, name)
        return UploadedMedia(kind=kind, attachment_id=attachment_id)

    async def _known(self, key: AttachmentKey) -> str:
        found = await self.attachments.find(key, now_ms=self.clock.now_ms())
        if found:
            self.metrics.count(UPLOADS, kind=key.kind.value, result="known")
        return found

    async def _uploaded(self, target: Target, key: AttachmentKey, taken: Taken, name: str) -> str:
        async with taken.open() as file:
            await target.pace()
            part = FilePart(name=name, mime_type=taken.mime_type, file=file)
            upload = await self.api.upload(target.channel, key.kind, part)
        result = "uploaded" if upload.attachment_id else "refused"
        self.metrics.count(UPLOADS, kind=key.kind.value, result=result)
        if not upload.attachment_id:
            raise UploadRefusedError(upload.answer)
        await self.attachments.keep(key, upload.attachment_id, now_ms=self.clock.now_ms())
        return upload.attachment_id
