from __future__ import annotations

from expertflow.connector.v1.channel_pb2 import CHANNEL_STATE_ACTIVE
from expertflow.connector.v1.inbound_event_pb2 import QuarantinedItem
from expertflow.connector.v1.ingest_service_pb2 import IngestItem
from expertflow.connector.v1.operations_pb2 import SUBSCRIPTION_STATE_ACTIVE
from expertflow.connector.v1.operations_service_pb2 import (
    CreateSubscriptionRequest,
    GetStatisticsRequest,
    GetStatisticsResponse,
)
from tests.integration.facebook_connector.operations.conftest import Console
from tests.support.channels import PAGE_ID
from tests.support.inbound_wire import START_MS
from tests.support.operators import ANNA, CCM, Operators, refusal


async def figures(console: Console, subscription: str = "") -> GetStatisticsResponse:
    return await console.operations.GetStatistics(GetStatisticsRequest(subscription=subscription))


async def test_a_server_tells_what_it_is_and_how_the_ingest_goes(console: Console, database_url: str) -> None:
    unreadable = IngestItem(quarantined=QuarantinedItem(reason="NOT_JSON", raw=b"{"))
    await console.wire.texts("m_1", "m_2", "m_1")
    await console.wire.ingest(unreadable)
    console.wire.clock.advance(30)

    told = await figures(console)

    assert told.server.storage_engine == database_url.partition(":")[0]
    assert (len(told.server.installation_id), told.server.start_time.ToMilliseconds()) == (32, START_MS)
    assert told.server.storage_bytes > 0
    assert (told.server.media_bytes, told.server.pending_media) == (0, 0)
    ingest = told.ingest
    assert (ingest.stored_total, ingest.duplicates_total, ingest.commits_total) == (2, 1, 2)
    assert [(one.reason, one.count) for one in ingest.quarantine] == [("NOT_JSON", 1)]
    assert ingest.mean_commit_events == 2
    assert ingest.HasField("median_commit_time")
    assert ingest.last_store_time.ToMilliseconds() == START_MS
    console.wire.clock.advance(60)
    assert not (await figures(console)).ingest.HasField("p99_commit_time")


async def test_a_subscription_tells_its_backlog_and_who_reads_it(console: Console) -> None:
    await console.wire.texts("m_1", "m_2")
    await console.wire.texts("m_3", psid="2")
    async with console.wire.stream("ccm-7") as stream:
        received = [*await stream.messages()]
        while len(received) < 2:
            received += await stream.messages()
        console.wire.clock.advance(5)
        busy = (await figures(console)).subscriptions[0]
        await stream.ack(*received)
        await stream.results()
        following = await stream.message()
        acknowledged = (await figures(console)).subscriptions[0]

    assert (busy.subscription, busy.state) == ("ccm", SUBSCRIPTION_STATE_ACTIVE)
    assert (busy.backlog_messages, busy.backlog_keys, busy.outstanding_messages) == (3, 2, 2)
    assert busy.oldest_unacknowledged_age.ToMilliseconds() == 5000
    (reader,) = busy.streams
    assert (reader.client_id, reader.outstanding_messages) == ("ccm-7", 2)
    assert reader.outstanding_bytes > 0
    assert reader.peer.startswith("ipv4:127.0.0.1:")
    assert (reader.window.max_messages, reader.start_time.ToMilliseconds()) == (100, START_MS)
    assert not reader.HasField("last_ack_time")
    assert following.message.id == "cim-m_2"
    assert (acknowledged.deliveries_total, acknowledged.redeliveries_total) == (3, 0)
    assert (acknowledged.acknowledgements_total, acknowledged.backlog_messages) == (2, 1)
    assert acknowledged.streams[0].last_ack_time.ToMilliseconds() == START_MS + 5000
    assert not (await figures(console)).subscriptions[0].streams


async def test_one_subscription_can_be_asked_for(console: Console) -> None:
    await console.operations.CreateSubscription(CreateSubscriptionRequest(name="archive"))
    everybody = await figures(console)
    one = await figures(console, "archive")
    code, info = await refusal(figures(console, "nobody"))

    assert [found.subscription for found in everybody.subscriptions] == ["archive", "ccm"]
    assert [found.subscription for found in one.subscriptions] == ["archive"]
    assert not one.subscriptions[0].HasField("oldest_unacknowledged_age")
    assert (code, info.reason) == ("NOT_FOUND", "SUBSCRIPTION_NOT_FOUND")


async def test_a_channel_tells_what_waits_to_be_sent(console: Console) -> None:
    (channel,) = (await figures(console)).channels

    assert (channel.page_id, channel.state) == (PAGE_ID, CHANNEL_STATE_ACTIVE)
    assert (channel.queued_messages, channel.sent_total, channel.failed_total) == (0, 0, 0)
    assert not channel.HasField("oldest_queued_age")


async def test_figures_are_for_operators(operators: Operators) -> None:
    await operators.operations.GetStatistics(GetStatisticsRequest(), metadata=ANNA)
    code, info = await refusal(operators.operations.GetStatistics(GetStatisticsRequest(), metadata=CCM))
    assert (code, info.reason) == ("PERMISSION_DENIED", "ROLE_REQUIRED")
