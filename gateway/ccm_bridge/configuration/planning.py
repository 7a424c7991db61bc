"""From what CCM says of a channel, and what the channel is now, to the one call that makes it so. Pure.

Also says what is still missing, in words for an administrator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from ccm_bridge.configuration.attributes import Configuration
from ccm_bridge.configuration.mapping import (
    APP_SECRETS,
    PAGE_ACCESS_TOKEN,
    VERIFY_TOKEN,
    Verdict,
    Wishes,
    wishes,
)
from ccm_bridge.configuration.readings import Applied
from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from expertflow.connector.v1.channel_service_pb2 import CreateChannelRequest, UpdateChannelRequest

Call: TypeAlias = CreateChannelRequest | UpdateChannelRequest

ALLOW_UNSIGNED: Final = "allow_unsigned"
TENANT: Final = "tenant_id"

SECRETS: Final = frozenset({PAGE_ACCESS_TOKEN, APP_SECRETS, VERIFY_TOKEN})
"""At least one makes a channel: a page of which nothing is known but its id can neither receive nor send."""

NOTHING: Final = (
    "CCM holds no secret of this page, so no channel was made: enter FACEBOOK-API-KEY, FACEBOOK-PAGE-ACCESS-TOKEN and"
    " FACEBOOK-APP-SECRET at its connector in Unified Admin"
)
NO_SENDING: Final = (
    "there is no page access token, so replies wait: enter it as FACEBOOK-API-KEY at the connector in Unified Admin"
)
SENDING_MASKED: Final = (
    "there is no page access token, and CCM hides it, so replies wait: enter it with `facebook-connector channels"
    " update {page_id} --new-page-access-token`, or take facebook-api-key off the keys that CCM masks and save the"
    " connector"
)
NO_HANDSHAKE: Final = (
    "there is no verify token, so Facebook cannot verify the webhook: enter it as FACEBOOK-PAGE-ACCESS-TOKEN"
)
REFUSED: Final = (
    "there is no app secret, so every webhook is refused with 403: enter it as FACEBOOK-APP-SECRET, or allow unsigned"
    " webhooks with FBC_BRIDGE_ALLOW_UNSIGNED=true"
)
UNSIGNED: Final = (
    "there is no app secret, and unsigned webhooks are taken: anybody who knows the address can forge messages; enter"
    " it as FACEBOOK-APP-SECRET"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What CCM does not say."""

    allow_unsigned: bool = False
    """Whether a channel without an app secret takes webhooks that nobody signed."""
    tenant_id: str = ""
    """The tenant in whose name CCM speaks; empty: it did not say, and the channel's stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done."""

    page_id: str
    call: Call | None
    """None: there is nothing to change."""
    verdicts: tuple[Verdict, ...]
    to_do: tuple[str, ...]
    """What an administrator has to do so that the channel works, once the call is made."""


def plan(configuration: Configuration, present: Channel | None, policy: Policy) -> Plan:
    """The call that gives a channel the settings that CCM holds. Settings that CCM does not name stay as they are."""
    wished = wishes(configuration.attributes)
    values = dict(wished.values)
    if present is None and not SECRETS & values.keys():
        return Plan(page_id=configuration.page_id, call=None, verdicts=wished.verdicts, to_do=(NOTHING,))
    signed = APP_SECRETS in values or (present is not None and present.app_secret_count > 0)
    unsigned = not signed and (policy.allow_unsigned or (present is not None and present.allow_unsigned))
    if unsigned and (present is None or not present.allow_unsigned):
        values[ALLOW_UNSIGNED] = True
    if policy.tenant_id and (present is None or present.tenant_id != policy.tenant_id):
        values[TENANT] = policy.tenant_id
    return Plan(
        page_id=configuration.page_id,
        call=_call(configuration.page_id, values, new=present is None) if values else None,
        verdicts=wished.verdicts,
        to_do=tuple(_missing(configuration.page_id, wished, present, signed=signed, unsigned=unsigned)),
    )


def _call(page_id: str, values: dict[str, Applied], *, new: bool) -> Call:
    channel, secrets = Channel(page_id=page_id), ChannelSecrets()
    for path, value in values.items():
        _write(secrets if path in SECRETS else channel, path.rpartition(".")[2], value)
    if new:
        return CreateChannelRequest(channel=channel, secrets=secrets)
    request = UpdateChannelRequest(channel=channel, secrets=secrets)
    request.update_mask.paths.extend(sorted(values))
    return request


def _write(message: Channel | ChannelSecrets, name: str, value: Applied) -> None:
    if isinstance(value, tuple):
        getattr(message, name).extend(value)
    else:
        setattr(message, name, value)


def _missing(page_id: str, wished: Wishes, present: Channel | None, *, signed: bool, unsigned: bool) -> Iterator[str]:
    if PAGE_ACCESS_TOKEN not in wished.values and not (present is not None and present.page_access_token_set):
        yield SENDING_MASKED.format(page_id=page_id) if PAGE_ACCESS_TOKEN in wished.masked else NO_SENDING
    if VERIFY_TOKEN not in wished.values and not (present is not None and present.verify_token_set):
        yield NO_HANDSHAKE
    if not signed:
        yield UNSIGNED if unsigned else REFUSED
