from __future__ import annotations

import socket

import httpx
import pytest

from service_runtime.listen import Address
from service_runtime.metrics import SIZES, Kind, Metric, Metrics, shown_at
from service_runtime.settings import SettingsError

CALLS = Metric(name="calls_total", kind=Kind.COUNTER, help="Calls.", labels=("method",))
WAITING = Metric(name="waiting", kind=Kind.GAUGE, help="Waiting.", labels=("page_id", "state"))
DEPTH = Metric(name="depth", kind=Kind.GAUGE, help="Depth.")
BATCH = Metric(name="batch", kind=Kind.HISTOGRAM, help="Batch.", buckets=SIZES)
HERE = Address(host="127.0.0.1", port=0)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics((CALLS, WAITING, DEPTH, BATCH))


def test_figures_are_shown_under_their_names(metrics: Metrics) -> None:
    metrics.count(CALLS, 2, method="get")
    metrics.count(CALLS, method="get")
    metrics.set(DEPTH, 7)
    metrics.observe(BATCH, 3)

    lines = metrics.text().splitlines()

    assert 'calls_total{method="get"} 3.0' in lines
    assert "depth 7.0" in lines
    assert 'batch_bucket{le="5.0"} 1.0' in lines


def test_a_gauge_that_follows_is_read_when_it_is_shown(metrics: Metrics) -> None:
    waiting = ["a"]
    metrics.follow(DEPTH, lambda: len(waiting))
    waiting.append("b")

    assert "depth 2.0" in metrics.text().splitlines()


def test_what_is_not_shown_again_disappears(metrics: Metrics) -> None:
    metrics.show(WAITING, {("1", "queued"): 3, ("2", "queued"): 4})
    metrics.show(WAITING, {("2", "queued"): 5})

    shown = [line for line in metrics.text().splitlines() if line.startswith("waiting{")]

    assert shown == ['waiting{page_id="2",state="queued"} 5.0']


def test_what_was_set_before_a_show_can_be_set_again(metrics: Metrics) -> None:
    metrics.set(WAITING, 1, page_id="1", state="queued")
    metrics.show(WAITING, {})
    metrics.set(WAITING, 2, page_id="1", state="queued")

    assert 'waiting{page_id="1",state="queued"} 2.0' in metrics.text().splitlines()


def test_labels_are_told_apart_by_name(metrics: Metrics) -> None:
    metrics.set(WAITING, 1, page_id="a", state="b")
    metrics.set(WAITING, 2, state="a", page_id="b")

    assert {'waiting{page_id="a",state="b"} 1.0', 'waiting{page_id="b",state="a"} 2.0'} <= set(
        metrics.text().splitlines()
    )


def test_two_services_of_one_process_do_not_mix(metrics: Metrics) -> None:
    metrics.set(DEPTH, 1)

    assert "depth 0.0" in Metrics((DEPTH,)).text()


async def test_a_scrape_gets_the_text(metrics: Metrics) -> None:
    async with shown_at(HERE, metrics, setting="FBC_X") as address, httpx.AsyncClient() as client:
        metrics.set(DEPTH, 3)
        answer = await client.get(f"http://{address}/metrics")

    assert answer.headers["content-type"].startswith("text/plain")
    assert "depth 3.0" in answer.text.splitlines()


async def test_without_an_address_nothing_listens(metrics: Metrics) -> None:
    async with shown_at(None, metrics, setting="FBC_X") as address:
        assert address is None


async def test_an_address_in_use_is_an_error_that_names_the_setting(metrics: Metrics) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = Address(host="127.0.0.1", port=taken.getsockname()[1])
        with pytest.raises(SettingsError, match=rf"^FBC_X: cannot listen at {address}: Address already"):
            async with shown_at(address, metrics, setting="FBC_X"):
                pass
