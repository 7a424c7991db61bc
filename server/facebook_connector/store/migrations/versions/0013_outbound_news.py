"""Notifications of messages that were given up, until they are in the inbound log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "outbound_news",
        sa.Column("news_id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("cim_id", sa.Text(), nullable=False),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.Column("time_ms", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.CheckConstraint("queued >= 0", name=op.f("outbound_news_queued_check")),
        sa.ForeignKeyConstraint(
            ["page_id", "cim_id"],
            ["outbound_message.page_id", "outbound_message.cim_id"],
            name=op.f("outbound_news_page_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("news_id", name=op.f("outbound_news_pkey")),
    )
