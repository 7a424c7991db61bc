"""Operators look into the ingest quarantine, and have its entries translated anew."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from cim_messenger.inbound import TRANSLATOR_VERSION
from expertflow.connector.v1 import operations_pb2
from expertflow.connector.v1.operations_pb2 import QuarantineEntry
from expertflow.connector.v1.operations_service_pb2 import (
    ListQuarantineRequest,
    ListQuarantineResponse,
    RetranslateRequest,
    RetranslateResponse,
)
from expertflow.connector.v1.statistics_pb2 import QuarantineCount
from facebook_connector.channels.paging import filters_of, number_after, page_limit, token_after
from facebook_connector.channels.requests import OperatorRequests
from facebook_connector.channels.rules import refuse, require_request_id
from facebook_connector.delivery.notifications import NotificationSender
from facebook_connector.delivery.retention import QUARANTINE_MS
from facebook_connector.delivery.values import EventRecord, IngestReport, QuarantineRecord
from facebook_connector.errors import ConnectorError, FieldViolation
from facebook_connector.inbox.ingest import refused
from facebook_connector.operations.conditions import moment_ms, require_texts
from facebook_connector.operations.translation import Kept, Retranslator
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.errors import RowRefused
from facebook_connector.store.log.quarantine import (
    Decision,
    QuarantineFilter,
    QuarantineRow,
    QuarantineStore,
    Settlement,
    settle,
)
from facebook_connector.timestamps import timestamp
from service_runtime.clock import Clock

MAX_IDS: Final = 1000

MAX_ID_DIGITS: Final = 18
"""Any number the database gives, within 64 bits."""

MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024
"""An answer with bytes ends before it: gRPC's usual limit of what a client receives."""

AT_ONCE: Final = 100
"""Entries in one transaction: so many hold up the ingest for a moment only."""

AT_ONCE_BYTES: Final = 4 * 1024 * 1024
"""Fewer entries, if they are large."""


