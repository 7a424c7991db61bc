"""Between the messages of the API, which never show a secret, and the rows of the store, which hold them sealed.

Nothing here reads or writes a database; the time is passed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from secrets import token_hex

from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from facebook_connector.channels.rules import SETTINGS, settings_of
from facebook_connector.channels.seal import Keyring, Sealed
from facebook_connector.channels.values import PageAccess, Secrets
from facebook_connector.store.channels import ChannelRow, SealedSecret
from facebook_connector.timestamps import timestamp

ACTIVE = "ACTIVE"
STOPPED = "STOPPED"
THROTTLED = "THROTTLED"
CREDENTIALS_REFUSED = "PAGE_TOKEN_REJECTED"
"""The stop reason that covers both: Facebook refuses the page access token, or the proof of the app secret."""
STATE_PREFIX = "CHANNEL_STATE_"

PAGE_ACCESS_TOKEN = "page_access_token"  # noqa: S105 - names of secrets, here and below
APP_SECRET = "app_secret"  # noqa: S105
VERIFY_TOKEN = "verify_token"  # noqa: S105

SECRET_PATHS = {
    "secrets.page_access_token": PAGE_ACCESS_TOKEN,
    "secrets.app_secrets": APP_SECRET,
    "secrets.verify_token": VERIFY_TOKEN,
}
"""Path in an update mask → name of the secret in the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an operator wants changed: new values, and which of them count."""

    channel: Channel
    secrets: ChannelSecrets
    paths: frozenset[str]
    """Of `rules.UPDATABLE`."""


def new_etag() -> str:
    """An etag that no other version of any channel has."""
    return token_hex(8)


def new_row(channel: Channel, secrets: ChannelSecrets, keyring: Keyring, now_ms: int) -> ChannelRow:
    """The row of a new channel; the request has been validated."""
    return ChannelRow(
        page_id=channel.page_id,
        **settings_of(channel),
        state=ACTIVE,
        stop_reason="",
        state_reason="",
        state_time_ms=now_ms,
        etag=new_etag(),
        create_time_ms=now_ms,
        update_time_ms=now_ms,
        secrets=tuple(_sealed(channel.page_id, secrets, SECRET_PATHS.values(), keyring)),
    )


def changed_row(row: ChannelRow, change: Change, keyring: Keyring, now_ms: int) -> ChannelRow:
    """The row after a change that has been validated.

    A new page access token starts a channel that was stopped, whatever stopped it; new app secrets start one that was
    stopped for its credentials.
    """
    renewed = {SECRET_PATHS[path] for path in change.paths if path in SECRET_PATHS}
    kept = tuple(secret for secret in row.secrets if secret.name not in renewed)
    changed = replace(
        row,
        **settings_of(change.channel, [path for path in change.paths if path in SETTINGS]),
        secrets=(*kept, *_sealed(row.page_id, change.secrets, renewed, keyring)),
        etag=new_etag(),
        update_time_ms=now_ms,
    )
    if row.state == STOPPED and _starts(row.stop_reason, renewed, change.secrets):
        return replace(changed, state=ACTIVE, stop_reason="", state_reason="", state_time_ms=now_ms)
    return changed


def _starts(stop_reason: str, renewed: set[str], secrets: ChannelSecrets) -> bool:
    """Whether what was renewed may be what the stopped channel lacked."""
    if PAGE_ACCESS_TOKEN in renewed and secrets.page_access_token:
        return True
    return stop_reason == CREDENTIALS_REFUSED and APP_SECRET in renewed and any(secrets.app_secrets)


def stopped_row(row: ChannelRow, reason: str, detail: str, now_ms: int) -> ChannelRow:
    """The row of a channel that Facebook refuses. The etag stays: neither settings nor secrets changed."""
    return replace(row, state=STOPPED, stop_reason=reason, state_reason=detail, state_time_ms=now_ms)


def throttled_row(row: ChannelRow, detail: str, now_ms: int) -> ChannelRow:
    """The row of a channel that rests until Facebook takes calls again. The etag stays, as of a stopped one."""
    return replace(row, state=THROTTLED, stop_reason="", state_reason=detail, state_time_ms=now_ms)


def active_row(row: ChannelRow, now_ms: int) -> ChannelRow:
    """The row of a channel that sends again. The etag stays, as of a stopped one."""
    return replace(row, state=ACTIVE, stop_reason="", state_reason="", state_time_ms=now_ms)


def channel_message(row: ChannelRow) -> Channel:
    """The channel as callers see it."""
    names = [secret.name for secret in row.secrets]
    return Channel(
        page_id=row.page_id,
        **{name: getattr(row, name) for name in SETTINGS},
        state=f"{STATE_PREFIX}{row.state}",
        state_reason=row.state_reason,
        state_time=timestamp(row.state_time_ms),
        app_secret_count=names.count(APP_SECRET),
        page_access_token_set=PAGE_ACCESS_TOKEN in names,
        verify_token_set=VERIFY_TOKEN in names,
        etag=row.etag,
        create_time=timestamp(row.create_time_ms),
        update_time=timestamp(row.update_time_ms),
    )


def access_of(row: ChannelRow, keyring: Keyring) -> PageAccess:
    """The channel with its secrets opened. Raises `SealError`."""
    return PageAccess(
        page_id=row.page_id,
        app_id=row.app_id,
        graph_version=row.graph_version,
        wanted_fields=row.wanted_fields,
        allow_unsigned=row.allow_unsigned,
        secrets=Secrets(
            page_access_token=next(_opened(row, PAGE_ACCESS_TOKEN, keyring), ""),
            app_secrets=tuple(_opened(row, APP_SECRET, keyring)),
            verify_token=next(_opened(row, VERIFY_TOKEN, keyring), ""),
        ),
    )


def _opened(row: ChannelRow, name: str, keyring: Keyring) -> Iterator[str]:
    for secret in sorted(row.secrets, key=lambda secret: secret.position):
        if secret.name == name:
            sealed = Sealed(key_id=secret.key_id, data=secret.sealed)
            yield keyring.open(sealed, page_id=row.page_id, name=name)


def _sealed(page_id: str, secrets: ChannelSecrets, names: Iterable[str], keyring: Keyring) -> Iterator[SealedSecret]:
    values = {
        PAGE_ACCESS_TOKEN: [secrets.page_access_token],
        APP_SECRET: list(secrets.app_secrets),
        VERIFY_TOKEN: [secrets.verify_token],
    }
    for name in names:
        for position, value in enumerate(filter(None, values[name])):
            sealed = keyring.seal(value, page_id=page_id, name=name)
            yield SealedSecret(name=name, position=position, key_id=sealed.key_id, sealed=sealed.data)
