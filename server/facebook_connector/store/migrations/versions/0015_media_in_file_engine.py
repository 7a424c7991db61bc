"""The name under which the File Engine keeps a medium."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("media", sa.Column("kept_as", sa.Text(), nullable=True))
