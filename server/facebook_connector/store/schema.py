"""The tables of the inbound log, its readers and the channels, and the one `MetaData` they all belong to.

What must never be is forbidden here, by NOT NULL, CHECK and unique indexes, so that a defect elsewhere cannot store it.
Times are milliseconds since the Unix epoch. Numbers of enums are those of the protos; states are words.

Locks are taken in one order everywhere, so that transactions wait for one another but never in a circle:
`dedupe`, `ordering_key`, `profile`, `page_lease`, `outbound_message`, `outbound_part`, `mid`, `media`, `subscription`,
`cursor`, `side_queue`, `dead_letter`, `message`, each sorted by its key.
"""

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
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

NAMING = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
}
"""Every constraint has a name, the same on both engines: migrations and error reports need it."""

METADATA = MetaData(naming_convention=NAMING)

SERIAL = BigInteger().with_variant(Integer, "sqlite")
"""A number the database gives: 64 bits on both engines (SQLite numbers rows by INTEGER only)."""

QUEUE_STORAGE = {
    "autovacuum_vacuum_scale_factor": 0.01,
    "autovacuum_vacuum_cost_delay": 0,
    "fillfactor": 70,
}
"""For tables whose every row changes with every message: PostgreSQL clears dead rows early, or claims slow down."""


def is_one_of(column: str, values: str) -> CheckConstraint:
    """Forbids any other word in a column; `values` are separated by spaces."""
    words = ", ".join(f"'{value}'" for value in values.split())
    return CheckConstraint(f"{column} IN ({words})", name=column)


installation = Table(
    "installation",
    METADATA,
    Column("row_id", Integer, primary_key=True, autoincrement=False),
    # Stands in the metadata of every message we send: an echo that carries it is ours.
    Column("installation_id", Text, nullable=False),
    Column("create_time_ms", BigInteger, nullable=False),
    # Grows with every change of any channel; `keys_revision` with those that a webhook's verification depends on.
    Column("channels_revision", BigInteger, nullable=False),
    Column("keys_revision", BigInteger, nullable=False),
    # Numbers of subscriptions are never given twice: an ack id of a deleted one must not fit a later one.
    Column("last_subscription_id", BigInteger, nullable=False, server_default="1"),
    # How much later than Facebook dates a message its answer comes, by our clock; see `sending.skew`.
    Column("clock_skew_ms", BigInteger, nullable=False, server_default="0"),
    CheckConstraint("row_id = 1", name="single_row"),
)

