"""Short sounds made in code: AAC, AMR, MP3 and Ogg Opus streams of almost nothing; a label keeps them apart."""

from __future__ import annotations

import struct
from typing import Final

_OGG_SERIAL: Final = 0x5A41C0E2
_OPUS_SILENCE: Final = b"\xf8\xff\xfe"
_AMR_122_FRAME: Final = 31
"""Bytes of speech in a frame of 12.2 kbit/s."""
_MP3_FRAME: Final = 417
"""Bytes of a frame of 128 kbit/s at 44.1 kHz."""


def aac(label: bytes) -> bytes:
    """One ADTS frame of mono silence at 44.1 kHz; the label is a data stream element before it."""
    carried = label[:250]
    # Element id 4 and tag 0 and the align flag, then the count: sixteen bits, so that the bytes stand aligned.
    frame = b"\x81" + bytes((len(carried),)) + carried + b"\x00\xc8\x00\x80\x23\x80"
    length = len(frame) + 7
    return bytes((0xFF, 0xF1, 0x50, 0x40 | length >> 11, length >> 3 & 0xFF, (length & 7) << 5 | 0x1F, 0xFC)) + frame


def amr(label: bytes) -> bytes:
    """Frames of 12.2 kbit/s whose speech is the label: any bits are speech."""
    padded = label.ljust(-(-len(label) // _AMR_122_FRAME) * _AMR_122_FRAME or _AMR_122_FRAME, b"\0")
    frames = (padded[start : start + _AMR_122_FRAME] for start in range(0, len(padded), _AMR_122_FRAME))
    return b"#!AMR\n" + b"".join(b"\x3c" + frame for frame in frames)


def mp3(label: bytes) -> bytes:
    """An ID3 tag with the label as title, and two silent frames."""
    title = b"\x03" + label
    tag = b"TIT2" + _syncsafe(len(title)) + b"\0\0" + title
    frame = b"\xff\xfb\x90\xc4" + bytes(_MP3_FRAME - 4)
    return b"ID3\x04\0\0" + _syncsafe(len(tag)) + tag + 2 * frame


def _syncsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def ogg(label: bytes) -> bytes:
    """Ogg Opus: identification, the label as vendor in the tags, one packet of silence."""
    head = b"OpusHead\x01\x01" + struct.pack("<HIh", 312, 48_000, 0) + b"\0"
    vendor = label[:200]
    tags = b"OpusTags" + struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", 0)
    pages = ((2, 0, head), (0, 0, tags), (4, 960, _OPUS_SILENCE))
    return b"".join(_page(number, *page) for number, page in enumerate(pages))


def _page(number: int, flags: int, granule: int, packet: bytes) -> bytes:
    """A page of one packet, which is shorter than 255 bytes; the checksum is taken with zeros in its place."""
    before = b"OggS\0" + struct.pack("<BqII", flags, granule, _OGG_SERIAL, number)
    after = bytes((1, len(packet))) + packet
    return before + struct.pack("<I", _checksum(before + bytes(4) + after)) + after


def _checksum(data: bytes) -> int:
    """CRC-32 of Ogg: the usual polynomial, not reflected, started at zero."""
    value = 0
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
    return value
