"""Writes `docs/messenger-coverage.md`: each row of the translator's tables, what it becomes, and what proves it.

Left side: the tables `EVENTS`, `CHANGES` and `BUILDERS`. Right side: read from the expected files of the fixtures, so
that the page says what the code was seen doing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cim_messenger.inbound.attachments import BUILDERS
from cim_messenger.inbound.table import CHANGES, EVENTS
from tests.support.webhook_expectations import FIXTURES, Case, cases

PAGE = Path(__file__).parents[2] / "docs" / "messenger-coverage.md"

HEAD = """\
# What Messenger sends, and what CCM gets

Every kind of event and every type of attachment that the connector knows, what it becomes, and the fixtures that prove
it. This page is generated from the translator's tables and from the fixtures' expected results by
`scripts/coverage-page`; do not edit it.

*Becomes* reads: kind of event → bodies of the CIM messages, as seen over all fixtures of the row. `no message` means
that the event changes something the connector keeps (a receipt, a confirmation), of which the server may make messages.
"""

SECTIONS = (
    ("Events", "event", "Item of `messaging` or `standby`", tuple(EVENTS)),
    ("Changes", "change", "`field` of `changes`", tuple(CHANGES)),
    ("Attachments", "attachment", "Attachment `type`", (*BUILDERS, "unknown")),
    ("Quarantine", "quarantine", "Reason", ("not_an_event", "unknown_page", "untranslatable")),
)
"""Heading, prefix of the fixture folders, what the first column names, and the rows."""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(line for section in SECTIONS for line in _section(*section))])


def _section(heading: str, prefix: str, column: str, rows: Iterable[str]) -> Iterator[str]:
    yield f"## {heading}\n"
    yield f"| {column} | Becomes | Fixtures |"
    yield "|---|---|---|"
    for row in rows:
        found = [case for case in cases() if case.row == f"{prefix}.{row}"]
        yield f"| `{row}` | {_becomes(found)} | {_proofs(found)} |"
    yield ""


def _becomes(found: Iterable[Case]) -> str:
    outcomes = {_outcome(result) for case in found for result in json.loads(case.expected.read_text())}
    return "<br>".join(sorted(outcomes))


def _outcome(result: dict[str, Any]) -> str:
    if "quarantined" in result:
        return f"quarantine `{result['quarantined']}`"
    bodies = " + ".join(message["body"]["type"] for message in result.get("messages", ()))
    return f"{result['kind']} → {bodies or 'no message'}"


def _proofs(found: Iterable[Case]) -> str:
    return ", ".join(f"[{case.name}](../{case.webhook.relative_to(FIXTURES.parents[2])})" for case in found)


def main(arguments: list[str]) -> int:
    """Writes the page, or with `--check` says whether it is up to date."""
    if arguments == ["--check"]:
        if PAGE.exists() and PAGE.read_text() == page():
            return 0
        sys.stderr.write("docs/messenger-coverage.md is stale; run scripts/coverage-page and commit the result\n")
        return 1
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
