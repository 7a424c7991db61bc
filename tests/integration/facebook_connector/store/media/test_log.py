from __future__ import annotations

from dataclasses import replace

import pytest

from facebook_connector.delivery.values import Release
from facebook_connector.store.database import Database
from facebook_connector.store.log.holding import MEDIA_HOLD_MS
from facebook_connector.store.media.log import MediaLog
from facebook_connector.store.media.values import DELETED, Download, MediaResult, MediaState
from tests.integration.facebook_connector.store.conftest import Log
from tests.support.inbound_records import NOW_MS, PAGE, an_event
from tests.support.media_records import TEXT, a_medium_event
from tests.support.references import an_unsend

SOURCE = "https://cdn.fbsbx.com/1"
STORED = MediaResult(mime_type="image/png", name="1.png", size=7, sha256="ab" * 32)
FAILED = MediaResult(reason="NOT_FOUND")
EXPIRE_MS = NOW_MS + 1_000_000
UNTIL_MS = NOW_MS + 90_000


@pytest.fixture
def media(database: Database) -> MediaLog:
    return MediaLog(database)


def rewritten(message: bytes, context: bytes) -> tuple[bytes, bytes]:
    return b"new " + message, b"new " + context


async def claimed(media: MediaLog, owner: str = "server-1", *, now_ms: int = NOW_MS, limit: int = 10) -> list[Download]:
    return await media.claim(owner, now_ms=now_ms, until_ms=now_ms + 90_000, limit=limit)


async def settle(
    media: MediaLog, download: Download, result: MediaResult = STORED, *, now_ms: int = NOW_MS
) -> frozenset[int] | None:
    return await media.settle(download, result, rewritten, now_ms=now_ms, expire_time_ms=EXPIRE_MS)


async def test_a_message_waits_for_its_medium(log: Log, media: MediaLog) -> None:
    report = await log.ingest(a_medium_event("m_1", SOURCE))

    assert report.wants_media
    assert await log.claim(now_ms=NOW_MS + MEDIA_HOLD_MS - 1) == []


async def test_it_goes_without_in_time(log: Log) -> None:
    await log.ingest(a_medium_event("m_1", SOURCE))

    assert [head.cim_id for head in await log.claim(now_ms=NOW_MS + MEDIA_HOLD_MS)] == ["cim-m_1-0"]
    assert MEDIA_HOLD_MS <= 29_000


async def test_a_message_taken_back_in_the_same_batch_does_not_wait_for_its_medium(log: Log, media: MediaLog) -> None:
    await log.ingest(a_medium_event("m_1", SOURCE), an_unsend("m_1"))

    assert (await log.drain())[0].cim_id == "cim-m_1-0"
    row = await media.find("medium-m_1-0")
    assert row is not None
    assert row.reason == DELETED


async def test_a_message_whose_unsend_came_first_does_not_wait_either(log: Log) -> None:
    await log.ingest(an_unsend("m_1"))
    await log.ingest(a_medium_event("m_1", SOURCE))

    assert len(await log.drain()) == 2


async def test_only_its_own_key_waits(log: Log) -> None:
    await log.ingest(a_medium_event("m_1", SOURCE), an_event("m_2", psid="7009"))

    assert [head.cim_id for head in await log.claim()] == ["cim-m_2-0"]


async def test_a_stored_medium_lets_its_message_go_rewritten(log: Log, media: MediaLog) -> None:
    await log.ingest(a_medium_event("m_1", SOURCE))
    (download,) = await claimed(media)

    assert await settle(media, download) == frozenset({log.subscription_id})
    (head,) = await log.claim()
    assert head.message.startswith(b"new ")
    assert head.context.startswith(b"new ")


async def test_a_failed_one_does_too(log: Log, media: MediaLog) -> None:
    await log.ingest(a_medium_event("m_1", SOURCE))
    (download,) = await claimed(media)
    await settle(media, download, FAILED)

    assert len(await log.claim()) == 1
    row = await media.find("medium-m_1-0")
    assert row is not None
    assert (row.state, row.reason) == (MediaState.FAILED, "NOT_FOUND")


