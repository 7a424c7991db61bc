"""The composition root's part for media: what fetches, keeps and takes them, and what brings them to Facebook."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final

from facebook_connector.graph.upload import UploadApi
from facebook_connector.ground import Ground
from facebook_connector.media.downloads import DownloadContext, Downloads
from facebook_connector.media.fetch import FetchLimits
from facebook_connector.media.kept import KeptMedia
from facebook_connector.media.notice import notice_under
from facebook_connector.media.outbound import OutboundMedia
from facebook_connector.media.places import MediaPlaces
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


def fetch_limits(settings: ServerSettings) -> FetchLimits:
    """For media of customers: what could not be kept is not fetched."""
    limits = FetchLimits(connections=settings.media_workers)
    if settings.keeps_in_file_engine:
        return replace(limits, max_bytes=min(limits.max_bytes, settings.file_engine_max_bytes))
    return limits


async def media_parts(
    settings: ServerSettings, ground: Ground, announce: Callable[[Collection[int]], None]
) -> MediaParts:
    """`announce` is told the subscriptions that have something to deliver."""
    log, retention_ms = MediaLog(ground.database), settings.media_retention * DAY_MS
    if ground.database.exclusive:
        await log.end_earlier_claims(ground.owner, now_ms=ground.clock.now_ms())
    elif not settings.media_url:
        what = "files of WriteMedia" if settings.keeps_in_file_engine else "media"
        _log.warning(f"{what} are kept on this machine alone: other servers on the database need FBC_MEDIA_URL")
    if settings.keeps_in_file_engine and not settings.file_engine_public_url:
        _log.warning("links of media begin with FBC_FILE_ENGINE_URL: browsers may need FBC_FILE_ENGINE_PUBLIC_URL")
    places = _places(settings, ground)
    downloads = Downloads(
        DownloadContext(
            log=log,
            fetcher=ground.fetcher,
            store=places,
            clock=ground.clock,
            random=random.random,
            owner=ground.owner,
            announce=announce,
            retention_ms=retention_ms,
            notice=notice_under(settings.file_engine_max_bytes) if settings.keeps_in_file_engine else None,
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
    kept = KeptMedia(log, places, ground.clock, announce)
    return MediaParts(downloads=downloads, kept=kept, written=written, link_secret=link_secret)


def uploads_of(settings: ServerSettings, ground: Ground) -> Uploads:
    """What brings the media of replies to Facebook."""
    source = OutboundMedia(
        log=MediaLog(ground.database),
        places=_places(settings, ground),
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


def _places(settings: ServerSettings, ground: Ground) -> MediaPlaces:
    return MediaPlaces(
        own=ground.media, file_engine=ground.file_engine, new_in_file_engine=settings.keeps_in_file_engine
    )
