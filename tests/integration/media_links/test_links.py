"""From Facebook's webhook to the link in an agent's browser."""

from __future__ import annotations

import pytest

from tests.integration.media_links.place import NAME, Place, attachment, path_of
from tests.support.media_host import PDF, PNG


async def test_a_text_three_images_and_a_file_are_five_messages_in_order(place: Place) -> None:
    images = [place.host.gives(f"/{number}.png", PNG + bytes([number])) for number in range(3)]
    file = place.host.gives("/v/Rechnung%20M%C3%A4rz.pdf?dl=1", PDF)
    parts = [*(attachment("image", url) for url in images), attachment("file", file)]
    await place.customer_sends("m_1", *parts, text="Here they are")

    messages = await place.received(5)
    bodies = [received.message.body.type for received in messages]
    answers = [await place.get(path_of(received.message)) for received in messages[1:]]
    assert bodies == ["PLAIN", "IMAGE", "IMAGE", "IMAGE", "FILE"]
    assert [received.context.part.index for received in messages] == [0, 1, 2, 3, 4]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert [answer.content for answer in answers] == [*(PNG + bytes([number]) for number in range(3)), PDF]
    assert [answer.headers["content-type"] for answer in answers] == ["image/png"] * 3 + ["application/pdf"]
    assert messages[4].message.body.file.attachment.media_label == NAME
    assert len(place.host.requests) == 4


async def test_facebook_stands_nowhere_but_in_the_details(place: Place) -> None:
    source = place.host.gives("/1.png", PNG)
    await place.customer_sends("m_1", attachment("image", source))
    (received,) = await place.received(1)

    details = received.message.body.image.additional_details.text
    assert source in details
    received.message.body.image.ClearField("additional_details")
    assert place.host.origin not in str(received.message)


async def test_a_link_cannot_be_guessed_from_the_message_id(place: Place) -> None:
    await place.customer_sends("m_1", attachment("image", place.host.gives("/1.png", PNG)))
    (received,) = await place.received(1)

    assert (await place.get(f"/media/{received.message.id}")).status_code == 404


async def test_what_a_browser_may_show_is_shown_and_nothing_else(place: Place) -> None:
    image = await place.get(await place.link_of(place.host.gives("/1.png", PNG)))
    page = b"<html><script>alert(1)</script>"
    file = await place.get(await place.link_of(place.host.gives("/Seite%20%22%C3%A4%22.html", page), "file"))

    assert image.headers["content-disposition"].startswith("inline; filename=")
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"] == (
        "attachment; filename=\"Seite _.html\"; filename*=UTF-8''Seite%20%C3%A4.html"
    )
    for answer in (image, file):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=0-9", 0, 9), ("bytes=10-", 10, 2999), ("bytes=-5", 2995, 2999), ("bytes=2990-9999", 2990, 2999)],
)
async def test_a_range_is_answered_with_its_part(place: Place, asked: str, first: int, last: int) -> None:
    body = PNG[:8] + bytes(range(256)) * 11 + b"x" * 176
    answer = await place.get(await place.link_of(place.host.gives("/1.png", body)), range=asked)

    assert len(body) == 3000
    assert (answer.status_code, answer.headers["content-range"]) == (206, f"bytes {first}-{last}/3000")
    assert answer.content == body[first : last + 1]


async def test_a_range_behind_the_end_is_refused(place: Place) -> None:
    answer = await place.get(await place.link_of(place.host.gives("/1.png", PNG)), range=f"bytes={len(PNG)}-")

    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(PNG)}")


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=9-3", "bytes=-", "nonsense"])
async def test_what_is_no_single_range_gets_all(place: Place, asked: str) -> None:
    answer = await place.get(await place.link_of(place.host.gives("/1.png", PNG)), range=asked)

    assert (answer.status_code, answer.content) == (200, PNG)


async def test_head_tells_without_bytes(place: Place) -> None:
    path = await place.link_of(place.host.gives("/1.png", PNG))
    answer = await place.browser.head(path)

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(PNG))
    assert answer.headers["accept-ranges"] == "bytes"


async def test_a_copy_is_asked_about_before_it_is_shown(place: Place) -> None:
    path = await place.link_of(place.host.gives("/1.png", PNG))
    first = await place.get(path)
    second = await place.get(path, if_none_match=first.headers["etag"])
    stale = await place.get(path, range="bytes=0-1", if_range='"another"')

    assert "no-cache" in first.headers["cache-control"]
    assert (second.status_code, second.content) == (304, b"")
    assert stale.status_code == 200


async def test_a_large_medium_comes_whole(place: Place) -> None:
    body = PDF + b"x" * (24 * 1024 * 1024)
    answer = await place.get(await place.link_of(place.host.gives("/1.pdf", body), "file"))

    assert answer.content == body
