"""`facebook-connector quarantine …`: what was received and could not be delivered."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from connector_cli.failures import Failure
from connector_cli.operation_options import Json, PageOnly, Since, Until, moment
from connector_cli.printing import print_json, print_table, visible

if TYPE_CHECKING:
    from expertflow.connector.v1.operations_pb2 import QuarantineFilter

Ids: TypeAlias = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Only these entries.")]
Reasons: TypeAlias = Annotated[
    list[str] | None, typer.Option("--reason", metavar="REASON", help="Only this reason; may be repeated.")
]

app = typer.Typer(
    no_args_is_help=True,
    help="""Shows what Facebook sent and nobody could deliver, and tries again.

Whatever stands in a signed webhook is kept: what is no JSON, has no channel,
or cannot be translated goes to the quarantine for 30 days.

Settings of all these commands: FBC_SERVER (default 127.0.0.1:50051),
FBC_TOKEN (role operator), FBC_SERVER_CA.""",
)


@app.command("list")
def list_entries(  # noqa: PLR0913 - one for each option
    ids: Ids = None,
    *,
    reason: Reasons = None,
    page: PageOnly = "",
    since: Since = "",
    until: Until = "",
    limit: Annotated[int, typer.Option(min=1, help="Shows no more than so many, the oldest.")] = 100,
    json: Json = False,
) -> None:
    """Lists quarantined items, oldest first, without what they hold.

    Reasons: NOT_JSON, UNKNOWN_PAGE (add the channel), PAGE_NOT_OF_APP (the
    channel names another app than the one that signed), UNTRANSLATABLE,
    NOT_AN_EVENT, INVALID_EVENT, STORE_REJECTED.

    Example: facebook-connector quarantine list --reason UNKNOWN_PAGE --since 7d

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    from connector_cli import quarantine_views as views
    from connector_cli.operation_calls import ask
    from expertflow.connector.v1.operations_service_pb2 import ListQuarantineRequest

    request = ListQuarantineRequest(filter=_chosen(ids, reason, page, since, until))
    answer = ask("quarantine", lambda calls: calls.quarantine(request, limit))
    if json:
        print_json(answer)
    elif not answer.entries:
        typer.echo("nothing is quarantined")
    else:
        print_table(views.QUARANTINE_HEADER, views.quarantine_rows(answer.entries))
        if answer.next_page_token:
            typer.echo(f"there are more: --limit {limit} is reached", err=True)


@app.command()
def show(
    entry: Annotated[str, typer.Argument(metavar="ID", help="The entry, as `list` names it.")],
    *,
    raw: Annotated[
        bool, typer.Option("--raw", help="Writes the exact bytes to standard output, nothing else.")
    ] = False,
    json: Json = False,
) -> None:
    """Shows one quarantined item with the bytes as Facebook sent them.

    They are content of customers: show them to nobody who need not see them.

    Example: facebook-connector quarantine show 17 --raw | jq .

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    from connector_cli import quarantine_views as views
    from connector_cli.operation_calls import ask
    from expertflow.connector.v1.operations_service_pb2 import ListQuarantineRequest

    request = ListQuarantineRequest(filter=_chosen([entry], None, "", "", ""), include_raw=True)
    answer = ask("quarantine", lambda calls: calls.quarantine(request, 1))
    if not answer.entries:
        raise Failure(f"no quarantine entry {entry}; `facebook-connector quarantine list` shows those that exist")
    found = answer.entries[0]
    if raw:
        sys.stdout.buffer.write(found.raw)
    elif json:
        print_json(found)
    else:
        print_table(("", ""), views.entry_rows(found))
        typer.echo(visible(found.raw.decode(errors="replace")))


@app.command()
def retranslate(  # noqa: PLR0913 - one for each option
    ids: Ids = None,
    *,
    reason: Reasons = None,
    page: PageOnly = "",
    since: Since = "",
    until: Until = "",
    json: Json = False,
) -> None:
    """Translates quarantined items anew, with the channels and the release of now.

    What succeeds is delivered under the ids it would have had at once, and
    leaves the quarantine; what was stored before is not delivered twice. The
    rest stays, with the new reason. Without arguments all entries are tried,
    but for PAGE_NOT_OF_APP, which must be named: another app signed those.

    Example: facebook-connector quarantine retranslate --reason UNKNOWN_PAGE
    (after adding a forgotten channel)

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    from connector_cli import quarantine_views as views
    from connector_cli.operation_calls import ask
    from expertflow.connector.v1.operations_service_pb2 import RetranslateRequest

    request = RetranslateRequest(filter=_chosen(ids, reason, page, since, until))
    answer = ask("quarantine", lambda calls: calls.retranslate(request))
    if json:
        print_json(answer)
    else:
        typer.echo("\n".join(views.retranslation_lines(answer)))


def _chosen(ids: list[str] | None, reasons: list[str] | None, page: str, since: str, until: str) -> QuarantineFilter:
    from expertflow.connector.v1.operations_pb2 import QuarantineFilter

    now = datetime.now(UTC)
    return QuarantineFilter(
        ids=ids,
        reasons=reasons,
        page_id=page,
        start_time=moment("--since", since, now),
        end_time=moment("--until", until, now),
    )