class Form(Enum):
    """What the kept bytes of an entry are."""

    ITEM = "item"
    BODY = "body"
    ONLY_ON_DEMAND = "only on demand"
    """An item, of which it is not certain that Facebook sent it for the page: only if the operator names it."""


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "NOT_JSON": Form.BODY,
        "UNKNOWN_PAGE": Form.ITEM,
        "PAGE_NOT_OF_APP": Form.ONLY_ON_DEMAND,
        "UNTRANSLATABLE": Form.ITEM,
        "NOT_AN_EVENT": Form.ITEM,
        "INVALID_EVENT": Form.ITEM,
        "STORE_REJECTED": Form.ITEM,
    }
)
"""By reason. A reason that only a newer gateway knows stands for an item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """The quarantine as operators see it."""

    database: Database
    requests: OperatorRequests
    retranslator: Retranslator
    sender: NotificationSender
    committed: Callable[[IngestReport], None]
    """Told of every commit that stored events."""
    clock: Clock

    async def list(self, request: ListQuarantineRequest) -> ListQuarantineResponse:
        """Raises `ConnectorError` INVALID_FIELD or PAGE_TOKEN_INVALID."""
        limit, filters = page_limit(request.page_size), filters_of(request)
        after = number_after(request.page_token, filters, "ListQuarantine")
        store = QuarantineStore(self.database)
        rows = await store.list(_filter(request.filter), after=after, limit=limit + 1)
        shown = _within(rows[:limit], MAX_ANSWER_BYTES) if request.include_raw else rows[:limit]
        raw = await store.raw([row.quarantine_id for row in shown]) if request.include_raw else {}
        return ListQuarantineResponse(
            entries=[_entry(row, raw.get(row.quarantine_id, b"")) for row in shown],
            next_page_token=token_after(str(shown[-1].quarantine_id), filters) if len(rows) > len(shown) else "",
        )

    async def retranslate(self, request: RetranslateRequest) -> RetranslateResponse:
        """Raises `ConnectorError` INVALID_FIELD, QUARANTINE_ENTRY_NOT_FOUND or REQUEST_ID_REUSED.

        Entries are settled in transactions of a few; a call that breaks off has settled some and can be repeated.
        """
        require_request_id(request.request_id)
        chosen = _filter(request.filter)
        if (first := await self.requests.first_answer(request, RetranslateResponse)) is not None:
            return first
        await self._require_existing(request)
        told = _Told()
        noting = self.requests.noting(request, request.filter.page_id)
        store = QuarantineStore(self.database)
        # What fails may change its reason and what is new comes in meanwhile: each entry of now is looked at once.
        last, after = await store.last_id(), 0
        while after < last and (rows := await store.list(chosen, after=after, limit=AT_ONCE)):
            rows = _within(rows, AT_ONCE_BYTES)
            after = rows[-1].quarantine_id
            decisions = await self._decide([row for row in rows if _is_meant(row, chosen)])
            told.stay(row.reason for row in rows if not _is_meant(row, chosen))
            for settled in await self._settle(decisions, noting):
                told.settle(settled)
        return await self.requests.keep(request, told.answer())

    async def _require_existing(self, request: RetranslateRequest) -> None:
        ids = list(request.filter.ids)
        odd = [name for name in ids if not _number(name)]
        missing = odd or map(str, await QuarantineStore(self.database).missing([_number(name) for name in ids]))
        for name in missing:
            raise ConnectorError(
                "QUARANTINE_ENTRY_NOT_FOUND",
                "No quarantine entry has this id; nothing was translated.",
                metadata={"quarantine_id": name[:64]},
            )

    async def _decide(self, rows: Sequence[QuarantineRow]) -> Sequence[Decision]:
        raw = await QuarantineStore(self.database).raw([row.quarantine_id for row in rows]) if rows else {}
        # On a thread: a body may be long.
        return await asyncio.to_thread(
            lambda: [self._decision(row, raw[row.quarantine_id]) for row in rows if row.quarantine_id in raw]
        )

    def _decision(self, row: QuarantineRow, raw: bytes) -> Decision:
        kept = Kept(
            raw=raw,
            entry_list=row.entry_list,
            page_id=row.page_id,
            receive_time_ms=row.receive_time_ms,
            whole_body=FORMS.get(row.reason) is Form.BODY,
        )
        found = self.retranslator.translate(kept)
        return Decision(
            quarantine_id=row.quarantine_id,
            events=tuple(result for result in found if isinstance(result, EventRecord)),
            failure=next((result for result in found if isinstance(result, QuarantineRecord)), None),
        )

    async def _settle(
        self, decisions: Sequence[Decision], noting: Callable[[Transaction, str], None]
    ) -> Sequence[Settlement]:
        """Carries decisions out together, or, where the database refuses one, in halves until that one is alone."""
        if not decisions:
            return []
        now_ms = self.clock.now_ms()

        def work(transaction: Transaction) -> Settlement:
            settled = settle(transaction, decisions, self.sender, TRANSLATOR_VERSION, now_ms)
            noting(transaction, _detail(settled))
            return settled

        try:
            settled = await self.database.write(work)
        except RowRefused:
            if len(decisions) > 1:
                half = len(decisions) // 2
                return [*await self._settle(decisions[:half], noting), *await self._settle(decisions[half:], noting)]
            if not decisions[0].events:
                raise
            return await self._settle([_rejected(decisions[0])], noting)
        self.committed(settled.report)
        return [settled]


class _Told:
    """What the answer tells, added up."""

    def __init__(self) -> None:
        self._remaining: Counter[str] = Counter()
        self._answer = RetranslateResponse()

    def stay(self, reasons: Iterable[str]) -> None:
        self._remaining.update(reasons)

    def settle(self, settled: Settlement) -> None:
        self._answer.stored_events += settled.stored
        self._answer.duplicate_events += settled.duplicates
        self._answer.translated_entries += settled.left
        self.stay(settled.remaining)

    def answer(self) -> RetranslateResponse:
        counts = [QuarantineCount(reason=reason, count=count) for reason, count in sorted(self._remaining.items())]
        return RetranslateResponse(
            stored_events=self._answer.stored_events,
            duplicate_events=self._answer.duplicate_events,
            translated_entries=self._answer.translated_entries,
            remaining=counts,
        )


def _filter(asked: operations_pb2.QuarantineFilter) -> QuarantineFilter:
    if len(asked.ids) > MAX_IDS:
        refuse([FieldViolation(field="filter.ids", description=f"has more than {MAX_IDS} entries")])
    require_texts(asked, "page_id")
    return QuarantineFilter(
        ids=frozenset(map(_number, asked.ids)) - {0} if asked.ids else None,
        reasons=frozenset(reason.replace("\0", "") for reason in asked.reasons),
        page_id=asked.page_id,
        start_ms=moment_ms(asked, "start_time"),
        end_ms=moment_ms(asked, "end_time"),
    )


def _number(name: str) -> int:
    """The number an id stands for; 0: none."""
    return int(name) if name.isascii() and name.isdecimal() and len(name) <= MAX_ID_DIGITS else 0


def _is_meant(row: QuarantineRow, chosen: QuarantineFilter) -> bool:
    if FORMS.get(row.reason) is not Form.ONLY_ON_DEMAND:
        return True
    return row.reason in chosen.reasons or (chosen.ids is not None and row.quarantine_id in chosen.ids)


def _within(rows: list[QuarantineRow], limit: int) -> list[QuarantineRow]:
    """The first rows whose bytes stay within the limit, at least one."""
    total = 0
    for place, row in enumerate(rows):
        total += row.raw_size
        if total > limit and place:
            return rows[:place]
    return rows


def _rejected(decision: Decision) -> Decision:
    """An entry of which the database refuses an event."""
    return Decision(quarantine_id=decision.quarantine_id, failure=refused(decision.events[0]))


def _detail(settled: Settlement) -> str:
    return f"entries that left: {settled.left}; that stay: {len(settled.remaining)}; events stored: {settled.stored}"


def _entry(row: QuarantineRow, raw: bytes) -> QuarantineEntry:
    return QuarantineEntry(
        id=str(row.quarantine_id),
        reason=row.reason,
        detail=row.detail,
        page_id=row.page_id,
        raw_size=row.raw_size,
        raw=raw,
        receive_time=timestamp(row.receive_time_ms),
        expire_time=timestamp(row.receive_time_ms + QUARANTINE_MS),
        translator_version=row.translator_version,
    )
