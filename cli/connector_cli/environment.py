"""Settings of the commands that call a server: from the environment, then from `.env` in the working directory.

The services read theirs through pydantic-settings, in the same order; the client's side of the product must do
without it.
"""

# ruff: noqa: PLC0415 # comes with the extras gateway and server
from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import typer

from connector_cli.failures import Failure

ENV_FILE = Path(".env")


def setting(name: str) -> str:
    """The value of an environment variable; empty when it is not set. Raises `Failure` if `.env` cannot be read."""
    return os.environ.get(name) or _env_file().get(name) or ""


@cache
def _env_file() -> dict[str, str | None]:
    if not ENV_FILE.is_file():
        return {}
    try:
        from dotenv import dotenv_values
    except ModuleNotFoundError:
        typer.echo(".env is not read: run pip install python-dotenv, or set the variables themselves", err=True)
        return {}
    try:
        return dotenv_values(ENV_FILE, encoding="utf-8")
    except UnicodeDecodeError:
        raise Failure(f"{ENV_FILE}: is not UTF-8 text") from None
