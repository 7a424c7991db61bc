"""`facebook-connector messages …`: looks at messages to customers, and decides about them."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from connector_cli.channel_options import Page
from connector_cli.connecting import connected
from connector_cli.failures import Failure
from connector_cli.operation_options import Everything, Json, Yes, confirm, moment
from connector_cli.printing import print_json, print_table, visible

if TYPE_CHECKING:
    from expertflow.connector.v1.connector_service_pb2 import GetMessageResponse
    from expertflow.connector.v1.operations_service_pb2 import CancelMessagesRequest
    from expertflow.connector.v1.outbound_pb2 import OutboundMessage

Id: TypeAlias = Annotated[str, typer.Argument(metavar="ID", help="Id of the message, as `send` prints it.")]
PageOf: TypeAlias = Annotated[
    str, typer.Option("--page", metavar="PAGE_ID", help="Its page; needed only if several pages use the id.")
]

app = typer.Typer(
    no_args_is_help=True,
    help="""Looks at messages to customers, and retries, cancels or resolves them.

Settings of all these commands: FBC_SERVER (default 127.0.0.1:50051),
FBC_TOKEN (role ccm for show and retry, operator for cancel and resolve),
FBC_SERVER_CA.""",
)


@app.command()
def show(message: Id, *, page: PageOf = "", json: Json = False) -> None:
    """Shows where a message stands and how it came there.

    Example: facebook-connector messages show 6a0f4d2be4b0a1b2c3d4e5f6

    Settings: FBC_SERVER, FBC_TOKEN (role ccm), FBC_SERVER_CA.
    """
    from connector_cli import message_views as views

    answer = asyncio.run(_message(message, page))
    if json:
        print_json(answer)
        return
    print_table(("", ""), views.message_rows(answer.message))
    typer.echo()
    print_table(views.HISTORY_HEADER, views.history_rows(answer.history))


@app.command()
def retry(
    message: Id,
    *,
    page: PageOf = "",
    ttl: Annotated[float | None, typer.Option(min=1, help="Not sent any more after so many seconds.")] = None,
    json: Json = False,
) -> None:
    """Tries a failed message again, from the first part that was not sent.

    It goes to the end of the customer's queue; `messages show` tells what
    becomes of it.

    Example: facebook-connector messages retry 6a0f4d2be4b0a1b2c3d4e5f6

    Settings: FBC_SERVER, FBC_TOKEN (role ccm), FBC_SERVER_CA.
    """
    _print(asyncio.run(_retried(message, page, ttl)), json=json)


@app.command()
def cancel(  # noqa: PLR0913 - one for each option
    page: Page,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Only these messages.")] = None,
    *,
    psid: Annotated[str, typer.Option(metavar="PSID", help="Only messages to this customer.")] = "",
    origin: Annotated[Literal["human", "bot"] | None, typer.Option(help="Only messages of people, or of bots.")] = None,
    before: Annotated[
        str, typer.Option(metavar="TIME", help="Only accepted before: 2026-11-30T08:00, or so long ago: 90m, 6h, 2d.")
    ] = "",
    everything: Everything = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Gives up messages of a page that still wait; they end FAILED with the reason CANCELLED.

    Say which: ids, --psid, --origin or --before, or --all for every one.
    Asks, unless ids name them or --yes is given.

    Example: facebook-connector messages cancel 104792690000001 --origin bot --before 1h --yes

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    from connector_cli.operation_calls import ask

    if not (ids or psid or origin or before or everything):
        raise Failure("say which: ids, --psid, --origin or --before, or --all for every one")
    request = _cancellation(page, ids or [], psid, origin, before)
    if not ids:
        confirm(f"Cancel these messages of page {page}?", yes=yes)
    answer = ask("messages", lambda calls: calls.cancel_messages(request))
    if json:
        print_json(answer)
    else:
        left = f"; {answer.in_flight_count} were under way already" if answer.in_flight_count else ""
        typer.echo(f"{answer.cancelled_count} messages are cancelled{left}")


@app.command()
def resolve(
    message: Id,
    verdict: Annotated[
        Literal["sent", "resend"],
        typer.Argument(help="sent: the customer has it.  resend: the customer does not, so it is sent again."),
    ],
    *,
    page: PageOf = "",
    json: Json = False,
) -> None:
    """Decides about an UNCERTAIN message, after you looked into the conversation.

    If `resend` is wrong the customer sees it twice.

    Example: facebook-connector messages resolve 6a0f4d2be4b0a1b2c3d4e5f6 sent

    Settings: FBC_SERVER, FBC_TOKEN (role operator), FBC_SERVER_CA.
    """
    from connector_cli.operation_calls import ask
    from expertflow.connector.v1.operations_service_pb2 import ResolveMessageRequest

    request = ResolveMessageRequest(id=message, page_id=page, resolution=f"MESSAGE_RESOLUTION_{verdict.upper()}")
    _print(ask("messages", lambda calls: calls.resolve_message(request)), json=json)


async def _message(message: str, page: str) -> GetMessageResponse:
    async with connected("messages") as client:
        return await client.get_message(message, page_id=page)


async def _retried(message: str, page: str, ttl: float | None) -> OutboundMessage:
    from expertflow.connector.v1.connector_service_pb2 import RetryMessageRequest
    from expertflow.connector.v1.connector_service_pb2_grpc import ConnectorServiceStub

    request = RetryMessageRequest(id=message, page_id=page, request_id=str(uuid.uuid4()))
    if ttl is not None:
        request.ttl.FromMilliseconds(int(ttl * 1000))
    async with connected("messages") as client:
        connection = client.connection
        return (await connection.call(ConnectorServiceStub(connection.channel).RetryMessage, request)).message


def _cancellation(page: str, ids: list[str], psid: str, origin: str | None, before: str) -> CancelMessagesRequest:
    from expertflow.connector.v1.operations_service_pb2 import CancelMessagesRequest

    whose = f"SEND_ORIGIN_{(origin or 'unspecified').upper()}"
    request = CancelMessagesRequest(page_id=page, ids=ids, psid=psid, origin=whose)
    if (time := moment("--before", before, datetime.now(UTC))) is not None:
        request.accepted_before.FromDatetime(time)
    return request


def _print(message: OutboundMessage, *, json: bool) -> None:
    from connector_cli.message_views import state_line

    if json:
        print_json(message)
    else:
        typer.echo(visible(state_line(message)))
