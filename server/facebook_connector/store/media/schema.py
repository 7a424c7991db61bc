"""The tables of kept media: what is to be fetched, what became of it, and the secret that makes links unguessable.

The bytes are elsewhere (`media.keep`), under the medium's id. Times are milliseconds since the Unix epoch.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, Table, Text

from facebook_connector.store.schema import METADATA, is_one_of

media_secret = Table(
    "media_secret",
    METADATA,
    Column("row_id", Integer, primary_key=True, autoincrement=False),
    # Ids of media are its HMAC over the message id: without it nobody can guess a link. Made once, never changed.
    Column("secret", LargeBinary, nullable=False),
    CheckConstraint("row_id = 1", name="single_row"),
    CheckConstraint("length(secret) = 32", name="secret"),
)

media = Table(
    "media",
    METADATA,
    Column("media_id", Text, primary_key=True),
    Column("page_id", Text, nullable=False),
    Column("cim_id", Text, nullable=False),
    # The message that has the medium. No foreign key: the bytes outlive the message by a year.
    Column("key_id", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    # `media.sniff.Kind`: what the body says the medium is.
    Column("kind", Text, nullable=False),
    Column("source_url", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    # Why it failed; empty otherwise.
    Column("reason", Text, nullable=False),
    Column("mime_type", Text, nullable=False),
    # What the bytes are kept under, if it is not the medium's id: the name that the File Engine gave.
    Column("kept_as", Text),
    Column("size", BigInteger),
    Column("sha256", Text),
    # Failed tries.
    Column("attempts", Integer, nullable=False),
    # While PENDING: when to try next. While a server tries: when its claim ends, so that the downloads of a server
    # that died come back by themselves.
    Column("next_try_ms", BigInteger),
    Column("owner", Text),
    Column("create_time_ms", BigInteger, nullable=False),
    Column("settle_time_ms", BigInteger),
    # When the bytes and this row go.
    Column("expire_time_ms", BigInteger),
    # When the bytes go although the row stays to say why: the customer took the message back.
    Column("purge_time_ms", BigInteger),
    is_one_of("state", "PENDING STORED FAILED"),
    CheckConstraint("(state = 'PENDING') = (next_try_ms IS NOT NULL)", name="next_try"),
    CheckConstraint("(state = 'PENDING') = (expire_time_ms IS NULL)", name="expiry"),
    CheckConstraint("(state = 'FAILED') = (reason <> '')", name="reason"),
    CheckConstraint("(state = 'STORED') = (size IS NOT NULL AND sha256 IS NOT NULL)", name="stored"),
    CheckConstraint("owner IS NULL OR state = 'PENDING'", name="owner"),
    CheckConstraint("attempts >= 0", name="attempts"),
    Index("media_of_cim_id", "page_id", "cim_id"),
    Index("media_of_key", "key_id"),
)

for _name in ("next_try_ms", "expire_time_ms", "purge_time_ms", "size"):
    Index(
        f"media_{_name.removesuffix('_ms')}",
        media.c[_name],
        sqlite_where=media.c[_name].is_not(None),
        postgresql_where=media.c[_name].is_not(None),
    )
