from __future__ import annotations

from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest

from facebook_connector.errors import ConnectorError
from facebook_connector.media.folder import open_media_store
from facebook_connector.media.keep import MediaStore
from facebook_connector.media.kept import KeptMedia
from facebook_connector.media.written import Announced, Written, WrittenMedia
from facebook_connector.store.database import Database
from facebook_connector.store.media.log import MediaLog
from facebook_connector.store.media.written import WrittenLog
from tests.integration.facebook_connector.media.test_kept import DAY_MS, SetClock
from tests.support.inbound_records import NOW_MS
from tests.support.media_host import PDF, PNG

BASE = "https://chat.example.com"
LIMIT = 25_000_000


class World:
    """What takes media, and what reads them."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.log = MediaLog(database)
        self.store: MediaStore = open_media_store("", folder)
        self.folder = folder
        self.clock = SetClock()
        self.kept = KeptMedia(self.log, self.store, self.clock, lambda _: None)
        self.media = WrittenMedia(
            log=WrittenLog(database),
            store=self.store,
            link_secret=b"s" * 32,
            public_base_url=BASE,
            retention_ms=10 * DAY_MS,
            clock=self.clock,
        )

    async def write(
        self, *chunks: bytes, name: str = "p.png", mime_type: str = "", size: int | None = None, digest: str = ""
    ) -> Written:
        announced = Announced(file_name=name, mime_type=mime_type, size=size, sha256=digest)
        return await self.media.write(announced, coming(*chunks))

    async def refusal(self, *chunks: bytes, **announced: str | int | None) -> ConnectorError:
        with pytest.raises(ConnectorError) as raised:
            await self.write(*chunks, **announced)  # type: ignore[arg-type]
        return raised.value

    def files(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]


async def coming(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@pytest.fixture
def world(database: Database, tmp_path: Path) -> World:
    return World(database, tmp_path / "media")


async def test_a_written_medium_is_read_under_its_link(world: World) -> None:
    written = await world.write(PNG[:100], PNG[100:], size=len(PNG), digest=sha256(PNG).hexdigest().upper())
    assert written.media_url == f"{BASE}/media/{written.media_id}"
    row = await world.kept.look(written.media_id)
    assert (row.mime_type, row.name, row.size, row.sha256) == (
        "image/png",
        "p.png",
        len(PNG),
        sha256(PNG).hexdigest(),
    )
    assert (row.settle_time_ms, row.expire_time_ms) == (NOW_MS, NOW_MS + 10 * DAY_MS)
    assert b"".join([chunk async for chunk in world.kept.read(row, 0, len(PNG))]) == PNG


async def test_a_repeat_stores_nothing_twice_and_is_kept_as_long_as_a_new_one(world: World) -> None:
    first = await world.write(PNG)
    (file,) = world.files()
    file.write_bytes(b"untouched")
    world.clock.at_ms += DAY_MS
    second = await world.write(PNG)
    assert (second.media_url, second.create_time_ms) == (first.media_url, NOW_MS)
    assert [path.read_bytes() for path in world.files()] == [b"untouched"]
    assert (await world.kept.look(first.media_id)).expire_time_ms == NOW_MS + 11 * DAY_MS


async def test_the_same_bytes_under_another_name_are_another_medium(world: World) -> None:
    first, second = await world.write(PNG), await world.write(PNG, name="q.png")
    assert first.media_id != second.media_id
    assert (await world.kept.look(second.media_id)).name == "q.png"


async def test_a_link_cannot_be_guessed_from_the_bytes(world: World, database: Database) -> None:
    written = await world.write(PNG)
    object.__setattr__(world.media, "link_secret", b"t" * 32)
    assert (await world.write(PNG)).media_id != written.media_id


@pytest.mark.parametrize(
    ("name", "declared", "found"),
    [
        ("a.bin", "", "application/octet-stream"),
        ("a.bin", "model/stl", "model/stl"),
        ("a.pdf", "image/jpeg", "application/pdf"),
    ],
)
async def test_the_bytes_say_the_type_and_where_they_do_not_the_writer(
    world: World, name: str, declared: str, found: str
) -> None:
    data = PDF if name == "a.pdf" else b"\x00\x01\x02"
    written = await world.write(data, name=name, mime_type=declared)
    assert (await world.kept.look(written.media_id)).mime_type == found


@pytest.mark.parametrize(
    ("announced", "field"),
    [
        ({"name": ""}, "header.file_name"),
        ({"name": "x" * 256}, "header.file_name"),
        ({"name": "a/b.png"}, "header.file_name"),
        ({"name": "a\\b.png"}, "header.file_name"),
        ({"name": "a\nb.png"}, "header.file_name"),
        ({"mime_type": "image"}, "header.mime_type"),
        ({"digest": "abc"}, "header.sha256"),
        ({"size": 0}, "header.size"),
    ],
)
async def test_a_bad_header_is_named_and_nothing_is_kept(
    world: World, announced: dict[str, str | int | None], field: str
) -> None:
    error = await world.refusal(PNG, **announced)
    assert (error.reason, error.metadata["field"], error.violations[0].field) == ("INVALID_FIELD", field, field)
    assert world.files() == []


@pytest.mark.parametrize("announced", [{"size": len(PNG) + 1}, {"digest": "ab" * 32}])
async def test_other_bytes_than_announced_are_refused(world: World, announced: dict[str, str | int | None]) -> None:
    error = await world.refusal(PNG, **announced)
    (name,) = announced
    field = {"size": "header.size", "digest": "header.sha256"}[name]
    assert (error.reason, error.metadata) == ("MEDIA_CHECKSUM_MISMATCH", {"field": field})
    assert world.files() == []


async def test_no_bytes_are_no_medium(world: World) -> None:
    assert (await world.refusal()).reason == "INVALID_FIELD"


async def test_the_limit_itself_is_taken(world: World) -> None:
    assert (await world.write(bytes(LIMIT - 1), b"x")).medium.size == LIMIT


async def test_one_byte_more_is_refused(world: World) -> None:
    error = await world.refusal(bytes(LIMIT), b"x")
    assert (error.reason, error.metadata) == ("MEDIA_TOO_LARGE", {"maximum": str(LIMIT)})
    assert world.files() == []


async def test_what_is_announced_too_large_is_refused_before_its_bytes(world: World) -> None:
    error = await world.refusal(size=LIMIT + 1)
    assert (error.reason, error.metadata["value"]) == ("MEDIA_TOO_LARGE", str(LIMIT + 1))


async def test_a_call_that_breaks_keeps_nothing(world: World) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield PNG
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await world.media.write(Announced(file_name="p.png"), breaking())
    assert world.files() == []


async def test_an_equal_medium_whose_time_is_over_goes_first(world: World) -> None:
    written = await world.write(PNG)
    world.clock.at_ms += 10 * DAY_MS
    error = await world.refusal(PNG)
    assert (error.reason, error.retry_delay_ms) == ("STORE_UNAVAILABLE", 5_000)
    await world.log.bytes_gone([written.media_id], now_ms=world.clock.now_ms())
    assert (await world.write(PNG)).media_id == written.media_id
    assert (await world.kept.look(written.media_id)).settle_time_ms == world.clock.now_ms()
