"""`facebook-connector send`: writes to a customer."""

# ruff: noqa: PLC0415 # grpc is heavy, and `--help` is to answer at once
from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from connector_cli.channel_options import Json, Page
from connector_cli.connecting import connected
from connector_cli.failures import Failure
from connector_cli.printing import print_json, visible
from connector_cli.send_contents import Contents

if TYPE_CHECKING:
    from connector_cli.send_message import Envelope
    from expertflow.connector.v1.connector_service_pb2 import SendMessageResponse

MEDIUM = "PATH|URL"
CHOICE = "TITLE=PAYLOAD"


def send(  # noqa: PLR0913 - one for each option
    page: Page,
    psid: Annotated[str, typer.Argument(metavar="PSID", help="The customer's page-scoped id, as `tail` shows it.")],
    *,
    text: Annotated[str | None, typer.Option(help="What to write; - reads it from stdin.")] = None,
    image: Annotated[str | None, typer.Option(metavar=MEDIUM, help="Sends a picture.")] = None,
    video: Annotated[str | None, typer.Option(metavar=MEDIUM, help="Sends a video.")] = None,
    audio: Annotated[str | None, typer.Option(metavar=MEDIUM, help="Sends a sound.")] = None,
    document: Annotated[str | None, typer.Option(metavar=MEDIUM, help="Sends any other file.")] = None,
    sticker: Annotated[str | None, typer.Option(metavar="ID", help="Sends a sticker by its id.")] = None,
    url: Annotated[str | None, typer.Option(metavar="URL", help="Sends a link; --text is its title.")] = None,
    location: Annotated[str | None, typer.Option(metavar="LAT,LONG", help="Sends a place as a link to a map.")] = None,
    button: Annotated[
        list[str] | None, typer.Option(metavar=CHOICE, help="Adds a button under --text; an https payload opens it.")
    ] = None,
    quick_reply: Annotated[
        list[str] | None, typer.Option(metavar=CHOICE, help="Adds an answer to tap on under --text.")
    ] = None,
    react: Annotated[str | None, typer.Option(metavar="EMOJI", help="Reacts to the message of --quote.")] = None,
    typing: Annotated[Literal["on", "off"] | None, typer.Option(help="Shows or hides that somebody types.")] = None,
    file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Sends a message, or a body, in CIM JSON; - is stdin.")
    ] = None,
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
    """Sends a message of any kind to a customer who wrote to the page.

    Facebook takes messages up to 24 hours after the customer's last action.
    A text longer than Messenger allows goes out in several messages.

    Files of this machine are stored by the server first. An address on the
    web must be of an origin that the server may fetch from
    (FBC_OUTBOUND_MEDIA_ORIGINS of the server). Everything else that a contact
    centre sends (templates, carousels, receipts, ...) comes from --file.

    Example: facebook-connector send 104792690000001 7001002003004005 --text 'Hello'

    \b
    Others:
      ... --text 'When?' --quick-reply Today=TODAY --quick-reply Tomorrow=TOMORROW
      ... --image box.jpg --text 'Your parcel'
      ... --react '😊' --quote ID
      ... --file message.json

    Exit status 0: sent, or accepted and waiting for its turn. 1: refused,
    failed, or uncertain.

    Settings: FBC_SERVER, FBC_TOKEN (role ccm), FBC_SERVER_CA.
    """  # noqa: D301 # \b keeps the lines of the examples
    if text == "-":
        text = sys.stdin.read().rstrip("\n")
    contents = Contents(
        text=text,
        image=image,
        video=video,
        audio=audio,
        document=document,
        sticker=sticker,
        url=url,
        location=location,
        button=tuple(button or ()),
        quick_reply=tuple(quick_reply or ()),
        react=react,
        typing=typing,
        file=file,
    )
    contents.kind()
    from connector_cli.send_message import Envelope

    envelope = Envelope(page=page, psid=psid, quote=quote, human=human, message_id=message_id)
    answer = asyncio.run(_sent(envelope, contents, wait))
    if json:
        print_json(answer)
    conclude(answer, silent=json)


async def _sent(envelope: Envelope, contents: Contents, wait: float) -> SendMessageResponse:
    from connector_cli.send_message import message_of
    from connector_client import SendOrigin

    origin = SendOrigin.HUMAN if envelope.human else SendOrigin.BOT
    if contents.file and not envelope.human:
        # Its sender says who wrote it.
        origin = SendOrigin.UNSPECIFIED
    async with connected("send") as client:
        message = await message_of(client, envelope, contents)
        return await client.send(message, wait=wait, origin=origin)


def conclude(answer: SendMessageResponse, *, silent: bool) -> None:
    """Prints the outcome. Raises `Failure` for one that is no success; that is said even if `silent`."""
    from connector_client import SendState

    state = SendState(answer.state)
    if state is SendState.FAILED:
        raise Failure(visible(f"FAILED {answer.id}: {answer.failure.reason}: {answer.failure.detail}"))
    if state is SendState.UNCERTAIN:
        raise Failure(
            f"UNCERTAIN {answer.id}: Facebook may or may not have taken it, and it is not sent again blindly;"
            f" look at the conversation, then say `facebook-connector messages resolve {answer.id} sent` or `resend`"
        )
    if not silent:
        for warning in answer.warnings:
            typer.echo(visible(f"{warning.code}: {warning.detail}"), err=True)
        mids = " ".join(part.provider_message_id for part in answer.parts if part.provider_message_id)
        again = "(accepted by an earlier call)" if answer.already_accepted else ""
        typer.echo(visible(" ".join(filter(None, (state.name, answer.id, mids, again)))))
