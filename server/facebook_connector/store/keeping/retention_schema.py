"""The tables by which retention knows which events were read late: those stay a week from then."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKeyConstraint, Integer, Table

from facebook_connector.store.schema import METADATA

late_event = Table(
    "late_event",
    METADATA,
    # An event of which somebody had not acknowledged everything an hour after it was stored.
    Column("key_id", BigInteger, primary_key=True, autoincrement=False),
    Column("event_number", BigInteger, primary_key=True, autoincrement=False),
    # When everybody was seen to have; absent: not yet.
    Column("read_ms", BigInteger),
    ForeignKeyConstraint(["key_id", "event_number"], ["event.key_id", "event.event_number"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
)

late_place = Table(
    "late_place",
    METADATA,
    Column("row_id", Integer, primary_key=True, autoincrement=False),
    # Up to which event, in the order of `event_store_time`, it has been looked who was late.
    Column("store_time_ms", BigInteger, nullable=False),
    Column("key_id", BigInteger, nullable=False),
    Column("event_number", BigInteger, nullable=False),
    CheckConstraint("row_id = 1", name="single_row"),
)
