"""`facebook-connector audit`: who did what."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from connector_cli.operation_options import Json, Since, Until, moment
from connector_cli.printing import print_json, print_table


def audit(  # noqa: PLR0913 - one for each option
    *,
    actor: Annotated[str, typer.Option(help="Only by this token's name; `server`: what it did by itself.")] = "",
    action: Annotated[str, typer.Option(help="Only this action, for instance EraseCustomer.")] = "",
    target: Annotated[str, typer.Option(help="Only on this page, subscription or message.")] = "",
    since: Since = "",
    until: Until = "",
    limit: Annotated[int, typer.Option(min=1, help="Shows no more than so many, the newest.")] = 50,
    json: Json = False,
) -> None:
    """Shows who changed what, newest first.

    Every call of an operator that changes something is written down with the
    name of its token, and so is what the server does by itself, such as
    stopping a channel. Neither secrets nor content of customers stand there.
    Kept for 400 days.

    Example: facebook-connector audit --since 7d --actor anna

    Settings: FBC_SERVER (default 127.0.0.1:50051), FBC_TOKEN (role
    operator), FBC_SERVER_CA.
    """
    from connector_cli import quarantine_views as views
    from connector_cli.operation_calls import ask
    from expertflow.connector.v1.operations_service_pb2 import ListAuditEventsRequest

    now = datetime.now(UTC)
    request = ListAuditEventsRequest(
        actor=actor,
        action=action,
        target=target,
        start_time=moment("--since", since, now),
        end_time=moment("--until", until, now),
    )
    answer = ask("audit", lambda calls: calls.audit_events(request, limit))
    if json:
        print_json(answer)
    elif not answer.audit_events:
        typer.echo("nothing is written down")
    else:
        print_table(views.AUDIT_HEADER, views.audit_rows(answer.audit_events))
        if answer.next_page_token:
            typer.echo(f"there are more: --limit {limit} is reached", err=True)
