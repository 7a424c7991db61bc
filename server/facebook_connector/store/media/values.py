"""What the store says about kept media, and what it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Rewrite = Callable[[bytes, bytes], tuple[bytes, bytes]]
"""Makes a message and its context anew, both serialized; pure, for a transaction may run again."""


class MediaState(StrEnum):
    """Where a medium stands. What is not PENDING is final, but for a message that is taken back."""

    PENDING = "PENDING"
    STORED = "STORED"
    FAILED = "FAILED"


IN_FILE_ENGINE = "file-engine:"
"""How the key begins of bytes that lie in the File Engine, which deletes nothing; its name of them follows."""

DELETED = "DELETED"
"""Reason of a medium whose message the customer took back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A medium to fetch, claimed by one server until a time: both together name the claim."""

    media_id: str
    kind: str
    source_url: str
    name: str
    """The file name in the source's address; empty if it has none."""
    attempts: int
    """Tries that failed before."""
    create_time_ms: int
    owner: str
    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaResult:
    """How a download ended. Without a reason it is stored, and size and hash are set."""

    reason: str = ""
    mime_type: str = ""
    name: str = ""
    size: int | None = None
    sha256: str | None = None
    """Lower-case hex."""
    kept_as: str | None = None
    """The key of the bytes in their place. None: it is the medium's id."""

    @property
    def state(self) -> MediaState:
        """STORED or FAILED."""
        return MediaState.FAILED if self.reason else MediaState.STORED


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRow:
    """What is known of a medium."""

    media_id: str
    state: MediaState
    reason: str
    mime_type: str
    name: str
    size: int | None
    sha256: str | None
    kept_as: str | None
    settle_time_ms: int | None
    expire_time_ms: int | None

    @property
    def key(self) -> str:
        """What the bytes are read by."""
        return self.kept_as or self.media_id
