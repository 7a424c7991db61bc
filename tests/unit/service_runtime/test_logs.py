from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from service_runtime import logs


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure("INFO", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_lines_are_json_with_level_time_and_component(output: io.StringIO) -> None:
    logs.get_logger("gateway").info("webhook stored", page_id="1002", events=3)

    line = json.loads(output.getvalue())
    assert line["event"] == "webhook stored"
    assert (line["level"], line["component"], line["page_id"], line["events"]) == ("info", "gateway", "1002", 3)
    assert line["timestamp"].endswith("Z")


def test_whether_lines_at_debug_are_written_can_be_asked(output: io.StringIO) -> None:
    assert not logs.shows_debug()
    logs.configure("DEBUG", output)
    assert logs.shows_debug()


@pytest.mark.parametrize("field", ["page_access_token", "app_secret", "Authorization", "x_hub_signature"])
def test_a_field_that_speaks_of_a_secret_is_hidden(output: io.StringIO, field: str) -> None:
    logs.get_logger("channels").warning("refused", **{field: "EAAcanary"})

    assert "EAAcanary" not in output.getvalue()
    assert json.loads(output.getvalue())[field] == logs.HIDDEN


def test_standard_library_loggers_end_in_the_same_stream(output: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").warning("started on %s", "loopback")

    assert json.loads(output.getvalue())["event"] == "started on loopback"


def test_libraries_that_print_urls_are_silent_at_info(output: io.StringIO) -> None:
    logging.getLogger("httpx").info("GET https://graph.example/?access_token=EAAcanary")

    assert output.getvalue() == ""


def test_a_traceback_shows_no_local_variables(output: io.StringIO) -> None:
    def fail(page_access_token: str) -> None:
        raise RuntimeError("broken")

    try:
        fail("EAAcanary")
    except RuntimeError:
        logs.get_logger("channels").exception("failed")

    assert "EAAcanary" not in output.getvalue()
    assert "RuntimeError" in output.getvalue()
