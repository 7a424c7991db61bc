"""The answers of consumers on their way into the store, and whom to tell the result.

An attempt ends once: by its acknowledgement or by its release, whichever came first. What comes second for the same
attempt is stale; the same again joins the first and gets the same result. Extensions end nothing and stand beside.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

from facebook_connector.delivery.limits import ACK_BATCH
from facebook_connector.delivery.values import AckToken, Extension, Release
from facebook_connector.delivery.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """Who sent an ack id, and as what text."""

    stream_id: int
    ack_id: str


@dataclass(slots=True)
class _Wish:
    """One attempt's pending answer: an acknowledgement when `release` is None."""

    release: Release | None
    reporters: list[Reporter] = field(default_factory=list)


class Settlements:
    """Pending acknowledgements, releases and extensions of one subscription; taken in batches, in their order."""

    def __init__(self) -> None:
        self._acks: dict[AckToken, None] = {}
        self._releases: dict[AckToken, None] = {}
        self._wishes: dict[AckToken, _Wish] = {}
        """Queued or with the store, until the result is in."""
        self._extensions: dict[AckToken, Extension] = {}
        self._extension_reporters: dict[AckToken, list[Reporter]] = {}

    def __bool__(self) -> bool:
        return bool(self._wishes or self._extension_reporters)

    def ending(self, token: AckToken) -> bool:
        """Whether the attempt's acknowledgement or release is under way."""
        return token in self._wishes

    def acknowledge(self, token: AckToken, reporter: Reporter) -> bool:
        """Queues an acknowledgement; False when the attempt is being released."""
        wish = self._wishes.get(token)
        if wish is None:
            wish = self._wishes[token] = _Wish(release=None)
            self._acks[token] = None
        if wish.release is not None:
            return False
        wish.reporters.append(reporter)
        return True

    def release(self, release: Release, reporter: Reporter | None = None) -> bool:
        """Queues a release; False when the attempt is being acknowledged. A second release joins the first."""
        wish = self._wishes.get(release.token)
        if wish is None:
            wish = self._wishes[release.token] = _Wish(release=release)
            self._releases[release.token] = None
        if wish.release is None:
            return False
        if reporter is not None:
            wish.reporters.append(reporter)
        return True

    def extend(self, extension: Extension, reporter: Reporter | None = None) -> None:
        """Queues an extension in place of an earlier one that is still queued."""
        self._extensions[extension.token] = extension
        reporters = self._extension_reporters.setdefault(extension.token, [])
        if reporter is not None:
            reporters.append(reporter)

    def take_acks(self) -> tuple[AckToken, ...]:
        """The oldest queued acknowledgements, at most one store call full."""
        batch = tuple(islice(self._acks, ACK_BATCH))
        for token in batch:
            del self._acks[token]
        return batch

    def take_releases(self) -> tuple[Release, ...]:
        """All queued releases."""
        wishes = [self._wishes[token] for token in self._releases]
        self._releases.clear()
        return tuple(wish.release for wish in wishes if wish.release is not None)

    def take_extensions(self) -> tuple[Extension, ...]:
        """All queued extensions."""
        batch = tuple(self._extensions.values())
        self._extensions.clear()
        return batch

    def settled(self, token: AckToken) -> list[Reporter]:
        """The store has answered the acknowledgement or the release: whom to tell."""
        return self._wishes.pop(token).reporters

    def extended(self, token: AckToken) -> list[Reporter]:
        """The store has answered an extension: whom to tell, unless a newer one is queued and will tell them."""
        return [] if token in self._extensions else self._extension_reporters.pop(token)

    def put_back(self, work: Work) -> None:
        """The store could not answer: all of it comes first next time, but newer extensions replace older ones."""
        self._acks = dict.fromkeys(work.acks) | self._acks
        self._releases = dict.fromkeys(release.token for release in work.releases) | self._releases
        self._extensions = {extension.token: extension for extension in work.extensions} | self._extensions
