from __future__ import annotations

from pathlib import Path

import pytest

from facebook_connector.media.addresses import Target
from facebook_connector.media.settings import MediaSettings
from service_runtime.settings import SettingsError


@pytest.fixture(autouse=True)
def _empty_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_media_come_from_facebook_alone() -> None:
    rules = MediaSettings.load().media_rules

    assert rules.allow(Target(scheme="https", host="cdn.fbsbx.com", port=443))
    assert not rules.origins


def test_exact_origins_are_allowed_besides() -> None:
    rules = MediaSettings.load(media_origins="http://127.0.0.1:8090/, https://media.example.com").media_rules

    assert rules.origins == {"http://127.0.0.1:8090", "https://media.example.com:443"}


@pytest.mark.parametrize(
    ("changes", "kept_there"),
    [
        ({}, False),
        ({"file_engine_url": "http://files:8080"}, True),
        ({"file_engine_url": "http://files:8080", "media_url": "s3://bucket"}, False),
        ({"file_engine_url": "http://files:8080", "media_url": "s3://bucket", "media_store": "file-engine"}, True),
        ({"file_engine_url": "http://files:8080", "media_store": "own"}, False),
    ],
)
def test_media_go_to_the_file_engine_where_there_is_one_and_nothing_else_is_said(
    changes: dict[str, str], kept_there: bool
) -> None:
    assert MediaSettings.load(**changes).keeps_in_file_engine is kept_there


def test_the_file_engine_is_known_by_the_name_that_installations_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILE_ENGINE_URL", "http://ef-cx-file-engine-svc:8080/")
    links = MediaSettings.load().file_engine_links

    assert (links.url, links.public_url) == ("http://ef-cx-file-engine-svc:8080",) * 2


def test_browsers_reach_it_elsewhere() -> None:
    settings = MediaSettings.load(
        file_engine_url="http://files:8080",
        file_engine_public_url="https://cx.example.com/file-engine/",
        file_engine_token="canary",
    )

    assert settings.file_engine_links.public_url == "https://cx.example.com/file-engine"
    assert "canary" not in repr(settings)


def test_media_of_replies_come_from_the_named_origins_alone() -> None:
    assert not MediaSettings.load().outbound_media_rules.allow(Target(scheme="https", host="cdn.fbsbx.com", port=443))
    rules = MediaSettings.load(outbound_media_origins="https://files.example.com").outbound_media_rules
    assert rules.allow(Target(scheme="https", host="files.example.com", port=443))
    assert not rules.allow(Target(scheme="https", host="a.files.example.com", port=443))
    assert not rules.allow_address("files.example.com", 443, "169.254.169.254")


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("media_origins", "127.0.0.1", "is no origin"),
        ("outbound_media_origins", "files.example.com", "is no origin"),
        ("media_url", "ftp://host/media", "must begin with one of s3://"),
        ("media_store", "file-engine", "needs FBC_FILE_ENGINE_URL"),
        ("media_store", "cloud", "own"),
        ("file_engine_public_url", "files:8080", "must be an http:// or https:// address"),
        ("file_engine_public_url", "https://cx.example.com/?a=b", "and query"),
        ("file_engine_public_url", "https://me:canary@cx.example.com", "without user name"),
        ("file_engine_token", "two words", "no space"),
        ("file_engine_max_bytes", 25_000_001, "less than or equal to 25000000"),
        ("file_engine_ca", Path("nothing.pem"), "cannot read"),
        ("media_retention", 0, "greater than or equal to 1"),
        ("media_workers", 0, "greater than or equal to 1"),
    ],
)
def test_settings_of_media_are_checked(name: str, value: object, problem: str) -> None:
    with pytest.raises(SettingsError, match=rf"^FBC_{name.upper()}: .*{problem}"):
        MediaSettings.load(**{name: value})
