"""Attachments: what pages have uploaded to Facebook, so that equal bytes are uploaded once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("attachment_id", sa.Text(), nullable=False),
        sa.Column("expire_time_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('image', 'video', 'audio', 'file')", name=op.f("attachment_kind_check")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("attachment_sha256_check")),
        sa.CheckConstraint("attachment_id <> ''", name=op.f("attachment_attachment_id_check")),
        sa.PrimaryKeyConstraint("page_id", "sha256", "kind", "name", name=op.f("attachment_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_index("attachment_expire_time", "attachment", ["expire_time_ms"])
