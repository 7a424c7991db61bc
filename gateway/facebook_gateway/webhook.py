"""The webhook route: body → signature → items → translation → server → answer.

Nothing is parsed before the signature is proved, except for channels that have no secret and were told to do without.
200 means committed; anything else makes Facebook send the whole body again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, ParamSpec, TypeAlias, TypeVar

from google.protobuf.timestamp_pb2 import Timestamp
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from cim_messenger.inbound import Item, NotJsonError, TranslatorSettings, read_webhook
from expertflow.connector.v1.inbound_pb2 import EventKind
from expertflow.connector.v1.ingest_service_pb2 import IngestItem, IngestOutcome, IngestResult
from facebook_gateway import telemetry
from facebook_gateway.admission import ingest_items, pages_of, unreadable_body
from facebook_gateway.ingest_queue import IngestQueue, QueueFullError
from facebook_gateway.key_cache import KeyCache
from facebook_gateway.server_link import ServerUnavailableError
from facebook_gateway.signature import HEADER, given_digest
from facebook_gateway.tally import Tally
from facebook_gateway.webhook_keys import WebhookKeys
from service_runtime.bodies import BodiesFullError, BodyReader, BodyTooLargeError
from service_runtime.clock import Clock
from service_runtime.logs import get_logger, shows_debug
from service_runtime.metrics import Metrics

ANSWER_WITHIN_S: Final = 4.0
"""From the last byte of the body. Facebook waits five seconds, and counts a later 200 as none."""

OFF_LOOP_BYTES: Final = 256 * 1024
"""Longer bodies are hashed and parsed on a thread, so that they do not hold up the short ones."""

MAX_CHALLENGE: Final = 1000
MAX_ID: Final = 64
"""What a path names as a page is cut to this in the log: anybody may write anything there."""

_WORDS: Final = {number: name.removeprefix("INGEST_OUTCOME_").lower() for name, number in IngestOutcome.items()}
"""How outcomes are counted. A newer server may have others."""

_KINDS: Final = {number: name.removeprefix("EVENT_KIND_").lower() for name, number in EventKind.items()}
"""How kinds are counted."""

_log = get_logger("gateway.webhook")

Stored: TypeAlias = tuple[IngestItem, IngestResult]
"""An item and what became of it."""

P = ParamSpec("P")
T = TypeVar("T")


class Outcome(Enum):
    """What became of a POST, and the status that says so."""

    STORED = ("stored", 200)
    NOT_SIGNED = ("not_signed", 403)
    TOO_LARGE = ("too_large", 413)
    OVERLOADED = ("overloaded", 503)
    UNAVAILABLE = ("unavailable", 503)
    LATE = ("late", 503)
    DISCONNECTED = ("disconnected", 503)
    FAILED = ("failed", 503)

    def __init__(self, word: str, status: int) -> None:
        self.word = word
        self.status = status


class _NotSignedError(Exception):
    """No known secret signed the body, and its pages do not do without."""


class _KeysMissingError(Exception):
    """The server has not been reached since the start."""


_OUTCOMES: Final[dict[type[Exception], Outcome]] = {
    _NotSignedError: Outcome.NOT_SIGNED,
    BodyTooLargeError: Outcome.TOO_LARGE,
    BodiesFullError: Outcome.OVERLOADED,
    QueueFullError: Outcome.OVERLOADED,
    ServerUnavailableError: Outcome.UNAVAILABLE,
    _KeysMissingError: Outcome.UNAVAILABLE,
    TimeoutError: Outcome.LATE,
    ClientDisconnect: Outcome.DISCONNECTED,
}

_ANSWERS: Final = {
    outcome: Response(
        status_code=outcome.status, headers={"Connection": "close"} if outcome is Outcome.TOO_LARGE else None
    )
    for outcome in Outcome
}
"""What is answered depends on nothing else, so each answer is made once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRoute:
    """The GET and the POST of every webhook path."""

    bodies: BodyReader
    keys: KeyCache
    queue: IngestQueue
    translator: TranslatorSettings
    tally: Tally
    metrics: Metrics
    clock: Clock

    async def verify(self, request: Request) -> Response:
        """Facebook's handshake: the challenge comes back if the verify token is right; the path may name the page."""
        query = request.query_params
        challenge = query.get("hub.challenge", "")
        page_id = request.path_params.get("page_id", "")
        if query.get("hub.mode") != "subscribe" or not 0 < len(challenge) <= MAX_CHALLENGE:
            return self._handshake_refused(page_id)
        token = query.get("hub.verify_token", "")
        for look in (self.keys.known, lambda: self.keys.renewed(page_id)):
            keys = await look()
            if keys is None:
                self.metrics.count(telemetry.HANDSHAKES, result="unavailable")
                return _ANSWERS[Outcome.UNAVAILABLE]
            if keys.accepts_handshake(token, page_id):
                self.metrics.count(telemetry.HANDSHAKES, result="verified")
                _log.info("webhook verified", page_id=page_id or None)
                return PlainTextResponse(challenge, headers={"X-Content-Type-Options": "nosniff"})
        return self._handshake_refused(page_id)

    async def receive(self, request: Request) -> Response:
        """Takes a webhook; see the module."""
        begun = self.clock.monotonic()
        stored: Sequence[Stored] = ()
        try:
            async with self.bodies.read(request, within_s=ANSWER_WITHIN_S) as body:
                page_id = request.path_params.get("page_id", "")
                stored = await self._store(body, request.headers.get(HEADER), page_id)
            outcome = Outcome.STORED
        except tuple(_OUTCOMES) as error:
            outcome = next(_OUTCOMES[kind] for kind in type(error).__mro__ if kind in _OUTCOMES)
        except Exception as error:  # noqa: BLE001  # the route's top: whatever it is, Facebook must come again
            outcome = Outcome.FAILED
            _log.error("webhook failed", error=type(error).__name__, alarm=True)
        self._tell(outcome, [result for _, result in stored])
        self._measure(outcome, stored, self.clock.monotonic() - begun)
        return _ANSWERS[outcome]

    async def _store(self, body: bytes, header: str | None, page_id: str) -> list[Stored]:
        received = Timestamp()
        received.FromMilliseconds(self.clock.now_ms())
        items = await self._items(body, header, page_id, received)
        return list(zip(items, await self.queue.submit(items), strict=True))

    async def _items(self, body: bytes, header: str | None, page_id: str, received: Timestamp) -> list[IngestItem]:
        keys, vouched = await self._vouched(body, given_digest(header), page_id)
        try:
            items = await _run(body, read_webhook, body)
        except NotJsonError as error:
            return [unreadable_body(body, str(error), received)] if body else []
        if strange := pages_of(items) - vouched - {""}:
            keys, vouched = await self._after_renewal(strange, keys, vouched, body, given_digest(header))
        return await _run(body, ingest_items, items, keys, vouched, self.translator, received)

    async def _vouched(self, body: bytes, digest: bytes | None, page_id: str) -> tuple[WebhookKeys, frozenset[str]]:
        """The keys, and the pages for which the sender may speak. Keys that do not fit are renewed once.

        `page_id` is the page that the path names, if any: whatever an unproven body names is not looked for.
        """
        for look in (self.keys.known, lambda: self.keys.renewed(page_id)):
            keys = await look()
            if keys is None:
                raise _KeysMissingError
            vouched = await _pages_vouched_for(keys, body, digest)
            if vouched is not None:
                return keys, vouched
        raise _NotSignedError

    async def _after_renewal(
        self, strange: frozenset[str], keys: WebhookKeys, vouched: frozenset[str], body: bytes, digest: bytes | None
    ) -> tuple[WebhookKeys, frozenset[str]]:
        """Keys that may know the strange pages, or moved them. What was proved stays proved."""
        renewed = await self.keys.renewed(*strange)
        if renewed is None:
            return keys, vouched
        now_vouched = await _pages_vouched_for(renewed, body, digest)
        return renewed, vouched if now_vouched is None else now_vouched

    def _handshake_refused(self, page_id: str) -> Response:
        self.tally.count("handshake_refused")
        self.metrics.count(telemetry.HANDSHAKES, result="refused")
        _log.warning("webhook handshake refused: mode or verify token is wrong", page_id=page_id[:MAX_ID] or None)
        return Response(status_code=403)

    def _measure(self, outcome: Outcome, stored: Sequence[Stored], seconds: float) -> None:
        self.metrics.count(telemetry.WEBHOOKS, result=outcome.word)
        self.metrics.observe(telemetry.WEBHOOK_SECONDS, seconds)
        if outcome is Outcome.STORED:
            self.metrics.set(telemetry.LAST_STORED, self.clock.now_ms() / 1000)
        for item, result in stored:
            if result.quarantine_reason:
                self.metrics.count(telemetry.QUARANTINED, reason=result.quarantine_reason)
            kind = _KINDS.get(item.event.kind, "other") if item.HasField("event") else "none"
            self.metrics.count(telemetry.EVENTS, kind=kind, outcome=_WORDS.get(result.outcome, "other"))

    def _tell(self, outcome: Outcome, results: Sequence[IngestResult]) -> None:
        self.tally.count(f"webhooks_{outcome.word}")
        counts: dict[str, int] = {}
        for result in results:
            word = _WORDS.get(result.outcome, "other")
            reason = f"_{result.quarantine_reason.lower()}" if result.quarantine_reason else ""
            counts[word + reason] = counts.get(word + reason, 0) + 1
        for word, number in counts.items():
            self.tally.count(f"items_{word}", number)
        if shows_debug():
            _log.debug("webhook", outcome=outcome.word, status=outcome.status, **counts)
        if outcome is Outcome.TOO_LARGE:
            _log.error(
                "webhook refused: body longer than FBC_MAX_BODY_BYTES", limit=self.bodies.limit_bytes, alarm=True
            )


async def _pages_vouched_for(keys: WebhookKeys, body: bytes, digest: bytes | None) -> frozenset[str] | None:
    if digest is not None:
        vouched = await _run(body, keys.pages_vouched_for, body, digest)
        if vouched is not None:
            return vouched
    return keys.unsigned_pages if await _needs_no_signature(keys, body) else None


async def _needs_no_signature(keys: WebhookKeys, body: bytes) -> bool:
    """Only here is something parsed that nobody vouches for, and only if a channel was told to take it."""
    if not keys.unsigned_pages:
        return False
    try:
        items: list[Item] = await _run(body, read_webhook, body)
    except NotJsonError:
        return False
    return keys.takes_unsigned(pages_of(items))


async def _run(body: bytes, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs work on a body: at once, or on a thread if the body is long."""
    if len(body) <= OFF_LOOP_BYTES:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)
