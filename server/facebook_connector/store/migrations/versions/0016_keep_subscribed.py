"""Whether a page shall stay subscribed to its webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel", sa.Column("keep_subscribed", sa.Boolean(), nullable=False, server_default=sa.false()))
