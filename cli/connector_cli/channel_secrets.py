"""Where a channel's secrets come from: a file or stdin, the environment, or hidden questions. Never the command line.

Arguments stand in the shell's history and in the list of processes, for everybody on the machine to read.
"""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from connector_cli.environment import setting
from connector_cli.failures import Failure

if TYPE_CHECKING:
    from expertflow.connector.v1.channel_pb2 import ChannelSecrets


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretKind:
    """One of the secrets of a channel."""

    field: str
    """Its name in `ChannelSecrets`."""
    variable: str
    question: str


PAGE_ACCESS_TOKEN = SecretKind(
    field="page_access_token", variable="FBC_PAGE_ACCESS_TOKEN", question="Page access token (hidden)"
)
APP_SECRET = SecretKind(
    field="app_secrets", variable="FBC_APP_SECRET", question="App secret (hidden; during a change two: new,old)"
)
VERIFY_TOKEN = SecretKind(
    field="verify_token", variable="FBC_VERIFY_TOKEN", question="Verify token, as you will tell Facebook (hidden)"
)
KINDS = (PAGE_ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN)

SecretValues = Mapping[SecretKind, str]


def read_secrets(source: str) -> dict[SecretKind, str]:
    """Reads lines `VARIABLE=value` from a file, or from stdin if it is `-`. Raises `Failure`."""
    if source == "-":
        return parse_secrets(sys.stdin.read())
    try:
        return parse_secrets(Path(source).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise Failure(f"--secrets-from: cannot read {source}: {reason}") from error


def parse_secrets(text: str) -> dict[SecretKind, str]:
    """Reads lines `VARIABLE=value`; blank lines and those that begin with `#` do not count. Raises `Failure`."""
    known = {kind.variable: kind for kind in KINDS}
    found: dict[SecretKind, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, separator, value = line.partition("=")
        kind = known.get(name.strip())
        if not separator or kind is None:
            # The line is not repeated: it may hold a secret.
            raise Failure(f"--secrets-from: line {number} does not begin with {', '.join(known)} and an =")
        found[kind] = value.strip()
    return found


def gather(kinds: Iterable[SecretKind], given: SecretValues) -> dict[SecretKind, str]:
    """The given secrets, those of the environment, and at a terminal the answers to questions for the others.

    Without a terminal the others stay away. Raises `Failure` if none at all came together.
    """
    found = dict(given)
    for kind in kinds:
        value = found.get(kind) or setting(kind.variable)
        if not value and sys.stdin.isatty():
            value = typer.prompt(kind.question, default="", show_default=False, hide_input=True, err=True).strip()
        if value:
            found[kind] = value
    if not any(found.values()):
        names = ", ".join(kind.variable for kind in kinds)
        raise Failure(f"no secret was given: answer the questions at a terminal, set {names}, or use --secrets-from")
    return found


def as_message(values: SecretValues) -> ChannelSecrets:
    """The secrets as the API takes them; app secrets are separated by commas."""
    from expertflow.connector.v1.channel_pb2 import ChannelSecrets

    app_secrets = values.get(APP_SECRET, "").split(",")
    return ChannelSecrets(
        page_access_token=values.get(PAGE_ACCESS_TOKEN, ""),
        app_secrets=[secret.strip() for secret in app_secrets if secret.strip()],
        verify_token=values.get(VERIFY_TOKEN, ""),
    )
