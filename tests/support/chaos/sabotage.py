"""Servers and gateways of which one decision is broken, to see that the oracle notices.

Each breaks one promise where it is kept and runs the product otherwise as it is. A patch, because the product must not
have a switch that turns its promises off: `python -m tests.support.chaos.sabotage NAME`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from types import MappingProxyType
from typing import Any

from sqlalchemy import update

from expertflow.connector.v1.inbound_pb2 import ACK_OUTCOME_OK, ACK_OUTCOME_STALE, ACK_OUTCOME_UNKNOWN
from expertflow.connector.v1.ingest_service_pb2 import IngestItem, IngestResult
from facebook_connector import app as server
from facebook_connector.delivery.values import AckToken, EventRecord
from facebook_connector.sending import lane
from facebook_connector.sending.values import PageLease
from facebook_connector.services import events, ingest
from facebook_connector.settings import ServerSettings
from facebook_connector.store.database import Transaction
from facebook_connector.store.outbound import page_leases
from facebook_connector.store.outbound.schema import IS_SENDING, outbound_part
from facebook_connector.store.reading.acknowledgements import _Locked
from facebook_gateway import app as gateway
from facebook_gateway.ingest_queue import IngestQueue
from facebook_gateway.settings import GatewaySettings


def _no_deduplication() -> None:
    """Every event looks like a new one."""
    numbers = count()

    def read_anew(*arguments: Any) -> Any:
        record = events.read_item(*arguments)
        if isinstance(record, EventRecord):
            return replace(record, dedupe_key=f"{record.dedupe_key}/{next(numbers)}")
        return record

    ingest.read_item = read_anew  # type: ignore[attr-defined, assignment]


def _no_fencing() -> None:
    """An acknowledgement counts whatever the claim under which its message was delivered."""

    def judge(self: _Locked, token: AckToken) -> int:
        cursor = self._cursors.get((token.subscription_id, token.key_id))
        if cursor is None:
            return ACK_OUTCOME_UNKNOWN
        return ACK_OUTCOME_OK if cursor.head_seq == token.seq else ACK_OUTCOME_STALE

    _Locked.judge = judge  # type: ignore[method-assign]


def _no_ack_check() -> None:
    """Every acknowledgement counts for what is out at present, whatever message it names."""

    def judge(self: _Locked, token: AckToken) -> int:
        cursor = self._cursors.get((token.subscription_id, token.key_id))
        return ACK_OUTCOME_STALE if cursor is None or cursor.head_seq is None else ACK_OUTCOME_OK

    _Locked.judge = judge  # type: ignore[method-assign]


def _early_answer() -> None:
    """The gateway answers 200 before the server has committed."""
    submit = IngestQueue.submit
    background = set()

    async def submit_later(self: IngestQueue, items: Sequence[IngestItem]) -> list[IngestResult]:
        task = asyncio.ensure_future(submit(self, items))
        background.add(task)
        return [IngestResult()] * len(items)

    IngestQueue.submit = submit_later  # type: ignore[method-assign]


def _blind_resend() -> None:
    """What was on its way to Facebook when its server died is simply sent again, as if no call had begun."""

    def forget(transaction: Transaction, leases: Iterable[PageLease], now_ms: int) -> None:
        pages = [lease.page_id for lease in leases]
        transaction.execute(
            update(outbound_part).where(IS_SENDING, outbound_part.c.page_id.in_(pages)).values(state="QUEUED")
        )

    page_leases._doubt_calls_in_flight = forget


def _hasty() -> None:
    """No promise is broken: the conversation is looked into after 3 s, so that a short run is short."""
    lane.UNCERTAIN_READ_MS = 3_000


SERVERS: Mapping[str, Callable[[], None]] = MappingProxyType(
    {
        "no-deduplication": _no_deduplication,
        "no-fencing": _no_fencing,
        "no-ack-check": _no_ack_check,
        "blind-resend": _blind_resend,
        "hasty": _hasty,
    }
)
GATEWAYS: Mapping[str, Callable[[], None]] = MappingProxyType({"early-answer": _early_answer})


def program(name: str) -> Sequence[str]:
    """The command line of a sabotaged process."""
    return (sys.executable, "-m", "tests.support.chaos.sabotage", name)


def main(name: str) -> None:
    """Runs what `name` says until it is killed."""
    if name in SERVERS:
        SERVERS[name]()
        server.run(ServerSettings.load())
    else:
        GATEWAYS[name]()
        gateway.run(GatewaySettings.load())


if __name__ == "__main__":
    main(sys.argv[1])
