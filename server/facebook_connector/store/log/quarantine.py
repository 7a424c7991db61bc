"""The ingest quarantine: what was received and could not be delivered, and how it leaves when it can be."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, select, update

from expertflow.connector.v1 import ingest_service_pb2
from facebook_connector.delivery.notifications import NotificationSender
from facebook_connector.delivery.values import EventRecord, IngestReport, QuarantineRecord
from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.log import ingest_statements as sql
from facebook_connector.store.log.events import NO_CHANNEL, UNKNOWN_PAGE, ingest
from facebook_connector.store.schema import quarantine


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRow:
    """An entry without its bytes."""

    quarantine_id: int
    reason: str
    detail: str
    page_id: str
    """Empty: the item names none."""
    entry_list: str
    receive_time_ms: int
    translator_version: int
    """0: no translation was tried."""
    raw_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineFilter:
    """Chooses entries; all conditions that are set must hold."""

    ids: frozenset[int] | None = None
    """None: any."""
    reasons: frozenset[str] = frozenset()
    page_id: str = ""
    start_ms: int | None = None
    """At or after."""
    end_ms: int | None = None
    """Before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What became of an entry when it was translated anew."""

    quarantine_id: int
    events: tuple[EventRecord, ...] = ()
    failure: QuarantineRecord | None = None
    """Why it stays; None: it leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What a transaction made of decisions."""

    stored: int
    """Events."""
    duplicates: int
    left: int
    """Entries."""
    remaining: tuple[str, ...]
    """The reasons of the entries that stay."""
    report: IngestReport = field(default_factory=lambda: IngestReport(outcomes=()))


COLUMNS = (
    quarantine.c.quarantine_id,
    quarantine.c.reason,
    quarantine.c.detail,
    quarantine.c.page_id,
    quarantine.c.entry_list,
    quarantine.c.receive_time_ms,
    quarantine.c.translator_version,
    func.length(quarantine.c.raw).label("raw_size"),
)
RAW = select(quarantine.c.quarantine_id, quarantine.c.raw).where(
    quarantine.c.quarantine_id.in_(bindparam("the_ids", expanding=True))
)
PRESENT = select(quarantine.c.quarantine_id).where(quarantine.c.quarantine_id.in_(bindparam("the_ids", expanding=True)))
LAST_ID = select(func.max(quarantine.c.quarantine_id))
REMOVE = delete(quarantine).where(quarantine.c.quarantine_id.in_(bindparam("the_ids", expanding=True)))
ONE = select(quarantine).where(quarantine.c.quarantine_id == bindparam("the_id")).with_for_update()
SAME = (
    select(quarantine.c.quarantine_id)
    .where(
        quarantine.c.reason == bindparam("the_reason"),
        quarantine.c.page_id == bindparam("the_page"),
        quarantine.c.sha256 == bindparam("the_sha256"),
        quarantine.c.quarantine_id != bindparam("the_id"),
    )
    .with_for_update()
)
SEEN_MORE = (
    update(quarantine)
    .where(quarantine.c.quarantine_id == bindparam("the_id"))
    .values(times_seen=quarantine.c.times_seen + bindparam("more"))
)
EXPLAIN = (
    update(quarantine)
    .where(quarantine.c.quarantine_id == bindparam("the_id"))
    .values(reason=bindparam("the_reason"), detail=bindparam("the_detail"), translator_version=bindparam("the_version"))
)


class QuarantineStore:
    """Reads the quarantine. Changes are functions over a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, chosen: QuarantineFilter, *, after: int | None, limit: int) -> list[QuarantineRow]:
        """At most `limit` entries with a greater id than `after`, oldest first."""
        statement = _oldest_first(chosen, after, limit)

        def work(transaction: Transaction) -> list[QuarantineRow]:
            return [QuarantineRow(**row) for row in transaction.execute(statement).mappings()]

        return await self._database.read(work)

    async def raw(self, ids: Collection[int]) -> dict[int, bytes]:
        """The bytes of the entries that still exist."""
        return await self._database.read(
            lambda transaction: dict(map(tuple, transaction.execute(RAW, {"the_ids": list(ids)})))
        )

    async def missing(self, ids: Collection[int]) -> Sequence[int]:
        """Those of the ids that name no entry, in order."""
        present = await self._database.read(
            lambda transaction: set(transaction.execute(PRESENT, {"the_ids": list(ids)}).scalars())
        )
        return sorted(set(ids) - present)

    async def last_id(self) -> int:
        """The id of the newest entry; 0: there is none."""
        return await self._database.read(lambda transaction: transaction.execute(LAST_ID).scalar_one() or 0)


