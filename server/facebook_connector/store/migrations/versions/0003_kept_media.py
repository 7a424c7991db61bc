"""Kept media: the downloads, the secret of their links, and messages that wait for them."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SECRET_BYTES = 32


def upgrade() -> None:
    _holds()
    _secret()
    _media()


def _holds() -> None:
    op.create_table(
        "message_hold",
        sa.Column("key_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id", "seq"],
            ["message.key_id", "message.seq"],
            name=op.f("message_hold_key_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key_id", "seq", "cause", name=op.f("message_hold_pkey")),
        sqlite_with_rowid=False,
    )


def _secret() -> None:
    table = op.create_table(
        "media_secret",
        sa.Column("row_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("row_id = 1", name=op.f("media_secret_single_row_check")),
        sa.CheckConstraint("length(secret) = 32", name=op.f("media_secret_secret_check")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("media_secret_pkey")),
    )
    op.bulk_insert(table, [{"row_id": 1, "secret": secrets.token_bytes(SECRET_BYTES)}])


def _media() -> None:
    op.create_table(
        "media",
        sa.Column("media_id", sa.Text(), nullable=False),
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("cim_id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_url", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("mime_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_ms", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("create_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("settle_time_ms", sa.BigInteger(), nullable=True),
        sa.Column("expire_time_ms", sa.BigInteger(), nullable=True),
        sa.Column("purge_time_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('PENDING', 'STORED', 'FAILED')", name=op.f("media_state_check")),
        sa.CheckConstraint("(state = 'PENDING') = (next_try_ms IS NOT NULL)", name=op.f("media_next_try_check")),
        sa.CheckConstraint("(state = 'PENDING') = (expire_time_ms IS NULL)", name=op.f("media_expiry_check")),
        sa.CheckConstraint("(state = 'FAILED') = (reason <> '')", name=op.f("media_reason_check")),
        sa.CheckConstraint(
            "(state = 'STORED') = (size IS NOT NULL AND sha256 IS NOT NULL)", name=op.f("media_stored_check")
        ),
        sa.CheckConstraint("owner IS NULL OR state = 'PENDING'", name=op.f("media_owner_check")),
        sa.CheckConstraint("attempts >= 0", name=op.f("media_attempts_check")),
        sa.PrimaryKeyConstraint("media_id", name=op.f("media_pkey")),
    )
    op.create_index("media_of_cim_id", "media", ["page_id", "cim_id"])
    for name in ("next_try_ms", "expire_time_ms", "purge_time_ms"):
        present = sa.column(name).is_not(None)
        op.create_index(
            f"media_{name.removesuffix('_ms')}", "media", [name], sqlite_where=present, postgresql_where=present
        )
