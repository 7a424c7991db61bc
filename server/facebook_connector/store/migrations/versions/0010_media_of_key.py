"""An index by which the media of a customer are found, to erase them."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("media_of_key", "media", ["key_id"])
