"""The table of the audit log: who did what. It holds ids and never content of customers."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, Table, Text

from facebook_connector.store.schema import METADATA, SERIAL

audit_event = Table(
    "audit_event",
    METADATA,
    Column("audit_id", SERIAL, Identity(), primary_key=True),
    Column("event_time_ms", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    CheckConstraint("actor <> '' AND action <> ''", name="who_did_what"),
    Index("audit_event_time", "event_time_ms"),
    # SQLite would give the number of the last row, once that is deleted, a second time: ids grow with time.
    sqlite_autoincrement=True,
)
