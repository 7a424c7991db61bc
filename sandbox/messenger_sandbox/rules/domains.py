"""The rule that a link with Messenger's extensions leads to a domain of the page's list.

Source: https://developers.facebook.com/documentation/business-messaging/messenger-platform/reference/messenger-profile-api
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from messenger_sandbox.errors import ErrorName, GraphError, refusal
from messenger_sandbox.rules.attempt import SendAttempt, as_object


def domains_are_listed(attempt: SendAttempt) -> GraphError | None:
    attachment = as_object(attempt.message.get("attachment"))
    if attachment.get("type") != "template":
        return None
    listed = {urlsplit(domain).hostname for domain in attempt.domains}
    hosts = {urlsplit(link).hostname for link in _extended_links(attachment["payload"])}
    return None if hosts <= listed else refusal(ErrorName.DOMAIN_NOT_LISTED)


def _extended_links(value: Any) -> Iterator[str]:
    """URLs of all buttons and actions that ask for the extensions."""
    if isinstance(value, dict):
        if value.get("messenger_extensions") is True:
            yield value["url"]
        yield from _extended_links(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            yield from _extended_links(item)
