"""What the server lets the gateway verify webhooks by, and the decisions that follow from it. No I/O.

Whoever holds an app's secret speaks for the pages of that app's channels, and for no other.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

from expertflow.connector.v1.ingest_service_pb2 import ListWebhookKeysResponse
from facebook_gateway.signature import signed_by


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookKeys:
    """The keys of all channels at one moment. Nothing in it but page ids may be shown."""

    secrets: tuple[tuple[str, bytes], ...] = field(repr=False)
    """(app id, app secret); an app may have two while it changes its secret."""
    tokens: tuple[tuple[str, bytes], ...] = field(repr=False)
    """(page id, verify token)."""
    pages_of_app: dict[str, frozenset[str]]
    unsigned_pages: frozenset[str]
    """Pages that take bodies without a signature, because their channel has no secret and says so."""

    @classmethod
    def of(cls, response: ListWebhookKeysResponse) -> WebhookKeys:
        """Reads the server's answer."""
        pages: dict[str, frozenset[str]] = {}
        for app in response.apps:
            pages[app.app_id] = pages.get(app.app_id, frozenset()) | frozenset(app.page_ids)
        return cls(
            secrets=tuple(
                (app.app_id, secret.encode()) for app in response.apps for secret in app.app_secrets if secret
            ),
            tokens=tuple(
                (token.page_id, token.verify_token.encode())
                for app in response.apps
                for token in app.verify_tokens
                if token.verify_token
            ),
            pages_of_app=pages,
            unsigned_pages=frozenset(response.unsigned_page_ids),
        )

    def pages_vouched_for(self, body: bytes, digest: bytes) -> frozenset[str] | None:
        """The pages for which the signer of a body may speak; None if no known secret signed it.

        Pages without a secret count among them, for what may come from anybody may come from a known app; and so do
        pages whose channel names no app: nothing says that they are another app's.
        """
        apps = signed_by(body, digest, self.secrets)
        if not apps:
            return None
        without_app = self.pages_of_app.get("", frozenset())
        return self.unsigned_pages.union(without_app, *(self.pages_of_app[app] for app in apps))

    def takes_unsigned(self, pages: Iterable[str]) -> bool:
        """Whether a body without a valid signature may be taken: all its pages, at least one, allow it."""
        named = frozenset(pages)
        return bool(named) and named <= self.unsigned_pages

    def knows(self, page_id: str) -> bool:
        """Whether a page has a channel."""
        return page_id in self.unsigned_pages or any(page_id in pages for pages in self.pages_of_app.values())

    def accepts_handshake(self, token: str, page_id: str) -> bool:
        """Whether a verify token is that of the page's channel; with an empty `page_id`, of any channel."""
        given = token.encode()
        fits = [hmac.compare_digest(known, given) and page_id in ("", page) for page, known in self.tokens]
        return any(fits)
