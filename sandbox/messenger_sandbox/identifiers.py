"""Ids as Facebook forms them: opaque mids, digit strings for pages and people, trace ids, challenges, tokens.

The randomness is handed in, so that a seeded run mints the same ids again. Nothing may read a meaning out of an id.
"""

from __future__ import annotations

import base64
import string
from random import Random

_MID_LENGTH = 96
"""Real mids run from 80 to well over 100 characters: long enough to catch a column that is too short."""


class Identifiers:
    def __init__(self, random: Random) -> None:
        self._random = random

    def mid(self) -> str:
        return "m_" + self._opaque(_MID_LENGTH)

    def page_id(self) -> str:
        return self._digits(15)

    def psid(self) -> str:
        return self._digits(self._random.choice((16, 17)))

    def attachment_id(self) -> str:
        return self._digits(16)

    def asset(self) -> str:
        """Names a file on the CDN."""
        return f"{self._digits(9)}_{self._digits(16)}_{self._digits(19)}_n"

    def trace_id(self) -> str:
        return "A" + self._opaque(22)

    def challenge(self) -> str:
        return self._digits(10)

    def page_token(self) -> str:
        return "EAA" + self._opaque(64).replace("-", "x").replace("_", "y")

    def _opaque(self, length: int) -> str:
        """Every character of URL-safe Base64; a mid is made for each send, so this must be cheap."""
        return base64.urlsafe_b64encode(self._random.randbytes(-(-length * 3 // 4))).decode()[:length]

    def _digits(self, length: int) -> str:
        return self._random.choice("123456789") + "".join(self._random.choices(string.digits, k=length - 1))
