"""Alembic's environment: migrates over the connection that `upgrade` hands in, within its transaction."""

from __future__ import annotations

from alembic import context

from facebook_connector.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite changes a table by copying it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
