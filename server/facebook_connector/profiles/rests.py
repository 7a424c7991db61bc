"""Pages that are left alone for a while: pure state of one server."""

from __future__ import annotations

from dataclasses import dataclass

from facebook_connector.sending.values import SendingChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rest:
    etag: str
    until_ms: int


class Rests:
    """By page, until when nobody is asked about; a change of the channel ends it."""

    def __init__(self) -> None:
        self._rests: dict[str, _Rest] = {}

    def begin(self, channel: SendingChannel, until_ms: int) -> None:
        """Leaves the page alone until then."""
        self._rests[channel.page_id] = _Rest(etag=channel.etag, until_ms=until_ms)

    def until_ms(self, channel: SendingChannel, now_ms: int) -> int | None:
        """Until when the page is left alone; None: it may be asked about."""
        rest = self._rests.get(channel.page_id)
        if rest is None:
            return None
        if rest.etag != channel.etag or rest.until_ms <= now_ms:
            del self._rests[channel.page_id]
            return None
        return rest.until_ms
