"""Media that do not come, not in time, or from where they must not: what the link says then."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from expertflow.connector.v1.messenger_context_pb2 import MEDIA_STATE_FAILED, MEDIA_STATE_PENDING
from facebook_connector import media_parts
from facebook_connector.media import downloads
from facebook_connector.media.fetch import FetchLimits
from service_runtime.backoff import Backoff
from tests.integration.media_links.place import Place, attachment, path_of
from tests.support.media_host import HTML, PDF, PNG, MediaHost, running_media_host

SPOILT: dict[str, tuple[Callable[[MediaHost], str], str, str]] = {
    "nothing there": (lambda host: host.url("/none.png"), "image", "NOT_FOUND"),
    "a link that expired": (lambda host: host.refuses("/old.png", 403), "image", "URL_EXPIRED"),
    "30 MB, announced": (lambda host: host.gives("/1.png", PNG, announced=30_000_000), "image", "TOO_LARGE"),
    "30 MB, not announced": (lambda host: host.streams("/1.pdf", 30_000_000), "file", "TOO_LARGE"),
    "a web page as an image": (lambda host: host.gives("/1.png", HTML), "image", "TYPE_NOT_ALLOWED"),
    "a document as audio": (lambda host: host.gives("/1.mp4", PDF), "audio", "TYPE_NOT_ALLOWED"),
    "a redirect to a cloud's secrets": (
        lambda host: host.redirects("/1.png", "http://169.254.169.254/latest/meta-data/"),
        "image",
        "HOST_NOT_ALLOWED",
    ),
    "a cloud's secrets": (lambda _: "http://169.254.169.254/latest/meta-data/", "image", "HOST_NOT_ALLOWED"),
    "another host": (lambda _: "https://media.example.com/1.png", "image", "HOST_NOT_ALLOWED"),
    "plain HTTP": (lambda _: "http://scontent.xx.fbcdn.net/1.png", "image", "HOST_NOT_ALLOWED"),
    "a name that leads to this machine": (lambda _: "https://localhost/1.png", "image", "HOST_NOT_ALLOWED"),
    "a redirect to such a name": (
        lambda host: host.redirects("/1.png", "https://localhost/1.png"),
        "image",
        "HOST_NOT_ALLOWED",
    ),
}
"""What can stand behind a link: how it comes about, as what it was sent, and what is said of it."""


@pytest.mark.parametrize("case", SPOILT)
async def test_a_medium_that_cannot_be_had_is_gone_and_says_why(place: Place, case: str, tmp_path: Path) -> None:
    makes, kind, reason = SPOILT[case]
    await place.customer_sends("m_1", attachment(kind, makes(place.host)), text="Look")
    text, medium = await place.received(2)
    answer = await place.get(path_of(medium.message))

    assert text.message.body.markdown_text == "Look"
    assert (medium.context.media.state, medium.context.media.failure_reason) == (MEDIA_STATE_FAILED, reason)
    assert (answer.status_code, answer.headers["cache-control"]) == (410, "no-store")
    assert reason in answer.text
    assert [path for path in (tmp_path / "data" / "media").rglob("*") if path.is_file()] == []


async def test_a_redirect_to_a_neighbour_never_reaches_it(place: Place) -> None:
    async with running_media_host() as neighbour:
        secret = neighbour.gives("/admin.png", PNG)
        answer = await place.get(await place.link_of(place.host.redirects("/1.png", secret)))

    assert (answer.status_code, "HOST_NOT_ALLOWED" in answer.text) == (410, True)
    assert neighbour.connections == 0


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that gives up a silent host in a tenth of a second; to be there before the server."""
    monkeypatch.setattr(media_parts, "FetchLimits", partial(FetchLimits, read_s=0.1))
    monkeypatch.setattr(downloads, "BETWEEN_TRIES", Backoff(first=0.01, cap=0.01))
    monkeypatch.setattr(downloads, "POLL_S", 0.02)


@pytest.mark.parametrize("begun", [b"", PNG])
@pytest.mark.usefixtures("impatient")
async def test_a_host_that_goes_on_hanging_is_given_up(place: Place, begun: bytes) -> None:
    answer = await place.get(await place.link_of(place.host.hangs("/1.png", begun)))

    assert (answer.status_code, "TIMEOUT" in answer.text) == (410, True)
    assert place.host.requests == ["/1.png"] * downloads.TRIES


async def test_a_medium_on_its_way_can_be_asked_for_again(place: Place, tmp_path: Path) -> None:
    await place.customer_sends("m_1", attachment("image", place.host.hangs("/1.png")))
    # Its message is not delivered yet, so that nobody but the database knows the link.
    with closing(sqlite3.connect(tmp_path / "data" / "connector.db")) as database:
        ((media_id,),) = database.execute("SELECT media_id FROM media").fetchall()
    answer = await place.get(f"/media/{media_id}")

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["cache-control"] == "no-store"


async def test_a_message_goes_out_in_time_while_its_host_hangs(place: Place) -> None:
    await place.customer_sends("m_1", attachment("image", place.host.hangs("/1.png")))
    await place.customer_sends("m_2", text="Somebody else", psid="7009")
    (other,) = await place.received(1)
    place.clock.ahead_ms += 28_000
    (late,) = await place.received(1)
    answer = await place.get(path_of(late.message))

    assert other.message.body.markdown_text == "Somebody else"
    assert late.message.body.type == "IMAGE"
    assert late.context.media.state == MEDIA_STATE_PENDING
    assert answer.status_code == 503
