"""The files that are there, the links to them, what goes wrong with each, and every fetch with its headers.

Files are a few hundred bytes of a real format and, if more is asked for, zeros up to any size. What the page uploads is
held as it is, up to a bound. Fetches are remembered with all headers, in memory only: the journal tells of a credential
but never repeats it.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from messenger_sandbox.clock import SECOND_MS, Clock
from messenger_sandbox.identifiers import Identifiers
from messenger_sandbox.media.content import Content
from messenger_sandbox.media.faults import MEDIA_FAULTS, MediaFault
from messenger_sandbox.media.kinds import CONTENT_TYPES, MEDIA_ROWS
from messenger_sandbox.media.links import fault_of, signed_link

LIFETIME_S: Final = 31 * 3_600
"""The shortest life of a link that was observed: that of a voice clip."""
CHUNK_BYTES: Final = 65_536
CREDENTIAL_HEADERS: Final = frozenset({"authorization", "cookie", "proxy-authorization"})
CREDENTIAL_PARAMETERS: Final = frozenset({"access_token", "appsecret_proof"})
UPLOADED: Final = "uploaded"
"""The kind of a file that was handed over instead of made here."""
UPLOADS_HELD_BYTES: Final = 256 * 1024 * 1024
"""Of what is handed over, the newest so many bytes are kept; links to older content lead nowhere."""
_UPLOADS_BUCKET: Final = "t1.15752-10"
_NOTHING_WRONG: Final = MediaFault()


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """A file that somebody sent. `url` is its link as the webhook has it."""

    asset: str
    kind: str
    url: str
    path: str
    """Decoded, without the query."""
    attachment_type: str
    content_type: str
    name: str | None
    """The last segment of the path where the kind has one: for files the original name."""
    head: bytes
    size_bytes: int

    def chunks(self, end: int | None = None, *, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
        """The content, or its first `end` bytes, in pieces."""
        return padded(self.head, self.size_bytes if end is None else end, chunk_bytes)

    @property
    def sha256(self) -> str:
        """Computed over the whole content; takes a moment for a large one."""
        digest = hashlib.sha256()
        for chunk in self.chunks():
            digest.update(chunk)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFetch:
    """One request for media. `asset` is None if there is no such file; `complete`: all promised bytes went out."""

    asset: str | None
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    at_ms: int
    status: int | None = None
    """None: no status was ever sent."""
    sent_bytes: int = 0
    complete: bool = False

    @property
    def has_credential(self) -> bool:
        """Whether a token or a cookie came with it."""
        return bool(CREDENTIAL_HEADERS & self.headers.keys() or CREDENTIAL_PARAMETERS & self.query.keys())


class MediaShelf:
    """Everything the CDN side holds. `origin` is where links point to; whoever serves the shelf sets it."""

    def __init__(
        self, *, clock: Clock, ids: Identifiers, key: bytes, origin: str, held_bytes: int = UPLOADS_HELD_BYTES
    ) -> None:
        self.origin = origin
        self._clock = clock
        self._ids = ids
        self._key = key
        self._files: dict[str, MediaFile] = {}
        self._faults: dict[str, list[MediaFault]] = {}
        self._lasting: dict[str, MediaFault] = {}
        self._fetches: list[MediaFetch] = []
        self._held_bytes = held_bytes
        self._uploaded: deque[MediaFile] = deque()
        self._uploaded_bytes = 0

    def put(
        self,
        kind: str,
        *,
        name: str | None = None,
        size_bytes: int | None = None,
        lifetime_s: float = LIFETIME_S,
    ) -> MediaFile:
        """Puts a file there. `name` is the original name of a file; `size_bytes` pads it with zeros.

        Raises KeyError for an unknown kind, ValueError for a size below that of the format's few bytes.
        """
        row, asset = MEDIA_ROWS[kind], self._ids.asset()
        head = row.build(f"sandbox {asset}".encode())
        if size_bytes is not None and size_bytes < len(head):
            raise ValueError(f"{kind} needs at least {len(head)} bytes")
        last = name or (None if row.name is None else row.name.format(at_ms=self._clock()))
        path = f"/v/{row.bucket}/{asset}.{_extension(name) or row.extension}" + (f"/{last}" if last else "")
        expires_s = int(self._clock() / SECOND_MS + lifetime_s)
        link = signed_link(path, expires_s, self._key, {"dl": "1"} if row.attachment_type == "file" else {})
        file = MediaFile(
            asset=asset,
            kind=kind,
            url=self.origin + link,
            path=path,
            attachment_type=row.attachment_type,
            content_type=CONTENT_TYPES.get(_extension(name), row.content_type),
            name=last,
            head=head,
            size_bytes=size_bytes or len(head),
        )
        self._files[asset] = file
        return file

    def keep(self, content: Content, attachment_type: str) -> MediaFile:
        """Puts a file there that the page handed over, byte for byte."""
        asset = self._ids.asset()
        path = f"/v/{_UPLOADS_BUCKET}/{asset}.{_extension(content.name) or 'bin'}" + (
            f"/{content.name}" if content.name else ""
        )
        link = signed_link(path, self._clock() // SECOND_MS + LIFETIME_S, self._key, {})
        file = MediaFile(
            asset=asset,
            kind=UPLOADED,
            url=self.origin + link,
            path=path,
            attachment_type=attachment_type,
            content_type=content.mime_type or "application/octet-stream",
            name=content.name,
            head=content.data,
            size_bytes=len(content.data),
        )
        self._files[asset] = file
        self._uploaded.append(file)
        self._uploaded_bytes += file.size_bytes
        while self._uploaded_bytes > self._held_bytes:
            oldest = self._uploaded.popleft()
            self._uploaded_bytes -= oldest.size_bytes
            del self._files[oldest.asset]
        return file

    def spoil(self, file: MediaFile, fault: str | MediaFault, *, times: int | None = None) -> None:
        """Lets the next `times` fetches of a file go wrong (None: all of them); a name is a row of `MEDIA_FAULTS`.

        Raises KeyError for an unknown name.
        """
        what = MEDIA_FAULTS[fault] if isinstance(fault, str) else fault
        if times is None:
            self._lasting[file.asset] = what
        else:
            self._faults.setdefault(file.asset, []).extend([what] * times)

    def mend(self, file: MediaFile) -> None:
        """Nothing goes wrong with the file any more."""
        self._lasting.pop(file.asset, None)
        self._faults.pop(file.asset, None)

    def take_fault(self, file: MediaFile) -> MediaFault:
        """The fault that happens to this fetch now; a default one in which nothing is wrong if there is none."""
        waiting = self._faults.get(file.asset)
        return waiting.pop(0) if waiting else self._lasting.get(file.asset, _NOTHING_WRONG)

    @property
    def files(self) -> tuple[MediaFile, ...]:
        """In the order in which they were put there."""
        return tuple(self._files.values())

    def file(self, asset: str) -> MediaFile:
        """Raises KeyError for an unknown asset."""
        return self._files[asset]

    def find(self, path: str) -> MediaFile | None:
        """Finds a file by its decoded path."""
        asset = path.removeprefix("/v/").partition("/")[2].partition(".")[0]
        file = self._files.get(asset)
        return file if file is not None and file.path == path else None

    def link_fault(self, path: str, query: Mapping[str, str]) -> str | None:
        """What the CDN has against a link now; None: nothing."""
        return fault_of(path, query, self._key, self._clock() // SECOND_MS)

    def began(self, fetch: MediaFetch) -> int:
        """Counts a fetch that begins and returns its number."""
        self._fetches.append(fetch)
        return len(self._fetches) - 1

    def ended(self, number: int, *, status: int | None, sent_bytes: int, complete: bool) -> MediaFetch:
        fetch = replace(self._fetches[number], status=status, sent_bytes=sent_bytes, complete=complete)
        self._fetches[number] = fetch
        return fetch

    def fetches(self, file: MediaFile | None = None) -> tuple[MediaFetch, ...]:
        """Every request for this file, or for any path, in the order in which they came."""
        return tuple(fetch for fetch in self._fetches if file is None or fetch.asset == file.asset)


def padded(head: bytes, size_bytes: int, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
    """Yields so many bytes, zeros after the head, in pieces."""
    for start in range(0, size_bytes, chunk_bytes):
        size = min(chunk_bytes, size_bytes - start)
        yield head[start : start + size].ljust(size, b"\0")


def _extension(name: str | None) -> str:
    """Of a file name, in lower case; empty if it has none in plain letters and digits."""
    stem, _, extension = (name or "").rpartition(".")
    return extension.lower() if stem and extension.isascii() and extension.isalnum() else ""
