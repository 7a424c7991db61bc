"""Messenger profiles as files: JSON, or TOML where the name ends in .toml, under the names of the API."""

# ruff: noqa: PLC0415 # grpc is heavy, and `--help` is to answer at once
from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector_cli.failures import Failure

if TYPE_CHECKING:
    from expertflow.connector.v1.channel_service_pb2 import UpdateMessengerProfileRequest

STDIN = "-"

PROPERTIES = ("get_started_payload", "greetings", "ice_breakers", "persistent_menus", "command_sets")
"""What a profile has, in the order in which it is shown."""


def read_profile(name: str) -> dict[str, Any]:
    """The object in a file; `-` is JSON on stdin. Raises `Failure` that says what is wrong with it."""
    try:
        text = sys.stdin.read() if name == STDIN else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{name}: cannot be read: {error}") from error
    try:
        value = tomllib.loads(text) if name.endswith(".toml") else json.loads(text)
    except ValueError as error:
        raise Failure(f"{name}: is no {'TOML' if name.endswith('.toml') else 'JSON'}: {error}") from error
    if not isinstance(value, dict) or not value:
        raise Failure(f"{name}: must be an object with some of {', '.join(PROPERTIES)}")
    return value


def update_of(page_id: str, name: str, value: dict[str, Any]) -> UpdateMessengerProfileRequest:
    """The call that changes the properties which stand in a file. Raises `Failure` for what is no profile."""
    from google.protobuf.json_format import ParseDict, ParseError

    from expertflow.connector.v1.channel_service_pb2 import UpdateMessengerProfileRequest

    if unknown := [key for key in value if key not in PROPERTIES]:
        raise Failure(f"{name}: {unknown[0]!r} is no property; there are {', '.join(PROPERTIES)}")
    request = UpdateMessengerProfileRequest(page_id=page_id)
    try:
        ParseDict(value, request.profile)
    except ParseError as error:
        raise Failure(f"{name}: {error}") from error
    request.update_mask.paths.extend(value)
    return request


def removal_of(page_id: str, properties: list[str]) -> UpdateMessengerProfileRequest:
    """The call that deletes these properties, or all. Raises `Failure` for one that there is not."""
    from expertflow.connector.v1.channel_service_pb2 import UpdateMessengerProfileRequest

    if unknown := [name for name in properties if name not in PROPERTIES]:
        raise Failure(f"{unknown[0]!r} is no property; there are {', '.join(PROPERTIES)}")
    request = UpdateMessengerProfileRequest(page_id=page_id)
    request.update_mask.paths.extend(properties or PROPERTIES)
    return request
