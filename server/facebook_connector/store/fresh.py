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
from sqlalchemy.schema import CreateIndex, CreateTable

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

INDEXES = (
    "mid_of_cim_id",
    "outbound_message_lane",
    "outbound_message_uncertain",
    "outbound_message_expiry",
    "outbound_message_of_cim_id",
    "outbound_history_of_message",
    "outbound_part_sending",
    "media_of_cim_id",
    "media_next_try",
    "media_expire_time",
    "media_purge_time",
    "waiting_event_of_mid",
    "parked_receipt_until",
    "outbound_message_unread",
    "audit_event_time",
    "event_store_time",
    "quarantine_receive_time",
    "outbound_message_in_doubt",
    "outbound_message_close_time",
    "media_size",
    "profile_expire_time",
    "profile_next_try",
    "dead_letter_list",
    "dead_letter_message",
    "side_queue_message",
    "cursor_claimed",
    "cursor_ready",
    "cursor_failing",
    "media_of_key",
    "attachment_expire_time",
    "message_of_event",
)
"""All indexes in the order in which migrations made them: among those that serve equally well SQLite chooses by it, and
the metadata knows none. A new one is put at the end."""


def create(transaction: Transaction, revision: str) -> None:
    """Makes all tables of an empty database, with their first rows, and says that they are of this revision."""
    for table in METADATA.sorted_tables:
        transaction.execute(CreateTable(table))
    indexes = [index for table in METADATA.sorted_tables for index in table.indexes]
    for index in sorted(indexes, key=lambda index: INDEXES.index(str(index.name))):
        transaction.execute(CreateIndex(index))
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
