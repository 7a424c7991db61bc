"""What lies in a place for media."""

from __future__ import annotations

from facebook_connector.media.keep import MediaStore


async def is_kept(store: MediaStore, key: str) -> bool:
    """Whether a key has any bytes."""
    try:
        return bool([piece async for piece in store.get(key, 0, 1)])
    except KeyError:
        return False
