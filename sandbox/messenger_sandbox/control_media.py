"""`/_sandbox/media…`: puts files on the shelf, spoils them, and tells who fetched them."""

from __future__ import annotations

from typing import Any

from messenger_sandbox.direction import Direction
from messenger_sandbox.media.faults import MEDIA_FAULTS, redirect_to
from messenger_sandbox.media.kinds import MEDIA_ROWS
from messenger_sandbox.media.shelf import LIFETIME_S, MediaFetch, MediaFile


async def list_media(direction: Direction) -> dict[str, Any]:
    media = direction.state.media
    listed = [_file(file) | {"fetches": len(media.fetches(file))} for file in media.files]
    return {"files": listed, "kinds": sorted(MEDIA_ROWS), "faults": sorted(MEDIA_FAULTS)}


async def put_media(direction: Direction) -> dict[str, Any]:
    """`kind`; optional `name`, `size_bytes`, `lifetime_s`. A person sends it by `sends_media` with its `asset`."""
    body = direction.body
    file = direction.state.media.put(
        body["kind"],
        name=body.get("name"),
        size_bytes=body.get("size_bytes"),
        lifetime_s=float(body.get("lifetime_s", LIFETIME_S)),
    )
    return _file(file)


async def spoil_media(direction: Direction) -> dict[str, Any]:
    """`name` of a known fault or `location` of a redirect; optional `times` (default: from now on)."""
    body, media = direction.body, direction.state.media
    fault = redirect_to(body["location"]) if "location" in body else MEDIA_FAULTS[body["name"]]
    media.spoil(media.file(direction.path["asset"]), fault, times=body.get("times"))
    return {}


async def mend_media(direction: Direction) -> dict[str, Any]:
    media = direction.state.media
    media.mend(media.file(direction.path["asset"]))
    return {}


async def list_fetches(direction: Direction) -> dict[str, Any]:
    """All requests for media; `asset` in the query chooses. Of headers the names are told, not the values."""
    media, asset = direction.state.media, direction.query.get("asset")
    fetches = media.fetches(None if asset is None else media.file(asset))
    return {"fetches": [_fetch(fetch) for fetch in fetches]}


def _file(file: MediaFile) -> dict[str, Any]:
    return {
        "asset": file.asset,
        "kind": file.kind,
        "url": file.url,
        "name": file.name,
        "content_type": file.content_type,
        "size_bytes": file.size_bytes,
    }


def _fetch(fetch: MediaFetch) -> dict[str, Any]:
    return {
        "asset": fetch.asset,
        "path": fetch.path,
        "status": fetch.status,
        "sent_bytes": fetch.sent_bytes,
        "complete": fetch.complete,
        "headers": sorted(fetch.headers),
        "has_credential": fetch.has_credential,
    }
