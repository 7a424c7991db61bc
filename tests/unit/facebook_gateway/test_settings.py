from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from facebook_gateway.settings import GatewaySettings
from service_runtime.settings import SettingsError
from tests.support.certificates import Certificate, encrypt, self_signed


@pytest.fixture(autouse=True)
def _empty_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def files(tmp_path: Path) -> Certificate:
    return self_signed(tmp_path)


def test_nothing_needs_to_be_set() -> None:
    settings = GatewaySettings.load()

    assert str(settings.address) == "127.0.0.1:8080"
    assert str(settings.server_address) == "127.0.0.1:50051"
    assert settings.max_body_bytes == 33_554_432
    assert settings.tls is None


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FBC_GATEWAY_LISTEN", "[::1]:80")
    monkeypatch.setenv("FBC_PUBLIC_BASE_URL", "https://cc.example/fb/")

    settings = GatewaySettings.load()

    assert settings.address.host == "::1"
    assert settings.public_base_url == "https://cc.example/fb"


def test_no_secret_shows_in_the_settings() -> None:
    assert "canary" not in repr(GatewaySettings.load(server_token="canary"))


def test_beyond_loopback_with_tls(files: Certificate) -> None:
    settings = GatewaySettings.load(
        gateway_listen="0.0.0.0:443", gateway_tls_certificate=files.certificate, gateway_tls_key=files.key
    )

    assert settings.tls is not None


def test_beyond_loopback_behind_a_proxy() -> None:
    assert not GatewaySettings.load(gateway_listen="0.0.0.0:8080", gateway_plain_http=True).address.loopback


def test_a_server_beyond_loopback_by_tls(files: Certificate) -> None:
    settings = GatewaySettings.load(server="fbc.example:50051", server_ca=files.certificate)

    assert settings.server_address.host == "fbc.example"


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        (
            {"gateway_listen": "0.0.0.0:8080"},
            ["FBC_GATEWAY_LISTEN", "FBC_GATEWAY_TLS_CERTIFICATE", "FBC_GATEWAY_PLAIN_HTTP"],
        ),
        ({"gateway_listen": "8080"}, ["FBC_GATEWAY_LISTEN"]),
        ({"gateway_tls_certificate": "."}, ["FBC_GATEWAY_TLS_CERTIFICATE"]),
        ({"server": "fbc.example:50051"}, ["FBC_SERVER", "FBC_SERVER_CA"]),
        ({"server": "127.0.0.1:0"}, ["FBC_SERVER"]),
        ({"server_ca": "missing.pem"}, ["FBC_SERVER_CA"]),
        ({"server_token": "two words"}, ["FBC_SERVER_TOKEN"]),
        ({"server_token": "name:token"}, ["FBC_SERVER_TOKEN"]),
        ({"server_token": "one,two"}, ["FBC_SERVER_TOKEN"]),
        ({"webhook_prefix": "facebook"}, ["FBC_WEBHOOK_PREFIX"]),
        ({"webhook_prefix": "/{page_id}"}, ["FBC_WEBHOOK_PREFIX"]),
        ({"webhook_prefix": "/a//b"}, ["FBC_WEBHOOK_PREFIX"]),
        ({"max_body_bytes": "1"}, ["FBC_MAX_BODY_BYTES"]),
        ({"ingest_queue_bytes": "many"}, ["FBC_INGEST_QUEUE_BYTES"]),
        ({"public_base_url": "cc.example"}, ["FBC_PUBLIC_BASE_URL"]),
        ({"sender_id": ""}, ["FBC_SENDER_ID"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_broken_setting_is_named_in_one_line(settings: dict[str, Any], names: list[str]) -> None:
    with pytest.raises(SettingsError) as raised:
        GatewaySettings.load(**settings)

    assert "\n" not in str(raised.value)
    for name in names:
        assert name in str(raised.value)


def test_a_certificate_needs_its_key(files: Certificate) -> None:
    with pytest.raises(SettingsError, match=r"^FBC_GATEWAY_TLS_KEY: must be set together"):
        GatewaySettings.load(gateway_tls_key=files.key)


def test_a_key_with_a_passphrase_is_refused(files: Certificate) -> None:
    encrypt(files.key)

    with pytest.raises(SettingsError, match=r"^FBC_GATEWAY_TLS_KEY: .*, or it needs a passphrase$"):
        GatewaySettings.load(gateway_tls_certificate=files.certificate, gateway_tls_key=files.key)


def test_a_certificate_that_is_none(files: Certificate) -> None:
    files.certificate.write_text("PEM")

    with pytest.raises(SettingsError, match=r"^FBC_GATEWAY_TLS_KEY: .* is not the PEM key of the certificate in"):
        GatewaySettings.load(gateway_tls_certificate=files.certificate, gateway_tls_key=files.key)


def test_a_ca_without_a_certificate(files: Certificate) -> None:
    with pytest.raises(SettingsError, match=r"^FBC_SERVER_CA: .*server\.key holds no PEM certificate$"):
        GatewaySettings.load(server_ca=files.key)
