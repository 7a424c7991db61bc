from __future__ import annotations

import hashlib
import hmac

import pytest

from facebook_gateway.signature import given_digest, signed_by

# RFC 4231, test case 2: an answer that none of our code worked out.
KEY = b"Jefe"
DATA = b"what do ya want for nothing?"
DIGEST = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_the_signer_is_found_by_the_digest_over_the_raw_bytes() -> None:
    digest = given_digest(f"sha256={DIGEST}")

    assert digest is not None
    assert signed_by(DATA, digest, [("other", b"x"), ("ours", KEY)]) == {"ours"}


def test_apps_that_share_a_secret_are_all_found() -> None:
    assert signed_by(DATA, bytes.fromhex(DIGEST), [("a", KEY), ("b", KEY), ("a", b"old")]) == {"a", "b"}


@pytest.mark.parametrize("body", [DATA + b"\n", DATA[:-1], b""])
def test_other_bytes_are_signed_by_nobody(body: bytes) -> None:
    assert signed_by(body, bytes.fromhex(DIGEST), [("ours", KEY)]) == set()


def test_a_body_parsed_and_written_again_is_signed_by_nobody() -> None:
    escaped, plain = b'{"text":"\\u00fc"}', '{"text":"ü"}'.encode()
    digest = hmac.new(KEY, escaped, hashlib.sha256).digest()

    assert signed_by(escaped, digest, [("ours", KEY)]) == {"ours"}
    assert signed_by(plain, digest, [("ours", KEY)]) == set()


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        DIGEST,
        f"sha1={DIGEST[:40]}",
        f"sha256={DIGEST[:-1]}",
        f"sha256={DIGEST}0",
        f"sha256={DIGEST.upper()}",
        f"sha256= {DIGEST}",
        f"sha256={DIGEST}\n",
        "sha256=" + "g" * 64,
    ],
)
def test_a_header_of_another_form_is_none(header: str | None) -> None:
    assert given_digest(header) is None
