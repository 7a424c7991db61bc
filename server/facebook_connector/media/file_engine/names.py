"""What a medium is called in the File Engine, and the links under which it is found there: pure.

The File Engine stores a file under `<conversationId>_<its name>` and gives it to everybody who knows that. So the id
that goes along is made of the medium's own, which nobody can guess: the same medium always has the same name, and a
repeat takes the place of what there was. Special characters in names are refused; what people see is the label.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

TAG_DIGITS: Final = 24
"""96 bits in hex: as long as CCM's own ids of conversations."""

LONGEST_STEM: Final = 80
NAMELESS: Final = "file"

UPLOAD_PATH: Final = "/api/uploadFileStream"
DOWNLOAD_PATH: Final = "/api/downloadFileStream"

_ENDING: Final = re.compile(r"[A-Za-z0-9]{1,10}")
_UNFIT: Final = re.compile(r"[^A-Za-z0-9_-]+")
_TAG: Final = re.compile(r"(?:[0-9]{1,12}|[0-9a-f]{24})_(?=.)")
"""What clients and CCM put before a file's name: some digits, or the id of a conversation."""


def tag_of(media_id: str) -> str:
    """The `conversationId` that a medium of ours is uploaded with; its stored name begins with it."""
    return sha256(media_id.encode()).hexdigest()[:TAG_DIGITS]


def plain_name(name: str) -> str:
    """A name as the File Engine takes it: ASCII letters, digits, `_` and `-`, and one dot before the ending."""
    letters = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    stem, dot, ending = letters.rpartition(".")
    if not dot or not _ENDING.fullmatch(ending):
        stem, ending = letters, ""
    stem = _UNFIT.sub("_", stem).strip("_-")[:LONGEST_STEM] or NAMELESS
    return f"{stem}.{ending}" if ending else stem


def shown_name(stored: str) -> str:
    """The name that a file had before it was stored, as far as the stored one tells."""
    return _TAG.sub("", stored, count=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEngineLinks:
    """The addresses of one File Engine. Neither ends with a slash."""

    url: str
    """Where this server calls it."""
    public_url: str
    """Where browsers reach it."""

    def link(self, stored: str) -> str:
        """Where everybody may read a file; the `mediaUrl` of CIM."""
        return f"{self.public_url}{DOWNLOAD_PATH}?filename={quote(stored, safe='')}"

    def name_in(self, url: str) -> str:
        """The stored name that a link of the File Engine gives, whichever of its addresses it has; else empty.

        Scheme and port do not count: the bytes come from `url` in any case, and proxies change both.
        """
        try:
            parts = urlsplit(url)
            if (parts.hostname, parts.path) not in map(_download, (self.url, self.public_url)):
                return ""
            return parse_qs(parts.query).get("filename", [""])[0]
        except ValueError:
            return ""


def _download(base: str) -> tuple[str | None, str]:
    parts = urlsplit(base)
    return parts.hostname, f"{parts.path}{DOWNLOAD_PATH}"
