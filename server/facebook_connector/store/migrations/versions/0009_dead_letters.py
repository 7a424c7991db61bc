"""Dead letters, the side queue as a part of the cursor, and what a subscription says of itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


HEAD_AFTER_POSITION = "position >= 0 AND (head_seq IS NULL OR side_place IS NOT NULL OR head_seq > position)"
SIDE_HEAD = "(side_place IS NULL) = (side_origin IS NULL) AND (side_place IS NULL OR head_seq IS NOT NULL)"

CURSOR_COLUMNS = (
    "subscription_id",
    "key_id",
    "page_id",
    "position",
    "head_seq",
    "head_kind",
    "ready_at_ms",
    "attempt",
    "failures",
    "first_failure_ms",
    "owner",
    "client_id",
    "epoch",
)


def upgrade() -> None:
    op.add_column(
        "installation", sa.Column("last_subscription_id", sa.BigInteger(), server_default="1", nullable=False)
    )
    op.execute("UPDATE installation SET last_subscription_id = (SELECT max(subscription_id) FROM subscription)")
    op.add_column("subscription", sa.Column("start_point", sa.Integer(), server_default="1", nullable=False))
    op.add_column("subscription", sa.Column("start_time_ms", sa.BigInteger(), nullable=True))
    op.add_column("subscription", sa.Column("paused_until_ms", sa.BigInteger(), nullable=True))
    op.add_column("subscription", sa.Column("pause_reason", sa.Text(), nullable=True))
    _dead_letters()
    if op.get_context().dialect.name == "sqlite":
        _cursor_anew()
    else:
        _cursor_altered()
    failing = sa.text("failures > 0")
    op.create_index(
        "cursor_failing", "cursor", ["subscription_id", "failures"], sqlite_where=failing, postgresql_where=failing
    )


def _dead_letters() -> None:
    op.create_table(
        "dead_letter",
        sa.Column("dead_letter_id", SERIAL, sa.Identity(), nullable=False),
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_detail", sa.Text(), nullable=False),
        sa.Column("last_client_id", sa.Text(), nullable=False),
        sa.Column("dead_letter_time_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("failures > 0 AND attempts >= failures", name=op.f("dead_letter_attempts_check")),
        sa.ForeignKeyConstraint(
            ["key_id", "seq"], ["message.key_id", "message.seq"], name=op.f("dead_letter_key_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscription.subscription_id"], name=op.f("dead_letter_subscription_id_fkey")
        ),
        sa.PrimaryKeyConstraint("dead_letter_id", name=op.f("dead_letter_pkey")),
        sa.UniqueConstraint(
            "subscription_id", "key_id", "seq", name=op.f("dead_letter_subscription_id_key_id_seq_key")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("dead_letter_list", "dead_letter", ["subscription_id", "dead_letter_id"])
    op.create_index("dead_letter_message", "dead_letter", ["key_id", "seq"])
    op.create_index("side_queue_message", "side_queue", ["key_id", "seq"])


def _cursor_altered() -> None:
    op.add_column("cursor", sa.Column("side_place", sa.BigInteger(), nullable=True))
    op.add_column("cursor", sa.Column("side_origin", sa.Integer(), nullable=True))
    op.drop_constraint(op.f("cursor_head_after_position_check"), "cursor", type_="check")
    op.create_check_constraint(op.f("cursor_head_after_position_check"), "cursor", HEAD_AFTER_POSITION)
    op.create_check_constraint(op.f("cursor_side_head_check"), "cursor", SIDE_HEAD)


def _cursor_anew() -> None:
    """SQLite changes no constraint of a table that is there."""
    op.drop_index("cursor_claimed", "cursor")
    op.drop_index("cursor_ready", "cursor")
    op.rename_table("cursor", "cursor_before")
    op.create_table(
        "cursor",
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("head_seq", sa.BigInteger(), nullable=True),
        sa.Column("head_kind", sa.Integer(), nullable=True),
        sa.Column("ready_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_failure_ms", sa.BigInteger(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("side_place", sa.BigInteger(), nullable=True),
        sa.Column("side_origin", sa.Integer(), nullable=True),
        sa.CheckConstraint("(first_failure_ms IS NULL) = (failures = 0)", name=op.f("cursor_first_failure_check")),
        sa.CheckConstraint("(head_kind IS NULL) = (head_seq IS NULL)", name=op.f("cursor_head_kind_check")),
        sa.CheckConstraint("(owner IS NULL) = (client_id IS NULL)", name=op.f("cursor_owner_check")),
        sa.CheckConstraint("(ready_at_ms IS NULL) = (head_seq IS NULL)", name=op.f("cursor_ready_head_check")),
        sa.CheckConstraint(
            "attempt >= 0 AND failures >= 0 AND failures <= attempt AND epoch >= 0", name=op.f("cursor_counters_check")
        ),
        sa.CheckConstraint("owner IS NULL OR (head_seq IS NOT NULL AND attempt > 0)", name=op.f("cursor_claim_check")),
        sa.CheckConstraint(HEAD_AFTER_POSITION, name=op.f("cursor_head_after_position_check")),
        sa.CheckConstraint(SIDE_HEAD, name=op.f("cursor_side_head_check")),
        sa.ForeignKeyConstraint(["key_id"], ["ordering_key.key_id"], name=op.f("cursor_key_id_fkey")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscription.subscription_id"], name=op.f("cursor_subscription_id_fkey")
        ),
        sa.PrimaryKeyConstraint("subscription_id", "key_id", name=op.f("cursor_pkey")),
        sqlite_with_rowid=False,
    )
    before = sa.table("cursor_before", *map(sa.column, CURSOR_COLUMNS))
    after = sa.table("cursor", *map(sa.column, CURSOR_COLUMNS))
    op.execute(after.insert().from_select(CURSOR_COLUMNS, sa.select(*before.c)))
    op.drop_table("cursor_before")
    _index("cursor_claimed", ["subscription_id", "client_id"], "client_id IS NOT NULL")
    _index("cursor_ready", ["subscription_id", "page_id", "ready_at_ms", "key_id"], "ready_at_ms IS NOT NULL")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "cursor", columns, sqlite_where=sa.text(where))
