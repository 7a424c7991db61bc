from __future__ import annotations

import re
from pathlib import Path

from facebook_connector.operations.quarantine import FORMS

PROTOS = Path(__file__).parents[4] / "proto" / "expertflow" / "connector" / "v1"


def reasons_in(file: str, before: str) -> set[str]:
    """The words in code style in the comment above an element."""
    text = (PROTOS / file).read_text()
    comment = re.search(rf"((?:^ +//.*\n)+) +{re.escape(before)}", text, re.MULTILINE)
    assert comment is not None
    return set(re.findall(r"`([A-Z][A-Z_]+)`", comment.group(1)))


def test_the_table_names_every_reason_of_the_protos() -> None:
    by_gateway = reasons_in("inbound_event.proto", "string reason = 1;")
    by_server = reasons_in("ingest_service.proto", "string quarantine_reason = 2;")
    assert FORMS.keys() == by_gateway | by_server
