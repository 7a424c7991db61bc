from __future__ import annotations

from facebook_connector.graph.client import Credentials, GraphCall


def test_nothing_that_may_be_secret_shows_in_a_call() -> None:
    call = GraphCall(
        method="POST",
        path="me/messages",
        credentials=Credentials(token="canary-token", app_secret="canary-secret"),
        query={"input_token": "canary-query"},
        body={"message": {"text": "canary-text"}},
    )

    assert "me/messages" in repr(call)
    assert "canary" not in repr(call)
