"""The tables of the outbound queue: messages, their parts and history, and who sends for which page."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
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
    UniqueConstraint,
    and_,
    literal_column,
)

from facebook_connector.store.schema import METADATA, QUEUE_STORAGE, SERIAL, is_one_of

MESSAGE_STATES = "QUEUED SENT DELIVERED READ FAILED UNCERTAIN IGNORED"
PART_STATES = "QUEUED SENDING SENT DELIVERED READ FAILED UNCERTAIN"

page_lease = Table(
    "page_lease",
    METADATA,
    Column("page_id", Text, primary_key=True),
    # Empty: nobody's.
    Column("owner", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    CheckConstraint("epoch > 0", name="epoch"),
)

outbound_message = Table(
    "outbound_message",
    METADATA,
    Column("page_id", Text, primary_key=True),
    Column("cim_id", Text, primary_key=True),
    Column("key_id", BigInteger, ForeignKey("ordering_key.key_id"), nullable=False),
    Column("lane_position", BigInteger, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("accept_time_ms", BigInteger, nullable=False),
    Column("expire_time_ms", BigInteger, nullable=False),
    Column("update_time_ms", BigInteger, nullable=False),
    # Absent: the message is open, it still holds its lane.
    Column("close_time_ms", BigInteger),
    Column("quote_mid", Text, nullable=False),
    Column("quote_cim_id", Text, nullable=False),
    # A JSON array of the warnings.
    Column("warnings", Text, nullable=False),
    # The whole failure as JSON, and beside it what one wants to count by.
    Column("failure_reason", Text),
    Column("failure", Text),
    Column("message", LargeBinary, nullable=False),
    UniqueConstraint("key_id", "lane_position"),
    is_one_of("origin", "HUMAN BOT"),
    is_one_of("state", MESSAGE_STATES),
    CheckConstraint("close_time_ms IS NOT NULL OR state IN ('QUEUED', 'UNCERTAIN')", name="open"),
    CheckConstraint("close_time_ms IS NULL OR state <> 'QUEUED'", name="closed"),
    CheckConstraint(
        "(failure IS NOT NULL) = (close_time_ms IS NOT NULL AND state IN ('FAILED', 'UNCERTAIN'))", name="failure"
    ),
    CheckConstraint("(failure_reason IS NULL) = (failure IS NULL)", name="failure_reason"),
    CheckConstraint("lane_position > 0", name="lane_position"),
    Index("outbound_message_of_cim_id", "cim_id"),
    postgresql_with=QUEUE_STORAGE,
)

# An engine takes a partial index only for a query that says the very words of its condition: these, not a parameter.
IS_OPEN = outbound_message.c.close_time_ms.is_(None)
IS_UNCERTAIN = and_(IS_OPEN, outbound_message.c.state == literal_column("'UNCERTAIN'"))
IS_FINALLY_UNCERTAIN = and_(
    outbound_message.c.close_time_ms.is_not(None), outbound_message.c.state == literal_column("'UNCERTAIN'")
)

Index(
    "outbound_message_lane",
    outbound_message.c.page_id,
    outbound_message.c.key_id,
    outbound_message.c.lane_position,
    sqlite_where=IS_OPEN,
    postgresql_where=IS_OPEN,
)

Index(
    "outbound_message_expiry",
    outbound_message.c.page_id,
    outbound_message.c.expire_time_ms,
    sqlite_where=IS_OPEN,
    postgresql_where=IS_OPEN,
)

# A page that may not send can have a long backlog; the few lanes that wait for an echo are looked for each second.
Index(
    "outbound_message_uncertain",
    outbound_message.c.page_id,
    outbound_message.c.key_id,
    sqlite_where=IS_UNCERTAIN,
    postgresql_where=IS_UNCERTAIN,
)

# For the figures. Without the open ones, or PostgreSQL would take it for the search above.
Index(
    "outbound_message_in_doubt",
    outbound_message.c.page_id,
    sqlite_where=IS_FINALLY_UNCERTAIN,
    postgresql_where=IS_FINALLY_UNCERTAIN,
)

Index(
    "outbound_message_close_time",
    outbound_message.c.close_time_ms,
    sqlite_where=outbound_message.c.close_time_ms.is_not(None),
    postgresql_where=outbound_message.c.close_time_ms.is_not(None),
)

outbound_part = Table(
    "outbound_part",
    METADATA,
    Column("page_id", Text, primary_key=True),
    Column("cim_id", Text, primary_key=True),
    Column("part_index", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    # Failed tries that count towards giving up, and calls to Facebook in all.
    Column("attempts", Integer, nullable=False),
    Column("calls", Integer, nullable=False),
    # 0: there is nothing to wait for.
    Column("retry_at_ms", BigInteger, nullable=False),
    Column("mid", Text, nullable=False),
    Column("update_time_ms", BigInteger, nullable=False),
    # Receipts by watermark compare with it.
    Column("sent_time_ms", BigInteger),
    Column("payload", LargeBinary, nullable=False),
    ForeignKeyConstraint(
        ["page_id", "cim_id"], ["outbound_message.page_id", "outbound_message.cim_id"], ondelete="CASCADE"
    ),
    is_one_of("state", PART_STATES),
    CheckConstraint("part_index >= 0 AND attempts >= 0 AND calls >= 0 AND retry_at_ms >= 0", name="numbers"),
    CheckConstraint("state <> 'SENDING' OR calls > 0", name="calls"),
    CheckConstraint("state NOT IN ('SENT', 'DELIVERED', 'READ') OR sent_time_ms IS NOT NULL", name="sent"),
    postgresql_with=QUEUE_STORAGE,
)

IS_SENDING = outbound_part.c.state == literal_column("'SENDING'")

# One call at a time for a message, and the calls in flight of a page at hand for whoever takes the page over.
Index(
    "outbound_part_sending",
    outbound_part.c.page_id,
    outbound_part.c.cim_id,
    unique=True,
    sqlite_where=IS_SENDING,
    postgresql_where=IS_SENDING,
)

# Messages that were given up, until the contact centre's notifications of it are in the inbound log.
outbound_news = Table(
    "outbound_news",
    METADATA,
    Column("news_id", SERIAL, Identity(), primary_key=True),
    Column("page_id", Text, nullable=False),
    Column("cim_id", Text, nullable=False),
    # How often the message had been queued by then: a message can be retried, and given up again.
    Column("queued", Integer, nullable=False),
    Column("time_ms", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    ForeignKeyConstraint(
        ["page_id", "cim_id"], ["outbound_message.page_id", "outbound_message.cim_id"], ondelete="CASCADE"
    ),
    CheckConstraint("queued >= 0", name="queued"),
)

outbound_history = Table(
    "outbound_history",
    METADATA,
    # Orders the changes of one message only, and those are made under its row lock.
    Column("history_id", SERIAL, Identity(), primary_key=True),
    Column("page_id", Text, nullable=False),
    Column("cim_id", Text, nullable=False),
    # Absent: the message as a whole.
    Column("part_index", Integer),
    Column("time_ms", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("detail", Text, nullable=False),
    ForeignKeyConstraint(
        ["page_id", "cim_id"], ["outbound_message.page_id", "outbound_message.cim_id"], ondelete="CASCADE"
    ),
    Index("outbound_history_of_message", "page_id", "cim_id", "history_id"),
)
