"""Seals the secrets of channels before they are stored, and opens them again.

AES-256-GCM under a key with an id. The page and the field are bound as associated data, so that a sealed value copied
into another row or column does not open. Knows nothing of the store: it gives and takes bytes.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
"""The nonce is random; 2**32 seals under one key are far beyond what channels need (NIST SP 800-38D, 8.3)."""

KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


class KeyringError(ValueError):
    """The keys cannot be used; the message tells what is wrong and never repeats a key."""


class SealError(Exception):
    """A sealed value cannot be opened: its key is not configured, or it was altered or moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A sealed value and the id of the key that opens it."""

    key_id: str
    data: bytes
    """Nonce, ciphertext and tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """The configured keys by id: `first` seals, all open. To rotate, put the new key first and keep the old one."""

    first: str
    keys: Mapping[str, bytes] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Keyring:
        """Reads `id:base64key,…`, each key 32 bytes. Raises `KeyringError`."""
        keys: dict[str, bytes] = {}
        for entry in text.split(","):
            key_id, separator, encoded = entry.strip().partition(":")
            if not separator or not KEY_ID.fullmatch(key_id):
                raise KeyringError("must be a comma list of id:base64key; an id is 1 to 32 letters, digits, _ or -")
            if key_id in keys:
                raise KeyringError(f"the key id {key_id} stands twice")
            keys[key_id] = _decode_key(key_id, encoded)
        return cls(first=next(iter(keys)), keys=keys)

    @classmethod
    def generate(cls) -> Keyring:
        """A ring of one new random key; its id is random too, so that a lost key is not mistaken for a new one."""
        key_id = f"local-{os.urandom(4).hex()}"
        return cls(first=key_id, keys={key_id: os.urandom(KEY_BYTES)})

    def text(self) -> str:
        """The ring as `parse` reads it. A secret."""
        return ",".join(f"{key_id}:{base64.b64encode(key).decode()}" for key_id, key in self.keys.items())

    def fingerprint(self, content: bytes) -> bytes:
        """A keyed hash, by which equal contents are found again without keeping what may be secret."""
        return hmac.digest(self.keys[self.first], b"facebook-connector/fingerprint/" + content, "sha256")

    def seal(self, plain: str, *, page_id: str, name: str) -> Sealed:
        """Seals the value of the field `name` of the channel `page_id` under the first key."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self.keys[self.first]).encrypt(nonce, plain.encode(), _bound_to(page_id, name))
        return Sealed(key_id=self.first, data=nonce + sealed)

    def open(self, sealed: Sealed, *, page_id: str, name: str) -> str:
        """The value again. Raises `SealError`, also for a value sealed for another page or field."""
        key = self.keys.get(sealed.key_id)
        if key is None:
            raise SealError(f"{name} of page {page_id} is sealed with key {sealed.key_id}, which is not configured")
        nonce, data = sealed.data[:NONCE_BYTES], sealed.data[NONCE_BYTES:]
        try:
            return AESGCM(key).decrypt(nonce, data, _bound_to(page_id, name)).decode()
        except (InvalidTag, ValueError) as error:
            raise SealError(f"{name} of page {page_id} does not open with key {sealed.key_id}") from error


def keyring_file(path: Path) -> Keyring:
    """The ring kept in `path`, made there, for its owner's eyes only, when it does not exist yet.

    Raises `KeyringError` that names the file. Losing the file means entering the secrets of all channels anew.
    """
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _create(path, Keyring.generate().text())
        return Keyring.parse(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise KeyringError(f"cannot use the key file {path}: {reason}") from None


def _create(path: Path, text: str) -> None:
    """Creates the file whole or not at all: a crash in between must not leave half a key behind."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link never replaces a file that another process made meanwhile; then that one's key counts.
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()


def _decode_key(key_id: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise KeyringError(f"the key {key_id} is not base64") from None
    if len(key) != KEY_BYTES:
        raise KeyringError(f"the key {key_id} has {len(key)} bytes instead of {KEY_BYTES}")
    return key


def _bound_to(page_id: str, name: str) -> bytes:
    return f"facebook-connector/1/{page_id}/{name}".encode()
