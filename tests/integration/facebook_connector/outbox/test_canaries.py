from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from service_runtime import logs
from tests.support.outbox_world import MORE_PEOPLE, OutboxWorld, text_message
from tests.support.sandbox_world import APP_SECRET, PAGE_TOKEN

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TEXT = "canary-what-the-agent-wrote"
SECRETS = (TEXT, PAGE_TOKEN, APP_SECRET)
A = MORE_PEOPLE[0]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level, stream = root.handlers[:], root.level, io.StringIO()
    logs.configure("DEBUG", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    "fault", ["", "app_limit", "password_changed", "unreachable", "server_error", "bad_gateway", "outside_window"]
)
async def test_neither_log_nor_history_tells_a_secret_or_what_was_written(
    log: io.StringIO, world: OutboxWorld, fault: str
) -> None:
    if fault:
        world.facebook.script_fault(fault)
    await world.send(text_message(TEXT), wait_ms=300)
    told = f"{log.getvalue()}{await world.get()}"
    assert [secret for secret in SECRETS if secret in told] == []


async def test_a_defect_in_a_call_makes_it_uncertain_and_is_logged_without_content(
    log: io.StringIO, world: OutboxWorld
) -> None:
    await _break_calls(world)
    await world.send(text_message(TEXT), wait_ms=0)
    await world.until_state("UNCERTAIN")
    await world.set_page_token()
    told = log.getvalue()
    assert "a lane failed" in told
    assert [secret for secret in SECRETS if secret in told] == []


async def test_a_defect_in_one_lane_stops_no_other(world: OutboxWorld) -> None:
    await _break_calls(world)
    await world.send(text_message("first"), wait_ms=0)
    await world.until_state("UNCERTAIN")
    await world.set_page_token()
    assert (await world.send(text_message("second", "out-2", psid=A))).status.state == "SENT"


async def _break_calls(world: OutboxWorld) -> None:
    """Makes every call fail before it is made, with an exception that no code expects: no header holds such a token."""
    await world.set_page_token(f"{PAGE_TOKEN}\r\n{PAGE_TOKEN}")