async def test_what_comes_before_it_goes_at_once(log: Log, media: MediaLog) -> None:
    await log.ingest(a_medium_event("m_1", TEXT, SOURCE, SOURCE))
    (text,) = await log.claim()
    (outcome,) = await log.acknowledge([text])

    assert outcome.next_head is None
    assert await log.claim() == []


async def test_the_next_one_goes_when_its_medium_comes(log: Log, media: MediaLog) -> None:
    await log.ingest(a_medium_event("m_1", TEXT, SOURCE, SOURCE))
    await log.acknowledge(await log.claim())
    first, second = await claimed(media)
    await settle(media, second)
    assert await log.claim() == []
    await settle(media, first)

    assert [head.cim_id for head in await log.drain()] == ["cim-m_1-1", "cim-m_1-2"]


async def test_a_medium_that_came_first_delays_nothing(log: Log, media: MediaLog) -> None:
    await log.ingest(a_medium_event("m_1", TEXT, SOURCE))
    (text,) = await log.claim()
    (download,) = await claimed(media)
    assert await settle(media, download) == frozenset()
    (outcome,) = await log.acknowledge([text])

    assert outcome.next_head is not None
    assert outcome.next_head.cim_id == "cim-m_1-1"


async def test_a_message_that_went_without_goes_on_after_the_hold(log: Log) -> None:
    await log.ingest(a_medium_event("m_1", TEXT, SOURCE))
    await log.acknowledge(await log.claim())

    assert [head.cim_id for head in await log.claim(now_ms=NOW_MS + MEDIA_HOLD_MS)] == ["cim-m_1-1"]


async def test_a_medium_that_comes_late_does_not_shorten_a_backoff(log: Log, media: MediaLog) -> None:
    await log.ingest(a_medium_event("m_1", SOURCE))
    late_ms = NOW_MS + MEDIA_HOLD_MS
    (head,) = await log.claim(now_ms=late_ms)
    await log.cursors.release([Release(token=head.token, ready_at_ms=late_ms + 9000, counted=True)], now_ms=late_ms)
    (download,) = await claimed(media, now_ms=late_ms)
    await settle(media, download, now_ms=late_ms)

    assert await log.claim(now_ms=late_ms + 8999) == []
    assert len(await log.claim(now_ms=late_ms + 9000)) == 1


async def test_a_claimed_download_is_claimed_by_nobody_else(log: Log, media: MediaLog) -> None:
    await log.ingest(a_medium_event("m_1", SOURCE, SOURCE, SOURCE))

    assert len(await claimed(media, limit=2)) == 2
    assert len(await claimed(media, "server-2")) == 1
    assert await claimed(media, "server-3") == []


async def test_a_claim_that_is_over_cannot_settle(log: Log, media: MediaLog) -> None:
    await log.ingest(a_medium_event("m_1", SOURCE))
    (lost,) = await claimed(media)
    (present,) = await claimed(media, "server-2", now_ms=lost.until_ms)

    assert await settle(media, lost) is None
    await media.postpone(lost, retry_ms=0, counted=1)
    assert await log.claim() == []
    assert await settle(media, present) is not None
    assert await settle(media, present) is None


async def test_a_restart_takes_up_what_an_earlier_run_had(log: Log, media: MediaLog) -> None:
    await log.ingest(a_medium_event("m_1", SOURCE, SOURCE))
    first, _second = await claimed(media, "earlier run")
    await settle(media, first)
    await media.end_earlier_claims("this run", now_ms=NOW_MS)

    assert [download.media_id for download in await claimed(media, "this run")] == ["medium-m_1-1"]


