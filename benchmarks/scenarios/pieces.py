"""Small pieces of code that every message goes through, each ready to be called again and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from google.protobuf.timestamp_pb2 import Timestamp

from benchmarks.extent import MANY
from benchmarks.load.prepared import Webhooks
from benchmarks.load.replies import reply
from benchmarks.world import APP_ID, APP_SECRET, PAGE
from cim_messenger.cim_json import decode, encode
from cim_messenger.inbound import TranslatorSettings, media_links_under, read_webhook
from cim_messenger.outbound import Rules, render
from expertflow.connector.v1.ingest_service_pb2 import IngestInboundRequest
from facebook_gateway.admission import ingest_items
from facebook_gateway.signature import signed_by
from facebook_gateway.webhook_keys import WebhookKeys
from tests.support.processes import ROOT

BUTTONS = ROOT / "tests" / "fixtures" / "outbound" / "button.button" / "four.cim.json"

Piece = Callable[[], object]

KEYS = WebhookKeys(
    secrets=((APP_ID, APP_SECRET.encode()),),
    tokens=(),
    pages_of_app={APP_ID: frozenset({PAGE})},
    unsigned_pages=frozenset(),
)

TRANSLATOR = TranslatorSettings(media_link=media_links_under("https://connector.example"))

EVENTS = 50
"""In a webhook that has many."""


def pieces() -> Mapping[str, Piece]:
    """By what they do."""
    one, many = (Webhooks(conversations=MANY, each=each).body() for each in (1, EVENTS))
    request = _translated(one)
    written, text = request.SerializeToString(), reply(1, 1)
    as_json, buttons, rules = encode(text), decode(BUTTONS.read_bytes()), Rules()
    return {
        "proves a webhook's signature": lambda: signed_by(one, bytes(32), KEYS.secrets),
        "reads and translates a webhook with 1 event": lambda: _translated(one),
        f"reads and translates a webhook with {EVENTS} events": lambda: _translated(many),
        "writes an IngestInbound of 1 event": request.SerializeToString,
        "reads an IngestInbound of 1 event": lambda: IngestInboundRequest.FromString(written),
        "CIM JSON, read": lambda: decode(as_json),
        "CIM JSON, written": lambda: encode(text),
        "renders a text": lambda: render(text, rules),
        "renders four buttons": lambda: render(buttons, rules),
    }


def _translated(body: bytes) -> IngestInboundRequest:
    received = Timestamp()
    received.GetCurrentTime()
    return IngestInboundRequest(items=ingest_items(read_webhook(body), KEYS, frozenset({PAGE}), TRANSLATOR, received))
