from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

import pytest

from messenger_sandbox.identifiers import Identifiers

FORMS: list[tuple[Callable[[Identifiers], str], str]] = [
    (Identifiers.mid, r"m_[A-Za-z0-9_-]{96}"),
    (Identifiers.page_id, r"[1-9]\d{14}"),
    (Identifiers.psid, r"[1-9]\d{15,16}"),
    (Identifiers.trace_id, r"A[A-Za-z0-9_-]{22}"),
    (Identifiers.challenge, r"[1-9]\d{9}"),
    (Identifiers.page_token, r"EAA[A-Za-z0-9]{64}"),
]


@pytest.mark.parametrize(("mint", "form"), FORMS)
def test_ids_have_facebooks_form_and_differ(mint: Callable[[Identifiers], str], form: str) -> None:
    ids = Identifiers(Random(1))
    minted = [mint(ids) for _ in range(500)]
    assert all(re.fullmatch(form, one) for one in minted)
    assert len(set(minted)) == len(minted)


def test_a_seed_mints_the_same_again() -> None:
    assert Identifiers(Random(3)).mid() == Identifiers(Random(3)).mid()
