"""Alembic's environment: migrates over the connection that `store.migrate` hands in, within its transaction."""

from __future__ import annotations

from alembic import context

from facebook_connector.store.keeping import audit_schema, retention_schema
from facebook_connector.store.log import reference_schema
from facebook_connector.store.media import schema as media_schema
from facebook_connector.store.outbound import attachment_schema
from facebook_connector.store.outbound import schema as outbound_schema
from facebook_connector.store.profiles import schema as profile_schema
from facebook_connector.store.schema import METADATA

# The metadata knows the tables of those modules that have been imported.
TABLES_OF = (
    attachment_schema,
    audit_schema,
    media_schema,
    outbound_schema,
    profile_schema,
    reference_schema,
    retention_schema,
)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite changes a table by copying it.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
