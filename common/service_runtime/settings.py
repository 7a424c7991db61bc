"""Settings from the environment and from `.env`, and an error that a person can act on.

A service derives its settings from `Settings`. A broken one ends the start with a single line that names the variable;
the value is not repeated, because it may be a secret.
"""

from __future__ import annotations

from typing import Any, Self

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "FBC_"
"""Every variable begins with it."""

ENV_FILE = ".env"
"""The second source, in the working directory."""


class SettingsError(ValueError):
    """A setting is missing or wrong. The message is one line and names the environment variable."""


class Settings(BaseSettings):
    """Base of every service's settings: frozen, prefix `FBC_`, `.env` in the working directory as the second source."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Reads the environment; `overrides` win (a command-line flag over a variable). Raises `SettingsError`."""
        try:
            return cls(**{name: value for name, value in overrides.items() if value is not None})
        except ValidationError as error:
            raise SettingsError(describe(error)) from None
        except UnicodeDecodeError:
            raise SettingsError(f"{ENV_FILE}: is not UTF-8 text") from None


def describe(error: ValidationError) -> str:
    """The first problem of a validation error as one line: the variable and what is wrong with it."""
    problem = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in problem["loc"])
    name = f"{PREFIX}{field.upper()}" if field else "settings"
    return f"{name}: {problem['msg'].removeprefix('Value error, ')}"
