"""Values of the channels' room."""

from __future__ import annotations

from dataclasses import dataclass, field

from facebook_connector.graph.client import Credentials


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """The secrets of one channel, opened. They never show in a representation."""

    page_access_token: str = field(default="", repr=False)
    """Empty: none, nothing can be sent."""
    app_secrets: tuple[str, ...] = field(default=(), repr=False)
    """The first makes `appsecret_proof`; each is tried when a webhook is verified."""
    verify_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAccess:
    """What it takes to ask Facebook about one page."""

    page_id: str
    app_id: str
    """Empty when the channel names no app."""
    graph_version: str
    """Empty: the pinned one."""
    wanted_fields: tuple[str, ...]
    """Empty: all that the connector understands."""
    allow_unsigned: bool
    secrets: Secrets
    sealed: bool = False
    """Secrets are stored, but do not open with the keys that the server has; `secrets` is empty then."""

    @property
    def as_page(self) -> Credentials:
        """Calls in the name of the page."""
        return Credentials(token=self.secrets.page_access_token, app_secret=self._app_secret)

    @property
    def as_app(self) -> Credentials | None:
        """Calls in the name of the app; None when its id or secret is not known."""
        if not self.app_id or not self._app_secret:
            return None
        return Credentials(token=f"{self.app_id}|{self._app_secret}", app_secret=self._app_secret)

    @property
    def _app_secret(self) -> str:
        return self.secrets.app_secrets[0] if self.secrets.app_secrets else ""
