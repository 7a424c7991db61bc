"""Indexes by which figures and retention find their rows, and the count of what an abandoned subscription lost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    in_doubt = "close_time_ms IS NOT NULL AND state = 'UNCERTAIN'"
    op.create_index("event_store_time", "event", ["store_time_ms", "key_id", "event_number"])
    op.create_index("quarantine_receive_time", "quarantine", ["receive_time_ms"])
    for name, table, column, condition in (
        ("outbound_message_in_doubt", "outbound_message", "page_id", in_doubt),
        ("outbound_message_close_time", "outbound_message", "close_time_ms", "close_time_ms IS NOT NULL"),
        ("media_size", "media", "size", "size IS NOT NULL"),
    ):
        chosen = sa.text(condition)
        op.create_index(name, table, [column], sqlite_where=chosen, postgresql_where=chosen)
    op.add_column(
        "subscription", sa.Column("expired_messages", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
