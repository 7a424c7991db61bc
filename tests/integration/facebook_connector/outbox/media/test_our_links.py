"""Media of replies that the connector itself keeps: read where they lie, waited for, or missing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from facebook_connector.media.keep import Medium
from facebook_connector.sending.values import MessageState
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.media.log import MediaLog
from facebook_connector.store.media.values import MediaResult
from facebook_connector.store.media.written import WrittenLog
from tests.integration.facebook_connector.outbox.media.bodies import PNG, digest, failure_of, medium, shown
from tests.support.kept_media import is_kept
from tests.support.media_records import a_medium_event
from tests.support.outbox_world import PUBLIC_BASE_URL, OutboxWorld
from tests.support.sandbox_world import PAGE_ID, PSID

DAY_MS = 24 * 3_600_000


def written_id(data: bytes) -> str:
    return f"written-{digest(data)[:16]}"


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def written(world: OutboxWorld, data: bytes) -> str:
    """Keeps a medium as `WriteMedia` does; its link."""
    identifier, now_ms = written_id(data), world.clock.now_ms()
    if not await is_kept(world.media, identifier):
        await world.media.put(Medium(media_id=identifier), pieces(data))
        medium = MediaResult(mime_type="image/png", name="p.png", size=len(data), sha256=digest(data))
        await WrittenLog(world.database).add(identifier, medium, now_ms=now_ms, expire_time_ms=now_ms + DAY_MS)
    return f"{PUBLIC_BASE_URL}/media/{identifier}"


CUSTOMERS = f"{PUBLIC_BASE_URL}/media/medium-m_9-0"


async def customers_medium(world: OutboxWorld) -> MediaLog:
    """Has a medium of a customer in the log that is still to be fetched."""
    now_ms = world.clock.now_ms()
    event = a_medium_event("m_9", "https://cdn.fbsbx.com/1", page_id=PAGE_ID, psid=PSID, event_time_ms=now_ms)
    await EventStore(world.database).ingest([event], now_ms)
    return MediaLog(world.database)


async def test_a_link_of_ours_is_read_where_it_is_kept(world: OutboxWorld) -> None:
    link = await written(world, PNG)
    status = (await world.send(medium("image", f"{link}?download=1"))).status
    assert (status.state, status.failure) == (MessageState.SENT, None)
    (taken,) = world.taken()
    assert shown(taken) == [("image", digest(PNG))]


async def test_bytes_of_ours_that_facebook_has_are_not_even_read(world: OutboxWorld) -> None:
    data = PNG + bytes(5_000)
    link = await written(world, data)
    await world.send(medium("image", link))
    await world.media.put(Medium(media_id=written_id(data)), pieces(data[:1_000]))
    await world.send(medium("image", link, "out-2"))
    assert [shown(entry) for entry in world.taken()] == [[("image", digest(data))]] * 2


async def test_a_customers_medium_on_its_way_to_us_is_waited_for(world: OutboxWorld) -> None:
    log, now_ms = await customers_medium(world), world.clock.now_ms()
    await world.send(medium("image", CUSTOMERS), wait_ms=0)
    await world.until_history("still being fetched")
    (download,) = await log.claim("server", now_ms=now_ms, until_ms=now_ms + DAY_MS, limit=1)
    await world.media.put(Medium(media_id=download.media_id), pieces(PNG))
    result = MediaResult(mime_type="image/png", name="1.png", size=len(PNG), sha256=digest(PNG))
    await log.settle(download, result, lambda *kept: kept, now_ms=now_ms, expire_time_ms=now_ms + DAY_MS)
    world.clock.shift_ms += 60_000
    await world.until_state(MessageState.SENT)
    assert [shown(entry) for entry in world.taken()] == [[("image", digest(PNG))]]


async def test_a_customers_medium_that_never_came_fails_with_the_cause(world: OutboxWorld) -> None:
    log, now_ms = await customers_medium(world), world.clock.now_ms()
    (download,) = await log.claim("server", now_ms=now_ms, until_ms=now_ms + DAY_MS, limit=1)
    gone = MediaResult(reason="URL_EXPIRED")
    await log.settle(download, gone, lambda *kept: kept, now_ms=now_ms, expire_time_ms=now_ms + DAY_MS)
    failure = await failure_of(world, medium("image", CUSTOMERS))
    assert (failure.reason, failure.metadata["cause"]) == ("MEDIA_FAILED", "URL_EXPIRED")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_link_of_ours_to_nothing_fails_at_once(world: OutboxWorld) -> None:
    failure = await failure_of(world, medium("image", f"{PUBLIC_BASE_URL}/media/nobodys"))
    assert (failure.reason, failure.metadata) == ("MEDIA_NOT_FOUND", {"media_id": "nobodys"})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_bytes_of_ours_that_are_gone_fail_at_once(world: OutboxWorld) -> None:
    link = await written(world, PNG)
    await world.media.delete(written_id(PNG))
    assert (await failure_of(world, medium("image", link))).reason == "MEDIA_NOT_FOUND"
