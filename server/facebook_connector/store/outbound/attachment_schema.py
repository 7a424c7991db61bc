"""The table of attachments: which bytes a page has uploaded to Facebook, and under which ids Facebook knows them.

Times are milliseconds since the Unix epoch.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Table, Text

from facebook_connector.store.schema import METADATA, is_one_of

attachment = Table(
    "attachment",
    METADATA,
    # An id is the page's that uploaded it.
    Column("page_id", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    # What the customer sees of a file beside its bytes; empty for the other kinds.
    Column("name", Text, primary_key=True),
    Column("attachment_id", Text, nullable=False),
    # Before Facebook forgets the id.
    Column("expire_time_ms", BigInteger, nullable=False),
    is_one_of("kind", "image video audio file"),
    CheckConstraint("length(sha256) = 64", name="sha256"),
    CheckConstraint("attachment_id <> ''", name="attachment_id"),
    Index("attachment_expire_time", "expire_time_ms"),
    sqlite_with_rowid=False,
)
