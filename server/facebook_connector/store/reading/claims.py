"""Claiming the heads of ready keys: which pages come first, and how much of each.

Pages take turns, so that one page's backlog does not hold up the others: a claim divides its limit among the pages
that have something ready, and the next claim begins behind the page that came last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest
from typing import NamedTuple

import orjson

from facebook_connector.delivery.values import AckToken, ClaimRequest, Granted
from facebook_connector.store.database import Transaction
from facebook_connector.store.reading import cursor_statements as sql
from facebook_connector.store.reading.heads import Grant, heads_at, sizes_at
from facebook_connector.store.reading.subscriptions import ALL_KINDS, bits_of

LOOKS = 3
"""How often one claim looks for keys that no other server has in hand."""


class ReadyKey(NamedTuple):
    """A locked cursor whose head may be delivered."""

    key_id: int
    page_id: str
    head_seq: int
    head_kind: int
    attempt: int
    epoch: int
    side_origin: int | None


def claim(transaction: Transaction, request: ClaimRequest, last_page: str) -> Granted:
    """Claims up to `request.limit` heads, beginning with the page after `last_page`."""
    locked, contended = _locked(transaction, request, last_page)
    granted = _within_bytes(transaction, request, locked)
    if not granted:
        return Granted(heads=[], contended=contended)
    sql.CLAIM.execute(
        transaction,
        [(request.subscription_id, key.key_id) for key in granted],
        until_ms=request.until_ms,
        the_owner=request.owner,
        the_client=request.client_id,
    )
    heads = heads_at(transaction, [Grant(_token(request, key), key.page_id, key.side_origin) for key in granted])
    return Granted(heads=heads, contended=contended)


def _locked(transaction: Transaction, request: ClaimRequest, last_page: str) -> tuple[list[ReadyKey], bool]:
    """Keys that nobody else has in hand, and whether some that look ready are left to others.

    Where other servers claim at this moment, their keys come first here too: so many more are looked at.
    """
    locked: list[ReadyKey] = []
    wanted = request.limit
    for _ in range(LOOKS):
        pages = _in_turn(_ready_pages(transaction, request), last_page)
        candidates = _candidates(transaction, request, pages, wanted)
        locked = _lock(transaction, request, candidates)[: request.limit]
        lost = len(candidates) - len(locked)
        if len(locked) == request.limit or not lost:
            return locked, False
        if len(candidates) < wanted:
            break
        wanted = request.limit + lost
    return locked, True


def first_ready(transaction: Transaction, subscription_id: int) -> dict[str, int]:
    """The pages that have a key waiting or claimed, and when the first of each is ready."""
    rows = sql.PAGES_IN_USE.fetch(transaction, the_subscription=subscription_id)
    return {page_id: ready_at_ms for page_id, ready_at_ms in rows if ready_at_ms is not None}


def _ready_pages(transaction: Transaction, request: ClaimRequest) -> list[str]:
    return [
        page_id
        for page_id, ready_at_ms in first_ready(transaction, request.subscription_id).items()
        if ready_at_ms <= request.now_ms and (not request.page_ids or page_id in request.page_ids)
    ]


def _in_turn(pages: Iterable[str], last_page: str) -> list[str]:
    return sorted(pages, key=lambda page_id: (page_id <= last_page, page_id))


def _candidates(transaction: Transaction, request: ClaimRequest, pages: Sequence[str], wanted: int) -> list[int]:
    """Keys that look ready: one of each page, then a second of each, and so on."""
    if not pages:
        return []
    share = -(-wanted // len(pages))
    keys_of = _ready_keys(transaction, request, pages, share)
    if sum(map(len, keys_of.values())) < wanted:
        # Some pages had less than their share: the others may give more.
        more = [page_id for page_id in pages if len(keys_of.get(page_id, ())) == share]
        if more:
            keys_of |= _ready_keys(transaction, request, more, wanted)
    rounds = zip_longest(*(keys_of[page_id] for page_id in pages if page_id in keys_of))
    return [key_id for key_id in chain.from_iterable(rounds) if key_id is not None][:wanted]


def _ready_keys(
    transaction: Transaction, request: ClaimRequest, pages: Sequence[str], share: int
) -> dict[str, list[int]]:
    found = sql.READY_KEYS.fetch(
        transaction,
        [(page_id,) for page_id in pages],
        the_subscription=request.subscription_id,
        now_ms=request.now_ms,
        kinds=_kinds(request),
        share=share,
    )
    return {page_id: orjson.loads(keys) for page_id, keys in found if keys}


def _lock(transaction: Transaction, request: ClaimRequest, candidates: Sequence[int]) -> list[ReadyKey]:
    if not candidates:
        return []
    rows = sql.LOCK_READY.fetch(
        transaction,
        [(request.subscription_id, key_id) for key_id in candidates],
        now_ms=request.now_ms,
        kinds=_kinds(request),
    )
    locked = {key.key_id: key for key in map(ReadyKey._make, rows)}
    return [locked[key_id] for key_id in candidates if key_id in locked]


def _within_bytes(transaction: Transaction, request: ClaimRequest, keys: list[ReadyKey]) -> list[ReadyKey]:
    if request.max_bytes is None or not keys:
        return keys
    size_of = sizes_at(transaction, [(key.key_id, key.head_seq) for key in keys])
    total = 0
    for count, key in enumerate(keys):
        if total >= request.max_bytes:
            return keys[:count]
        total += size_of[key.key_id, key.head_seq]
    return keys


def _kinds(request: ClaimRequest) -> int:
    return bits_of(request.kinds) if request.kinds else ALL_KINDS


def _token(request: ClaimRequest, key: ReadyKey) -> AckToken:
    return AckToken(
        subscription_id=request.subscription_id,
        key_id=key.key_id,
        seq=key.head_seq,
        attempt=key.attempt + 1,
        epoch=key.epoch + 1,
    )
