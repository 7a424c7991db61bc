"""Why the bytes of a medium that is to be sent could not be had, as the reasons of the contract: pure."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from facebook_connector.media.fetch import FetchError
from facebook_connector.sending.media import MAX_BYTES, MediaFailedError
from facebook_connector.sending.values import Failure

ORIGIN_REFUSED: Final = "HOST_NOT_ALLOWED"
TOO_LARGE: Final = "TOO_LARGE"
MAX_ID: Final = 64
"""What a caller names as an id is repeated no further than this."""


def origin_not_allowed(url: str) -> Failure:
    """The operator did not name where the medium is, or it leads to somewhere else."""
    origin = origin_of(url)
    detail = f"Media are not fetched from {origin}, or it leads elsewhere; name it in FBC_OUTBOUND_MEDIA_ORIGINS."
    return Failure(reason="MEDIA_ORIGIN_NOT_ALLOWED", detail=detail, metadata={"origin": origin})


def unreachable(url: str, error: FetchError) -> MediaFailedError:
    """A foreign medium did not come."""
    if error.reason == ORIGIN_REFUSED:
        return MediaFailedError(origin_not_allowed(url), final=True)
    if error.reason == TOO_LARGE:
        return too_large(error.size)
    cause = error.reason if error.status is None else str(error.status)
    origin = origin_of(url)
    failure = Failure(
        reason="MEDIA_UNREACHABLE",
        detail=f"The file did not come from {origin} ({cause}).",
        metadata={"origin": origin, "cause": cause},
    )
    return MediaFailedError(failure, final=False)


def too_large(size: int | None) -> MediaFailedError:
    """The medium has more bytes than Messenger takes; how many is not always known."""
    metadata = {"maximum": str(MAX_BYTES)} | ({} if size is None else {"value": str(size)})
    detail = f"The file is larger than Messenger takes ({MAX_BYTES} bytes); send a link to it as URL instead."
    return MediaFailedError(Failure(reason="MEDIA_TOO_LARGE", detail=detail, metadata=metadata), final=True)


def unknown(media_id: str) -> MediaFailedError:
    """The link is ours, and there are no bytes to it."""
    detail = "There is no such medium, or it is not kept any more; upload it again with WriteMedia."
    failure = Failure(reason="MEDIA_NOT_FOUND", detail=detail, metadata={"media_id": media_id[:MAX_ID]})
    return MediaFailedError(failure, final=True)


def pending(media_id: str) -> MediaFailedError:
    """A customer's medium that is passed on while it is still being fetched."""
    failure = Failure(
        reason="MEDIA_PENDING", detail="The medium is still being fetched.", metadata={"media_id": media_id}
    )
    return MediaFailedError(failure, final=False)


def failed(media_id: str, cause: str) -> MediaFailedError:
    """A customer's medium that never came."""
    detail = f"There are no bytes of this medium: {cause}."
    failure = Failure(reason="MEDIA_FAILED", detail=detail, metadata={"media_id": media_id, "cause": cause})
    return MediaFailedError(failure, final=True)


def store_away() -> MediaFailedError:
    """Our own place for media gives nothing now."""
    detail = "The place where media are kept cannot be used at present."
    return MediaFailedError(Failure(reason="STORE_UNAVAILABLE", detail=detail), final=False)


def origin_of(url: str) -> str:
    """Scheme, host and port as they were written; never more of a link, which may hold a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
