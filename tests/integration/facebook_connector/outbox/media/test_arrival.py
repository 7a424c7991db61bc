"""Media of replies, from the bytes to what the customer sees: the sandbox is Facebook, a file host is CCM."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from facebook_connector.outbox.places import UploadPlaces
from facebook_connector.sending.values import MessageState
from messenger_sandbox.media.kinds import MEDIA_ROWS
from tests.integration.facebook_connector.outbox.media.bodies import (
    PDF,
    PNG,
    digest,
    failure_of,
    images,
    medium,
    shown,
    spoil_upload,
    uploads,
)
from tests.support.file_host import FileHost
from tests.support.outbox_world import FAST, MORE_PEOPLE, OutboxWorld, text_message
from tests.support.sandbox_world import PSID

DAY_MS = 24 * 3_600_000


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
        await files.until_asked()
        status = (await quiet.send(text_message("Hello", "text", psid=MORE_PEOPLE[0]))).status
        assert (status.state, files.asked) == (MessageState.SENT, ["/hang"])
