"""Figures in Prometheus' text form: a table says which there are, and one small listener shows them.

Every service has a registry of its own: nothing is registered by an import, and two services of one process do not mix.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, start_http_server

from service_runtime.listen import Address
from service_runtime.settings import SettingsError

QUICK_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Buckets for what takes a millisecond when all is well, and seconds when it is not."""

SIZES = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0)
"""Buckets for how many there are in a batch."""


class Kind(Enum):
    """What a metric is to Prometheus."""

    COUNTER = Counter
    GAUGE = Gauge
    HISTOGRAM = Histogram


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One row of a service's table. Names follow https://prometheus.io/docs/practices/naming/."""

    name: str
    """As it is shown: a counter's ends in `_total`."""
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = QUICK_S
    """Of a histogram."""


class Metrics:
    """The figures of one service, in its own registry."""

    def __init__(self, table: Iterable[Metric]) -> None:
        self.registry = CollectorRegistry()
        self._known: dict[str, Any] = {metric.name: self._made(metric) for metric in table}
        self._children: dict[tuple[object, ...], Any] = {}
        """By name and labels. The library would look at the names of the labels each time, three times as long."""

    def count(self, metric: Metric, amount: float = 1, **labels: str) -> None:
        """Adds to a counter."""
        self._child(metric, labels).inc(amount)

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        """Sets a gauge."""
        self._child(metric, labels).set(value)

    def follow(self, metric: Metric, value: Callable[[], float]) -> None:
        """Has a gauge without labels ask for its value whenever it is shown; `value` is called from any thread."""
        self._known[metric.name].set_function(value)

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        """Adds an observation to a histogram."""
        self._child(metric, labels).observe(value)

    def show(self, metric: Metric, values: Mapping[tuple[str], float] | Mapping[tuple[str, str], float]) -> None:
        """Sets a labelled gauge to exactly these, by the values of its labels; what is not among them disappears."""
        gauge = self._known[metric.name]
        gauge.clear()
        self._children = {place: child for place, child in self._children.items() if place[0] != metric.name}
        for labels, value in values.items():
            gauge.labels(*labels).set(value)

    def text(self) -> str:
        """Everything, as a scrape gets it."""
        return generate_latest(self.registry).decode()

    def _made(self, metric: Metric) -> Any:
        if metric.kind is Kind.HISTOGRAM:
            return Histogram(metric.name, metric.help, metric.labels, buckets=metric.buckets, registry=self.registry)
        return metric.kind.value(metric.name, metric.help, metric.labels, registry=self.registry)

    def _child(self, metric: Metric, labels: Mapping[str, str]) -> Any:
        if not labels:
            return self._known[metric.name]
        place = (metric.name, *labels.items())
        child = self._children.get(place)
        if child is None:
            child = self._children[place] = self._known[metric.name].labels(**labels)
        return child


@asynccontextmanager
async def shown_at(address: Address | None, metrics: Metrics, *, setting: str) -> AsyncIterator[Address | None]:
    """Serves `/metrics` while the block runs; gives the address, with the port that the system chose. None: nothing.

    The listener has a thread of its own, so that a scrape is answered whatever the event loop does. Raises
    `SettingsError`, which names the `setting`, when the address cannot be used.
    """
    if address is None:
        yield None
        return
    try:
        server, thread = start_http_server(address.port, address.host, metrics.registry)
    except OSError as error:
        raise SettingsError(f"{setting}: cannot listen at {address}: {error.strerror}") from error
    try:
        yield Address(host=address.host, port=server.server_port)
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        thread.join()
