"""Records as the gateway delivers them, small and valid, for tests of what is stored and delivered."""

from __future__ import annotations

from dataclasses import replace

from expertflow.connector.v1 import inbound_event_pb2, inbound_pb2
from facebook_connector.delivery.values import EchoRecord, EventRecord, MessageRecord
from facebook_connector.store.channels import ChannelRow, add_channel
from facebook_connector.store.database import Database

PAGE = "100200300400500"
PSID = "7001002003004005"
NOW_MS = 1_794_300_000_000


def an_event(name: str = "m_1", *, parts: int = 1, **changes: object) -> EventRecord:
    """A customer's message named `name`, of so many parts; its event time is a second before `NOW_MS`."""
    messages = tuple(
        MessageRecord(cim_id=f"cim-{name}-{part}", message=f"text of {name}.{part}".encode(), context=b"context")
        for part in range(parts)
    )
    event = EventRecord(
        page_id=PAGE,
        psid=PSID,
        kind=inbound_pb2.EVENT_KIND_MESSAGE,
        dedupe_key=f"message:{name}",
        mid=name,
        event_time_ms=NOW_MS - 1000,
        opens_window=True,
        messages=messages,
        raw=f'{{"mid":"{name}"}}'.encode(),
        source=inbound_event_pb2.INGEST_SOURCE_LIVE,
        translator_version=1,
    )
    return replace(event, **changes)  # type: ignore[arg-type]


def an_echo(mid: str, metadata: str = "", **changes: object) -> EventRecord:
    """The echo of a message of the page, as the gateway delivers every echo."""
    echo = EchoRecord(mid=mid, metadata=metadata, app_id="555")
    event = an_event(mid, kind=inbound_pb2.EVENT_KIND_ECHO, opens_window=False, echo=echo)
    return replace(event, **changes)  # type: ignore[arg-type]


async def add_page(database: Database, page_id: str = PAGE, *, tenant_id: str = "expertflow") -> None:
    """Gives a page its channel."""
    row = ChannelRow(
        page_id=page_id,
        tenant_id=tenant_id,
        app_id="",
        graph_version="",
        human_agent_enabled=False,
        allow_custom=False,
        allow_unsigned=False,
        edited_marker=None,
        default_prompt=None,
        wanted_fields=(),
        state="ACTIVE",
        stop_reason="",
        state_reason="",
        state_time_ms=NOW_MS,
        etag="1",
        create_time_ms=NOW_MS,
        update_time_ms=NOW_MS,
    )
    await database.write(lambda transaction: add_channel(transaction, row))
