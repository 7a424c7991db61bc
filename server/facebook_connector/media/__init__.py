"""The bytes of inbound media: fetched from Facebook at once, before its links expire, kept, and read again."""

from __future__ import annotations
