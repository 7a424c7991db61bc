from __future__ import annotations

from pathlib import Path

import pytest

from connector_client import Connection, Tls
from connector_client._connection import is_local


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1:50051", True),
        ("127.8.9.10:50051", True),
        ("localhost:50051", True),
        ("[::1]:50051", True),
        ("dns:///localhost:50051", True),
        ("ipv4:127.0.0.1:50051", True),
        ("unix:/run/connector.sock", True),
        ("10.0.0.7:50051", False),
        ("connector:50051", False),
        ("localhost.example.com:50051", False),
        ("dns:///connector.example.com:50051", False),
        ("[2001:db8::1]:50051", False),
    ],
)
def test_only_addresses_of_this_machine_are_local(address: str, local: bool) -> None:
    assert is_local(address) is local


async def test_plain_text_to_another_machine_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"tls=Tls\(\.\.\.\), or insecure=True"):
        Connection.open("connector.example.com:50051", token="secret")


async def test_plain_text_to_another_machine_goes_if_the_caller_insists() -> None:
    connection = Connection.open("connector.example.com:50051", token="secret", insecure=True)

    assert connection.metadata == (("authorization", "Bearer secret"),)
    await connection.close()


async def test_a_ca_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing\.pem"):
        Connection.open("connector.example.com:50051", tls=Tls(ca=tmp_path / "missing.pem"))


async def test_the_token_is_not_shown() -> None:
    connection = Connection.open("127.0.0.1:1", token="canary")

    assert "canary" not in repr(connection)
    await connection.close()


async def test_without_a_token_nothing_is_sent() -> None:
    connection = Connection.open("127.0.0.1:1")

    assert connection.metadata == ()
    await connection.close()
