"""The composition root's part for media: what fetches, keeps and takes them, and what brings them to Facebook."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from facebook_connector.graph.upload import UploadApi
from facebook_connector.ground import Ground
from facebook_connector.media.downloads import DownloadContext, Downloads
from facebook_connector.media.kept import KeptMedia
from facebook_connector.media.outbound import OutboundMedia
from facebook_connector.media.written import WrittenMedia
from facebook_connector.outbox.uploads import Uploads
from facebook_connector.settings import ServerSettings
from facebook_connector.store.media.log import MediaLog
from facebook_connector.store.media.written import WrittenLog
from facebook_connector.store.outbound.attachments import AttachmentStore
from service_runtime import logs

DAY_MS: Final = 24 * 3600 * 1000

_log = logs.get_logger("server")


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaParts:
    """What keeps media."""

    downloads: Downloads
    kept: KeptMedia
    written: WrittenMedia
    link_secret: bytes


async def media_parts(
    settings: ServerSettings, ground: Ground, announce: Callable[[Collection[int]], None]
) -> MediaParts:
    """`announce` is told the subscriptions that have something to deliver."""
    log, retention_ms = MediaLog(ground.database), settings.media_retention * DAY_MS
    if ground.database.exclusive:
        await log.end_earlier_claims(ground.owner, now_ms=ground.clock.now_ms())
    elif not settings.media_url:
        _log.warning("media are kept on this machine alone: other servers on the database need FBC_MEDIA_URL")
    downloads = Downloads(
        DownloadContext(
            log=log,
            fetcher=ground.fetcher,
            store=ground.media,
            clock=ground.clock,
            random=random.random,
            owner=ground.owner,
            announce=announce,
            retention_ms=retention_ms,
            workers=settings.media_workers,
            metrics=ground.metrics,
        )
    )
    link_secret = await log.link_secret()
    written = WrittenMedia(
        log=WrittenLog(ground.database),
        store=ground.media,
        link_secret=link_secret,
        public_base_url=settings.public_base_url,
        retention_ms=retention_ms,
        clock=ground.clock,
    )
    kept = KeptMedia(log, ground.media, ground.clock, announce)
    return MediaParts(downloads=downloads, kept=kept, written=written, link_secret=link_secret)


def uploads_of(settings: ServerSettings, ground: Ground) -> Uploads:
    """What brings the media of replies to Facebook."""
    source = OutboundMedia(
        log=MediaLog(ground.database),
        store=ground.media,
        fetcher=ground.outbound_fetcher,
        public_base_url=settings.public_base_url,
        clock=ground.clock,
    )
    return Uploads(
        source=source,
        api=UploadApi(ground.graph),
        attachments=AttachmentStore(ground.database),
        clock=ground.clock,
        metrics=ground.metrics,
    )
