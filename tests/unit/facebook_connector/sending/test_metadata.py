from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facebook_connector.sending.metadata import PartReference, read, write

INSTALLATION = "0f0e8a52-9f0c-4b4b-8d2e-3d6f0c1d2e3f"


def test_the_form_is_fixed() -> None:
    reference = PartReference(installation=INSTALLATION, cim_id="6a0f4d2be4b0a1b2c3d4e5f6", part=2)
    assert write(reference) == f"fbc:{INSTALLATION}:6a0f4d2be4b0a1b2c3d4e5f6:2"


@given(st.text(min_size=1, max_size=128), st.integers(min_value=0, max_value=2000))
def test_what_is_written_is_read_whatever_the_id(cim_id: str, part: int) -> None:
    reference = PartReference(installation=INSTALLATION, cim_id=cim_id, part=part)
    assert read(write(reference)) == reference


@pytest.mark.parametrize(
    "text", ["", "cc:msg:8812", "fbc:", "fbc:i:m", "fbc::m:0", "fbc:i::0", "fbc:i:m:x", "fbc:i:m:-1", "fbc:i:m:²"]
)
def test_metadata_of_others_is_not_ours(text: str) -> None:
    assert read(text) is None


def test_the_longest_metadata_is_shorter_than_messenger_takes() -> None:
    assert len(write(PartReference(installation=INSTALLATION, cim_id="x" * 128, part=9999))) < 1000
