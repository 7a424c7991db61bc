"""Whatever stands in a signed body is answered 200, and is in the database: as an event or in the quarantine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cim_messenger.inbound import NotJsonError, read_webhook, translate_item
from expertflow.connector.v1.inbound_event_pb2 import InboundEvent
from tests.support.webhook_bodies import PAGE
from tests.support.webhook_expectations import SETTINGS
from tests.support.webhook_strategies import ENTRIES, ITEMS, VALUES, spelt
from tests.support.whole_connector import Kept, kept, whole_connector

OURS = st.lists(ITEMS, min_size=1, max_size=4).map(lambda items: {"id": PAGE, "time": 1, "messaging": items})
BODIES = (
    st.binary(max_size=60)
    | VALUES.map(spelt)
    | st.lists(OURS | ENTRIES, min_size=1, max_size=3).map(lambda entries: spelt({"object": "page", "entry": entries}))
)


@pytest.fixture(autouse=True)
def _no_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(BODIES, min_size=1, max_size=12))
def test_a_signed_body_gets_its_200_and_nothing_of_it_is_lost(
    database_url: str, tmp_path: Path, bodies: list[bytes]
) -> None:
    statuses, found = asyncio.run(_posted(database_url, tmp_path / "data", bodies))

    assert set(statuses) == {200}
    for body in bodies:
        assert _is_kept(body, found)


async def _posted(database_url: str, folder: Path, bodies: list[bytes]) -> tuple[list[int], Kept]:
    async with whole_connector(database_url, folder, [PAGE]) as connector:
        statuses = [await connector.post(body) for body in bodies]
    return statuses, await kept(database_url)


def _is_kept(body: bytes, found: Kept) -> bool:
    items: list[Any] = []
    try:
        items = read_webhook(body)
    except NotJsonError:
        return not body or body in found.quarantined
    for item in items:
        event = translate_item(item, SETTINGS)
        known = isinstance(event, InboundEvent) and (event.page_id, event.dedupe_key) in found.dedupe_keys
        if item.value and not known and item.raw not in found.quarantined:
            return False
    return True
