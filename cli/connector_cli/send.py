"""`facebook-connector send`: writes to a customer."""

# ruff: noqa: PLC0415 # grpc is heavy, and `--help` is to answer at once
from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from connector_cli.channel_options import Json, Page
from connector_cli.connecting import connected
from connector_cli.failures import Failure
from connector_cli.printing import print_json, visible

if TYPE_CHECKING:
    from expertflow.connector.v1.connector_service_pb2 import SendMessageResponse


def send(  # noqa: PLR0913 - one for each option
    page: Page,
    psid: Annotated[str, typer.Argument(metavar="PSID", help="The customer's page-scoped id, as `tail` shows it.")],
    *,
    text: Annotated[str, typer.Option(help="What to write; - reads it from stdin.")],
    quote: Annotated[str | None, typer.Option(metavar="ID", help="Quotes the message with this id.")] = None,
    human: Annotated[
        bool, typer.Option("--human", help="A person typed this: with the Human Agent feature allowed for 7 days.")
    ] = False,
    wait: Annotated[float, typer.Option(min=0, max=300, help="Seconds to wait for the outcome.")] = 10.0,
    message_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="Id of the message: a repeat with it sends nothing twice.")
    ] = None,
    json: Json = False,
) -> None:
    """Sends a text to a customer who wrote to the page.

    Facebook takes messages up to 24 hours after the customer's last action.
    A text longer than Messenger allows goes out in several messages.

    Example: facebook-connector send 104792690000001 7001002003004005 --text 'Hello'

    Exit status 0: sent, or accepted and waiting for its turn. 1: refused,
    failed, or uncertain.

    Settings: FBC_SERVER, FBC_TOKEN (role ccm), FBC_SERVER_CA.
    """
    text = sys.stdin.read().rstrip("\n") if text == "-" else text
    if not text.strip():
        raise typer.BadParameter("there is nothing to send", param_hint="--text")

    async def sent() -> SendMessageResponse:
        from connector_client import SendOrigin, text_message

        message = text_message(page, psid, text, quote=quote)
        message.id = message_id or message.id
        async with connected("send") as client:
            return await client.send(message, wait=wait, origin=SendOrigin.HUMAN if human else SendOrigin.BOT)

    answer = asyncio.run(sent())
    if json:
        print_json(answer)
    conclude(answer, silent=json)


def conclude(answer: SendMessageResponse, *, silent: bool) -> None:
    """Prints the outcome. Raises `Failure` for one that is no success; that is said even if `silent`."""
    from connector_client import SendState

    state = SendState(answer.state)
    if state is SendState.FAILED:
        raise Failure(visible(f"FAILED {answer.id}: {answer.failure.reason}: {answer.failure.detail}"))
    if state is SendState.UNCERTAIN:
        raise Failure(
            f"UNCERTAIN {answer.id}: Facebook may or may not have taken it, and it is not sent again blindly;"
            " look at the conversation before you send it under a new id"
        )
    if not silent:
        for warning in answer.warnings:
            typer.echo(visible(f"{warning.code}: {warning.detail}"), err=True)
        mids = " ".join(part.provider_message_id for part in answer.parts if part.provider_message_id)
        again = "(accepted by an earlier call)" if answer.already_accepted else ""
        typer.echo(visible(" ".join(filter(None, (state.name, answer.id, mids, again)))))
