"""What this server does when it hears what another one on the database has committed: one table, by topic.

Nothing here reads the notice's subject: whoever is woken looks for himself, as he does each second anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from facebook_connector.channels.directory import Directory
from facebook_connector.inbox.inbox import Inbox
from facebook_connector.media.downloads import Downloads
from facebook_connector.outbox.outbox import Outbox
from facebook_connector.store.notices import Notice, Topic
from facebook_connector.telemetry import NOTICES
from service_runtime.metrics import Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Wakes:
    """Whom notices wake."""

    inbox: Inbox
    outbox: Outbox
    directory: Directory
    downloads: Downloads
    metrics: Metrics

    def hear(self, notice: Notice) -> None:
        """Wakes whomever the notice concerns."""
        self.metrics.count(NOTICES, topic=notice.topic)
        ACTIONS[notice.topic](self, *notice.values)

    def ready(self, *subscription_ids: str) -> None:
        """Subscriptions have something to deliver."""
        self.inbox.announce([int(number) for number in subscription_ids])

    def send(self, page_id: str, psid: str) -> None:
        """A message to a person was accepted."""
        self.outbox.accepted_elsewhere(page_id, psid)

    def channel(self, *page_ids: str) -> None:
        """Channels were changed."""
        for page_id in page_ids:
            self.directory.forget(page_id)
            self.outbox.channel_changed(page_id)

    def media(self) -> None:
        """There is something to fetch."""
        self.downloads.wake()

    def stream(self, subscription_id: str, client_id: str, generation: str) -> None:
        """A client has opened a stream elsewhere."""
        self.inbox.opened_elsewhere(int(subscription_id), client_id, int(generation))

    def missed(self) -> None:
        """Anything may have happened."""
        self.directory.forget_all()
        self.inbox.look()
        self.outbox.look()
        self.downloads.wake()


ACTIONS: Mapping[Topic, Callable[..., None]] = {
    Topic.READY: Wakes.ready,
    Topic.SEND: Wakes.send,
    Topic.CHANNEL: Wakes.channel,
    Topic.MEDIA: Wakes.media,
    Topic.STREAM: Wakes.stream,
    Topic.MISSED: Wakes.missed,
}
"""A test proves that no topic is missing."""
