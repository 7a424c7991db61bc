"""What a long backlog costs: memory, the first delivery after a start, and the rate at which it is drained.

    .venv/bin/python benchmarks/backlog.py                     # 10 000 and 1 000 000 events
    .venv/bin/python benchmarks/backlog.py --events 10000,100000

For each size it fills an embedded database in a temporary folder through the store's own calls, starts a server on it,
and drains the same number of messages with the client of this package. Then it opens a stream that reads nothing.
Everything stays on this machine, ends by itself, and is removed. Figures of a busy machine say little: look at the
ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import grpc.aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from connector_client import ConnectorClient, Window
from expertflow.cim.v1.message_pb2 import CimMessage
from expertflow.connector.v1 import inbound_event_pb2, inbound_pb2
from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from expertflow.connector.v1.connector_service_pb2 import StreamInboundRequest
from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub
from facebook_connector.channels.rows import new_row
from facebook_connector.channels.seal import keyring_file
from facebook_connector.delivery.values import EventRecord, MessageRecord
from facebook_connector.settings import DATABASE_FILE, KEY_FILE
from facebook_connector.store.channels import add_channel
from facebook_connector.store.database import open_database
from facebook_connector.store.log.events import EventStore
from facebook_connector.store.migrate import migrate

COMMAND = Path(sys.executable).parent / "facebook-connector"
PAGE = "100200300400500"
PER_CONVERSATION = 10
BATCH = 500
DRAINED = 2_500
ROUNDS = 3
"""Together they leave something of the smallest backlog."""
WINDOW = 1_000
UNREAD_S = 20
PATIENCE_S = 120


@dataclass(slots=True)
class Figures:
    """Of one size of backlog; lists have one figure for each round."""

    events: int
    fill_per_s: float = 0.0
    serving_s: list[float] = field(default_factory=list)
    """From the start of the process until it says SERVING."""
    start_cpu_s: list[float] = field(default_factory=list)
    """What the processor has done for that."""
    first_delivery_s: list[float] = field(default_factory=list)
    """From then to the first message in the client's hand."""
    drain_per_s: list[float] = field(default_factory=list)
    drain_cpu_ms: list[float] = field(default_factory=list)
    """What the server's processor has done for a thousand messages: the same on a busy machine."""
    most_mib: float = 0.0
    """Most memory that the server has had until the end of a drain."""
    unread_outstanding: int = 0
    """Messages in the hand of a client that reads nothing, of a window of `WINDOW`."""
    unread_mib: tuple[float, float] = (0.0, 0.0)
    """Memory when that client had its window, and `UNREAD_S` later."""

    def __str__(self) -> str:
        start, drain = median(self.start_cpu_s), median(self.drain_cpu_ms)
        then, later = self.unread_mib
        return "\n".join(
            (
                f"{self.events} events, filled {self.fill_per_s:,.0f}/s",
                f"  serving {median(self.serving_s):.2f} s after the start ({start:.2f} s of processor)",
                f"  first delivery {median(self.first_delivery_s):.2f} s later",
                f"  drained {median(self.drain_per_s):,.0f}/s ({drain:.0f} ms of processor for a thousand)",
                f"  memory at most {self.most_mib:.0f} MiB",
                f"  unread: {self.unread_outstanding} of {WINDOW} outstanding",
                f"  memory then {then:.0f} MiB, and {UNREAD_S} s later {later:.0f} MiB",
            )
        )


