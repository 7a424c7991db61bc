"""What a transaction tells the other servers on its database: what there is to look at once it is committed.

On PostgreSQL a notice is a NOTIFY of the transaction itself: it is heard if that commits, in the order of the commits,
and not by the server that sent it, which knows. An SQLite database has no other server, so nothing is said there.
A notice only saves time: everybody looks at the store each second, so one that is lost costs a second and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import orjson
from sqlalchemy import Connection, Text, bindparam, func, select, text

from facebook_connector.store.prepared import Prepared

CHANNEL = "facebook_connector"
"""What PostgreSQL's LISTEN and NOTIFY call it."""

SENDER = "notice_sender"
"""The execution option of an engine that names its server; an engine without it is alone on its database."""

VALUES_AT_ONCE = 300
"""PostgreSQL takes 8 000 bytes in a notice."""

NOTIFY = Prepared(select(func.pg_notify(bindparam("channel", type_=Text()), bindparam("payload", type_=Text()))))
TRANSACTION_NUMBER = text("SELECT pg_current_xact_id()::text")


class Topic(StrEnum):
    """What a notice is about, and what its values are."""

    READY = "ready"
    """Ids of subscriptions that have something to deliver."""
    SEND = "send"
    """A page, a PSID: a message to that person was accepted by a server that does not send for the page."""
    CHANNEL = "channel"
    """Pages whose channel was changed."""
    MEDIA = "media"
    """No value: there is something to fetch."""
    STREAM = "stream"
    """A subscription's id, a client id, and the generation of the stream that was opened under it."""
    MISSED = "missed"
    """No value, and never sent: the connection was made anew, so anything may have been said meanwhile."""


TOPICS = frozenset(Topic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What another server has committed."""

    topic: Topic
    values: tuple[str, ...] = ()


def tell(transaction: Connection, topic: Topic, values: Iterable[object] = ()) -> None:
    """Tells it to the other servers when the transaction commits; nothing where there is no value to tell."""
    if SENDER not in transaction.get_execution_options():
        return
    told = sorted(map(str, values))
    for first in range(0, len(told), VALUES_AT_ONCE):
        _notify(transaction, topic, told[first : first + VALUES_AT_ONCE])


def tell_of(transaction: Connection, topic: Topic, *values: object) -> None:
    """Tells of one thing, which the values together name."""
    if SENDER in transaction.get_execution_options():
        _notify(transaction, topic, [str(value) for value in values])


def tell_of_stream(transaction: Connection, subscription_id: int, client_id: str) -> int:
    """Tells that a client has opened a stream here; returns the stream's generation.

    Of two streams of a client, one opened after the other, the later one has the higher generation: transactions are
    numbered in their order. Where no other server is, generations are not needed and all 0.
    """
    if SENDER not in transaction.get_execution_options():
        return 0
    generation = int(transaction.execute(TRANSACTION_NUMBER).scalar_one())
    tell_of(transaction, Topic.STREAM, subscription_id, client_id, generation)
    return generation


def read(payload: str, listener: str) -> Notice | None:
    """The notice in a payload; None for what the listener said itself, and for what a newer release may say."""
    sender, topic, *values = orjson.loads(payload)
    if sender == listener or topic not in TOPICS:
        return None
    return Notice(topic=Topic(topic), values=tuple(values))


def _notify(transaction: Connection, topic: Topic, values: Sequence[str]) -> None:
    sender = transaction.get_execution_options()[SENDER]
    payload = orjson.dumps([sender, topic, *values]).decode()
    NOTIFY.fetch(transaction, {"channel": CHANNEL, "payload": payload})
