"""What an operator may write into a channel: limits, defaults, and the paths of an update mask. Pure.

Every fault of a request is found before it is refused, and none is told with the value at fault: it may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets
from facebook_connector.delivery.values import DEFAULT_TENANT
from facebook_connector.errors import ConnectorError, FieldViolation

PAGE_ID = re.compile(r"[0-9]{1,32}")
TENANT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
GRAPH_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,3}")
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
HEADER_SAFE = re.compile(r"[!-~]+")
"""Printable ASCII without spaces: page tokens travel in a header, and no secret of Facebook's holds anything else."""
MASKED = re.compile(r"\*+")

MAX_EDITED_MARKER = 100
MAX_DEFAULT_PROMPT = 640
MAX_WANTED_FIELDS = 100
MAX_TOKEN = 2000
MAX_APP_SECRET = 256
MAX_APP_SECRETS = 5
MAX_REQUEST_ID = 128

Problem = str | None
"""What is wrong with a value; None: nothing."""


def _matches(pattern: re.Pattern[str], rule: str) -> Callable[[str], Problem]:
    return lambda value: None if not value or pattern.fullmatch(value) else rule


def _text(limit: int) -> Callable[[str], Problem]:
    def problem(value: str) -> Problem:
        if len(value) > limit:
            return f"has {len(value)} characters, at most {limit} are allowed"
        return "holds a NUL character, which PostgreSQL does not store" if "\0" in value else None

    return problem


def _field_names(names: Iterable[str]) -> Problem:
    listed = list(names)
    if len(listed) > MAX_WANTED_FIELDS:
        return f"has {len(listed)} entries, at most {MAX_WANTED_FIELDS} are allowed"
    odd = [index for index, name in enumerate(listed) if not FIELD_NAME.fullmatch(name)]
    return f"entry {odd[0]} is no name of a webhook field" if odd else None


def _anything(_value: object) -> Problem:
    return None


SETTINGS: Mapping[str, Callable[[Any], Problem]] = MappingProxyType(
    {
        "tenant_id": _matches(TENANT_ID, "must be 1 to 64 letters, digits, dots, underscores or hyphens"),
        "app_id": _matches(PAGE_ID, "must be digits"),
        "graph_version": _matches(GRAPH_VERSION, "must look like v25.0"),
        "human_agent_enabled": _anything,
        "allow_custom": _anything,
        "allow_unsigned": _anything,
        "edited_marker": _text(MAX_EDITED_MARKER),
        "default_prompt": _text(MAX_DEFAULT_PROMPT),
        "wanted_fields": _field_names,
    }
)
"""Every setting an operator may write, and what must hold for it; a test compares it with the proto."""

SECRETS = ("page_access_token", "app_secrets", "verify_token")

UPDATABLE = frozenset(SETTINGS) | {f"secrets.{name}" for name in SECRETS}
"""The paths an update mask may name."""


def settings_of(channel: Channel, names: Iterable[str] = tuple(SETTINGS)) -> dict[str, Any]:
    """The named settings as they are to be kept, defaults in place of what is empty."""
    kept: dict[str, Any] = {name: getattr(channel, name) for name in names}
    if "tenant_id" in kept:
        kept["tenant_id"] = kept["tenant_id"] or DEFAULT_TENANT
    if "wanted_fields" in kept:
        kept["wanted_fields"] = tuple(sorted(set(kept["wanted_fields"])))
    if "edited_marker" in kept and not channel.HasField("edited_marker"):
        kept["edited_marker"] = None
    if "default_prompt" in kept:
        kept["default_prompt"] = kept["default_prompt"] or None
    return kept


def require_page_id(page_id: str, field: str = "page_id") -> None:
    """Raises `ConnectorError` INVALID_FIELD unless it is 1 to 32 digits."""
    refuse(_page_id_faults(page_id, field))


def require_valid(
    channel: Channel, secrets: ChannelSecrets, request_id: str, paths: Collection[str] = UPDATABLE
) -> None:
    """Raises `ConnectorError` INVALID_FIELD with every fault of a new channel, or of a change of these paths."""
    refuse(
        [
            *_page_id_faults(channel.page_id, "channel.page_id"),
            *_setting_faults(channel, paths),
            *_secret_faults(secrets, paths),
            *_request_id_faults(request_id),
        ]
    )


def require_request_id(request_id: str) -> None:
    """Raises `ConnectorError` INVALID_FIELD if it is too long, or cannot be stored."""
    refuse(_request_id_faults(request_id))


def require_mask(paths: Iterable[str]) -> frozenset[str]:
    """The paths of an update mask. Raises `ConnectorError` INVALID_FIELD if it is empty or names anything else."""
    named = frozenset(paths)
    if not named:
        refuse([FieldViolation(field="update_mask", description="must name at least one field")])
    unknown = sorted(named - UPDATABLE)
    refuse(FieldViolation(field="update_mask", description=f"{path[:64]!r} cannot be changed") for path in unknown)
    return named


def refuse(violations: Iterable[FieldViolation]) -> None:
    """Raises `ConnectorError` INVALID_FIELD if there is any violation."""
    found = tuple(violations)
    if found:
        first = found[0]
        raise ConnectorError(
            "INVALID_FIELD",
            f"{first.field} {first.description}.",
            metadata={"field": first.field},
            violations=found,
        )


def _page_id_faults(page_id: str, field: str) -> list[FieldViolation]:
    if PAGE_ID.fullmatch(page_id):
        return []
    return [FieldViolation(field=field, description="must be the id of a Facebook Page, 1 to 32 digits")]


def _setting_faults(channel: Channel, paths: Collection[str]) -> Iterator[FieldViolation]:
    for name, problem_of in SETTINGS.items():
        if name in paths and (problem := problem_of(getattr(channel, name))):
            yield FieldViolation(field=f"channel.{name}", description=problem)


def _secret_faults(secrets: ChannelSecrets, paths: Collection[str]) -> Iterator[FieldViolation]:
    app_secrets = [(f"[{place}]", secret) for place, secret in enumerate(secrets.app_secrets)]
    values = {
        "secrets.page_access_token": ([("", secrets.page_access_token)], MAX_TOKEN),
        "secrets.app_secrets": (app_secrets, MAX_APP_SECRET),
        "secrets.verify_token": ([("", secrets.verify_token)], MAX_TOKEN),
    }
    for path, (entries, limit) in values.items():
        for place, value in entries if path in paths else ():
            if problem := _secret_problem(path + place, value, limit):
                yield FieldViolation(field=path + place, description=problem)
    if "secrets.app_secrets" in paths and len(app_secrets) > MAX_APP_SECRETS:
        yield FieldViolation(field="secrets.app_secrets", description=f"has more than {MAX_APP_SECRETS} entries")


def _secret_problem(field: str, value: str, limit: int) -> Problem:
    if not value:
        return "is empty" if "[" in field else None
    if len(value) > limit:
        return f"has {len(value)} characters, at most {limit} are allowed"
    if MASKED.fullmatch(value):
        return "is a masked value, not the secret itself"
    if not HEADER_SAFE.fullmatch(value) and field != "secrets.verify_token":
        return "holds a space, a line break or another character that no secret of Facebook's has"
    return None


def _request_id_faults(request_id: str) -> list[FieldViolation]:
    problem = _text(MAX_REQUEST_ID)(request_id)
    return [FieldViolation(field="request_id", description=problem)] if problem else []
