"""What everything of a running server stands on; opened by the composition root."""

from __future__ import annotations

from dataclasses import dataclass

from facebook_connector.channels.seal import Keyring
from facebook_connector.graph.client import GraphClient
from facebook_connector.media.fetch import Fetcher
from facebook_connector.media.file_engine.engine import FileEngine
from facebook_connector.media.keep import MediaStore
from facebook_connector.store.database import Database
from service_runtime.clock import Clock
from service_runtime.metrics import Metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What everything else stands on."""

    database: Database
    graph: GraphClient
    fetcher: Fetcher
    """Fetches what customers send."""
    outbound_fetcher: Fetcher
    """Fetches what is to be sent to them."""
    media: MediaStore
    """Our own place for media."""
    file_engine: FileEngine | None
    keyring: Keyring
    clock: Clock
    owner: str
    """This server's instance id, new at each start: what it claims belongs to this run alone."""
    metrics: Metrics
