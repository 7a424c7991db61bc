from __future__ import annotations

import pytest

from facebook_connector.media.sniff import FAMILY_OF_KIND, OCTETS, SUFFIXES, Kind, is_allowed, sniff

CASES = [
    ("image/jpeg", b"\xff\xd8\xff\xe0\x00\x10JFIF", Kind.IMAGE, ""),
    ("image/png", b"\x89PNG\r\n\x1a\n\x00\x00", Kind.STICKER, ""),
    ("image/gif", b"GIF89a\x01\x00", Kind.IMAGE, ""),
    ("image/webp", b"RIFF\x10\x00\x00\x00WEBPVP8 ", Kind.IMAGE, ""),
    ("audio/aac", b"\xff\xf1\x50\x80\x00", Kind.AUDIO, ""),
    ("audio/aac", b"\xff\xf9\x50\x80\x00", Kind.AUDIO, ""),
    ("audio/mp4", b"\x00\x00\x00\x18ftypmp42", Kind.AUDIO, "audioclip-1.mp4"),
    ("audio/mp4", b"\x00\x00\x00\x18ftypM4A ", Kind.AUDIO, ""),
    ("audio/amr", b"#!AMR\n\x3c", Kind.AUDIO, ""),
    ("audio/mpeg", b"ID3\x04\x00", Kind.AUDIO, ""),
    ("audio/mpeg", b"\xff\xfb\x90\x64", Kind.AUDIO, ""),
    ("audio/ogg", b"OggS\x00\x02", Kind.AUDIO, ""),
    ("video/mp4", b"\x00\x00\x00\x18ftypisom", Kind.VIDEO, ""),
    ("video/3gpp", b"\x00\x00\x00\x18ftyp3gp4", Kind.VIDEO, ""),
    ("video/quicktime", b"\x00\x00\x00\x14ftypqt  ", Kind.VIDEO, ""),
    ("application/pdf", b"%PDF-1.7", Kind.FILE, "invoice.pdf"),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        b"PK\x03\x04\x14\x00",
        Kind.FILE,
        "Offer.DOCX",
    ),
    ("application/zip", b"PK\x03\x04\x14\x00", Kind.FILE, "all.jar"),
    ("text/csv", b"a;b;c\n", Kind.FILE, "list.csv"),
    (OCTETS, b"MZ\x90\x00", Kind.FILE, "setup.txt"),
    (OCTETS, b"<!doctype html>", Kind.IMAGE, "1.jpg"),
    (OCTETS, b"<svg onload=alert(1)>", Kind.FILE, "1.svg"),
    (OCTETS, b"\xff\xfeh\x00i\x00", Kind.FILE, "utf16"),
    (OCTETS, b"", Kind.FILE, ""),
]


@pytest.mark.parametrize(("mime_type", "head", "kind", "name"), CASES)
def test_bytes_are_what_they_begin_with(mime_type: str, head: bytes, kind: Kind, name: str) -> None:
    assert sniff(head, kind, name) == mime_type


def test_every_kind_has_a_family() -> None:
    assert set(FAMILY_OF_KIND) == set(Kind)


def test_every_type_of_sound_and_picture_has_a_suffix() -> None:
    assert {mime_type for mime_type, *_ in CASES if not mime_type.startswith(("application/", "text/"))} <= set(
        SUFFIXES
    )


@pytest.mark.parametrize(
    ("mime_type", "kind", "allowed"),
    [
        ("image/png", Kind.IMAGE, True),
        ("image/png", Kind.STICKER, True),
        ("video/mp4", Kind.IMAGE, False),
        (OCTETS, Kind.IMAGE, False),
        ("audio/mp4", Kind.VIDEO, False),
        (OCTETS, Kind.FILE, True),
        ("text/plain", Kind.FILE, True),
    ],
)
def test_a_kind_takes_its_family(mime_type: str, kind: Kind, *, allowed: bool) -> None:
    assert is_allowed(mime_type, kind) is allowed
