"""Documents made in code: a PDF of one empty page, and bytes that are nothing in particular."""

from __future__ import annotations

from typing import Final

_OBJECTS: Final = (
    b"<</Type/Catalog/Pages 2 0 R>>",
    b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Resources<<>>>>",
)


def pdf(label: bytes) -> bytes:
    """One empty page; the label is a comment behind the version."""
    written = b"%PDF-1.4\n%" + label.hex().encode() + b"\n"
    offsets = []
    for number, content in enumerate(_OBJECTS, start=1):
        offsets.append(len(written))
        written += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(_OBJECTS) + 1
    return (
        written
        + b"xref\n0 %d\n0000000000 65535 f \n" % size
        + table
        + b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(written))
    )


def any_bytes(label: bytes) -> bytes:
    """No format that anybody could recognise."""
    return b"\x00\x01\xfe\xff" + label
