"""Who takes part in every scenario: one app, its pages, and their customers. Data only."""

from __future__ import annotations

from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets

APP_ID = "555000111222333"
APP_SECRET = "benchmark-app-secret-5f1e2d3c4b5a6978"  # noqa: S105 - guards nothing
VERIFY_TOKEN = "benchmark-verify-token"  # noqa: S105 - likewise

PAGES = tuple(str(104_792_690_000_001 + number) for number in range(16))
"""Messenger takes 300 texts a second for a page, and the connector sends no more: one page would measure that limit."""

PAGE = PAGES[0]
"""Of all webhooks."""

CUSTOMERS = 256
"""Who get replies."""


def page_token(page: str) -> str:
    """The access token of a page."""
    return f"EAAbenchmark{page}"


def psid(number: int) -> str:
    """A customer's page-scoped id."""
    return str(7_001_002_003_000_000 + number)


def page_of(number: int) -> str:
    """The page to which a customer who gets replies has written."""
    return PAGES[number % len(PAGES)]


def channel_of(page: str) -> Channel:
    """The page as an operator registers it."""
    return Channel(page_id=page, app_id=APP_ID)


def secrets_of(page: str) -> ChannelSecrets:
    """What belongs to it."""
    return ChannelSecrets(page_access_token=page_token(page), app_secrets=[APP_SECRET], verify_token=VERIFY_TOKEN)
