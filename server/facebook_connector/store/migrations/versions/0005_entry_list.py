"""The list of a webhook's entry in which an event or a quarantined item stood: its bytes do not say it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("event", "quarantine"):
        op.add_column(table, sa.Column("entry_list", sa.Text(), server_default="", nullable=False))
