"""The tables by which events find the messages they are about: what waits, edits, receipts, who owns a conversation."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    literal_column,
    or_,
)

from facebook_connector.store.outbound.schema import outbound_message
from facebook_connector.store.schema import METADATA, SERIAL, is_one_of

waiting_event = Table(
    "waiting_event",
    METADATA,
    Column("key_id", BigInteger, primary_key=True, autoincrement=False),
    Column("event_number", BigInteger, primary_key=True, autoincrement=False),
    Column("page_id", Text, nullable=False),
    Column("psid", Text, nullable=False),
    # It waits for this Messenger id to become known; at this time it goes as it is.
    Column("wait_mid", Text, nullable=False),
    Column("due_ms", BigInteger, nullable=False),
    # An echo under our own app id, of which we know no send; else an edit, reaction or unsend of an unknown message.
    Column("is_echo", Boolean, nullable=False),
    Column("edit_number", Integer),
    ForeignKeyConstraint(["key_id", "event_number"], ["event.key_id", "event.event_number"], ondelete="CASCADE"),
    CheckConstraint("wait_mid <> ''", name="wait_mid"),
    Index("waiting_event_of_mid", "page_id", "wait_mid"),
    sqlite_with_rowid=False,
)

waiting_message = Table(
    "waiting_message",
    METADATA,
    Column("key_id", BigInteger, primary_key=True, autoincrement=False),
    Column("event_number", BigInteger, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("cim_id", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("context", LargeBinary, nullable=False),
    # Its medium, still to be fetched: a JSON array of what `MediaRecord` holds.
    Column("media", Text),
    ForeignKeyConstraint(
        ["key_id", "event_number"], ["waiting_event.key_id", "waiting_event.event_number"], ondelete="CASCADE"
    ),
    sqlite_with_rowid=False,
)

edit = Table(
    "edit",
    METADATA,
    Column("page_id", Text, primary_key=True),
    Column("mid", Text, primary_key=True),
    # The highest number of an edit of that message.
    Column("edit_number", Integer, nullable=False),
    Column("update_time_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

receipt_mark = Table(
    "receipt_mark",
    METADATA,
    Column("key_id", BigInteger, ForeignKey("ordering_key.key_id"), primary_key=True, autoincrement=False),
    Column("status", Text, primary_key=True),
    # Everything sent to the customer until then has this status; by Facebook's clock. Only forward.
    Column("watermark_ms", BigInteger, nullable=False),
    # The event that said so, and when it was stored.
    Column("event_number", BigInteger, nullable=False),
    Column("store_time_ms", BigInteger, nullable=False),
    is_one_of("status", "DELIVERED READ"),
    sqlite_with_rowid=False,
)

parked_receipt = Table(
    "parked_receipt",
    METADATA,
    Column("key_id", BigInteger, ForeignKey("ordering_key.key_id"), primary_key=True, autoincrement=False),
    Column("mid", Text, primary_key=True),
    Column("page_id", Text, nullable=False),
    # The event that told the delivery.
    Column("event_number", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Index("parked_receipt_until", "until_ms"),
    sqlite_with_rowid=False,
)

receipt_check = Table(
    "receipt_check",
    METADATA,
    # One for each confirmation, not for each conversation: a check that is being done says nothing of what is confirmed
    # in this very moment.
    Column("check_id", SERIAL, Identity(), primary_key=True),
    # A conversation in which a part was confirmed that an earlier receipt covers.
    Column("key_id", BigInteger, ForeignKey("ordering_key.key_id"), nullable=False),
)

thread_owner = Table(
    "thread_owner",
    METADATA,
    Column("page_id", Text, primary_key=True),
    Column("psid", Text, primary_key=True),
    # Empty: nobody.
    Column("app_id", Text, nullable=False),
    Column("observe_time_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# An engine takes a partial index only for a query that says the very words of its condition: these, not a parameter.
IS_UNREAD = or_(
    outbound_message.c.state == literal_column("'SENT'"), outbound_message.c.state == literal_column("'DELIVERED'")
)

Index(
    "outbound_message_unread",
    outbound_message.c.key_id,
    sqlite_where=IS_UNREAD,
    postgresql_where=IS_UNREAD,
)
