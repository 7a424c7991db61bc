"""What every part of the outbox works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from facebook_connector.graph.send import SendApi
from facebook_connector.outbox.waiters import Waiters
from facebook_connector.sending.ports import ChannelDirectory, OutboundLog
from facebook_connector.sending.typing import ShownTyping
from service_runtime.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxContext:
    """The outbox's surroundings, chosen once by the composition root."""

    log: OutboundLog
    channels: ChannelDirectory
    api: SendApi
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
    typing: ShownTyping = field(default_factory=ShownTyping)
