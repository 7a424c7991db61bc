"""How each kind of part is sent: by which rate, under which labels. Complete by test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType

from cim_messenger.outbound import PartKind


class Bucket(Enum):
    """Which of Meta's rates of the Send API a call counts to."""

    TEXT = auto()
    """Text, links, templates, stickers."""
    MEDIA = auto()
    """What may bring media. Meta names audio and video; images and files are counted with them to be safe."""
    UPLOAD = auto()
    """Uploads, for which Meta names no rate: as many as may be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """What sending must know of a kind."""

    bucket: Bucket
    needs_window: bool = True
    """False: it goes at any time, labelled UTILITY."""
    taggable: bool = True
    """Whether a tag may carry it, once the 24 hours are over."""
    uploads: bool = False
    """Whether it names media that must be at Facebook before it is sent."""


HANDLING: Mapping[PartKind, Handling] = MappingProxyType(
    {
        PartKind.TEXT: Handling(bucket=Bucket.TEXT),
        PartKind.TEMPLATE: Handling(bucket=Bucket.TEXT),
        PartKind.STICKER: Handling(bucket=Bucket.TEXT, taggable=False),
        PartKind.MEDIA: Handling(bucket=Bucket.MEDIA, uploads=True),
        PartKind.IMAGES: Handling(bucket=Bucket.MEDIA, uploads=True),
        PartKind.UTILITY: Handling(bucket=Bucket.TEXT, needs_window=False),
        PartKind.RAW: Handling(bucket=Bucket.MEDIA),
    }
)
"""Kind → how it is sent. Stickers: free ones, within 24 hours, says
https://developers.facebook.com/documentation/business-messaging/messenger-platform/send-messages/stickers"""
