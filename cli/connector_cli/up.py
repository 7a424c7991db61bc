"""`facebook-connector up`: gateway, server and perhaps the bridge in one process, for one machine."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector_cli import playground
from connector_cli.connecting import DEFAULT_SERVER
from connector_cli.edge import running_edge
from connector_cli.failures import failing_on, needing
from connector_cli.sandbox import LISTEN
from service_runtime import interpreter
from service_runtime.listen import Address

if TYPE_CHECKING:
    from pydantic import SecretStr

    from ccm_bridge.settings import BridgeSettings
    from connector_cli.edge import Edge
    from facebook_connector.settings import ServerSettings
    from facebook_gateway.settings import GatewaySettings
    from messenger_sandbox import RunningSandbox

EDGE_GRACE_S = 2
"""How long webhooks and posts in flight may take at a stop, beside the grace of the server."""

NEEDS_HTTPS = "Facebook needs a public HTTPS address in front of it"


def up(
    *,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Run a stand-in for Facebook beside them, with a page and customers.")
    ] = False,
    sandbox_listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where the stand-in listens; port 0: a free one.")
    ] = LISTEN,
) -> None:
    """Runs gateway and server together: all that one machine needs.

    Needs no setting. Webhooks are taken at http://127.0.0.1:8080/webhook, CCM
    connects to 127.0.0.1:50051, and everything is kept in an embedded
    database in ./facebook-connector-data. Facebook must reach the gateway
    through a public HTTPS address, such as a tunnel. Ends on Ctrl-C or
    SIGTERM after what is in flight is finished.

    --sandbox makes a playground without an account: it adds the stand-in's
    page by itself and prints how to write as a customer. It keeps its data in
    the folder `sandbox` under FBC_DATA_DIR and does not use FBC_DATABASE_URL,
    FBC_MEDIA_URL, FBC_MEDIA_STORE, FBC_FILE_ENGINE_URL, FBC_MEDIA_ORIGINS and
    FBC_GRAPH_URL.

    Example: FBC_GATEWAY_LISTEN=127.0.0.1:8081 facebook-connector up

    With FBC_CCM_URL (or CCM_URL) it also runs the bridge to a CCM that speaks
    REST (`facebook-connector bridge --help`).

    Settings: all of `server`, `gateway` and `bridge`. Gateway and bridge find
    the server beside them and take the first of FBC_GATEWAY_TOKENS, of
    FBC_CCM_TOKENS and of FBC_OPERATOR_TOKENS by themselves. Only with
    FBC_TLS_CERTIFICATE it must be told FBC_SERVER_CA, and FBC_SERVER if the
    certificate names another host.
    """
    with needing("gateway", "server", *(["sandbox"] if sandbox else [])), interpreter.loading():
        import uvloop

        import facebook_connector.app  # noqa: F401 # to be there before the interpreter is tuned
        import facebook_gateway.app  # noqa: F401 # likewise
        from ccm_bridge.settings import BridgeSettings
        from facebook_connector.settings import ServerSettings
        from facebook_gateway.settings import GatewaySettings
        from service_runtime import logs
        from service_runtime.settings import SettingsError

        if sandbox:
            import messenger_sandbox  # noqa: F401 # to be missed before anything starts

    with failing_on(SettingsError), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        server, gateway, bridge = ServerSettings.load(), GatewaySettings.load(), BridgeSettings.load()
        if bridge.ccm_url:
            import ccm_bridge.app  # noqa: F401 # as above
        logs.configure(server.log_level)
        interpreter.tune()
        runner.run(_serve(server, gateway, bridge, sandbox_listen if sandbox else None))


async def _serve(
    server_settings: ServerSettings, given: GatewaySettings, bridge: BridgeSettings, sandbox_listen: str | None
) -> None:
    from ccm_bridge.settings import BridgeSettings
    from facebook_connector.app import running_server
    from facebook_connector.settings import ServerSettings
    from facebook_gateway.settings import GatewaySettings
    from service_runtime.lifecycle import first_of, stop_signals

    with stop_signals() as stop:
        async with AsyncExitStack() as stack:
            facebook, told = None, in_front(server_settings, given)
            if sandbox_listen is not None:
                facebook = await stack.enter_async_context(playground.facebook(sandbox_listen))
                told |= playground.pointed_at(facebook.base_url, server_settings)
            server_settings = ServerSettings.load(**told)
            server = await stack.enter_async_context(running_server(server_settings))
            gateway_settings = GatewaySettings.load(**beside(server_settings, given, server.address))
            if facebook is not None:
                # Before the gateway starts: it then finds the channel's keys at once.
                await playground.join(server_settings, gateway_settings)
            # Left before the server, which webhooks in flight still need; both together within 10 seconds.
            bridge = BridgeSettings.load(**bridge_beside(server_settings, bridge, gateway_settings))
            edge = await stack.enter_async_context(running_edge(gateway_settings, bridge, grace_s=EDGE_GRACE_S))
            if facebook is not None:
                await playground.shake_hands(facebook, edge.gateway_url)
            typer.echo(announcement(server_settings, server.address, edge, facebook))
            await first_of(stop.wait(), server.failure(), edge.failure())
            typer.echo("stopping")


def in_front(server: ServerSettings, gateway: GatewaySettings) -> dict[str, Any]:
    """What the server must be told, over what the environment says, to know the links of the gateway before it.

    Nothing where a setting says it, or where nobody knows yet on which port the gateway will listen.
    """
    if "public_base_url" in server.model_fields_set or not gateway.address.port:
        return {}
    return {"public_base_url": f"{'http' if gateway.tls is None else 'https'}://{gateway.address}"}


def beside(server: ServerSettings, gateway: GatewaySettings, address: Address) -> Mapping[str, Any]:
    """What the gateway must be told, over what the environment says, to call the server beside it.

    Raises `SettingsError` if nobody says how to judge the server's certificate.
    """
    from facebook_connector.settings import Role
    from service_runtime.settings import SettingsError

    if server.tls is not None and gateway.server_ca is None:
        raise SettingsError("FBC_SERVER_CA: must be set with FBC_TLS_CERTIFICATE: the gateway calls the server by TLS")
    told: dict[str, Any] = {}
    # By TLS the certificate may name another host, and then FBC_SERVER says which.
    if server.tls is None or "server" not in gateway.model_fields_set:
        told["server"] = str(_reachable(address))
    tokens = server.tokens[Role.GATEWAY]
    if tokens and not gateway.server_token.get_secret_value():
        told["server_token"] = tokens[0].value
    return told


def bridge_beside(server: ServerSettings, bridge: BridgeSettings, gateway: GatewaySettings) -> Mapping[str, Any]:
    """What the bridge must be told, over what the environment says: it calls the server as the gateway does."""
    from facebook_connector.settings import Role

    told: dict[str, Any] = {"server": gateway.server, "server_ca": gateway.server_ca}
    for setting, role in (("bridge_server_token", Role.CCM), ("bridge_operator_token", Role.OPERATOR)):
        held: SecretStr = getattr(bridge, setting)
        if server.tokens[role] and not held.get_secret_value():
            told[setting] = server.tokens[role][0].value
    return told


def announcement(server: ServerSettings, address: Address, edge: Edge, facebook: RunningSandbox | None = None) -> str:
    """Where everything is, and what to do next."""
    calling = "" if str(address) == DEFAULT_SERVER else f"FBC_SERVER={_reachable(address)} "
    bridged = (f"bridge    {edge.bridge_url}  (CCM's Provider Webhook)",) if edge.bridge_url else ()
    return "\n".join(
        (
            f"webhooks  {edge.gateway_url}/webhook" + ("" if facebook else f"  ({NEEDS_HTTPS})"),
            *bridged,
            f"gRPC      {address}  (for CCM)",
            f"data      {_kept_in(server)}",
            _first_steps(calling) if facebook is None else playground.introduction(facebook, calling),
            "Ctrl-C ends it",
        )
    )


def _first_steps(calling: str) -> str:
    return (
        f"next, in a second terminal: {calling}facebook-connector channels add PAGE_ID --app-id APP_ID\n"
        f"then watch what arrives: {calling}facebook-connector tail"
    )


def _kept_in(server: ServerSettings) -> str:
    if server.database.startswith("postgresql"):
        # Not the URL: it may hold a password.
        return "PostgreSQL (FBC_DATABASE_URL)"
    return str(Path(server.database.removeprefix("sqlite:///")).absolute().parent)


def _reachable(address: Address) -> Address:
    """An address to call, for one to bind."""
    loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - to be recognised, not to be bound
    return Address(host=loopback.get(address.host, address.host), port=address.port)
