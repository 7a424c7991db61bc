"""Small pictures made in code, each whole and decodable; a label inside keeps any two files apart."""

from __future__ import annotations

import struct
import zlib
from typing import Final

_SIDE: Final = 16
_JPEG_MARKER_LIMIT: Final = 65_000


def png(label: bytes) -> bytes:
    """A 16 × 16 colour gradient with the label as a text chunk."""
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + b"".join(bytes((16 * x, 16 * y, 128)) for x in range(_SIDE)) for y in range(_SIDE))
    chunks = ((b"IHDR", header), (b"tEXt", b"Comment\0" + label), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def jpeg(label: bytes) -> bytes:
    """One grey block of 8 × 8 points, baseline, with the label as a comment.

    Both Huffman tables hold a single code of one bit: *no difference* for DC, *end of block* for AC. The picture is
    therefore two zero bits, filled up with ones.
    """
    one_code = bytes((1, *(0 for _ in range(15)), 0))
    segments = (
        (0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        (0xFE, label[:_JPEG_MARKER_LIMIT]),
        (0xDB, b"\0" + b"\x10" * 64),
        (0xC0, b"\x08\0\x08\0\x08\x01\x01\x11\0"),
        (0xC4, b"\x00" + one_code),
        (0xC4, b"\x10" + one_code),
        (0xDA, b"\x01\x01\0\0\x3f\0"),
    )
    written = b"".join(struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data for marker, data in segments)
    return b"\xff\xd8" + written + b"\x3f\xff\xd9"


def gif(label: bytes) -> bytes:
    """Two frames of one point that alternate for ever, with the label as a comment."""
    screen = b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0"
    loop = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    comment = b"\x21\xfe" + _blocks(label)
    frames = b"".join(
        b"\x21\xf9\x04\0\x32\0\0\0" + b"\x2c\0\0\0\0\x01\0\x01\0\0" + b"\x02\x02" + bits + b"\0"
        for bits in (b"\x44\x01", b"\x4c\x01")
    )
    return screen + loop + comment + frames + b"\x3b"


def _blocks(data: bytes) -> bytes:
    parts = (data[start : start + 255] for start in range(0, len(data), 255))
    return b"".join(bytes((len(part),)) + part for part in parts) + b"\0"
