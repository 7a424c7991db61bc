"""What every part of the outbox works with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from facebook_connector.graph.conversation import ConversationApi
from facebook_connector.graph.send import SendApi
from facebook_connector.outbox.uploads import Uploads
from facebook_connector.outbox.waiters import Waiters
from facebook_connector.sending.ports import ChannelDirectory, OutboundLog
from facebook_connector.sending.typing import ShownTyping
from facebook_connector.sending.values import MessageState, OutboundStatus
from facebook_connector.telemetry import OUTBOUND_SETTLED, new_metrics
from service_runtime.clock import Clock
from service_runtime.metrics import Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxContext:
    """The outbox's surroundings, chosen once by the composition root."""

    log: OutboundLog
    channels: ChannelDirectory
    api: SendApi
    conversations: ConversationApi
    clock: Clock
    random: Callable[[], float]
    """Draws from [0, 1)."""
    installation: str
    """The database's id, made once; marks our sends in their echoes."""
    owner: str
    """This server's instance id, new at each start."""
    text_limit: int
    """Longest text of one Messenger message, in UTF-16 units."""
    waiters: Waiters
    uploads: Uploads
    typing: ShownTyping = field(default_factory=ShownTyping)
    metrics: Metrics = field(default_factory=new_metrics)
    settled: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many messages of each page this server has seen `sent`, `failed` or `uncertain`."""

    def tell(self, status: OutboundStatus) -> None:
        """A message has changed in the hands of this server: whoever waits for it hears of it, and the metrics do."""
        self.waiters.tell(status)
        if not status.open:
            reason = "" if status.failure is None else status.failure.reason
            self.settled[status.page_id, _fate(status)] += 1
            self.metrics.count(OUTBOUND_SETTLED, state=status.state.value.lower(), reason=reason)


def _fate(status: OutboundStatus) -> str:
    if status.state in {MessageState.FAILED, MessageState.UNCERTAIN}:
        return status.state.value.lower()
    return "sent"
