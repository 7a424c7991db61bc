"""The metrics are a contract too: dashboards and alarms are built on their names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ccm_bridge.telemetry
import facebook_connector.telemetry
import facebook_gateway.telemetry
from service_runtime.metrics import Kind, Metric, Metrics

TABLES = (facebook_connector.telemetry.TABLE, facebook_gateway.telemetry.TABLE, ccm_bridge.telemetry.TABLE)
METRICS = [metric for table in TABLES for metric in table]
OPERATIONS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
UNITS = ("_total", "_seconds", "_bytes", "_percent", "_items", "_messages", "_keys")
COUNTS_OF_THINGS = {
    "facebook_connector_streams",
    "facebook_connector_dead_letters",
    "facebook_connector_subscription_paused",
    "facebook_connector_lanes_active",
    "facebook_connector_pages_owned",
    "facebook_connector_channels",
    "facebook_connector_channel_checks",
    "facebook_connector_media_pending",
    "facebook_gateway_server_serving",
    "ccm_bridge_ccm_available",
}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_is_documented_with_its_labels(metric: Metric) -> None:
    rows = [line for line in OPERATIONS.splitlines() if line.startswith(f"| `{metric.name}")]
    assert len(rows) == 1, f"docs/operations.md needs one row for {metric.name}"
    documented = re.match(r"\| `[a-z_]+(?:\{(.*?)\})?`", rows[0])
    assert documented is not None
    assert tuple(filter(None, (documented[1] or "").split(","))) == metric.labels


def test_nothing_is_documented_that_there_is_not() -> None:
    documented = set(re.findall(r"^\| `((?:facebook|ccm)_[a-z_]+)", OPERATIONS, re.MULTILINE))
    assert documented <= {metric.name for metric in METRICS}


def test_alarms_use_metrics_that_there_are() -> None:
    names = {metric.name for metric in METRICS}
    used = set(re.findall(r"(?:facebook_(?:connector|gateway)|ccm_bridge)_[a-z_]+", OPERATIONS))
    assert {re.sub(r"_(bucket|count|sum)$", "", name) for name in used} <= names


@pytest.mark.parametrize("table", TABLES, ids=["server", "gateway", "bridge"])
def test_every_metric_of_a_table_is_exposed(table: tuple[Metric, ...]) -> None:
    text = Metrics(table).text()
    for metric in table:
        name = metric.name.removesuffix("_total") if metric.kind is Kind.COUNTER else metric.name
        assert re.search(rf"^# HELP {name}(_total)? ", text, re.MULTILINE)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_names_follow_the_conventions(metric: Metric) -> None:
    assert metric.name.endswith("_total") is (metric.kind is Kind.COUNTER)
    assert metric.name.endswith(UNITS) or metric.name in COUNTS_OF_THINGS
    assert metric.help.endswith(".")
