from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector_cli import environment
from connector_cli.channel_secrets import (
    APP_SECRET,
    KINDS,
    PAGE_ACCESS_TOKEN,
    VERIFY_TOKEN,
    as_message,
    gather,
    parse_secrets,
    read_secrets,
)
from connector_cli.failures import Failure
from expertflow.connector.v1.channel_pb2 import ChannelSecrets

CANARY = "EAAcanary"


@pytest.fixture(autouse=True)
def _nothing_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    for kind in KINDS:
        monkeypatch.delenv(kind.variable, raising=False)
    environment._env_file.cache_clear()
    yield
    environment._env_file.cache_clear()


def test_the_kinds_are_all_secrets_of_the_contract() -> None:
    assert {kind.field for kind in KINDS} == {field.name for field in ChannelSecrets.DESCRIPTOR.fields}


def test_lines_are_read_with_comments_and_blanks_between_them() -> None:
    text = f"# of the page\nFBC_PAGE_ACCESS_TOKEN = {CANARY}=\n\nFBC_APP_SECRET=a,b\n"

    assert parse_secrets(text) == {PAGE_ACCESS_TOKEN: f"{CANARY}=", APP_SECRET: "a,b"}


@pytest.mark.parametrize("line", [CANARY, f"FBC_PAGE_TOKEN={CANARY}", f"={CANARY}"])
def test_a_line_that_is_not_understood_is_named_by_its_number_and_not_repeated(line: str) -> None:
    with pytest.raises(Failure, match="line 2") as failed:
        parse_secrets(f"\n{line}\n")

    assert CANARY not in str(failed.value)


def test_secrets_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("FBC_VERIFY_TOKEN=v\n")

    assert read_secrets("secrets") == {VERIFY_TOKEN: "v"}


def test_secrets_come_from_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("FBC_VERIFY_TOKEN=v\n"))

    assert read_secrets("-") == {VERIFY_TOKEN: "v"}


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_a_file_that_cannot_be_read_is_named(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "secrets").write_bytes(content)

    with pytest.raises(Failure, match=r"^--secrets-from: cannot read secrets: "):
        read_secrets("secrets")


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FBC_VERIFY_TOKEN", "environment")
    monkeypatch.setenv("FBC_APP_SECRET", "s")

    assert gather(KINDS, {VERIFY_TOKEN: "given"}) == {VERIFY_TOKEN: "given", APP_SECRET: "s"}


def test_without_a_terminal_and_without_any_secret_it_says_where_they_may_come_from() -> None:
    with pytest.raises(Failure, match="FBC_PAGE_ACCESS_TOKEN, FBC_APP_SECRET, FBC_VERIFY_TOKEN, or use --secrets-from"):
        gather(KINDS, {})


def test_two_app_secrets_are_separated_by_a_comma() -> None:
    message = as_message({PAGE_ACCESS_TOKEN: "t", APP_SECRET: "new, old,", VERIFY_TOKEN: "v"})

    assert message == ChannelSecrets(page_access_token="t", app_secrets=["new", "old"], verify_token="v")
