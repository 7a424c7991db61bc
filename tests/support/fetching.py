"""Fetches one medium with the product's own fetcher, or tells why that failed."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from facebook_connector.media.addresses import AddressRules, normal_origin
from facebook_connector.media.connect import Resolve, resolve
from facebook_connector.media.fetch import Fetcher, FetchError, FetchLimits
from tests.support.media_host import MediaHost

QUICK = FetchLimits(connect_s=1, read_s=0.2, whole_s=5)


def rules_for(host: MediaHost) -> AddressRules:
    return AddressRules(origins=frozenset({normal_origin(host.origin)}))


def named(host: MediaHost, path: str) -> tuple[str, AddressRules]:
    """The host under a name instead of its address: a URL, and rules that allow it."""
    origin = f"http://media.test:{urlsplit(host.origin).port}"
    return f"{origin}{path}", AddressRules(origins=frozenset({normal_origin(origin)}))


async def fetched(
    host: MediaHost, url: str, rules: AddressRules | None = None, resolve: Resolve | None = None
) -> bytes:
    options = {} if resolve is None else {"resolve": resolve}
    async with Fetcher(rules or rules_for(host), limits=QUICK, **options) as fetcher, fetcher.open(url) as chunks:  # type: ignore[arg-type]
        return b"".join([chunk async for chunk in chunks])


async def failure(
    host: MediaHost, url: str, rules: AddressRules | None = None, look_up: Resolve = resolve
) -> FetchError:
    with pytest.raises(FetchError) as raised:
        await fetched(host, url, rules, look_up)
    return raised.value
