"""Profiles: the names of the people who write, and when Facebook is to be asked for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "profile",
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("psid", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("hold_until_ms", sa.BigInteger(), nullable=True),
        sa.Column("fresh_until_ms", sa.BigInteger(), nullable=False),
        sa.Column("next_try_ms", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("expire_time_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("psid <> ''", name=op.f("profile_psid_check")),
        sa.CheckConstraint("owner IS NULL OR next_try_ms IS NOT NULL", name=op.f("profile_owner_check")),
        sa.CheckConstraint("hold_until_ms IS NULL OR next_try_ms IS NOT NULL", name=op.f("profile_hold_check")),
        sa.CheckConstraint("attempts >= 0", name=op.f("profile_attempts_check")),
        sa.PrimaryKeyConstraint("page_id", "psid", name=op.f("profile_pkey")),
        sqlite_with_rowid=False,
    )
    op.create_index("profile_expire_time", "profile", ["expire_time_ms"])
    present = sa.column("next_try_ms").is_not(None)
    op.create_index("profile_next_try", "profile", ["next_try_ms"], sqlite_where=present, postgresql_where=present)