async def test_a_failed_try_is_due_later(log: Log, media: MediaLog) -> None:
    await log.ingest(a_medium_event("m_1", SOURCE))
    (download,) = await claimed(media)
    await media.postpone(download, retry_ms=NOW_MS + 500, counted=1)

    assert await media.next_due_ms() == NOW_MS + 500
    assert await claimed(media) == []
    (again,) = await claimed(media, now_ms=NOW_MS + 500)
    assert again.attempts == 1


async def test_a_repeated_webhook_asks_for_nothing(log: Log, media: MediaLog) -> None:
    await log.ingest(a_medium_event("m_1", SOURCE))
    await claimed(media)
    report = await log.ingest(a_medium_event("m_1", SOURCE))

    assert not report.wants_media
    assert await claimed(media) == []


async def test_a_message_taken_back_loses_its_bytes(log: Log, media: MediaLog) -> None:
    await log.ingest(a_medium_event("m_1", SOURCE))
    (download,) = await claimed(media)
    await settle(media, download)
    await media.forget(PAGE, ["cim-m_1-0"], now_ms=NOW_MS)

    assert await media.bytes_to_go(now_ms=NOW_MS, limit=10) == {"medium-m_1-0": "medium-m_1-0"}
    await media.bytes_gone(["medium-m_1-0"], now_ms=NOW_MS)
    row = await media.find("medium-m_1-0")
    assert row is not None
    assert (row.state, row.reason, row.sha256) == (MediaState.FAILED, DELETED, None)
    assert await media.bytes_to_go(now_ms=NOW_MS, limit=10) == {}


async def test_what_another_place_keeps_is_known_by_its_key_there(log: Log, media: MediaLog) -> None:
    await log.ingest(a_medium_event("m_1", SOURCE))
    (download,) = await claimed(media)
    await settle(media, download, replace(STORED, kept_as="file-engine:0a_1.png"))
    stored = await media.find("medium-m_1-0")
    await media.forget(PAGE, ["cim-m_1-0"], now_ms=NOW_MS)

    assert stored is not None
    assert stored.key == "file-engine:0a_1.png"
    assert await media.bytes_to_go(now_ms=NOW_MS, limit=10) == {"medium-m_1-0": "file-engine:0a_1.png"}


async def test_it_no_longer_holds_anything_back(log: Log, media: MediaLog) -> None:
    await log.ingest(a_medium_event("m_1", SOURCE))

    assert await media.forget(PAGE, ["cim-m_1-0"], now_ms=NOW_MS) == {log.subscription_id}
    assert len(await log.claim()) == 1


async def test_bytes_that_were_on_their_way_go_when_the_claim_is_over(log: Log, media: MediaLog) -> None:
    await log.ingest(a_medium_event("m_1", SOURCE))
    (download,) = await claimed(media)
    await media.forget(PAGE, ["cim-m_1-0"], now_ms=NOW_MS)

    assert await settle(media, download) is None
    assert await media.bytes_to_go(now_ms=download.until_ms - 1, limit=10) == {}
    assert await media.bytes_to_go(now_ms=download.until_ms, limit=10) == {"medium-m_1-0": "medium-m_1-0"}


async def test_what_is_kept_long_enough_is_forgotten(log: Log, media: MediaLog) -> None:
    await log.ingest(a_medium_event("m_1", SOURCE))
    (download,) = await claimed(media)
    await settle(media, download)

    assert await media.bytes_to_go(now_ms=EXPIRE_MS - 1, limit=10) == {}
    assert await media.bytes_to_go(now_ms=EXPIRE_MS, limit=10) == {"medium-m_1-0": "medium-m_1-0"}
    await media.bytes_gone(["medium-m_1-0"], now_ms=EXPIRE_MS)
    assert await media.find("medium-m_1-0") is None


async def test_an_unknown_medium_is_none(media: MediaLog) -> None:
    assert await media.find("medium") is None


async def test_the_secret_of_links_is_made_once(media: MediaLog) -> None:
    assert await media.link_secret() == await media.link_secret()
    assert len(await media.link_secret()) == 32
