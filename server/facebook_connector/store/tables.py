"""All tables together: the metadata knows those of modules that have been imported."""

from __future__ import annotations

from sqlalchemy import MetaData

from facebook_connector.store import schema
from facebook_connector.store.keeping import audit_schema, retention_schema
from facebook_connector.store.log import reference_schema
from facebook_connector.store.media import schema as media_schema
from facebook_connector.store.outbound import attachment_schema
from facebook_connector.store.outbound import schema as outbound_schema
from facebook_connector.store.profiles import schema as profile_schema

TABLES_OF = (
    schema,
    attachment_schema,
    audit_schema,
    media_schema,
    outbound_schema,
    profile_schema,
    reference_schema,
    retention_schema,
)
"""A new module with tables is named here; a test compares the result with what the migrations make."""

METADATA: MetaData = schema.METADATA
