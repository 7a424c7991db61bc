from __future__ import annotations

import pytest

from benchmarks.scenarios.pieces import EVENTS, pieces
from cim_messenger.outbound import Rendered
from expertflow.connector.v1.ingest_service_pb2 import IngestInboundRequest


@pytest.mark.parametrize(("name", "events"), [("1 event", 1), (f"{EVENTS} events", EVENTS)])
def test_every_event_of_a_webhook_is_translated_and_none_is_quarantined(name: str, events: int) -> None:
    request = pieces()[f"reads and translates a webhook with {name}"]()

    assert isinstance(request, IngestInboundRequest)
    assert [item.WhichOneof("content") for item in request.items] == ["event"] * events


@pytest.mark.parametrize("what", ["a text", "four buttons"])
def test_what_is_rendered_is_a_message(what: str) -> None:
    rendered = pieces()[f"renders {what}"]()

    assert isinstance(rendered, Rendered)
    assert rendered.parts
