"""Media of replies that do not come, do not fit, or that Facebook does not take."""

from __future__ import annotations

import asyncio

import pytest

from facebook_connector.errors import ConnectorError
from facebook_connector.media.fetch import FetchLimits
from facebook_connector.sending.values import MessageState
from tests.integration.facebook_connector.outbox.media.bodies import (
    MP4,
    PDF,
    PNG,
    digest,
    failure_of,
    medium,
    shown,
    spoil_upload,
    uploads,
)
from tests.support.file_host import FileHost, file_host
from tests.support.outbox_world import OutboxWorld, text_message

DAY_MS = 24 * 3_600_000


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
        await files.until_asked()
    assert (await quiet.log.get("out-1"))[0].status.state == MessageState.QUEUED
    assert "cut off" not in capsys.readouterr().out
