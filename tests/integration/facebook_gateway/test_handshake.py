from __future__ import annotations

import pytest

from tests.integration.facebook_gateway.conftest import VERIFY_TOKEN, Edge, Edges
from tests.support.ingest_recorder import IngestRecorder
from tests.support.webhook_bodies import PAGE

CHALLENGE = "1158201444"


def _query(**changes: str) -> dict[str, str]:
    fields = {"mode": "subscribe", "verify_token": VERIFY_TOKEN, "challenge": CHALLENGE, **changes}
    return {f"hub.{name}": value for name, value in fields.items()}


@pytest.mark.parametrize(
    "path",
    [
        "/webhook",
        "/webhook/",
        f"/webhook/{PAGE}",
        f"/webhook/{PAGE}/",
        "/facebook-connector/webhook",
        f"/facebook-connector/webhook/{PAGE}",
        f"/facebook-connector/webhook/{PAGE}/",
    ],
)
async def test_the_challenge_comes_back_unchanged(edge: Edge, path: str) -> None:
    answer = await edge.client.get(path, params=_query())

    assert (answer.status_code, answer.content) == (200, CHALLENGE.encode())
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/webhook", _query(verify_token="wrong")),
        ("/webhook", _query(verify_token="")),
        ("/webhook", _query(verify_token="ü")),
        ("/webhook", _query(mode="unsubscribe")),
        ("/webhook", _query(challenge="")),
        ("/webhook", {}),
        ("/webhook/999", _query()),
        ("/facebook-connector/webhook/999/", _query()),
    ],
    ids=[
        "wrong token",
        "empty token",
        "token beyond ASCII",
        "other mode",
        "no challenge",
        "nothing",
        "other page",
        "other page under the prefix",
    ],
)
async def test_anything_else_is_refused(edge: Edge, path: str, query: dict[str, str]) -> None:
    answer = await edge.client.get(path, params=query)

    assert (answer.status_code, answer.content) == (403, b"")


@pytest.mark.parametrize(
    ("setting", "path", "status"),
    [
        ("/cx/facebook/", f"/cx/facebook/webhook/{PAGE}", 200),
        ("/cx/facebook", f"/facebook-connector/webhook/{PAGE}", 404),
        ("/cx/facebook", f"/webhook/{PAGE}", 200),
        ("/", f"/facebook-connector/webhook/{PAGE}", 404),
        ("/", f"/webhook/{PAGE}", 200),
    ],
)
async def test_the_prefix_is_a_setting_and_the_root_is_always_served(
    edges: Edges, recorder: IngestRecorder, setting: str, path: str, status: int
) -> None:
    edge = await edges.start(recorder, webhook_prefix=setting)

    assert (await edge.client.get(path, params=_query())).status_code == status
