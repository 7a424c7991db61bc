"""Writes `docs/outbound-coverage.md`: what CCM sends, what the customer gets and what proves it; Messenger's limits.

Left side: the rows that the contract tells apart. Right side: read from the expected files of the fixtures, so that the
page says what the code was seen doing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from cim_messenger.outbound.limits import LIMITS
from facebook_connector.sending.media import KIND_OF_TYPE, MAX_BYTES
from tests.support.outbound_fixtures import FIXTURES, ROWS, Case, cases

PAGE = Path(__file__).parents[2] / "docs" / "outbound-coverage.md"

HEAD = """\
# What CCM sends, and what the customer gets

Every body of CIM, what it becomes in Messenger, what is said about changes made on the way, what is refused, and the
fixtures that prove it. This page is generated from the renderer's tables and from the fixtures' expected results by
`scripts/coverage-page`; do not edit it.

*Becomes* reads: the parts of one message, in the order of sending. `text` may have quick replies; `button`, `generic`,
`receipt` and `customer_feedback` are Messenger's templates; `media` and `images` are brought to Facebook by the server.
`action` is no message: it is done at once. `ignored` bodies are not for customers and end IGNORED. What is refused with
`UNSUPPORTED_BODY` is accepted and ends FAILED; every other refusal is the answer of the call. A CUSTOM
body that is a Send API message goes only where the channel allows it (`allow_custom`).
"""

MEDIA = """\
## Media

The bytes of `media` and `images` come from links of our own (of a customer's medium, or of `WriteMedia`) or from the
origins of `FBC_OUTBOUND_MEDIA_ORIGINS`; any other address is refused with `MEDIA_ORIGIN_NOT_ALLOWED`. They are uploaded
to Facebook once for each page and content, and go as what they are, not as what was said of them:

| Bytes of type | Go as |
|---|---|
{kinds}
| anything else | `file` |

What Facebook finds to be of another type goes once more as `file`. Several images in one message stay images; what is
none among them ends the message with `MEDIA_REJECTED`. File names are said in ASCII.

| FAILED with | When |
|---|---|
| `MEDIA_TOO_LARGE` | more than {most:,} bytes |
| `MEDIA_UNREACHABLE` | the bytes did not come in five tries, within a few minutes |
| `MEDIA_ORIGIN_NOT_ALLOWED` | a redirect leads to another origin |
| `MEDIA_NOT_FOUND`, `MEDIA_FAILED` | a link of ours has no bytes any more, or never had |
| `MEDIA_PENDING` | its bytes are still being fetched after five tries |
| `MEDIA_REJECTED` | Facebook refused the file, with its code |
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_bodies(), _media(), *_limits()])


def _media() -> str:
    kinds = (f"| `{mime_type}` | `{kind.value}` |" for mime_type, kind in KIND_OF_TYPE.items())
    return MEDIA.format(kinds="\n".join(kinds), most=MAX_BYTES)


def _bodies() -> Iterator[str]:
    yield "## Bodies\n"
    yield "| CCM sends | Becomes | Warnings | Refused | Fixtures |"
    yield "|---|---|---|---|---|"
    for row, sent in ROWS.items():
        found = [case for case in cases() if case.row == row]
        trees = [json.loads(case.expected.read_text()) for case in found]
        columns = (_column(_becomes, trees), _column(_warnings, trees), _column(_refused, trees), _proofs(found))
        yield f"| {sent} | {' | '.join(columns)} |"
    yield ""


def _column(told: Any, trees: Iterable[dict[str, Any]]) -> str:
    return "<br>".join(sorted({text for tree in trees for text in told(tree)}))


def _becomes(tree: dict[str, Any]) -> Iterator[str]:
    if "refused" in tree:
        return
    if "action" in tree:
        yield f"action `{tree['action']['sender_action']}`"
    elif "parts" in tree:
        yield " + ".join(_grouped(map(_part, tree["parts"])))
    else:
        yield "ignored"


def _grouped(parts: Iterable[str]) -> Iterator[str]:
    """Parts of the same kind in a row are named once."""
    before = ""
    for part in parts:
        if part != before:
            yield part
        before = part


def _part(part: dict[str, Any]) -> str:
    if part["kind"] == "RAW":
        return "media as they stand"
    payload = part["message"].get("attachment", {}).get("payload", {})
    return f"`{payload.get('template_type') or part['kind'].lower()}`"


def _warnings(tree: dict[str, Any]) -> Iterator[str]:
    return (f"`{warned['code']}`" for warned in tree.get("warnings", ()))


def _refused(tree: dict[str, Any]) -> Iterator[str]:
    if "refused" in tree:
        yield f"`{tree['refused']['reason']}`"


def _proofs(found: Iterable[Case]) -> str:
    return ", ".join(f"[{case.name}](../{case.cim.relative_to(FIXTURES.parents[2])})" for case in found)


def _limits() -> Iterator[str]:
    yield "## Limits\n"
    yield "Titles are cut and said in full in the text, long texts are split; what else is longer is refused, naming"
    yield "field, limit and value found.\n"
    yield "| Of | At most | Source |"
    yield "|---|---|---|"
    for limit in LIMITS:
        yield f"| {limit.of} | {limit.maximum} {limit.unit} | [Meta]({limit.source}) |"
    yield ""


def main(arguments: list[str]) -> int:
    """Writes the page, or with `--check` says whether it is up to date."""
    if arguments == ["--check"]:
        if PAGE.exists() and PAGE.read_text() == page():
            return 0
        sys.stderr.write("docs/outbound-coverage.md is stale; run scripts/coverage-page and commit the result\n")
        return 1
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
