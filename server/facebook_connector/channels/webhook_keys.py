"""What the gateway needs to verify webhooks: app secrets, verify tokens and pages, gathered by Facebook app. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from expertflow.connector.v1.ingest_service_pb2 import ListWebhookKeysResponse, VerifyToken, WebhookApp
from facebook_connector.channels.values import PageAccess


def webhook_keys(channels: Iterable[PageAccess], version: str) -> ListWebhookKeysResponse:
    """The answer to `ListWebhookKeys`. Channels without an app id stand together under the empty id."""
    by_app: dict[str, list[PageAccess]] = {}
    for channel in sorted(channels, key=lambda channel: channel.page_id):
        by_app.setdefault(channel.app_id, []).append(channel)
    return ListWebhookKeysResponse(
        apps=[_app(app_id, by_app[app_id]) for app_id in sorted(by_app)],
        unsigned_page_ids=[
            channel.page_id for group in by_app.values() for channel in group if takes_unsigned(channel)
        ],
        keys_version=version,
    )


def takes_unsigned(channel: PageAccess) -> bool:
    """Whether unsigned bodies are accepted for a page: allowed, and there is no secret to sign with."""
    return channel.allow_unsigned and not channel.secrets.app_secrets


def _app(app_id: str, channels: list[PageAccess]) -> WebhookApp:
    secrets = dict.fromkeys(secret for channel in channels for secret in channel.secrets.app_secrets)
    return WebhookApp(
        app_id=app_id,
        app_secrets=list(secrets),
        verify_tokens=[
            VerifyToken(page_id=channel.page_id, verify_token=channel.secrets.verify_token)
            for channel in channels
            if channel.secrets.verify_token
        ],
        page_ids=[channel.page_id for channel in channels],
    )
