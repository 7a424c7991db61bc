"""Settings from the environment and from `.env`, and an error that a person can act on.

A service derives its settings from `Settings`. A broken one ends the start with a single line that names the variable;
the value is not repeated, because it may be a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Self

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

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

    aliases: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Field → variable without our prefix that gives it too, because an installation has it already. Read from both
    sources; beside the field's own variable it must say the same."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Overrides, environment, `.env`, and last the aliases."""
        variables = _variables(dotenv_settings) | _variables(env_settings)
        return init_settings, env_settings, dotenv_settings, _Aliases(settings_cls, cls.aliases, variables)

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Reads the environment; `overrides` win (a command-line flag over a variable). Raises `SettingsError`."""
        try:
            return cls(**{name: value for name, value in overrides.items() if value is not None})
        except ValidationError as error:
            raise SettingsError(describe(error, cls.aliases)) from None
        except UnicodeDecodeError:
            raise SettingsError(f"{ENV_FILE}: is not UTF-8 text") from None


def describe(error: ValidationError, aliases: Mapping[str, str] = MappingProxyType({})) -> str:
    """The first problem of a validation error as one line: the variable and what is wrong with it."""
    problem = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in problem["loc"])
    name = _variable(field) if field else "settings"
    other = f" (or {aliases[field]})" if field in aliases else ""
    return f"{name}{other}: {problem['msg'].removeprefix('Value error, ')}"


class _Aliases(PydanticBaseSettingsSource):
    """Reads the variables that give a setting under another name."""

    def __init__(
        self, settings_cls: type[BaseSettings], aliases: Mapping[str, str], variables: Mapping[str, str | None]
    ) -> None:
        super().__init__(settings_cls)
        self._aliases = aliases
        self._variables = variables

    def __call__(self) -> dict[str, Any]:
        """What is set, by field. Raises `SettingsError` if a field's own variable says something else."""
        found = {field: self._of(alias) for field, alias in self._aliases.items() if self._of(alias)}
        for field, value in found.items():
            if (own := self._of(_variable(field))) and own != value:
                alias = self._aliases[field]
                raise SettingsError(
                    f"{_variable(field)}: {alias} is set too and says something else; both name one setting: "
                    "unset one of them, or give both one value"
                )
        return found

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - pydantic's
        """One field's value, as pydantic asks for it."""
        return self().get(field_name), field_name, False

    def _of(self, variable: str) -> str | None:
        return self._variables.get(variable.lower())


def _variable(field: str) -> str:
    return f"{PREFIX}{field.upper()}"


def _variables(source: PydanticBaseSettingsSource) -> dict[str, str | None]:
    """All variables that a source has read, by their names in lower case."""
    return dict(source.env_vars) if isinstance(source, EnvSettingsSource) else {}