def settle(
    transaction: Transaction, decisions: Sequence[Decision], sender: NotificationSender, version: int, now_ms: int
) -> Settlement:
    """Stores the events of entries like any others; entries without a failure leave.

    An event whose page has no channel is such a failure. Settling an entry twice stores nothing twice.
    """
    decisions = _with_channels(transaction, decisions)
    events = [event for decision in decisions for event in decision.events]
    report = ingest(transaction, events, now_ms, sender=sender)
    outcomes = [outcome.outcome for outcome in report.outcomes]
    leaving = [decision.quarantine_id for decision in decisions if decision.failure is None]
    if leaving:
        transaction.execute(REMOVE, {"the_ids": leaving})
    for decision in decisions:
        if decision.failure is not None:
            _stay(transaction, decision.quarantine_id, decision.failure, version)
    return Settlement(
        stored=outcomes.count(ingest_service_pb2.INGEST_OUTCOME_STORED),
        duplicates=outcomes.count(ingest_service_pb2.INGEST_OUTCOME_DUPLICATE),
        left=len(leaving),
        remaining=tuple(decision.failure.reason for decision in decisions if decision.failure is not None),
        report=report,
    )


def _with_channels(transaction: Transaction, decisions: Sequence[Decision]) -> list[Decision]:
    pages = {(event.page_id,) for decision in decisions for event in decision.events}
    known = {row[0] for row in sql.TENANTS.fetch(transaction, pages)} if pages else set()
    return [_with_channel(decision, known) for decision in decisions]


def _with_channel(decision: Decision, known: Collection[str]) -> Decision:
    homeless = next((event for event in decision.events if event.page_id not in known), None)
    if homeless is None:
        return decision
    failure = QuarantineRecord(reason=UNKNOWN_PAGE, detail=NO_CHANNEL, page_id=homeless.page_id, raw=homeless.raw)
    return Decision(
        quarantine_id=decision.quarantine_id,
        events=tuple(event for event in decision.events if event.page_id in known),
        failure=decision.failure or failure,
    )


def _stay(transaction: Transaction, quarantine_id: int, failure: QuarantineRecord, version: int) -> None:
    """The entry stays under its new reason; where the same content lies under that reason already, they become one."""
    entry = transaction.execute(ONE, {"the_id": quarantine_id}).first()
    if entry is None:
        return
    name = {"the_reason": failure.reason, "the_page": entry.page_id, "the_sha256": entry.sha256}
    same = transaction.execute(SAME, {**name, "the_id": quarantine_id}).scalar()
    if same is not None:
        transaction.execute(SEEN_MORE, {"the_id": same, "more": entry.times_seen})
        transaction.execute(REMOVE, {"the_ids": [quarantine_id]})
        return
    explained = {"the_reason": failure.reason, "the_detail": failure.detail, "the_version": version}
    transaction.execute(EXPLAIN, {"the_id": quarantine_id, **explained})


def _oldest_first(chosen: QuarantineFilter, after: int | None, limit: int) -> Select[Any]:
    return select(*COLUMNS).where(*_conditions(chosen, after)).order_by(quarantine.c.quarantine_id).limit(limit)


def _conditions(chosen: QuarantineFilter, after: int | None) -> list[ColumnElement[bool]]:
    column = quarantine.c
    conditions: list[ColumnElement[bool]] = []
    if after is not None:
        conditions.append(column.quarantine_id > after)
    if chosen.ids is not None:
        conditions.append(column.quarantine_id.in_(sorted(chosen.ids)))
    if chosen.reasons:
        conditions.append(column.reason.in_(sorted(chosen.reasons)))
    if chosen.page_id:
        conditions.append(column.page_id == chosen.page_id)
    if chosen.start_ms is not None:
        conditions.append(column.receive_time_ms >= chosen.start_ms)
    if chosen.end_ms is not None:
        conditions.append(column.receive_time_ms < chosen.end_ms)
    return conditions
