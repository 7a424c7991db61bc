from __future__ import annotations

import hashlib
from random import Random
from urllib.parse import unquote, urlsplit

import pytest

from messenger_sandbox.identifiers import Identifiers
from messenger_sandbox.media.content import Content
from messenger_sandbox.media.faults import MEDIA_FAULTS, MediaFault
from messenger_sandbox.media.shelf import CHUNK_BYTES, LIFETIME_S, MediaFetch, MediaShelf
from tests.support.sandbox_world import NOW_MS


@pytest.fixture
def shelf() -> MediaShelf:
    return MediaShelf(clock=lambda: NOW_MS, ids=Identifiers(Random(5)), key=b"key", origin="http://cdn.test")


def fetch(*, query: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> MediaFetch:
    return MediaFetch(asset=None, path="/v/x", at_ms=NOW_MS, query=query or {}, headers=headers or {})


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("jpeg", r"/v/t1.15752-9/{asset}.jpg"),
        ("mp4", r"/v/t42.3356-2/{asset}.mp4"),
        ("voice_clip", r"/v/t59.3654-21/{asset}.mp4/audioclip-1794300000000-2560.mp4"),
        ("pdf", r"/v/t59.2708-21/{asset}.pdf/Invoice №1047 (final).pdf"),
        ("sticker", r"/v/t39.1997-6/{asset}.png"),
    ],
)
def test_a_path_is_like_the_cdns(shelf: MediaShelf, kind: str, form: str) -> None:
    file = shelf.put(kind)
    parts = urlsplit(file.url)
    assert (parts.scheme, parts.netloc, unquote(parts.path)) == ("http", "cdn.test", form.format(asset=file.asset))


def test_a_link_lives_as_long_as_a_voice_clips(shelf: MediaShelf) -> None:
    assert f"oe={NOW_MS // 1_000 + LIFETIME_S:X}" in shelf.put("jpeg").url


def test_the_original_name_gives_the_type(shelf: MediaShelf) -> None:
    files = [shelf.put("bytes", name=name) for name in ("Смета.DOCX", "noextension", "odd.имя", ".htaccess")]
    assert [file.name for file in files] == ["Смета.DOCX", "noextension", "odd.имя", ".htaccess"]
    assert [file.path.split("/")[3].rpartition(".")[2] for file in files] == ["docx", "bin", "bin", "bin"]
    assert files[0].content_type.endswith("wordprocessingml.document")
    assert {file.content_type for file in files[1:]} == {"application/octet-stream"}


def test_a_file_of_any_size_is_made_in_small_pieces(shelf: MediaShelf) -> None:
    file = shelf.put("jpeg", size_bytes=40_000_000)
    sizes = [len(chunk) for chunk in file.chunks()]
    assert (sum(sizes), max(sizes)) == (40_000_000, CHUNK_BYTES)
    assert next(file.chunks()).startswith(file.head)


def test_a_beginning_of_a_file_is_the_same_bytes(shelf: MediaShelf) -> None:
    file = shelf.put("jpeg", size_bytes=200_000)
    assert b"".join(file.chunks(70_001, chunk_bytes=999)) == b"".join(file.chunks())[:70_001]


def test_the_digest_is_that_of_the_whole(shelf: MediaShelf) -> None:
    file = shelf.put("jpeg", size_bytes=200_000)
    assert file.sha256 == hashlib.sha256(file.head.ljust(200_000, b"\0")).hexdigest()


def test_no_file_is_smaller_than_its_format(shelf: MediaShelf) -> None:
    with pytest.raises(ValueError, match="at least"):
        shelf.put("png", size_bytes=10)


def test_a_file_is_found_by_its_whole_path_only(shelf: MediaShelf) -> None:
    file = shelf.put("pdf")
    assert shelf.find(file.path) == file
    assert shelf.find(file.path + "x") is None
    assert shelf.find("/v") is None


def test_faults_come_first_one_by_one_then_the_lasting_one(shelf: MediaShelf) -> None:
    file, other = shelf.put("png"), shelf.put("png")
    shelf.spoil(file, "gone", times=1)
    shelf.spoil(file, "not_found")
    shelf.spoil(file, MediaFault(status=418), times=1)
    assert [shelf.take_fault(file).status for _ in range(4)] == [410, 418, 404, 404]
    assert shelf.take_fault(other).status == 200
    shelf.mend(file)
    assert shelf.take_fault(file).status == 200


def test_an_unknown_fault_is_refused(shelf: MediaShelf) -> None:
    with pytest.raises(KeyError):
        shelf.spoil(shelf.put("png"), "melted")


def test_every_fault_does_something() -> None:
    assert MediaFault() not in MEDIA_FAULTS.values()


def test_a_share_is_a_share() -> None:
    with pytest.raises(ValueError, match="0 to 1"):
        MediaFault(sent_share=2)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"headers": {"user-agent": "x", "accept": "*/*"}}, False),
        ({"headers": {"authorization": "Bearer canary"}}, True),
        ({"headers": {"cookie": "a=b"}}, True),
        ({"query": {"access_token": "canary"}}, True),
        ({"query": {"oh": "00_x"}}, False),
    ],
)
def test_a_credential_is_noticed(changes: dict[str, dict[str, str]], *, found: bool) -> None:
    assert fetch(**changes).has_credential is found


def test_of_what_is_handed_over_the_newest_bytes_are_held() -> None:
    shelf = MediaShelf(clock=lambda: NOW_MS, ids=Identifiers(Random(5)), key=b"key", origin="", held_bytes=250)
    made = shelf.put("jpeg")
    first, second, third = (shelf.keep(Content(data=bytes(100), name=f"{n}.bin"), "file") for n in range(3))
    assert shelf.files == (made, second, third)
    assert shelf.find(first.path) is None
    assert b"".join(third.chunks()) == bytes(100)
