"""The audit log: who did what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("audit_id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("event_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.CheckConstraint("actor <> '' AND action <> ''", name=op.f("audit_event_who_did_what_check")),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("audit_event_pkey")),
        sqlite_autoincrement=True,
    )
    op.create_index("audit_event_time", "audit_event", ["event_time_ms"])
