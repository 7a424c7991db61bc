"""Runs the migrations that a database lacks, with Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from facebook_connector.store.database import Transaction


def upgrade(transaction: Transaction, revision: str = "head") -> None:
    """Brings a database of any earlier schema, or an empty one, to a revision, within the transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = transaction
    command.upgrade(config, revision)
