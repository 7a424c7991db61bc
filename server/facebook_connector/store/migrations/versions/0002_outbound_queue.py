"""The outbound queue: messages, their parts and history, and who sends for which page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

QUEUE_STORAGE = {"autovacuum_vacuum_scale_factor": 0.01, "autovacuum_vacuum_cost_delay": 0, "fillfactor": 70}


def upgrade() -> None:
    _messages()
    _parts()


def _messages() -> None:
    op.create_table(
        "page_lease",
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("epoch > 0", name=op.f("page_lease_epoch_check")),
        sa.PrimaryKeyConstraint("page_id", name=op.f("page_lease_pkey")),
    )
    op.create_table(
        "outbound_message",
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("cim_id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        sa.Column("lane_position", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("accept_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("expire_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("update_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("close_time_ms", sa.BigInteger(), nullable=True),
        sa.Column("quote_mid", sa.Text(), nullable=False),
        sa.Column("quote_cim_id", sa.Text(), nullable=False),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.Column("failure_reason", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("origin IN ('HUMAN', 'BOT')", name=op.f("outbound_message_origin_check")),
        sa.CheckConstraint(
            "state IN ('QUEUED', 'SENT', 'DELIVERED', 'READ', 'FAILED', 'UNCERTAIN', 'IGNORED')",
            name=op.f("outbound_message_state_check"),
        ),
        sa.CheckConstraint(
            "close_time_ms IS NOT NULL OR state IN ('QUEUED', 'UNCERTAIN')", name=op.f("outbound_message_open_check")
        ),
        sa.CheckConstraint("close_time_ms IS NULL OR state <> 'QUEUED'", name=op.f("outbound_message_closed_check")),
        sa.CheckConstraint(
            "(failure IS NOT NULL) = (close_time_ms IS NOT NULL AND state IN ('FAILED', 'UNCERTAIN'))",
            name=op.f("outbound_message_failure_check"),
        ),
        sa.CheckConstraint(
            "(failure_reason IS NULL) = (failure IS NULL)", name=op.f("outbound_message_failure_reason_check")
        ),
        sa.CheckConstraint("lane_position > 0", name=op.f("outbound_message_lane_position_check")),
        sa.ForeignKeyConstraint(["key_id"], ["ordering_key.key_id"], name=op.f("outbound_message_key_id_fkey")),
        sa.PrimaryKeyConstraint("page_id", "cim_id", name=op.f("outbound_message_pkey")),
        sa.UniqueConstraint("key_id", "lane_position", name=op.f("outbound_message_key_id_lane_position_key")),
        postgresql_with=QUEUE_STORAGE,
    )
    open_messages = sa.text("close_time_ms IS NULL")
    uncertain_messages = sa.text("close_time_ms IS NULL AND state = 'UNCERTAIN'")
    for name, columns, rows in (
        ("outbound_message_lane", ["page_id", "key_id", "lane_position"], open_messages),
        ("outbound_message_uncertain", ["page_id", "key_id"], uncertain_messages),
        ("outbound_message_expiry", ["page_id", "expire_time_ms"], open_messages),
    ):
        op.create_index(name, "outbound_message", columns, sqlite_where=rows, postgresql_where=rows)
    op.create_index("outbound_message_of_cim_id", "outbound_message", ["cim_id"])


def _parts() -> None:
    op.create_table(
        "outbound_history",
        sa.Column("history_id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("cim_id", sa.Text(), nullable=False),
        sa.Column("part_index", sa.Integer(), nullable=True),
        sa.Column("time_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["page_id", "cim_id"],
            ["outbound_message.page_id", "outbound_message.cim_id"],
            name=op.f("outbound_history_page_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("history_id", name=op.f("outbound_history_pkey")),
    )
    op.create_index("outbound_history_of_message", "outbound_history", ["page_id", "cim_id", "history_id"])
    op.create_table(
        "outbound_part",
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("cim_id", sa.Text(), nullable=False),
        sa.Column("part_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("retry_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("mid", sa.Text(), nullable=False),
        sa.Column("update_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("sent_time_ms", sa.BigInteger(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("state <> 'SENDING' OR calls > 0", name=op.f("outbound_part_calls_check")),
        sa.CheckConstraint(
            "state IN ('QUEUED', 'SENDING', 'SENT', 'DELIVERED', 'READ', 'FAILED', 'UNCERTAIN')",
            name=op.f("outbound_part_state_check"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('SENT', 'DELIVERED', 'READ') OR sent_time_ms IS NOT NULL",
            name=op.f("outbound_part_sent_check"),
        ),
        sa.CheckConstraint(
            "part_index >= 0 AND attempts >= 0 AND calls >= 0 AND retry_at_ms >= 0",
            name=op.f("outbound_part_numbers_check"),
        ),
        sa.ForeignKeyConstraint(
            ["page_id", "cim_id"],
            ["outbound_message.page_id", "outbound_message.cim_id"],
            name=op.f("outbound_part_page_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("page_id", "cim_id", "part_index", name=op.f("outbound_part_pkey")),
        postgresql_with=QUEUE_STORAGE,
    )
    op.create_index(
        "outbound_part_sending",
        "outbound_part",
        ["page_id", "cim_id"],
        unique=True,
        sqlite_where=sa.text("state = 'SENDING'"),
        postgresql_where=sa.text("state = 'SENDING'"),
    )
