from __future__ import annotations

import string
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from connector_cli import environment
from connector_cli.connecting import DEFAULT_SERVER, HINTS, Server, explain
from connector_cli.failures import Failure
from connector_client import ConnectorError, FieldViolation
from expertflow.connector.v1.error_reason_pb2 import ErrorReason
from facebook_connector.settings import ServerSettings
from tests.support.certificates import self_signed


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    for name in ("FBC_SERVER", "FBC_SERVER_CA", "FBC_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    environment._env_file.cache_clear()
    yield
    environment._env_file.cache_clear()


def test_without_settings_it_is_the_server_of_this_machine() -> None:
    server = Server.from_settings()

    assert (server.address, server.ca, server.token) == (ServerSettings.load().listen, None, "")
    assert server.address == DEFAULT_SERVER


def test_the_token_is_not_shown() -> None:
    assert "canary" not in repr(Server(address="a:1", ca=None, token="canary"))


def test_another_machine_needs_a_ca(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FBC_SERVER", "connector.example:50051")

    with pytest.raises(Failure, match=r"^FBC_SERVER_CA: connector\.example:50051 is another machine"):
        Server.from_settings()


def test_another_machine_with_a_ca(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    self_signed(tmp_path, "ca")
    monkeypatch.setenv("FBC_SERVER", "connector.example:50051")
    monkeypatch.setenv("FBC_SERVER_CA", "ca.pem")

    assert Server.from_settings().ca == Path("ca.pem")


def test_a_ca_without_a_certificate_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("PEM")
    monkeypatch.setenv("FBC_SERVER_CA", "ca.pem")

    with pytest.raises(Failure, match=r"^FBC_SERVER_CA: ca\.pem holds no PEM certificate$"):
        Server.from_settings()


@pytest.mark.parametrize(("name", "value"), [("FBC_SERVER", "connector"), ("FBC_SERVER_CA", "missing.pem")])
def test_a_broken_setting_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(Failure, match=f"^{name}: .*{value}"):
        Server.from_settings()


def test_an_error_says_reason_message_fields_and_what_to_do() -> None:
    error = ConnectorError(
        grpc.StatusCode.PERMISSION_DENIED,
        "The call needs another role.",
        reason="ROLE_REQUIRED",
        metadata={"role": "operator"},
        violations=(FieldViolation(field="page_id", description="must be digits"),),
    )

    assert explain(error, "127.0.0.1:1") == (
        "ROLE_REQUIRED: The call needs another role; page_id: must be digits;"
        " FBC_TOKEN must be one of the server's tokens for the role operator"
    )


def test_an_error_that_is_not_the_servers_names_the_address_and_its_setting() -> None:
    error = ConnectorError(grpc.StatusCode.UNAVAILABLE, "connection\nreset")

    assert explain(error, "127.0.0.1:1") == "127.0.0.1:1 (FBC_SERVER): UNAVAILABLE: connection reset"


def test_metadata_that_a_server_leaves_out_does_no_harm() -> None:
    error = ConnectorError(grpc.StatusCode.ALREADY_EXISTS, "There is one.", reason="CHANNEL_EXISTS")

    assert explain(error, "").endswith("channels update PAGE_ID`")


@pytest.mark.parametrize("reason", HINTS)
def test_every_hint_is_for_a_reason_of_the_contract(reason: str) -> None:
    assert f"ERROR_REASON_{reason}" in ErrorReason.keys()  # noqa: SIM118 - an enum wrapper is no dictionary
    assert {name for _, name, _, _ in string.Formatter().parse(HINTS[reason])} <= {None, "role", "page_id", "id"}