async def main() -> None:
    """Measures each size, and compares the last with the first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", default="10000,1000000", help="sizes of the backlog, comma separated")
    sizes = [int(size) for size in parser.parse_args().events.split(",")]
    with tempfile.TemporaryDirectory(prefix="fbc-backlog-") as root:
        found = {Path(root, str(size)): Figures(size) for size in sizes}
        for folder, figures in found.items():
            await asyncio.to_thread(folder.mkdir)
            begun = time.monotonic()
            await fill(folder, figures.events)
            figures.fill_per_s = figures.events / (time.monotonic() - begun)
        # In turn, so that what else the machine does meets all of them.
        for _ in range(ROUNDS):
            for folder, figures in found.items():
                await one_round(folder, figures)
        for folder, figures in found.items():
            async with server(folder) as (address, process):
                await leave_unread(folder, address, process, figures)
            print(figures, flush=True)
    first, *_, last = found.values()
    print(f"{last.events} events to {first.events}: drain rate {ratio(last.drain_per_s, first.drain_per_s):.0f} %,")
    print(f"processor for a message {ratio(last.drain_cpu_ms, first.drain_cpu_ms):.0f} %")


def ratio(one: list[float], other: list[float]) -> float:
    """In per cent, of the medians."""
    return 100 * median(one) / median(other)


async def one_round(folder: Path, figures: Figures) -> None:
    """Starts a server, drains some, and stops it."""
    begun = time.monotonic()
    async with server(folder) as (address, process):
        figures.serving_s.append(time.monotonic() - begun)
        figures.start_cpu_s.append(cpu_s(process))
        await drain(address, process, figures)
        figures.most_mib = max(figures.most_mib, memory_mib(process, "VmHWM"))


async def fill(folder: Path, events: int) -> None:
    """A channel and a backlog, ten messages to a conversation, all of a later customer behind those of an earlier."""
    keyring = keyring_file(folder / KEY_FILE)
    row = new_row(Channel(page_id=PAGE), ChannelSecrets(app_secrets=["secret"]), keyring, now_ms())
    async with open_database(f"sqlite:///{folder / DATABASE_FILE}") as database:
        await migrate(database)
        await database.write(lambda transaction: add_channel(transaction, row))
        store = EventStore(database)
        for first in range(0, events, BATCH):
            batch = [event(number) for number in range(first, min(first + BATCH, events))]
            await store.ingest(batch, now_ms())


def event(number: int) -> EventRecord:
    """A customer's text message of usual size."""
    mid = f"m_{number}"
    message = CimMessage(id=f"cim-{number}")
    message.header.provider_message_id = mid
    message.header.timestamp.GetCurrentTime()
    message.header.channel_data.service_identifier = PAGE
    message.body.type = "PLAIN"
    message.body.markdown_text = f"Where is my order {number}? I have been waiting for two weeks by now."
    message.body.plain.SetInParent()
    return EventRecord(
        page_id=PAGE,
        psid=str(7_000_000_000 + number // PER_CONVERSATION),
        kind=inbound_pb2.EVENT_KIND_MESSAGE,
        dedupe_key=f"message:{mid}",
        mid=mid,
        event_time_ms=now_ms(),
        opens_window=True,
        messages=(MessageRecord(cim_id=message.id, message=message.SerializeToString(), context=b""),),
        raw=f'{{"mid":"{mid}","text":"{message.body.markdown_text}"}}'.encode(),
        source=inbound_event_pb2.INGEST_SOURCE_LIVE,
        translator_version=1,
    )


@asynccontextmanager
async def server(folder: Path) -> AsyncIterator[tuple[str, int]]:
    """The product's own command on the data of the folder; its address and process id, once it serves."""
    address = f"127.0.0.1:{free_port()}"
    own = {name: value for name, value in os.environ.items() if not name.startswith("FBC_")}
    settings = {"FBC_DATA_DIR": str(folder), "FBC_LISTEN": address, "FBC_PROFILES": "false", "FBC_LOG_LEVEL": "ERROR"}
    process = await asyncio.create_subprocess_exec(COMMAND, "server", cwd=folder, env=own | settings)
    try:
        async with grpc.aio.insecure_channel(address) as channel, asyncio.timeout(PATIENCE_S):
            watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), wait_for_ready=True)
            async for response in watch:
                if response.status == health_pb2.HealthCheckResponse.SERVING:
                    break
        yield address, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def drain(address: str, process: int, figures: Figures) -> None:
    """Acknowledges `DRAINED` messages."""
    begun = time.monotonic()
    async with ConnectorClient(address, client_id="drains") as client:
        count = 0
        async for received in client.inbound("ccm", window=Window(max_messages=WINDOW)):
            if not count:
                figures.first_delivery_s.append(time.monotonic() - begun)
                begun, cpu = time.monotonic(), cpu_s(process)
            count += 1
            received.ack()
            if count == DRAINED:
                break
        figures.drain_per_s.append(DRAINED / (time.monotonic() - begun))
        figures.drain_cpu_ms.append(1_000_000 * (cpu_s(process) - cpu) / DRAINED)


async def leave_unread(folder: Path, address: str, process: int, figures: Figures) -> None:
    """Opens a stream and never reads from it."""
    async with grpc.aio.insecure_channel(address) as channel:
        call = ConnectorServiceStub(channel).StreamInbound()
        start = inbound_pb2.InboundStart(subscription="ccm", client_id="reads-nothing")
        start.window.max_messages = WINDOW
        await call.write(StreamInboundRequest(start=start))
        await asyncio.sleep(2)
        before = memory_mib(process, "VmRSS")
        await asyncio.sleep(UNREAD_S)
        figures.unread_mib = (before, memory_mib(process, "VmRSS"))
        figures.unread_outstanding = claimed(folder)
        call.cancel()


def claimed(folder: Path) -> int:
    """How many conversations have a message in somebody's hand, as the database says."""
    with closing(sqlite3.connect(f"file:{folder / DATABASE_FILE}?mode=ro", uri=True)) as database:
        query = "SELECT count(*) FROM cursor WHERE owner IS NOT NULL AND ready_at_ms > ?"
        return int(database.execute(query, (now_ms(),)).fetchone()[0])


def memory_mib(process: int, name: str) -> float:
    """`VmRSS`: now; `VmHWM`: at most so far."""
    lines: Iterator[str] = iter(Path(f"/proc/{process}/status").read_text().splitlines())
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def cpu_s(process: int) -> float:
    """Processor time that a process has used, all its threads together."""
    ticks = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    asyncio.run(main())
