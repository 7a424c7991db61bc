from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from facebook_connector.channels.seal import Keyring, KeyringError, Sealed, SealError, keyring_file

SECRET = "EAAcanaryPageToken"
OLD = "2025:" + base64.b64encode(bytes(32)).decode()
NEW = "2026:" + base64.b64encode(bytes(range(32))).decode()


def seal(keyring: Keyring) -> Sealed:
    return keyring.seal(SECRET, page_id="1001", name="page_access_token")


def test_a_sealed_value_opens_again() -> None:
    keyring = Keyring.parse(NEW)

    assert keyring.open(seal(keyring), page_id="1001", name="page_access_token") == SECRET


def test_the_sealed_bytes_do_not_show_the_value_and_never_repeat() -> None:
    keyring = Keyring.parse(NEW)
    first, second = seal(keyring), seal(keyring)

    assert SECRET.encode() not in first.data
    assert first.data != second.data


def test_the_first_key_seals_and_all_open() -> None:
    before = seal(Keyring.parse(OLD))
    rotated = Keyring.parse(f"{NEW}, {OLD}")

    assert seal(rotated).key_id == "2026"
    assert rotated.open(before, page_id="1001", name="page_access_token") == SECRET


@pytest.mark.parametrize(
    ("page_id", "name"), [("1002", "page_access_token"), ("1001", "verify_token")], ids=["other page", "other field"]
)
def test_a_value_moved_elsewhere_does_not_open(page_id: str, name: str) -> None:
    keyring = Keyring.parse(NEW)

    with pytest.raises(SealError, match="does not open"):
        keyring.open(seal(keyring), page_id=page_id, name=name)


def test_an_altered_value_does_not_open() -> None:
    keyring = Keyring.parse(NEW)
    sealed = seal(keyring)
    altered = Sealed(key_id=sealed.key_id, data=sealed.data[:-1] + bytes([sealed.data[-1] ^ 1]))

    with pytest.raises(SealError, match="does not open"):
        keyring.open(altered, page_id="1001", name="page_access_token")


@pytest.mark.parametrize("data", [b"", b"short"])
def test_a_truncated_value_does_not_open(data: bytes) -> None:
    with pytest.raises(SealError, match="does not open"):
        Keyring.parse(NEW).open(Sealed(key_id="2026", data=data), page_id="1001", name="page_access_token")


def test_a_missing_key_is_named() -> None:
    with pytest.raises(SealError, match="key 2025, which is not configured"):
        Keyring.parse(NEW).open(seal(Keyring.parse(OLD)), page_id="1001", name="page_access_token")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "comma list"),
        ("nocolon", "comma list"),
        ("bad id:AAAA", "comma list"),
        ("a:???", "key a is not base64"),
        ("a:c2hvcnQ=", "key a has 5 bytes instead of 32"),
        (f"{NEW},{NEW}", "2026 stands twice"),
    ],
)
def test_broken_keys_are_refused(text: str, problem: str) -> None:
    with pytest.raises(KeyringError, match=problem):
        Keyring.parse(text)


def test_a_refused_key_is_not_repeated_in_the_error() -> None:
    with pytest.raises(KeyringError) as raised:
        Keyring.parse("a:c2VjcmV0c2VjcmV0")

    assert "c2VjcmV0" not in str(raised.value)


def test_a_ring_does_not_show_its_keys() -> None:
    assert NEW.partition(":")[2] not in repr(Keyring.parse(NEW))
    assert "x00" not in repr(Keyring.parse(NEW))


def test_a_fingerprint_finds_equal_content_under_the_same_key_only() -> None:
    keyring = Keyring.parse(NEW)

    assert keyring.fingerprint(b"content") == Keyring.parse(NEW).fingerprint(b"content")
    assert keyring.fingerprint(b"content") != keyring.fingerprint(b"other")
    assert keyring.fingerprint(b"content") != Keyring.parse(OLD).fingerprint(b"content")


def test_the_key_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    sealed = seal(keyring_file(path))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret.key"]
    assert keyring_file(path).open(sealed, page_id="1001", name="page_access_token") == SECRET


def test_a_broken_key_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_text("half a k")

    with pytest.raises(KeyringError, match=r"cannot use the key file .*secret\.key: must be"):
        keyring_file(path)


def test_the_folder_of_the_key_file_is_made_too(tmp_path: Path) -> None:
    keyring_file(tmp_path / "data" / "secret.key")

    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_a_key_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    with pytest.raises(KeyringError, match=r"data.secret\.key: File exists"):
        keyring_file(tmp_path / "data" / "secret.key")
