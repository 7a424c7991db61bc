from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

import pytest
from pydantic import Field, SecretStr, field_validator

from service_runtime.settings import Settings, SettingsError


class Example(Settings):
    example_port: int = Field(default=1, ge=1)
    example_token: SecretStr = SecretStr("")

    @field_validator("example_token")
    @classmethod
    def long_enough(cls, token: SecretStr) -> SecretStr:
        if 0 < len(token.get_secret_value()) < 8:
            raise ValueError("must have at least 8 characters")
        return token


@pytest.fixture(autouse=True)
def no_dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_environment_is_read_with_the_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FBC_EXAMPLE_PORT", "7")

    assert Example.load().example_port == 7


def test_override_wins_over_the_environment_unless_it_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FBC_EXAMPLE_PORT", "7")

    assert Example.load(example_port=9).example_port == 9
    assert Example.load(example_port=None).example_port == 7


def test_dotenv_is_the_second_source(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FBC_EXAMPLE_PORT=5\nOTHER=1\n")

    assert Example.load().example_port == 5
    monkeypatch.setenv("FBC_EXAMPLE_PORT", "7")
    assert Example.load().example_port == 7


def test_a_dotenv_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("FBC_EXAMPLE_TOKEN=smörgås\n".encode("latin-1"))

    with pytest.raises(SettingsError, match=r"^\.env: is not UTF-8 text$"):
        Example.load()


def test_empty_variable_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FBC_EXAMPLE_PORT", "")

    assert Example.load().example_port == 1


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("FBC_EXAMPLE_PORT", "zero", "FBC_EXAMPLE_PORT: Input should be a valid integer"),
        ("FBC_EXAMPLE_TOKEN", "hunter2", "FBC_EXAMPLE_TOKEN: must have at least 8 characters"),
    ],
)
def test_a_broken_setting_is_one_line_that_names_it_and_hides_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, line: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError) as error:
        Example.load()

    assert str(error.value).startswith(line)
    assert "\n" not in str(error.value)
    assert value not in str(error.value)


class Renamed(Settings):
    aliases: ClassVar = MappingProxyType({"place_url": "PLACE_URL", "size": "SIZE"})

    place_url: str = "nowhere"
    size: int = 1


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("PLACE_URL", "SIZE", "FBC_PLACE_URL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_an_alias_gives_the_setting(place: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place.setenv("PLACE_URL", "there")
    (tmp_path / ".env").write_text("SIZE=5\nPLACE_URL=elsewhere\n")

    assert Renamed.load() == Renamed.load(place_url="there", size=5)


def test_an_empty_alias_counts_as_absent(place: pytest.MonkeyPatch) -> None:
    place.setenv("PLACE_URL", "")

    assert Renamed.load().place_url == "nowhere"


def test_an_override_wins_over_an_alias(place: pytest.MonkeyPatch) -> None:
    place.setenv("PLACE_URL", "there")

    assert Renamed.load(place_url="here").place_url == "here"


def test_an_alias_may_repeat_the_setting(place: pytest.MonkeyPatch) -> None:
    place.setenv("PLACE_URL", "there")
    place.setenv("FBC_PLACE_URL", "there")

    assert Renamed.load().place_url == "there"


@pytest.mark.parametrize("in_file", [True, False])
def test_an_alias_that_contradicts_the_setting_is_told_with_what_to_do(
    place: pytest.MonkeyPatch, tmp_path: Path, in_file: bool
) -> None:
    place.setenv("FBC_PLACE_URL", "canary-one")
    if in_file:
        (tmp_path / ".env").write_text("PLACE_URL=canary-two\n")
    else:
        place.setenv("PLACE_URL", "canary-two")

    with pytest.raises(SettingsError) as error:
        Renamed.load()

    assert str(error.value) == (
        "FBC_PLACE_URL: PLACE_URL is set too and says something else; both name one setting: "
        "unset one of them, or give both one value"
    )


def test_a_broken_setting_with_an_alias_names_both(place: pytest.MonkeyPatch) -> None:
    place.setenv("SIZE", "big")

    with pytest.raises(SettingsError, match=r"^FBC_SIZE \(or SIZE\): Input should be a valid integer"):
        Renamed.load()
