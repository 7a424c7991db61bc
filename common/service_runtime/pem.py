"""Looks into PEM files before anything is started with them: gRPC and uvicorn tell of broken ones late or badly.

Apart from `listen`, so that a command line which never meets TLS need not load it.
"""

from __future__ import annotations

import ssl
from pathlib import Path


class PemError(ValueError):
    """A PEM file cannot be used; the message names it."""


def require_key_of(certificate: Path, key: Path) -> None:
    """Raises `PemError` unless `key` is the key of the certificate, and can be read without a passphrase."""
    try:
        # Without a password callback OpenSSL asks for the passphrase at the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: b"")
    except OSError:
        raise PemError(
            f"{key} is not the PEM key of the certificate in {certificate}, or it needs a passphrase"
        ) from None


def require_certificates(path: Path) -> None:
    """Raises `PemError` unless the file holds a certificate by which others can be judged."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise PemError(f"{path} holds no PEM certificate") from None
    except OSError as error:
        raise PemError(f"cannot read {path}: {error.strerror}") from None
    if not context.cert_store_stats()["x509"]:
        raise PemError(f"{path} holds no PEM certificate")
