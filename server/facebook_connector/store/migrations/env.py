"""Alembic's environment: migrates over the connection that `store.migrate` hands in, within its transaction."""

from __future__ import annotations

from alembic import context

from facebook_connector.store.reference_schema import waiting_event

context.configure(
    connection=context.config.attributes["connection"],
    # Any table leads to the metadata of all, once all are imported.
    target_metadata=waiting_event.metadata,
    # SQLite changes a table by copying it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
