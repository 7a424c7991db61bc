"""References between messages: what waits for its target, edits, receipts, and who owns a conversation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _waiting()
    _receipts()
    op.create_table(
        "edit",
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("mid", sa.Text(), nullable=False),
        sa.Column("edit_number", sa.Integer(), nullable=False),
        sa.Column("update_time_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("page_id", "mid", name=op.f("edit_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "thread_owner",
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("psid", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("observe_time_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("page_id", "psid", name=op.f("thread_owner_pkey")),
        sqlite_with_rowid=False,
    )


def _waiting() -> None:
    op.create_table(
        "waiting_event",
        sa.Column("key_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("psid", sa.Text(), nullable=False),
        sa.Column("wait_mid", sa.Text(), nullable=False),
        sa.Column("due_ms", sa.BigInteger(), nullable=False),
        sa.Column("is_echo", sa.Boolean(), nullable=False),
        sa.Column("edit_number", sa.Integer(), nullable=True),
        sa.CheckConstraint("wait_mid <> ''", name=op.f("waiting_event_wait_mid_check")),
        sa.ForeignKeyConstraint(
            ["key_id", "event_number"],
            ["event.key_id", "event.event_number"],
            name=op.f("waiting_event_key_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key_id", "event_number", name=op.f("waiting_event_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_index("waiting_event_of_mid", "waiting_event", ["page_id", "wait_mid"])
    op.create_table(
        "waiting_message",
        sa.Column("key_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cim_id", sa.Text(), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("context", sa.LargeBinary(), nullable=False),
        sa.Column("media", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["key_id", "event_number"],
            ["waiting_event.key_id", "waiting_event.event_number"],
            name=op.f("waiting_message_key_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key_id", "event_number", "part", name=op.f("waiting_message_pkey")),
        sqlite_with_rowid=False,
    )


def _receipts() -> None:
    op.create_table(
        "receipt_mark",
        sa.Column("key_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("watermark_ms", sa.BigInteger(), nullable=False),
        sa.Column("event_number", sa.BigInteger(), nullable=False),
        sa.Column("store_time_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status IN ('DELIVERED', 'READ')", name=op.f("receipt_mark_status_check")),
        sa.ForeignKeyConstraint(["key_id"], ["ordering_key.key_id"], name=op.f("receipt_mark_key_id_fkey")),
        sa.PrimaryKeyConstraint("key_id", "status", name=op.f("receipt_mark_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "parked_receipt",
        sa.Column("key_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mid", sa.Text(), nullable=False),
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("event_number", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["ordering_key.key_id"], name=op.f("parked_receipt_key_id_fkey")),
        sa.PrimaryKeyConstraint("key_id", "mid", name=op.f("parked_receipt_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_index("parked_receipt_until", "parked_receipt", ["until_ms"])
    op.create_table(
        "receipt_check",
        sa.Column("check_id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["ordering_key.key_id"], name=op.f("receipt_check_key_id_fkey")),
        sa.PrimaryKeyConstraint("check_id", name=op.f("receipt_check_pkey")),
    )
    unread = sa.text("state = 'SENT' OR state = 'DELIVERED'")
    op.create_index(
        "outbound_message_unread", "outbound_message", ["key_id"], sqlite_where=unread, postgresql_where=unread
    )
