from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector_cli import environment
from connector_cli.failures import Failure


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FBC_TOKEN", raising=False)
    environment._env_file.cache_clear()
    yield tmp_path
    environment._env_file.cache_clear()


def test_a_variable_that_is_nowhere_is_empty() -> None:
    assert environment.setting("FBC_TOKEN") == ""


def test_the_env_file_is_the_second_source(folder: Path) -> None:
    (folder / ".env").write_text("FBC_TOKEN='of the file' # a comment\n")

    assert environment.setting("FBC_TOKEN") == "of the file"


def test_an_env_file_that_is_not_utf8_is_named(folder: Path) -> None:
    (folder / ".env").write_bytes("FBC_TOKEN=smörgås\n".encode("latin-1"))

    with pytest.raises(Failure, match=r"^\.env: is not UTF-8 text$"):
        environment.setting("FBC_TOKEN")


def test_the_environment_wins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("FBC_TOKEN=file\n")
    monkeypatch.setenv("FBC_TOKEN", "environment")

    assert environment.setting("FBC_TOKEN") == "environment"


def test_an_env_file_that_cannot_be_read_without_an_extra_is_not_passed_over_in_silence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / ".env").write_text("FBC_TOKEN=file\n")
    monkeypatch.setitem(sys.modules, "dotenv", None)

    assert environment.setting("FBC_TOKEN") == ""
    assert ".env is not read" in capsys.readouterr().err
