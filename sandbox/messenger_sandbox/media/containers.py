"""ISO base media files (MP4, M4A, 3GP) made in code: true brands and headers around no track; a label keeps them apart.

Whoever only looks at the first bytes, as a sniffer does, cannot tell them from recordings.
"""

from __future__ import annotations

import struct
from typing import Final

_TIMESCALE: Final = 1_000
_DURATION: Final = 2_560
_UNITY_MATRIX: Final = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def _box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + name + data


def _movie(brand: bytes, compatible: tuple[bytes, ...], label: bytes) -> bytes:
    header = (
        struct.pack(">IIIII", 0, 0, 0, _TIMESCALE, _DURATION)
        + struct.pack(">IHHII", 0x10000, 0x100, 0, 0, 0)
        + _UNITY_MATRIX
        + bytes(24)
        + struct.pack(">I", 1)
    )
    return (
        _box(b"ftyp", brand + struct.pack(">I", 0x200) + b"".join(compatible))
        + _box(b"moov", _box(b"mvhd", header))
        + _box(b"mdat", label)
    )


def mp4(label: bytes) -> bytes:
    return _movie(b"isom", (b"isom", b"iso2", b"avc1", b"mp41"), label)


def m4a(label: bytes) -> bytes:
    return _movie(b"M4A ", (b"M4A ", b"mp42", b"isom"), label)


def three_gp(label: bytes) -> bytes:
    return _movie(b"3gp4", (b"3gp4", b"isom"), label)
