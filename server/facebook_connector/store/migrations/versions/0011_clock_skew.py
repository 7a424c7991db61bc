"""The measured skew of answers against Facebook's clock, by which messages without an echo are dated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("installation", sa.Column("clock_skew_ms", sa.BigInteger(), server_default="0", nullable=False))
