"""Fetches the files that sends name by URL, as Facebook does; but from this machine only.

Facebook wants public HTTPS with a valid certificate. The sandbox takes plain HTTP, and refuses every host that is not a
loopback address: a test must not make it call anybody. Redirects are not followed. Source of the time limits:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/attachment-upload-api
"""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

import httpx

from messenger_sandbox.errors import ErrorName, GraphError, RefusedError, refusal
from messenger_sandbox.media.content import Content
from messenger_sandbox.rules.media import most_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchDeadlines:
    """How long Facebook waits for a whole file, in seconds."""

    video_s: float = 75.0
    other_s: float = 10.0

    def of(self, kind: str) -> float:
        return self.video_s if kind == "video" else self.other_s


DEFAULT_DEADLINES: Final = FetchDeadlines()


class FileFetcher:
    def __init__(self, deadlines: FetchDeadlines = DEFAULT_DEADLINES) -> None:
        self._deadlines = deadlines
        self._client: httpx.AsyncClient | None = None

    async def fetch(self, url: str, kind: str) -> Content:
        """Gets a file that is to be sent as this attachment type; raises RefusedError."""
        if not is_loopback(url):
            raise RefusedError(_failed("The sandbox fetches from loopback addresses only"))
        try:
            async with asyncio.timeout(self._deadlines.of(kind)):
                return await self._read(url, most_bytes(kind, by_url=True))
        except TimeoutError as error:
            late = refusal(ErrorName.VIDEO_TIMEOUT) if kind == "video" else _failed("the file took too long")
            raise RefusedError(late) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise RefusedError(_failed(type(error).__name__)) from error

    async def _read(self, url: str, most: int) -> Content:
        async with self._connected().stream("GET", url) as answer:
            if answer.status_code != httpx.codes.OK:
                raise RefusedError(_failed(f"HTTP status {answer.status_code}"))
            data = bytearray()
            async for chunk in answer.aiter_bytes():
                data += chunk
                if len(data) > most:
                    raise RefusedError(refusal(ErrorName.ATTACHMENT_TOO_LARGE))
            kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Content(data=bytes(data), name=_name_of(url), mime_type=kind)

    def _connected(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False, timeout=None)  # noqa: S113 - one deadline for the whole
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None


def is_loopback(url: str) -> bool:
    """Whether the URL names this machine by a loopback address. A name is none: it may lead anywhere."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "http" and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _name_of(url: str) -> str | None:
    return unquote(urlsplit(url).path.rpartition("/")[2]) or None


def _failed(why: str) -> GraphError:
    return refusal(ErrorName.FETCH_FAILED, f"Failed to fetch the file from the url: {why}")
