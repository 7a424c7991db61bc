"""A channel's change of state, told in the inbound log on the page's own key, in the transaction of the change."""

from __future__ import annotations

from facebook_connector.delivery.channel_events import ChannelNews, channel_event
from facebook_connector.store.channels import ChannelRow
from facebook_connector.store.database import Transaction
from facebook_connector.store.log.events import ingest


def tell_state(transaction: Transaction, before: ChannelRow, after: ChannelRow) -> None:
    """Tells the new state, if it is one."""
    if before.state == after.state:
        return
    news = ChannelNews(
        page_id=after.page_id,
        state=after.state,
        reason=after.stop_reason,
        detail=after.state_reason,
        time_ms=after.state_time_ms,
    )
    ingest(transaction, [channel_event(news)], after.state_time_ms)
