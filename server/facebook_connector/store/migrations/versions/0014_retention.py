"""Which events were read late, and the index by which the messages of an event are found, to delete them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "late_event",
        sa.Column("key_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("read_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["key_id", "event_number"],
            ["event.key_id", "event.event_number"],
            name=op.f("late_event_key_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key_id", "event_number", name=op.f("late_event_pkey")),
        sqlite_with_rowid=False,
    )
    place = op.create_table(
        "late_place",
        sa.Column("row_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("store_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        sa.Column("event_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("row_id = 1", name=op.f("late_place_single_row_check")),
        sa.PrimaryKeyConstraint("row_id", name=op.f("late_place_pkey")),
    )
    op.bulk_insert(place, [{"row_id": 1, "store_time_ms": 0, "key_id": 0, "event_number": 0}])
    op.create_index("message_of_event", "message", ["key_id", "event_number"])
