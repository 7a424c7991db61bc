"""Media of replies, from the bytes to what the customer sees: the sandbox is Facebook, a file host is CCM."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256

import pytest

from expertflow.cim.v1.interactive_pb2 import CAROUSEL_MESSAGE_TYPE_MEDIA
from expertflow.cim.v1.message_pb2 import CimMessage
from facebook_connector.errors import ConnectorError
from facebook_connector.media.fetch import FetchLimits
from facebook_connector.media.keep import Medium
from facebook_connector.outbox.places import UploadPlaces
from facebook_connector.sending.values import Failure, MessageState
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.media.log import MediaLog
from facebook_connector.store.media.values import MediaResult
from facebook_connector.store.media.written import WrittenLog
from messenger_sandbox.fault_script import Endpoint, ScriptedFault
from messenger_sandbox.faults import FAULTS
from messenger_sandbox.journal import Entry, EntryKind, Filter
from messenger_sandbox.media.kinds import MEDIA_ROWS
from tests.support.file_host import FileHost, file_host
from tests.support.media_records import a_medium_event
from tests.support.outbox_world import FAST, MORE_PEOPLE, PUBLIC_BASE_URL, OutboxWorld, text_message
from tests.support.sandbox_world import PAGE_ID, PSID

DAY_MS = 24 * 3_600_000
PNG, PDF, MP4 = (MEDIA_ROWS[name].build(b"reply") for name in ("png", "pdf", "mp4"))


@pytest.fixture
async def files(quiet: OutboxWorld) -> AsyncIterator[FileHost]:
    async with file_host() as host:
        quiet.media_origins.add(host.base_url)
        yield host


@pytest.fixture
async def world(files: FileHost, quiet: OutboxWorld) -> AsyncIterator[OutboxWorld]:
    """A world with an outbox that may fetch from the file host."""
    async with quiet.running() as outbox:
        quiet.outbox = outbox
        yield quiet


def medium(kind: str, url: str, cim_id: str = "out-1", *, caption: str = "", psid: str = PSID) -> CimMessage:
    message = text_message("", cim_id, psid=psid)
    message.body.Clear()
    message.body.type = kind.upper()
    content = getattr(message.body, kind)
    content.attachment.media_url = url
    content.caption = caption
    return message


def images(*urls: str) -> CimMessage:
    message = text_message("")
    message.body.Clear()
    message.body.type = "CAROUSEL"
    message.body.carousel.carousel_message_type = CAROUSEL_MESSAGE_TYPE_MEDIA
    for url in urls:
        message.body.carousel.elements.add(url=url)
    return message


def shown(entry: Entry) -> list[tuple[str, str]]:
    return [(each["type"], each["sha256"]) for each in entry.details["media"]]


def spoil_upload(world: OutboxWorld, name: str, **changes: float) -> None:
    """Lets the next upload go wrong."""
    fault = replace(FAULTS[name], **changes)  # type: ignore[arg-type]
    world.facebook.script_fault(ScriptedFault(name=name, fault=fault, endpoint=Endpoint.UPLOADS))


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def uploads(world: OutboxWorld) -> tuple[Entry, ...]:
    return world.facebook.journal.entries(Filter(kind=EntryKind.MEDIA_UPLOADED))


def written_id(data: bytes) -> str:
    return f"written-{digest(data)[:16]}"


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def written(world: OutboxWorld, data: bytes) -> str:
    """Keeps a medium as `WriteMedia` does; its link."""
    identifier, now_ms = written_id(data), world.clock.now_ms()
    if await world.media.head(identifier) is None:
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


async def failure_of(world: OutboxWorld, message: CimMessage) -> Failure:
    await world.send(message, wait_ms=0)
    failure = (await world.until_state(MessageState.FAILED, closed=True)).status.failure
    assert failure is not None
    return failure


async def test_an_image_and_its_caption_arrive_in_order_and_whole(world: OutboxWorld, files: FileHost) -> None:
    url = files.put("p.png", PNG, "image/png")
    status = (await world.send(medium("image", url, caption="Your parcel"))).status
    assert (status.state, status.failure) == (MessageState.SENT, None)
    picture, caption = world.taken()
    assert shown(picture) == [("image", digest(PNG))]
    assert caption.details["text"] == "Your parcel"


async def test_a_file_keeps_its_name_in_ascii(world: OutboxWorld, files: FileHost) -> None:
    message = medium("file", files.put("1", PDF, "application/pdf"))
    message.body.file.attachment.media_label = "Rechnung März.pdf"
    await world.send(message)
    (taken,) = world.taken()
    (sent,) = taken.details["media"]
    assert (sent["type"], sent["name"], sent["sha256"]) == ("file", "Rechnung Marz.pdf", digest(PDF))


@pytest.mark.parametrize(
    ("row", "declared", "kind"),
    [
        ("gif", "image", "image"),
        ("png", "video", "image"),
        ("3gp", "video", "video"),
        ("m4a", "audio", "audio"),
        ("voice_clip", "audio", "audio"),
        ("ogg", "audio", "audio"),
        ("amr", "audio", "audio"),
        ("pdf", "image", "file"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_bytes_decide_as_what_a_medium_goes(
    world: OutboxWorld, files: FileHost, row: str, declared: str, kind: str
) -> None:
    data = MEDIA_ROWS[row].build(b"x")
    status = (await world.send(medium(declared, files.put("a", data, "application/octet-stream")))).status
    assert (status.state, status.failure) == (MessageState.SENT, None)
    (taken,) = world.taken()
    assert shown(taken) == [(kind, digest(data))]


async def test_equal_bytes_are_uploaded_once_and_again_after_eighty_days(world: OutboxWorld, files: FileHost) -> None:
    first, second = files.put("1.png", PNG, "image/png"), files.put("2.png", PNG, "image/png")
    await world.send(medium("image", first))
    await world.send(medium("image", second, "out-2"))
    assert (len(uploads(world)), len(world.taken())) == (1, 2)
    world.clock.shift_ms += 80 * DAY_MS
    world.facebook.person(PSID).says("Still there?")
    await world.send(medium("image", first, "out-3"))
    assert (len(uploads(world)), len(world.taken())) == (2, 3)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_same_to_many_people_at_once_is_uploaded_once(world: OutboxWorld, files: FileHost) -> None:
    url = files.put("1.png", PNG, "image/png")
    sends = [world.send(medium("image", url, f"out-{psid}", psid=psid)) for psid in MORE_PEOPLE[:8]]
    assert {sent.status.state for sent in await asyncio.gather(*sends)} == {MessageState.SENT}
    assert (len(uploads(world)), len(world.taken())) == (1, 8)


async def test_pictures_of_a_carousel_go_together(world: OutboxWorld, files: FileHost) -> None:
    pictures = [MEDIA_ROWS["png"].build(str(number).encode()) for number in range(3)]
    urls = [files.put(f"{number}.png", data, "image/png") for number, data in enumerate(pictures)]
    await world.send(images(*urls))
    (taken,) = world.taken()
    assert shown(taken) == [("image", digest(data)) for data in pictures]


async def test_what_is_no_picture_cannot_stand_among_pictures(world: OutboxWorld, files: FileHost) -> None:
    urls = files.put("1.png", PNG, "image/png"), files.put("2.png", PDF, "image/png")
    failure = await failure_of(world, images(*urls))
    assert (failure.reason, failure.part_index) == ("MEDIA_REJECTED", 0)
    assert "application/pdf" in failure.detail
    assert world.calls() == ()


async def test_a_text_waits_for_the_picture_before_it(world: OutboxWorld, files: FileHost) -> None:
    spoil_upload(world, "slow", delay_s=0.3)
    await world.send(medium("image", files.put("1.png", PNG, "image/png")), wait_ms=0)
    await world.send(text_message("after it", "out-2"))
    assert [entry.details["content"] for entry in world.taken()] == ["image", "text"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_other_lanes_go_on_while_every_place_is_taken(files: FileHost, quiet: OutboxWorld) -> None:
    quiet.places, quiet.rhythm = UploadPlaces(at_once=1), replace(FAST, lanes_per_page=2)
    url = f"{files.base_url}/hang"
    async with quiet.running() as outbox:
        quiet.outbox = outbox
        await quiet.send(medium("image", url, "stuck"), wait_ms=0)
        for psid in MORE_PEOPLE[1:4]:
            await quiet.send(medium("image", url, f"out-{psid}", psid=psid), wait_ms=0)
        status = (await quiet.send(text_message("Hello", "text", psid=MORE_PEOPLE[0]))).status
        assert (status.state, files.asked) == (MessageState.SENT, ["/hang"])


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


async def test_a_foreign_origin_is_refused_at_once(world: OutboxWorld) -> None:
    with pytest.raises(ConnectorError) as raised:
        await world.send(medium("image", "https://elsewhere.example/1.png?key=secret"))
    assert (raised.value.reason, raised.value.metadata) == (
        "MEDIA_ORIGIN_NOT_ALLOWED",
        {"origin": "https://elsewhere.example"},
    )
    assert await world.log.get("out-1") == ()


async def test_a_redirect_to_a_foreign_origin_fails(quiet: OutboxWorld, files: FileHost) -> None:
    async with file_host() as elsewhere, quiet.running() as outbox:
        quiet.outbox = outbox
        files.redirect_to = elsewhere.put("1.png", PNG, "image/png")
        failure = await failure_of(quiet, medium("image", f"{files.base_url}/redirect"))
        assert (failure.reason, elsewhere.asked) == ("MEDIA_ORIGIN_NOT_ALLOWED", [])


async def test_a_file_beyond_the_limit_is_refused_with_the_reason_and_the_lane_goes_on(
    world: OutboxWorld, files: FileHost
) -> None:
    url = files.put("big.pdf", PDF + bytes(30_000_000), "application/pdf")
    failure = await failure_of(world, medium("file", url))
    assert failure.reason == "MEDIA_TOO_LARGE"
    assert failure.metadata == {"maximum": "25000000", "value": str(len(PDF) + 30_000_000)}
    assert (await world.send(text_message("next", "out-2"))).status.state == MessageState.SENT


async def test_what_does_not_come_is_tried_five_times_and_the_lane_goes_on(world: OutboxWorld, files: FileHost) -> None:
    gone = f"{files.base_url}/files/gone.png"
    await world.send(medium("image", gone), wait_ms=0)
    await world.send(text_message("next", "out-2"), wait_ms=0)
    for tries in range(1, 5):
        await world.until_history_has(tries, "did not come")
        world.clock.shift_ms += 60_000
    found = await world.until_state(MessageState.FAILED, closed=True)
    failure = found.status.failure
    assert failure is not None
    assert (failure.reason, failure.metadata) == ("MEDIA_UNREACHABLE", {"origin": files.base_url, "cause": "404"})
    assert len(files.asked) == 5
    await world.until_state(MessageState.SENT, "out-2")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_host_that_hangs_is_given_up_in_time(files: FileHost, quiet: OutboxWorld) -> None:
    quiet.fetch_limits = FetchLimits(read_s=0.05)
    async with quiet.running() as outbox:
        quiet.outbox = outbox
        await quiet.send(medium("image", f"{files.base_url}/hang"), wait_ms=0)
        await quiet.until_history("(TIMEOUT)")
        assert (await quiet.get()).status.open


@pytest.mark.parametrize(
    "fault", ["server_error", "temporary", "reset", "reset_after_taken", "empty_success", "video_timeout"]
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_upload_that_ended_nobody_knows_how_is_made_again(
    world: OutboxWorld, files: FileHost, fault: str
) -> None:
    spoil_upload(world, fault)
    await world.send(medium("image", files.put("1.png", PNG, "image/png")), wait_ms=0)
    await world.until_history("acebook")
    world.clock.shift_ms += 2_000
    found = await world.until_state(MessageState.SENT)
    assert "UNCERTAIN" not in {entry.state for entry in found.history}
    assert [shown(entry) for entry in world.taken()] == [[("image", digest(PNG))]]


async def test_what_facebook_finds_of_another_type_goes_as_a_file(world: OutboxWorld, files: FileHost) -> None:
    spoil_upload(world, "upload_failed")
    await world.send(medium("video", files.put("1.mp4", MP4, "video/mp4")))
    (taken,) = world.taken()
    assert shown(taken) == [("file", digest(MP4))]


async def test_the_same_found_only_at_the_send_does_so_too(world: OutboxWorld, files: FileHost) -> None:
    world.facebook.script_fault("upload_failed")
    await world.send(medium("video", files.put("1.mp4", MP4, "video/mp4")))
    (taken,) = world.taken()
    assert shown(taken) == [("file", digest(MP4))]


async def test_an_id_that_facebook_lost_is_dropped_and_uploaded_anew_once(world: OutboxWorld, files: FileHost) -> None:
    message = medium("image", files.put("1.png", PNG, "image/png"))
    world.facebook.script_fault("attachment_unknown")
    assert (await world.send(message)).status.state == MessageState.SENT
    assert len(uploads(world)) == 2

    world.facebook.script_fault("attachment_unknown", times=2)
    message.id = "out-2"
    failure = (await world.send(message)).status.failure
    assert failure is not None
    assert (failure.reason, failure.provider_subcode) == ("MEDIA_REJECTED", 2018074)
    assert len(uploads(world)) == 3


@pytest.mark.parametrize(
    ("fault", "reason"), [("attachment_too_large", "MEDIA_REJECTED"), ("no_permission", "PAGE_PERMISSION_MISSING")]
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_refused_upload_fails_the_part_with_facebooks_codes(
    world: OutboxWorld, files: FileHost, fault: str, reason: str
) -> None:
    spoil_upload(world, fault)
    failure = await failure_of(world, medium("image", files.put("1.png", PNG, "image/png")))
    assert (failure.reason, failure.part_index, failure.provider_code is not None) == (reason, 0, True)
    assert world.calls() == ()


async def test_a_dead_token_at_an_upload_stops_the_channel_and_keeps_the_queue(
    world: OutboxWorld, files: FileHost
) -> None:
    spoil_upload(world, "token_expired")
    await world.send(medium("image", files.put("1.png", PNG, "image/png")), wait_ms=0)
    await world.until_channel(lambda channel: channel.stop_reason == "PAGE_TOKEN_REJECTED")
    assert (await world.get()).status.state == MessageState.QUEUED
    await world.set_page_token()
    await world.until_state(MessageState.SENT)


async def test_a_crash_in_the_middle_of_an_upload_leaves_nothing_uncertain(quiet: OutboxWorld, files: FileHost) -> None:
    spoil_upload(quiet, "slow", delay_s=30)
    async with quiet.running(crash=True) as outbox:
        quiet.outbox = outbox
        await quiet.send(medium("image", files.put("1.png", PNG, "image/png")), wait_ms=0)
        while quiet.facebook.state.faults.waiting:  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.01)
    quiet.clock.shift_ms += 120_000
    async with quiet.running("server-2") as outbox:
        quiet.outbox = outbox
        found = await quiet.until_state(MessageState.SENT)
    assert "UNCERTAIN" not in {entry.state for entry in found.history}
    assert len(quiet.taken()) == 1


async def test_a_stop_does_not_wait_for_an_upload(
    quiet: OutboxWorld, files: FileHost, capsys: pytest.CaptureFixture[str]
) -> None:
    async with quiet.running() as outbox:
        quiet.outbox = outbox
        await quiet.send(medium("image", f"{files.base_url}/hang"), wait_ms=0)
        while not files.asked:  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.01)
    assert (await quiet.log.get("out-1"))[0].status.state == MessageState.QUEUED
    assert "cut off" not in capsys.readouterr().out