channel = Table(
    "channel",
    METADATA,
    Column("page_id", Text, primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("app_id", Text, nullable=False),
    Column("graph_version", Text, nullable=False),
    Column("human_agent_enabled", Boolean, nullable=False),
    Column("allow_custom", Boolean, nullable=False),
    Column("allow_unsigned", Boolean, nullable=False),
    Column("edited_marker", Text),
    Column("default_prompt", Text),
    # A JSON array of field names.
    Column("wanted_fields", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("stop_reason", Text, nullable=False),
    Column("state_reason", Text, nullable=False),
    Column("state_time_ms", BigInteger, nullable=False),
    Column("etag", Text, nullable=False),
    Column("create_time_ms", BigInteger, nullable=False),
    Column("update_time_ms", BigInteger, nullable=False),
    # The page was subscribed once: if Facebook ends that, it is subscribed again.
    Column("keep_subscribed", Boolean, nullable=False, server_default=false()),
    is_one_of("state", "ACTIVE THROTTLED STOPPED"),
    CheckConstraint("state = 'STOPPED' OR stop_reason = ''", name="stop_reason"),
)

channel_secret = Table(
    "channel_secret",
    METADATA,
    Column("page_id", Text, ForeignKey("channel.page_id", ondelete="CASCADE"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("key_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    is_one_of("name", "page_access_token app_secret verify_token"),
)

ordering_key = Table(
    "ordering_key",
    METADATA,
    Column("key_id", SERIAL, Identity(), primary_key=True),
    Column("page_id", Text, nullable=False),
    # Empty for the events of the page itself.
    Column("psid", Text, nullable=False),
    # Numbers are taken from this row under its lock: commit order is delivery order on both engines.
    Column("last_seq", BigInteger, nullable=False),
    Column("last_event_number", BigInteger, nullable=False),
    Column("last_lane_position", BigInteger, nullable=False),
    # The newest event time, and what it was before the ingest that holds the lock: an older event is late.
    Column("newest_event_ms", BigInteger),
    Column("previous_event_ms", BigInteger),
    # The window clock: the newest event that opens the messaging window. Never later than the time of its receipt.
    Column("last_customer_action_ms", BigInteger),
    Column("create_time_ms", BigInteger, nullable=False),
    UniqueConstraint("page_id", "psid"),
    CheckConstraint("last_seq >= 0 AND last_event_number >= 0 AND last_lane_position >= 0", name="counters"),
    postgresql_with={"fillfactor": 80},
)

event = Table(
    "event",
    METADATA,
    Column("key_id", BigInteger, ForeignKey("ordering_key.key_id"), primary_key=True, autoincrement=False),
    Column("event_number", BigInteger, primary_key=True, autoincrement=False),
    Column("tenant_id", Text, nullable=False),
    Column("dedupe_key", Text, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("mid", Text, nullable=False),
    # Facebook's time; where it sent none the time of receipt.
    Column("event_time_ms", BigInteger, nullable=False),
    Column("store_time_ms", BigInteger, nullable=False),
    Column("opens_window", Boolean, nullable=False),
    Column("late", Boolean, nullable=False),
    # `DeliveryOrigin`: LIVE or BACKFILL.
    Column("origin", Integer, nullable=False),
    Column("translator_version", Integer, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    # The list of the entry that it stood in, which `raw` does not say. Empty: none, or stored before it was noted.
    Column("entry_list", Text, nullable=False, server_default=""),
    CheckConstraint("event_number > 0", name="event_number"),
    CheckConstraint("kind > 0", name="kind"),
    CheckConstraint("origin > 0", name="origin"),
    # The key makes it an order: whoever walks through the log by time can say where to go on.
    Index("event_store_time", "store_time_ms", "key_id", "event_number"),
)

message = Table(
    "message",
    METADATA,
    Column("key_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("event_number", BigInteger, nullable=False),
    # The event's kind, beside the number, so that a reader finds its next message without a join.
    Column("kind", Integer, nullable=False),
    Column("cim_id", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("context", LargeBinary, nullable=False),
    ForeignKeyConstraint(["key_id", "event_number"], ["event.key_id", "event.event_number"], ondelete="CASCADE"),
    Index("message_of_event", "key_id", "event_number"),
    CheckConstraint("seq > 0", name="seq"),
    CheckConstraint("kind > 0", name="kind"),
)

mid = Table(
    "mid",
    METADATA,
    Column("page_id", Text, primary_key=True),
    Column("mid", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("cim_id", Text, nullable=False),
    # IN: delivered to the subscriptions. OUT: sent by us.
    Column("direction", Text, nullable=False),
    Column("create_time_ms", BigInteger, nullable=False),
    is_one_of("direction", "IN OUT"),
    CheckConstraint("mid <> ''", name="mid"),
    Index("mid_of_cim_id", "page_id", "cim_id"),
    sqlite_with_rowid=False,
)

dedupe = Table(
    "dedupe",
    METADATA,
    Column("page_id", Text, primary_key=True),
    Column("dedupe_key", Text, primary_key=True),
    Column("first_seen_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

quarantine = Table(
    "quarantine",
    METADATA,
    Column("quarantine_id", SERIAL, Identity(), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("page_id", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("detail", Text, nullable=False),
    # 0: no translation was tried.
    Column("translator_version", Integer, nullable=False),
    Column("times_seen", BigInteger, nullable=False),
    Column("receive_time_ms", BigInteger, nullable=False),
    Column("last_seen_ms", BigInteger, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    # The list of the entry that it stood in, which `raw` does not say. Empty: none, or stored before it was noted.
    Column("entry_list", Text, nullable=False, server_default=""),
    UniqueConstraint("reason", "page_id", "sha256"),
    CheckConstraint("reason <> ''", name="reason"),
    CheckConstraint("length(sha256) = 32", name="sha256"),
    CheckConstraint("times_seen > 0", name="times_seen"),
    Index("quarantine_receive_time", "receive_time_ms"),
)

subscription = Table(
    "subscription",
    METADATA,
    Column("subscription_id", SERIAL, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    # One bit per `EventKind`: 1 << number.
    Column("kinds", BigInteger, nullable=False),
    Column("create_time_ms", BigInteger, nullable=False),
    # Messages that passed the retention unacknowledged, since the subscription exists; always 0 for `ccm`.
    Column("expired_messages", BigInteger, nullable=False, server_default=text("0")),
    # `StartPoint`: EARLIEST or NOW; 0: at `start_time_ms`. A repeat of its creation is known by them.
    Column("start_point", Integer, nullable=False, server_default="1"),
    Column("start_time_ms", BigInteger),
    # The last pause, which may be over.
    Column("paused_until_ms", BigInteger),
    Column("pause_reason", Text),
    CheckConstraint("name <> ''", name="name"),
    CheckConstraint("kinds > 0", name="kinds"),
)

cursor = Table(
    "cursor",
    METADATA,
    Column("subscription_id", BigInteger, ForeignKey("subscription.subscription_id"), primary_key=True),
    Column("key_id", BigInteger, ForeignKey("ordering_key.key_id"), primary_key=True),
    Column("page_id", Text, nullable=False),
    # The last acknowledged sequence number of those delivered in order, and the message to deliver next, if any: the
    # next in order, or while it has a place there one out of the side queue.
    Column("position", BigInteger, nullable=False),
    Column("head_seq", BigInteger),
    Column("head_kind", Integer),
    # When the head may be delivered. While it is claimed: when the claim ends, so that the keys of a server that died
    # come back by themselves.
    Column("ready_at_ms", BigInteger),
    Column("attempt", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("first_failure_ms", BigInteger),
    Column("owner", Text),
    Column("client_id", Text),
    Column("epoch", BigInteger, nullable=False),
    Column("side_place", BigInteger),
    Column("side_origin", Integer),
    CheckConstraint("(ready_at_ms IS NULL) = (head_seq IS NULL)", name="ready_head"),
    CheckConstraint("(head_kind IS NULL) = (head_seq IS NULL)", name="head_kind"),
    CheckConstraint(
        "position >= 0 AND (head_seq IS NULL OR side_place IS NOT NULL OR head_seq > position)",
        name="head_after_position",
    ),
    CheckConstraint(
        "(side_place IS NULL) = (side_origin IS NULL) AND (side_place IS NULL OR head_seq IS NOT NULL)",
        name="side_head",
    ),
    CheckConstraint("owner IS NULL OR (head_seq IS NOT NULL AND attempt > 0)", name="claim"),
    CheckConstraint("(owner IS NULL) = (client_id IS NULL)", name="owner"),
    CheckConstraint("attempt >= 0 AND failures >= 0 AND failures <= attempt AND epoch >= 0", name="counters"),
    CheckConstraint("(first_failure_ms IS NULL) = (failures = 0)", name="first_failure"),
    sqlite_with_rowid=False,
    postgresql_with=QUEUE_STORAGE,
)

Index(
    "cursor_ready",
    cursor.c.subscription_id,
    cursor.c.page_id,
    cursor.c.ready_at_ms,
    cursor.c.key_id,
    sqlite_where=cursor.c.ready_at_ms.is_not(None),
    postgresql_where=cursor.c.ready_at_ms.is_not(None),
)

Index(
    "cursor_claimed",
    cursor.c.subscription_id,
    cursor.c.client_id,
    sqlite_where=cursor.c.client_id.is_not(None),
    postgresql_where=cursor.c.client_id.is_not(None),
)

Index(
    "cursor_failing",
    cursor.c.subscription_id,
    cursor.c.failures,
    sqlite_where=cursor.c.failures > 0,
    postgresql_where=cursor.c.failures > 0,
)

message_hold = Table(
    "message_hold",
    METADATA,
    Column("key_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    # What the message waits for; it may wait for several things.
    Column("cause", Text, primary_key=True),
    # It goes out then, whatever it waits for.
    Column("until_ms", BigInteger, nullable=False),
    ForeignKeyConstraint(["key_id", "seq"], ["message.key_id", "message.seq"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
)

side_queue = Table(
    "side_queue",
    METADATA,
    Column("subscription_id", BigInteger, ForeignKey("subscription.subscription_id"), primary_key=True),
    Column("key_id", BigInteger, primary_key=True, autoincrement=False),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    # `DeliveryOrigin`: REDRIVE or REPLAY.
    Column("origin", Integer, nullable=False),
    Column("create_time_ms", BigInteger, nullable=False),
    ForeignKeyConstraint(["key_id", "seq"], ["message.key_id", "message.seq"]),
    CheckConstraint("origin > 0", name="origin"),
    sqlite_with_rowid=False,
)

dead_letter = Table(
    "dead_letter",
    METADATA,
    Column("dead_letter_id", SERIAL, Identity(), primary_key=True),
    Column("subscription_id", BigInteger, ForeignKey("subscription.subscription_id"), nullable=False),
    Column("key_id", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("last_detail", Text, nullable=False),
    Column("last_client_id", Text, nullable=False),
    Column("dead_letter_time_ms", BigInteger, nullable=False),
    ForeignKeyConstraint(["key_id", "seq"], ["message.key_id", "message.seq"]),
    UniqueConstraint("subscription_id", "key_id", "seq"),
    CheckConstraint("failures > 0 AND attempts >= failures", name="attempts"),
    # SQLite would give the number of the last row, once that is deleted, a second time.
    sqlite_autoincrement=True,
)

Index("dead_letter_list", dead_letter.c.subscription_id, dead_letter.c.dead_letter_id)
Index("dead_letter_message", dead_letter.c.key_id, dead_letter.c.seq)
Index("side_queue_message", side_queue.c.key_id, side_queue.c.seq)

request = Table(
    "request",
    METADATA,
    Column("method", Text, primary_key=True),
    Column("request_id", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("create_time_ms", BigInteger, nullable=False),
    CheckConstraint("request_id <> ''", name="request_id"),
    sqlite_with_rowid=False,
)
