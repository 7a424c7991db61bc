from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

pytestmark = pytest.mark.e2e

RUN = """
from facebook_connector.app import run
from facebook_connector.settings import ServerSettings
run(ServerSettings.load())
"""


@contextmanager
def server_in(folder: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "FBC_DATA_DIR": str(folder / "data"), "FBC_LISTEN": "127.0.0.1:0"}
    process = subprocess.Popen(
        [sys.executable, "-c", RUN], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def line_of(process: subprocess.Popen[str], event: str) -> dict[str, str]:
    """Reads the log up to the line of an event."""
    assert process.stderr is not None
    for text in process.stderr:
        line: dict[str, str] = json.loads(text)
        if line["event"] == event:
            return line
    raise AssertionError(f"the server ended without logging {event!r}")


def test_it_serves_as_a_process_and_sigterm_ends_it_in_time(tmp_path: Path) -> None:
    with server_in(tmp_path) as server:
        address = line_of(server, "server serves")["address"]
        with grpc.insecure_channel(address) as channel:
            health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
        server.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        drains = line_of(server, "server drains")

        assert server.wait(10) == 0
        assert time.monotonic() - asked < 10
    assert health.status == health_pb2.HealthCheckResponse.SERVING
    assert drains["component"] == "server"


def test_after_a_kill_it_starts_on_the_same_data(tmp_path: Path) -> None:
    with server_in(tmp_path) as server:
        line_of(server, "server serves")
        server.kill()
        server.wait(10)

    with server_in(tmp_path) as server:
        assert line_of(server, "server serves")["level"] == "info"
