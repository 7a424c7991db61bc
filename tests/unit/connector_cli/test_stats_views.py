from __future__ import annotations

import pytest
from google.protobuf.duration_pb2 import Duration

from connector_cli import stats_views as views
from expertflow.connector.v1.channel_pb2 import CHANNEL_STATE_STOPPED
from expertflow.connector.v1.operations_pb2 import SUBSCRIPTION_STATE_PAUSED
from expertflow.connector.v1.operations_service_pb2 import GetStatisticsResponse
from expertflow.connector.v1.statistics_pb2 import (
    ChannelStatistics,
    QuarantineCount,
    StreamStatistics,
    SubscriptionStatistics,
)


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(0, "0 ms"), (12, "12 ms"), (1000, "1 s"), (200_000, "3 min"), (7_200_000, "2 h"), (172_800_000, "2 d")],
)
def test_a_duration_is_told_in_its_largest_unit(milliseconds: int, text: str) -> None:
    duration = Duration()
    duration.FromMilliseconds(milliseconds)
    assert views.duration_text(duration) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 bytes"), (2048, "2 KiB"), (5 * 1024**3, "5 GiB"), (2**41, "2.0 TiB")]
)
def test_a_size_is_told_in_its_largest_unit(size: int, text: str) -> None:
    assert views.size_text(size) == text


def test_a_fresh_installation_has_nothing_to_tell() -> None:
    told = dict(views.server_rows(GetStatisticsResponse()))
    assert (told["last event"], told["quarantine"], told["commits"]) == ("never", "empty", "- median, - 99 %")


def test_the_quarantine_is_told_by_reason() -> None:
    answer = GetStatisticsResponse()
    answer.ingest.quarantine.append(QuarantineCount(reason="NOT_JSON", count=2))
    assert dict(views.server_rows(answer))["quarantine"] == "2 NOT_JSON"


def test_subscriptions_streams_and_channels_have_a_row_each() -> None:
    stream = StreamStatistics(client_id="ccm-1", peer="ipv4:127.0.0.1:9", outstanding_messages=3)
    stream.window.max_messages = 100
    subscription = SubscriptionStatistics(
        subscription="ccm", state=SUBSCRIPTION_STATE_PAUSED, backlog_messages=5, backlog_keys=2, streams=[stream]
    )
    channel = ChannelStatistics(page_id="1", state=CHANNEL_STATE_STOPPED, queued_messages=4, failed_total=1)

    assert views.subscription_rows([subscription]) == [("ccm", "paused", "5 in 2", "0", "-", "0", "0", "0", "0")]
    assert views.stream_rows([subscription]) == [("ccm", "ccm-1", "ipv4:127.0.0.1:9", "3", "100", "never")]
    assert views.channel_rows([channel]) == [("1", "stopped", "4", "0", "-", "0", "0", "1")]
