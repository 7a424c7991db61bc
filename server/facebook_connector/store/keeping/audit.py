"""The audit log: who did what. An event is noted in the transaction of what it tells of: both are there or neither."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Select, bindparam, insert, select

from facebook_connector.store.database import Database, Transaction
from facebook_connector.store.keeping.audit_schema import audit_event


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditNote:
    """One thing done; the fields are those of `expertflow.connector.v1.AuditEvent`."""

    event_time_ms: int
    actor: str
    action: str
    """The name of the RPC, or one of the server's own actions."""
    target: str = ""
    detail: str = ""
    """Without secrets and without content of customers."""
    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow(AuditNote):
    """A note as it is kept."""

    audit_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Chooses notes; all conditions that are set must hold."""

    actor: str = ""
    action: str = ""
    target: str = ""
    start_ms: int | None = None
    """At or after."""
    end_ms: int | None = None
    """Before."""


ADD = insert(audit_event)


def note(transaction: Transaction, noted: AuditNote) -> None:
    """Writes down what this transaction does."""
    transaction.execute(ADD, asdict(noted))


class AuditLog:
    """Reads the notes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, chosen: AuditFilter, *, before: int | None, limit: int) -> list[AuditRow]:
        """At most `limit` notes with a smaller id than `before`, newest first."""
        statement, values = _newest_first(chosen, before)

        def work(transaction: Transaction) -> list[AuditRow]:
            rows = transaction.execute(statement, {**values, "row_limit": limit}).mappings()
            return [AuditRow(**row) for row in rows]

        return await self._database.read(work)


def _newest_first(chosen: AuditFilter, before: int | None) -> tuple[Select[tuple[object, ...]], dict[str, object]]:
    """The statement with only the conditions that are set, so that each finds its index."""
    column = audit_event.c
    conditions = {
        "before": (before, column.audit_id < bindparam("before")),
        "actor_is": (chosen.actor or None, column.actor == bindparam("actor_is")),
        "action_is": (chosen.action or None, column.action == bindparam("action_is")),
        "target_is": (chosen.target or None, column.target == bindparam("target_is")),
        "start_ms": (chosen.start_ms, column.event_time_ms >= bindparam("start_ms")),
        "end_ms": (chosen.end_ms, column.event_time_ms < bindparam("end_ms")),
    }
    given = {name: (value, condition) for name, (value, condition) in conditions.items() if value is not None}
    statement = (
        select(audit_event)
        .where(*(condition for _, condition in given.values()))
        .order_by(column.audit_id.desc())
        .limit(bindparam("row_limit"))
    )
    return statement, {name: value for name, (value, _) in given.items()}
