"""A file in the body of a call over HTTP, which stays its owner's.

aiohttp closes what it is given, on a thread of its own and after the answer has come: by then its owner may be about to
close it as well, which ends in a ValueError now and then, or to send it once more.
"""

from __future__ import annotations

import io
from typing import BinaryIO

import aiohttp


class LentFile(aiohttp.BufferedReaderPayload):
    """What a file holds from where it stands to its end, read in pieces while it is sent."""

    def __init__(self, file: BinaryIO, mime_type: str) -> None:
        super().__init__(file, content_type=mime_type)
        begun = file.tell()
        self._bytes = file.seek(0, io.SEEK_END) - begun
        file.seek(begun)

    @property
    def size(self) -> int:
        """In bytes."""
        return self._bytes

    async def close(self) -> None:
        """Leaves the file open."""
