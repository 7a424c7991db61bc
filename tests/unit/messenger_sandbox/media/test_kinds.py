"""Each sample is taken apart by its format's own rules, written here a second time."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable

import pytest

from messenger_sandbox.media.kinds import CONTENT_TYPES, MEDIA_ROWS

LABEL = b"sandbox 476_12_n"


def built(kind: str) -> bytes:
    return MEDIA_ROWS[kind].build(LABEL)


def test_a_png_holds_its_rows() -> None:
    data, names, pixels = built("png"), [], b""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at = 8
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        name, content = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack_from(">I", data, at + 8 + size) == (zlib.crc32(name + content),)
        names.append(name)
        pixels += content if name == b"IDAT" else b""
        at += size + 12
    assert names == [b"IHDR", b"tEXt", b"IDAT", b"IEND"]
    assert len(zlib.decompress(pixels)) == 16 * (1 + 3 * 16)


def test_a_jpeg_is_a_row_of_segments_and_one_scan() -> None:
    data, at = built("jpeg"), 2
    markers: list[int] = []
    assert data[:2] == b"\xff\xd8"
    while not markers or markers[-1] != 0xDA:
        prefix, marker, size = struct.unpack_from(">BBH", data, at)
        assert prefix == 0xFF
        markers.append(marker)
        at += 2 + size
    assert markers == [0xE0, 0xFE, 0xDB, 0xC0, 0xC4, 0xC4, 0xDA]
    # Two codes of one bit, both zero, and ones to the end of the byte.
    assert data[at:] == bytes([0b00111111]) + b"\xff\xd9"


def test_a_gif_has_two_frames_and_an_end() -> None:
    data, at, images = built("gif"), 13 + 6, 0
    assert data[:6] == b"GIF89a"
    while data[at] != 0x3B:
        images += data[at] == 0x2C
        at += {0x21: 2, 0x2C: 11}[data[at]]
        while data[at]:
            at += data[at] + 1
        at += 1
    assert (images, at) == (2, len(data) - 1)


def boxes(data: bytes) -> dict[bytes, bytes]:
    found, at = {}, 0
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        found[data[at + 4 : at + 8]] = data[at + 8 : at + size]
        at += size
    assert at == len(data)
    return found


@pytest.mark.parametrize(
    ("kind", "brand"), [("mp4", b"isom"), ("voice_clip", b"isom"), ("m4a", b"M4A "), ("3gp", b"3gp4")]
)
def test_a_container_has_its_brand_and_a_movie_header(kind: str, brand: bytes) -> None:
    found = boxes(built(kind))
    assert list(found) == [b"ftyp", b"moov", b"mdat"]
    assert found[b"ftyp"][:4] == brand
    header = boxes(found[b"moov"])[b"mvhd"]
    assert len(header) == 100
    assert struct.unpack_from(">II", header, 12) == (1_000, 2_560)


def test_an_aac_frame_tells_its_length() -> None:
    data = built("aac")
    assert (data[0], data[1] & 0xF6) == (0xFF, 0xF0)
    assert (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5 == len(data)


def test_an_amr_stream_is_frames_of_one_mode() -> None:
    data = built("amr")
    assert data[:6] == b"#!AMR\n"
    frames = [data[start : start + 32] for start in range(6, len(data), 32)]
    assert {(frame[0], len(frame)) for frame in frames} == {(0x3C, 32)}


def test_an_mp3_is_a_tag_and_frames() -> None:
    data = built("mp3")
    size = data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9]
    assert (data[:3], data[10:14], data[10 + size : 12 + size]) == (b"ID3", b"TIT2", b"\xff\xfb")
    assert len(data) - 10 - size == 2 * (144 * 128_000 // 44_100)


def ogg_checksum(page: bytes) -> int:
    """By long division over the polynomial, bit by bit as in the format's description."""
    bits = int.from_bytes(page + bytes(4), "big")
    divisor = 0x104C11DB7
    for shift in range(8 * len(page) - 1, -1, -1):
        if bits >> (shift + 32) & 1:
            bits ^= divisor << shift
    return bits


def test_an_ogg_stream_is_three_pages_with_their_checksums() -> None:
    data, at, flags = built("ogg"), 0, []
    while at < len(data):
        page = data[at : at + 28 + data[at + 27]]
        assert page[:5] == b"OggS\0"
        assert int.from_bytes(page[22:26], "little") == ogg_checksum(page[:22] + bytes(4) + page[26:])
        flags.append(page[5])
        at += len(page)
    assert flags == [2, 0, 4]
    assert b"OpusHead" in data
    assert b"OpusTags" in data


def test_a_pdf_finds_its_objects_where_its_table_says() -> None:
    data = built("pdf")
    table = int(re.findall(rb"startxref\n(\d+)", data)[0])
    assert data[table:].startswith(b"xref")
    offsets = [int(offset) for offset in re.findall(rb"(\d{10}) 00000 n ", data)]
    assert [data[offset : offset + 7] for offset in offsets] == [b"1 0 obj", b"2 0 obj", b"3 0 obj"]


MAGIC: dict[str, Callable[[bytes], bool]] = {
    "bytes": lambda data: data[0] == 0,
    "sticker": lambda data: data.startswith(b"\x89PNG"),
}
TAKEN_APART = {"png", "jpeg", "gif", "mp4", "voice_clip", "m4a", "3gp", "aac", "amr", "mp3", "ogg", "pdf"}


def test_every_kind_is_taken_apart() -> None:
    assert set(MEDIA_ROWS) == TAKEN_APART | set(MAGIC)
    assert all(right(built(kind)) for kind, right in MAGIC.items())


@pytest.mark.parametrize("kind", MEDIA_ROWS)
def test_no_two_files_are_equal(kind: str) -> None:
    assert MEDIA_ROWS[kind].build(b"sandbox 1") != MEDIA_ROWS[kind].build(b"sandbox 2")


def test_what_a_contact_centre_takes_can_be_sent() -> None:
    served = {row.content_type for row in MEDIA_ROWS.values()}
    assert {
        "image/jpeg",
        "image/png",
        "image/gif",
        "video/mp4",
        "video/3gpp",
        "audio/aac",
        "audio/mp4",
        "audio/amr",
        "audio/mpeg",
        "audio/ogg",
    } <= served


def test_a_voice_clip_is_served_by_its_extension() -> None:
    row = MEDIA_ROWS["voice_clip"]
    assert (row.attachment_type, row.extension, row.content_type) == ("audio", "mp4", "video/mp4")
    assert CONTENT_TYPES["docx"].startswith("application/vnd.openxml")
