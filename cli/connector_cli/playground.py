"""What `facebook-connector up --sandbox` adds: a stand-in for Facebook, and a page that is joined with it.

The sandbox's exact origin is the one exception from the rules for hosts and addresses of media. What is played never
mixes with the data of a real installation.
"""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from connector_cli.failures import Failure
from connector_cli.sandbox import APP_ID, APP_SECRET, PAGE_ID, PAGE_TOKEN, PEOPLE, VERIFY_TOKEN, address_of, person_of

if TYPE_CHECKING:
    from facebook_connector.settings import ServerSettings
    from facebook_gateway.settings import GatewaySettings
    from messenger_sandbox import RunningSandbox

FOLDER = "sandbox"
"""Under the data folder."""


@asynccontextmanager
async def facebook(listen: str) -> AsyncIterator[RunningSandbox]:
    """The sandbox runs while the block lasts. Raises `Failure` if it cannot listen there."""
    from messenger_sandbox import Page, Sandbox, SandboxConfig

    address = address_of(listen, "--sandbox-listen")
    config = SandboxConfig(
        app_id=APP_ID,
        app_secret=APP_SECRET,
        verify_token=VERIFY_TOKEN,
        host=address.host,
        port=address.port,
        pages=(Page(page_id=PAGE_ID, token=PAGE_TOKEN),),
        people=tuple(person_of(text, PAGE_ID) for text in PEOPLE),
    )
    async with AsyncExitStack() as stack:
        try:
            running = await stack.enter_async_context(Sandbox(config).serve())
        except OSError as error:
            raise Failure(f"the sandbox cannot start: --sandbox-listen {listen}: {error.strerror}") from error
        yield running


def pointed_at(origin: str, given: ServerSettings) -> Mapping[str, Any]:
    """What the server must be told, over what the environment says."""
    return {
        "graph_url": origin,
        "media_origins": origin,
        "data_dir": given.data_dir / FOLDER,
        "database_url": "",
        "media_url": "",
        "media_store": "own",
        "file_engine_url": "",
    }


async def join(server: ServerSettings, gateway: GatewaySettings) -> None:
    """Adds the page to the server that the gateway calls. Raises `Failure`, or `SettingsError` if nobody may."""
    from connector_cli import joining
    from connector_client import Connection, Tls
    from expertflow.connector.v1.channel_pb2 import Channel, ChannelSecrets

    tls = None if gateway.server_ca is None else Tls(ca=gateway.server_ca)
    connection = Connection.open(str(gateway.server_address), token=operator_token(server), tls=tls)
    try:
        await joining.join(
            connection,
            Channel(page_id=PAGE_ID, app_id=APP_ID),
            ChannelSecrets(page_access_token=PAGE_TOKEN, app_secrets=[APP_SECRET], verify_token=VERIFY_TOKEN),
        )
    finally:
        await connection.close()


def operator_token(server: ServerSettings) -> str:
    """One of the server's; empty if it has no tokens at all. Raises `SettingsError` if it has others only."""
    from facebook_connector.settings import Role
    from service_runtime.settings import SettingsError

    tokens = server.tokens
    if any(tokens.values()) and not tokens[Role.OPERATOR]:
        raise SettingsError("FBC_OPERATOR_TOKENS: must be set beside the other tokens: --sandbox adds its page by it")
    return tokens[Role.OPERATOR][0].value if tokens[Role.OPERATOR] else ""


async def shake_hands(running: RunningSandbox, gateway_url: str) -> None:
    """Makes the gateway the callback of the sandbox's webhooks. Raises `Failure`."""
    if not (await running.handshake(f"{gateway_url}/webhook")).verified:
        raise Failure("the gateway did not pass the sandbox's handshake; the log above says why")


def introduction(running: RunningSandbox, calling: str) -> str:
    """Who is there, and how to write as a customer; `calling` is what goes before commands that call the server."""
    people = ", ".join(f"{person.psid} ({person.name})" for person in running.world.people)
    somebody = running.world.people[0]
    acts = f"{running.base_url}/_sandbox/people/{somebody.psid}"
    return f"""\
sandbox   {running.base_url}  (stands in for Facebook)
page      {PAGE_ID}
people    {people}
write as {somebody.name}:
  curl -d '{{"text": "hello"}}' {acts}/says
  curl -d '{{"text": "look"}}' {acts}/sends_image
  (also sends_gif, sends_video, sends_audio, sends_file, sends_sticker, and taps with a title and a payload)
watch what arrives: {calling}facebook-connector tail --ack
answer:             {calling}facebook-connector send {PAGE_ID} {somebody.psid} --text 'Hello'
see what she sees:  curl {acts}/seen"""
