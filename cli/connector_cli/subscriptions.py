"""`facebook-connector subscriptions …`: the named readers of what customers send."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from connector_cli.failures import Failure
from connector_cli.operation_options import Json, Kinds, Yes, confirm, kinds_of, moment
from connector_cli.printing import print_json, print_table

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the subscription.")]

app = typer.Typer(
    no_args_is_help=True,
    help="""Makes, lists and deletes subscriptions.

Each one gets everything of its kinds, at its own pace; `ccm` always exists.

Settings of all these commands: FBC_SERVER (default 127.0.0.1:50051),
FBC_TOKEN (role operator), FBC_SERVER_CA.""",
)


@app.command("list")
def list_subscriptions(*, json: Json = False) -> None:
    """Lists all subscriptions: state, kinds, and why one pauses.

    Example: facebook-connector subscriptions list

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    from connector_cli import operation_views as views
    from connector_cli.operation_calls import ask

    answer = ask("subscriptions", lambda calls: calls.subscriptions())
    if json:
        print_json(answer)
    else:
        print_table(views.SUBSCRIPTION_HEADER, views.subscription_rows(answer.subscriptions))


@app.command()
def create(
    name: Name,
    *,
    start: Annotated[
        str, typer.Option(metavar="WHERE", help="earliest, now, or a time: 2026-11-30T08:00, or so long ago: 6h, 2d.")
    ] = "now",
    kinds: Kinds = "",
    json: Json = False,
) -> None:
    """Creates a subscription; without --kinds it takes what `ccm` takes.

    A repeat with the same start and kinds changes nothing. A subscription
    other than `ccm` loses what stays unacknowledged for 7 days.

    Example: facebook-connector subscriptions create archive --start earliest

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    from connector_cli.operation_calls import ask
    from expertflow.connector.v1.operations_pb2 import START_POINT_EARLIEST, START_POINT_NOW
    from expertflow.connector.v1.operations_service_pb2 import CreateSubscriptionRequest

    request = CreateSubscriptionRequest(name=name, kinds=kinds_of(kinds))
    points = {"earliest": START_POINT_EARLIEST, "now": START_POINT_NOW}
    if start in points:
        request.start_point = points[start]
    elif (time := moment("--start", start, datetime.now(UTC))) is not None:
        request.start_time.FromDatetime(time)
    else:
        raise Failure("--start: must be earliest, now, or a time")
    subscription = ask("subscriptions", lambda calls: calls.create_subscription(request))
    if json:
        print_json(subscription)
    else:
        typer.echo(f"subscription {name} is there")


@app.command()
def delete(name: Name, *, yes: Yes = False, json: Json = False) -> None:
    """Deletes a subscription with its position, its dead letters and its replays.

    Its streams end. What was received stays for the other subscriptions.

    Example: facebook-connector subscriptions delete archive --yes

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    from connector_cli.operation_calls import ask

    confirm(f"Delete subscription {name} with its position and its dead letters?", yes=yes)
    answer = ask("subscriptions", lambda calls: calls.delete_subscription(name))
    if json:
        print_json(answer)
    else:
        typer.echo(f"subscription {name} is deleted; {answer.dropped_messages} messages were not acknowledged")
