"""Names who controls a conversation in the failure of a message that Facebook refused for that."""

from __future__ import annotations

from dataclasses import replace

from facebook_connector.outbox.context import OutboxContext
from facebook_connector.sending.answers import Outcome
from facebook_connector.sending.values import Lane
from facebook_connector.store.errors import StoreUnavailable

REASON = "THREAD_OWNED_BY_OTHER_APP"


async def naming_owner(context: OutboxContext, lane: Lane, outcome: Outcome) -> Outcome:
    """The outcome, with the owner that events have told; it stays unnamed while the store is away."""
    failure = outcome.settlement.failure
    if failure is None or failure.reason != REASON:
        return outcome
    try:
        owner_app_id = await context.log.thread_owner(lane)
    except StoreUnavailable:
        return outcome
    named = replace(failure, metadata={**failure.metadata, "owner_app_id": owner_app_id})
    return replace(outcome, settlement=replace(outcome.settlement, failure=named))
