from __future__ import annotations

import hashlib
import hmac

import pytest

from expertflow.connector.v1.ingest_service_pb2 import ListWebhookKeysResponse, VerifyToken, WebhookApp
from facebook_gateway.webhook_keys import WebhookKeys

BODY = b'{"object":"page"}'


def _digest(secret: str) -> bytes:
    return hmac.new(secret.encode(), BODY, hashlib.sha256).digest()


@pytest.fixture
def keys() -> WebhookKeys:
    """App A with pages 1 and 2, app B with page 3, page 4 of nobody, which takes anything."""
    return WebhookKeys.of(
        ListWebhookKeysResponse(
            apps=[
                WebhookApp(
                    app_id="A",
                    app_secrets=["canary-a", "canary-shared"],
                    page_ids=["1", "2"],
                    verify_tokens=[VerifyToken(page_id="1", verify_token="canary-one")],
                ),
                WebhookApp(
                    app_id="B",
                    app_secrets=["canary-shared"],
                    page_ids=["3"],
                    verify_tokens=[VerifyToken(page_id="3", verify_token="canary-three"), VerifyToken(page_id="5")],
                ),
                WebhookApp(page_ids=["4"]),
            ],
            unsigned_page_ids=["4"],
        )
    )


def test_an_app_speaks_for_its_own_pages_and_for_those_of_nobody(keys: WebhookKeys) -> None:
    assert keys.pages_vouched_for(BODY, _digest("canary-a")) == frozenset({"1", "2", "4"})


def test_a_secret_that_two_apps_share_speaks_for_both(keys: WebhookKeys) -> None:
    assert keys.pages_vouched_for(BODY, _digest("canary-shared")) == frozenset({"1", "2", "3", "4"})


def test_any_secret_speaks_for_a_page_whose_channel_names_no_app() -> None:
    keys = WebhookKeys.of(
        ListWebhookKeysResponse(
            apps=[
                WebhookApp(app_id="A", app_secrets=["canary-a"], page_ids=["1"]),
                WebhookApp(page_ids=["2"]),
            ]
        )
    )

    assert keys.pages_vouched_for(BODY, _digest("canary-a")) == frozenset({"1", "2"})


def test_an_unknown_secret_speaks_for_nobody(keys: WebhookKeys) -> None:
    assert keys.pages_vouched_for(BODY, _digest("else")) is None


def test_an_empty_secret_is_no_secret() -> None:
    keys = WebhookKeys.of(ListWebhookKeysResponse(apps=[WebhookApp(app_id="A", app_secrets=[""], page_ids=["1"])]))

    assert keys.pages_vouched_for(BODY, _digest("")) is None


@pytest.mark.parametrize(("pages", "taken"), [({"4"}, True), ({"4", "1"}, False), ({""}, False), (set(), False)])
def test_unsigned_bodies_need_all_pages_to_allow_it(keys: WebhookKeys, pages: set[str], taken: bool) -> None:
    assert keys.takes_unsigned(pages) is taken


@pytest.mark.parametrize("page", ["1", "2", "3", "4"])
def test_pages_with_a_channel_are_known(keys: WebhookKeys, page: str) -> None:
    assert keys.knows(page)
    assert not keys.knows(page + "0")


@pytest.mark.parametrize(
    ("token", "page", "accepted"),
    [
        ("canary-one", "", True),
        ("canary-three", "", True),
        ("canary-one", "1", True),
        ("canary-one", "3", False),
        ("", "5", False),
        ("", "", False),
        ("canary", "1", False),
    ],
)
def test_a_handshake_needs_the_token_of_its_page(keys: WebhookKeys, token: str, page: str, accepted: bool) -> None:
    assert keys.accepts_handshake(token, page) is accepted


def test_keys_do_not_show_their_secrets(keys: WebhookKeys) -> None:
    assert "canary" not in repr(keys)
