from __future__ import annotations

from pathlib import Path

import pytest

from service_runtime.listen import Address, ListenError, TlsFiles


@pytest.mark.parametrize(
    ("text", "loopback"),
    [
        ("127.0.0.1:0", True),
        ("127.8.9.1:80", True),
        ("localhost:8080", True),
        ("[::1]:50051", True),
        ("0.0.0.0:50051", False),
        ("[::]:50051", False),
        ("10.0.0.7:1", False),
        ("cc.example:443", False),
    ],
)
def test_address_tells_whether_only_this_machine_reaches_it(text: str, loopback: bool) -> None:
    address = Address.parse(text)

    assert address.loopback is loopback
    assert str(address) == text


@pytest.mark.parametrize("text", ["", "8080", ":8080", "host:", "host:http", "host:65536", "host:-1", "host:１"])
def test_address_refuses_what_is_no_host_and_port(text: str) -> None:
    with pytest.raises(ListenError, match="is not host:port"):
        Address.parse(text)


def test_unreadable_tls_file_is_named(tmp_path: Path) -> None:
    files = TlsFiles(certificate=tmp_path / "missing.pem", key=tmp_path / "key.pem")

    with pytest.raises(ListenError, match=r"missing\.pem: No such file"):
        files.read()
