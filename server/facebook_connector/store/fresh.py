"""Makes a new database at once, as all migrations together would have made it. A test holds the two against each other.

A first start does not load Alembic for it, which with what it brings is a tenth of a server's memory, and its tables
need not be made fourteen times over.
"""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, String, Table

from expertflow.connector.v1 import inbound_pb2
from facebook_connector.store.database import Transaction
from facebook_connector.store.keeping.retention_schema import late_place
from facebook_connector.store.media.schema import media_secret
from facebook_connector.store.reading.subscriptions import CCM, bits_of
from facebook_connector.store.schema import installation, subscription
from facebook_connector.store.tables import METADATA

SECRET_BYTES = 32

KINDS_OF_CCM = (
    inbound_pb2.EVENT_KIND_MESSAGE,
    inbound_pb2.EVENT_KIND_REACTION,
    inbound_pb2.EVENT_KIND_RECEIPT,
)

VERSION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Alembic's own: the schema that the database has."""


def create(transaction: Transaction, revision: str) -> None:
    """Makes all tables of an empty database, with their first rows, and says that they are of this revision."""
    METADATA.create_all(transaction, checkfirst=False)
    for table, row in _first_rows(time.time_ns() // 1_000_000):
        transaction.execute(table.insert(), row)
    VERSION.create(transaction, checkfirst=False)
    transaction.execute(VERSION.insert(), {"version_num": revision})


def _first_rows(now_ms: int) -> Iterator[tuple[Table, Mapping[str, Any]]]:
    revisions = {"channels_revision": 1, "keys_revision": 1}
    yield installation, {"row_id": 1, "installation_id": uuid.uuid4().hex, "create_time_ms": now_ms, **revisions}
    yield subscription, {"name": CCM, "kinds": bits_of(KINDS_OF_CCM), "create_time_ms": now_ms}
    yield media_secret, {"row_id": 1, "secret": secrets.token_bytes(SECRET_BYTES)}
    yield late_place, {"row_id": 1, "store_time_ms": 0, "key_id": 0, "event_number": 0}
