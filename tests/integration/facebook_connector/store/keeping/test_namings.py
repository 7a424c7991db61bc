from __future__ import annotations

from dataclasses import replace

from sqlalchemy import update

from expertflow.connector.v1 import inbound_pb2
from facebook_connector.store.database import Transaction
from facebook_connector.store.keeping.erasure import Customer
from facebook_connector.store.keeping.namings import find_namings
from facebook_connector.store.schema import event
from tests.integration.facebook_connector.store.conftest import Log
from tests.support.inbound_records import PAGE, PSID, an_event

CUSTOMER = Customer(page_id=PAGE, psid=PSID)
RAW = b'{"from":{"id":"%s"}}' % PSID.encode()


async def with_page_event(log: Log, raw: bytes, content: bytes) -> None:
    record = an_event("of-the-page", psid="", kind=inbound_pb2.EVENT_KIND_PAGE_EVENT, raw=raw)
    (said,) = record.messages
    await log.ingest(replace(record, messages=(replace(said, message=content),)))


async def test_an_event_of_the_page_is_found_by_its_raw_bytes(log: Log) -> None:
    await with_page_event(log, RAW, b"somebody wrote")
    assert (await find_namings(log.database, CUSTOMER)).page_events == {1}


async def test_an_event_whose_raw_bytes_are_gone_is_found_by_its_message(log: Log) -> None:
    await with_page_event(log, RAW, RAW)
    await log.database.write(_without_raw_bytes)
    assert (await find_namings(log.database, CUSTOMER)).page_events == {1}


async def test_an_event_about_somebody_else_is_not_found(log: Log) -> None:
    await with_page_event(log, RAW.replace(PSID.encode(), PSID.encode() + b"9"), b"somebody else wrote")
    assert not (await find_namings(log.database, CUSTOMER)).page_events


def _without_raw_bytes(transaction: Transaction) -> None:
    transaction.execute(update(event).values(raw=b""))
