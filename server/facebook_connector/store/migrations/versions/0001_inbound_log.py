"""The first schema: the inbound log, its readers and the channels."""

from __future__ import annotations

import time
import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

QUEUE_STORAGE = {"autovacuum_vacuum_scale_factor": 0.01, "autovacuum_vacuum_cost_delay": 0, "fillfactor": 70}

MESSAGE_REACTION_RECEIPT = 0b1110
"""The kinds of `ccm`, one bit per `EventKind`."""


def upgrade() -> None:
    _installation()
    _channels()
    _inbound_log()
    _readers()
    _first_rows()


def _installation() -> None:
    op.create_table(
        "installation",
        sa.Column("row_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("installation_id", sa.Text(), nullable=False),
        sa.Column("create_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("channels_revision", sa.BigInteger(), nullable=False),
        sa.Column("keys_revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("row_id = 1", name=op.f("installation_single_row_check")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("installation_pkey")),
    )
    op.create_table(
        "request",
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("create_time_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("request_id <> ''", name=op.f("request_request_id_check")),
        sa.PrimaryKeyConstraint("method", "request_id", name=op.f("request_pkey")),
        sqlite_with_rowid=False,
    )


def _channels() -> None:
    op.create_table(
        "channel",
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("graph_version", sa.Text(), nullable=False),
        sa.Column("human_agent_enabled", sa.Boolean(), nullable=False),
        sa.Column("allow_custom", sa.Boolean(), nullable=False),
        sa.Column("allow_unsigned", sa.Boolean(), nullable=False),
        sa.Column("edited_marker", sa.Text(), nullable=True),
        sa.Column("default_prompt", sa.Text(), nullable=True),
        sa.Column("wanted_fields", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stop_reason", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("state_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("create_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("update_time_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state = 'STOPPED' OR stop_reason = ''", name=op.f("channel_stop_reason_check")),
        sa.CheckConstraint("state IN ('ACTIVE', 'THROTTLED', 'STOPPED')", name=op.f("channel_state_check")),
        sa.PrimaryKeyConstraint("page_id", name=op.f("channel_pkey")),
    )
    op.create_table(
        "channel_secret",
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "name IN ('page_access_token', 'app_secret', 'verify_token')", name=op.f("channel_secret_name_check")
        ),
        sa.ForeignKeyConstraint(
            ["page_id"], ["channel.page_id"], name=op.f("channel_secret_page_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("page_id", "name", "position", name=op.f("channel_secret_pkey")),
    )


def _inbound_log() -> None:
    op.create_table(
        "dedupe",
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("first_seen_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("page_id", "dedupe_key", name=op.f("dedupe_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mid",
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("mid", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cim_id", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("create_time_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("direction IN ('IN', 'OUT')", name=op.f("mid_direction_check")),
        sa.CheckConstraint("mid <> ''", name=op.f("mid_mid_check")),
        sa.PrimaryKeyConstraint("page_id", "mid", "part", name=op.f("mid_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_index("mid_of_cim_id", "mid", ["page_id", "cim_id"], unique=False)
    op.create_table(
        "ordering_key",
        sa.Column("key_id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("psid", sa.Text(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_event_number", sa.BigInteger(), nullable=False),
        sa.Column("last_lane_position", sa.BigInteger(), nullable=False),
        sa.Column("newest_event_ms", sa.BigInteger(), nullable=True),
        sa.Column("previous_event_ms", sa.BigInteger(), nullable=True),
        sa.Column("last_customer_action_ms", sa.BigInteger(), nullable=True),
        sa.Column("create_time_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "last_seq >= 0 AND last_event_number >= 0 AND last_lane_position >= 0",
            name=op.f("ordering_key_counters_check"),
        ),
        sa.PrimaryKeyConstraint("key_id", name=op.f("ordering_key_pkey")),
        sa.UniqueConstraint("page_id", "psid", name=op.f("ordering_key_page_id_psid_key")),
        postgresql_with={"fillfactor": 80},
    )
    op.create_table(
        "quarantine",
        sa.Column("quarantine_id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("translator_version", sa.Integer(), nullable=False),
        sa.Column("times_seen", sa.BigInteger(), nullable=False),
        sa.Column("receive_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("quarantine_reason_check")),
        sa.CheckConstraint("length(sha256) = 32", name=op.f("quarantine_sha256_check")),
        sa.CheckConstraint("times_seen > 0", name=op.f("quarantine_times_seen_check")),
        sa.PrimaryKeyConstraint("quarantine_id", name=op.f("quarantine_pkey")),
        sa.UniqueConstraint("reason", "page_id", "sha256", name=op.f("quarantine_reason_page_id_sha256_key")),
    )
    op.create_table(
        "event",
        sa.Column("key_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("mid", sa.Text(), nullable=False),
        sa.Column("event_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("store_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("opens_window", sa.Boolean(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.Integer(), nullable=False),
        sa.Column("translator_version", sa.Integer(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("event_number > 0", name=op.f("event_event_number_check")),
        sa.CheckConstraint("kind > 0", name=op.f("event_kind_check")),
        sa.CheckConstraint("origin > 0", name=op.f("event_origin_check")),
        sa.ForeignKeyConstraint(["key_id"], ["ordering_key.key_id"], name=op.f("event_key_id_fkey")),
        sa.PrimaryKeyConstraint("key_id", "event_number", name=op.f("event_pkey")),
    )
    op.create_table(
        "message",
        sa.Column("key_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("cim_id", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("context", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("kind > 0", name=op.f("message_kind_check")),
        sa.CheckConstraint("seq > 0", name=op.f("message_seq_check")),
        sa.ForeignKeyConstraint(
            ["key_id", "event_number"],
            ["event.key_id", "event.event_number"],
            name=op.f("message_key_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key_id", "seq", name=op.f("message_pkey")),
    )


def _readers() -> None:
    op.create_table(
        "subscription",
        sa.Column("subscription_id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kinds", sa.BigInteger(), nullable=False),
        sa.Column("create_time_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("subscription_name_check")),
        sa.CheckConstraint("kinds > 0", name=op.f("subscription_kinds_check")),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("subscription_pkey")),
        sa.UniqueConstraint("name", name=op.f("subscription_name_key")),
    )
    op.create_table(
        "cursor",
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("head_seq", sa.BigInteger(), nullable=True),
        sa.Column("head_kind", sa.Integer(), nullable=True),
        sa.Column("ready_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_failure_ms", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(first_failure_ms IS NULL) = (failures = 0)", name=op.f("cursor_first_failure_check")),
        sa.CheckConstraint("(head_kind IS NULL) = (head_seq IS NULL)", name=op.f("cursor_head_kind_check")),
        sa.CheckConstraint("(owner IS NULL) = (client_id IS NULL)", name=op.f("cursor_owner_check")),
        sa.CheckConstraint("(ready_at_ms IS NULL) = (head_seq IS NULL)", name=op.f("cursor_ready_head_check")),
        sa.CheckConstraint(
            "attempt >= 0 AND failures >= 0 AND failures <= attempt AND epoch >= 0", name=op.f("cursor_counters_check")
        ),
        sa.CheckConstraint("owner IS NULL OR (head_seq IS NOT NULL AND attempt > 0)", name=op.f("cursor_claim_check")),
        sa.CheckConstraint(
            "position >= 0 AND (head_seq IS NULL OR head_seq > position)", name=op.f("cursor_head_after_position_check")
        ),
        sa.ForeignKeyConstraint(["key_id"], ["ordering_key.key_id"], name=op.f("cursor_key_id_fkey")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscription.subscription_id"], name=op.f("cursor_subscription_id_fkey")
        ),
        sa.PrimaryKeyConstraint("subscription_id", "key_id", name=op.f("cursor_pkey")),
        postgresql_with=QUEUE_STORAGE,
        sqlite_with_rowid=False,
    )
    op.create_index(
        "cursor_claimed",
        "cursor",
        ["subscription_id", "client_id"],
        unique=False,
        sqlite_where=sa.text("client_id IS NOT NULL"),
        postgresql_where=sa.text("client_id IS NOT NULL"),
    )
    op.create_index(
        "cursor_ready",
        "cursor",
        ["subscription_id", "page_id", "ready_at_ms", "key_id"],
        unique=False,
        sqlite_where=sa.text("ready_at_ms IS NOT NULL"),
        postgresql_where=sa.text("ready_at_ms IS NOT NULL"),
    )
    op.create_table(
        "side_queue",
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Integer(), nullable=False),
        sa.Column("create_time_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("origin > 0", name=op.f("side_queue_origin_check")),
        sa.ForeignKeyConstraint(
            ["key_id", "seq"], ["message.key_id", "message.seq"], name=op.f("side_queue_key_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscription.subscription_id"], name=op.f("side_queue_subscription_id_fkey")
        ),
        sa.PrimaryKeyConstraint("subscription_id", "key_id", "place", name=op.f("side_queue_pkey")),
        sqlite_with_rowid=False,
    )


def _first_rows() -> None:
    now_ms = time.time_ns() // 1_000_000
    installation = sa.table(
        "installation",
        sa.column("row_id"),
        sa.column("installation_id"),
        sa.column("create_time_ms"),
        sa.column("channels_revision"),
        sa.column("keys_revision"),
    )
    op.execute(
        installation.insert().values(
            row_id=1, installation_id=uuid.uuid4().hex, create_time_ms=now_ms, channels_revision=1, keys_revision=1
        )
    )
    subscription = sa.table("subscription", sa.column("name"), sa.column("kinds"), sa.column("create_time_ms"))
    op.execute(subscription.insert().values(name="ccm", kinds=MESSAGE_REACTION_RECEIPT, create_time_ms=now_ms))
