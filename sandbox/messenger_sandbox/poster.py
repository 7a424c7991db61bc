"""Posts webhook bodies to the app's callback: signed, at most 5 s for the 200, retried with backoff, journalled.

After an hour of failures a page loses its subscription, as at Facebook. Source:
https://developers.facebook.com/documentation/business-messaging/messenger-platform/webhooks
"""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from messenger_sandbox.clock import HOUR_MS, Clock
from messenger_sandbox.delivery import Outcome
from messenger_sandbox.journal import EntryKind, Journal
from messenger_sandbox.webhooks import Event, signature, webhook_body
from messenger_sandbox.world import World

Sleep = Callable[[float], Awaitable[None]]
"""Waits for so many seconds."""

ANSWER_DEADLINE_S: Final = 5.0
"""Facebook gives a receiver this long to answer 200."""
UNSUBSCRIBE_AFTER_MS: Final = HOUR_MS
SIGNATURE_HEADER: Final = "X-Hub-Signature-256"
_HEADERS: Final = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}
_CONNECTIONS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How a body that got no 200 is tried again: `attempts` in all, waits growing from `first_wait_s` by `factor`."""

    attempts: int = 12
    first_wait_s: float = 0.25
    factor: float = 2.0
    longest_wait_s: float = 30.0

    def wait_after(self, attempt: int) -> float:
        """Seconds to wait after the attempt of this number; the first is 1."""
        return min(self.longest_wait_s, self.first_wait_s * self.factor ** (attempt - 1))


DEFAULT_RETRY: Final = RetryPolicy()
"""Twelve attempts in about three minutes: enough for a receiver to be killed and started again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """What posting needs; `sleep` is handed in so that a test needs no real wait for a backoff."""

    world: World
    journal: Journal
    clock: Clock
    sleep: Sleep
    retry: RetryPolicy = DEFAULT_RETRY
    answer_deadline_s: float = ANSWER_DEADLINE_S


@functools.cache
def _trust() -> ssl.SSLContext:
    """One for all sandboxes of a process: reading the certificates takes longer than most tests."""
    return httpx.create_ssl_context(trust_env=False)


class Poster:
    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._client: httpx.AsyncClient | None = None
        self._failing_since_ms: dict[str, int] = {}

    @property
    def client(self) -> httpx.AsyncClient:
        """The client for the callback, made when first needed."""
        if self._client is None:
            limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
            # Nothing of the environment (proxies, netrc) may come between the sandbox and the callback. The deadline
            # is one for the whole exchange, as Facebook's is; httpx's own are per read and stay above it.
            timeout_s = 2 * self._wiring.answer_deadline_s
            self._client = httpx.AsyncClient(verify=_trust(), limits=limits, timeout=timeout_s, trust_env=False)
        return self._client

    async def deliver(self, events: Sequence[Event]) -> Outcome:
        """Posts one body until it gets its 200 or the attempts are used up; every attempt sends the same bytes."""
        retry, body = self._wiring.retry, webhook_body(events, self._wiring.clock())
        for attempt in range(1, retry.attempts + 1):
            if await self.attempt(body, events, attempt) == httpx.codes.OK:
                return Outcome.DELIVERED
            if attempt < retry.attempts:
                await self._wiring.sleep(retry.wait_after(attempt))
        self._record(EntryKind.WEBHOOK_DROPPED, events, attempts=retry.attempts)
        return Outcome.DROPPED

    async def attempt(self, body: bytes, events: Sequence[Event], number: int) -> int | None:
        """Posts once, signed with the secret of this moment; returns the status, None without an answer."""
        signed_as = signature(body, self._wiring.world.app.app_secret)
        status, failure = await self._post(body, {SIGNATURE_HEADER: signed_as})
        self._record(EntryKind.WEBHOOK_POSTED, events, attempt=number, status=status, failure=failure, bytes=len(body))
        for page_id in {event.page_id for event in events}:
            self._note_health(page_id, healthy=status == httpx.codes.OK)
        return status

    async def post_raw(self, body: bytes, *, signed_as: str | None) -> int | None:
        """Posts any bytes with any signature header (None: without one) and returns the status."""
        status, _ = await self._post(body, {} if signed_as is None else {SIGNATURE_HEADER: signed_as})
        return status

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int | None, str | None]:
        url = self._wiring.world.app.callback_url
        if url is None:
            return None, "no callback"
        try:
            async with asyncio.timeout(self._wiring.answer_deadline_s):
                answer = await self.client.post(url, content=body, headers=_HEADERS | headers)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as failure:
            return None, type(failure).__name__
        return answer.status_code, None

    def _note_health(self, page_id: str, *, healthy: bool) -> None:
        if healthy:
            self._failing_since_ms.pop(page_id, None)
            return
        now_ms = self._wiring.clock()
        if now_ms - self._failing_since_ms.setdefault(page_id, now_ms) >= UNSUBSCRIBE_AFTER_MS:
            del self._failing_since_ms[page_id]
            self._wiring.world.change_page(page_id, subscribed_fields=frozenset())
            self._wiring.journal.record(EntryKind.PAGE_UNSUBSCRIBED, page_id=page_id)

    def _record(self, kind: EntryKind, events: Sequence[Event], **details: Any) -> None:
        """Writes an entry; its ids are those of the only event, a batch names its events in the list alone."""
        ids = _ids(events[0]) if len(events) == 1 else {}
        listed = [{"kind": event.kind.value, **_ids(event)} for event in events]
        self._wiring.journal.record(kind, **ids, **details, events=listed)


def _ids(event: Event) -> dict[str, str | None]:
    return {"page_id": event.page_id, "psid": event.psid, "mid": event.mid}
