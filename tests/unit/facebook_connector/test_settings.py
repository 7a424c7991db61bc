from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from facebook_connector.settings import Role, ServerSettings, Token
from facebook_gateway.settings import GatewaySettings
from service_runtime.settings import SettingsError
from tests.support.certificates import encrypt, self_signed

KEYS = "a:" + base64.b64encode(bytes(32)).decode()


@pytest.fixture(autouse=True)
def _empty_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def tls(tmp_path: Path) -> dict[str, Path]:
    made = self_signed(tmp_path)
    return {"tls_certificate": made.certificate, "tls_key": made.key}


def test_nothing_needs_to_be_set() -> None:
    settings = ServerSettings.load()

    assert str(settings.address) == "127.0.0.1:50051"
    assert settings.database == "sqlite:///facebook-connector-data/connector.db"
    assert settings.tls is None
    assert settings.tokens == {Role.CCM: (), Role.GATEWAY: (), Role.OPERATOR: ()}


def test_tokens_are_comma_lists_with_names_if_wanted() -> None:
    settings = ServerSettings.load(ccm_tokens="one, two==,", operator_tokens="anna:one")

    assert settings.tokens == {
        Role.CCM: (Token(name="ccm", value="one"), Token(name="ccm", value="two==")),
        Role.GATEWAY: (),
        Role.OPERATOR: (Token(name="anna", value="one"),),
    }


def test_no_secret_shows_in_the_settings() -> None:
    settings = ServerSettings.load(
        ccm_tokens="canary-token", secret_keys=KEYS, database_url="postgresql://u:canary-password@127.0.0.1/fbc"
    )

    assert "canary" not in repr(settings)
    assert "canary" not in repr(settings.tokens)
    assert KEYS not in repr(settings)


def test_beyond_loopback_with_tls_and_tokens(tls: dict[str, Path]) -> None:
    settings = ServerSettings.load(listen="0.0.0.0:50051", ccm_tokens="one", **tls)

    assert settings.tls is not None


def test_beyond_loopback_without_tls() -> None:
    with pytest.raises(SettingsError, match=r"^FBC_LISTEN: .*needs FBC_TLS_CERTIFICATE and FBC_TLS_KEY$"):
        ServerSettings.load(listen="0.0.0.0:50051", ccm_tokens="one")


def test_beyond_loopback_without_tokens(tls: dict[str, Path]) -> None:
    with pytest.raises(SettingsError, match=r"^FBC_LISTEN: .*needs tokens .FBC_CCM_TOKENS, FBC_GATEWAY_TOKENS"):
        ServerSettings.load(listen="0.0.0.0:50051", ccm_tokens=" , ", **tls)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("listen", "50051"),
        ("listen", "host:99999"),
        ("tls_certificate", ""),
        ("database_url", "mysql://127.0.0.1/fbc"),
        ("secret_keys", "a:tooshort"),
        ("operator_tokens", "with space"),
        ("operator_tokens", "a:b:c"),
        ("operator_tokens", ":token"),
        ("operator_tokens", "anna:"),
        ("ccm_tokens", "smörgås"),
        ("graph_url", "graph.facebook.com"),
        ("graph_url", "http://graph.example"),
        ("graph_url", "https://graph.facebook.com:xx"),
        ("graph_url", "https://graph.facebook.com:99999"),
        ("graph_url", "https://graph facebook.com"),
        ("text_limit", 2001),
        ("text_limit", "many"),
        ("log_level", "LOUD"),
    ],
)
def test_a_broken_setting_is_named_in_one_line(name: str, value: object, tls: dict[str, Path]) -> None:
    overrides: dict[str, Any] = {"tls_key": tls["tls_key"]} if name == "tls_certificate" else {}
    with pytest.raises(SettingsError) as raised:
        ServerSettings.load(**{name: value or None}, **overrides)

    named = "tls_key" if name == "tls_certificate" else name
    assert str(raised.value).startswith(f"FBC_{named.upper()}: ")
    assert "\n" not in str(raised.value)


def test_a_broken_setting_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as raised:
        ServerSettings.load(secret_keys="a:canary")

    assert "canary" not in str(raised.value)


def test_a_certificate_that_cannot_be_read(tls: dict[str, Path]) -> None:
    tls["tls_certificate"].unlink()

    with pytest.raises(SettingsError, match=r"^FBC_TLS_CERTIFICATE: cannot read .*server\.pem"):
        ServerSettings.load(**tls)


def test_a_key_of_another_certificate(tls: dict[str, Path], tmp_path: Path) -> None:
    tls["tls_key"] = self_signed(tmp_path, "other").key

    with pytest.raises(SettingsError, match=r"^FBC_TLS_KEY: .*other\.key is not the PEM key of the certificate in"):
        ServerSettings.load(**tls)


def test_a_key_with_a_passphrase_is_refused(tls: dict[str, Path]) -> None:
    encrypt(tls["tls_key"])

    with pytest.raises(SettingsError, match=r"^FBC_TLS_KEY: .*, or it needs a passphrase$"):
        ServerSettings.load(**tls)


def test_postgresql_needs_the_keys_to_be_set() -> None:
    with pytest.raises(SettingsError, match=r"^FBC_SECRET_KEYS: must be set with PostgreSQL"):
        ServerSettings.load(database_url="postgresql://127.0.0.1/fbc")


def test_keys_come_from_the_setting_or_from_a_file_in_the_data_folder(tmp_path: Path) -> None:
    assert ServerSettings.load(secret_keys=KEYS).keyring().first == "a"
    assert ServerSettings.load(data_dir=tmp_path).keyring().first.startswith("local-")
    assert (tmp_path / "secret.key").exists()


def test_the_sandbox_may_be_called_without_tls() -> None:
    assert ServerSettings.load(graph_url="http://127.0.0.1:8000/").graph_url == "http://127.0.0.1:8000"


def test_what_a_translation_depends_on_is_set_as_for_the_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FBC_PUBLIC_BASE_URL", "https://cc.example/fb/")
    monkeypatch.setenv("FBC_SENDER_ID", "42")
    monkeypatch.setenv("FBC_SENDER_NAME", "MESSENGER")
    monkeypatch.setenv("FBC_REACTIONS_AS_TEXT", "true")

    translator = ServerSettings.load().translator

    assert translator.media_link("cim-1") == "https://cc.example/fb/media/cim-1"
    assert (translator.sender_id, translator.sender_name, translator.reactions_as_text) == ("42", "MESSENGER", True)


def test_by_default_a_translation_is_that_of_a_gateway_without_settings() -> None:
    settings, gateway = ServerSettings.load(), GatewaySettings.load()

    assert settings.public_base_url == f"http://{gateway.address}"
    for name in ("sender_id", "sender_name", "reactions_as_text"):
        assert getattr(settings, name) == getattr(gateway, name)
