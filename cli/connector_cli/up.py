"""`facebook-connector up`: gateway and server in one process, for one machine."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from connector_cli.connecting import DEFAULT_SERVER
from connector_cli.failures import failing_on, needing
from service_runtime.listen import Address

if TYPE_CHECKING:
    from facebook_connector.settings import ServerSettings
    from facebook_gateway.settings import GatewaySettings


def up() -> None:
    """Runs gateway and server together: all that one machine needs.

    Needs no setting. Webhooks are taken at http://127.0.0.1:8080/webhook, CCM
    connects to 127.0.0.1:50051, and everything is kept in an embedded
    database in ./facebook-connector-data. Facebook must reach the gateway
    through a public HTTPS address, such as a tunnel. Ends on Ctrl-C or
    SIGTERM after what is in flight is finished.

    Example: FBC_GATEWAY_LISTEN=127.0.0.1:8081 facebook-connector up

    Settings: all of `server` and `gateway`. The gateway finds the server
    beside it and takes the first of FBC_GATEWAY_TOKENS by itself. Only with
    FBC_TLS_CERTIFICATE it must be told FBC_SERVER_CA, and FBC_SERVER if the
    certificate names another host.
    """
    with needing("gateway", "server"):
        import uvloop

        from facebook_connector.settings import ServerSettings
        from facebook_gateway.settings import GatewaySettings
        from service_runtime import logs
        from service_runtime.settings import SettingsError

    with failing_on(SettingsError), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        server, gateway = ServerSettings.load(), GatewaySettings.load()
        logs.configure(server.log_level)
        runner.run(_serve(server, gateway))


async def _serve(server_settings: ServerSettings, given: GatewaySettings) -> None:
    from facebook_connector.app import running_server
    from facebook_gateway.app import running_gateway
    from facebook_gateway.settings import GatewaySettings
    from service_runtime.lifecycle import first_of, stop_signals

    with stop_signals() as stop:
        async with running_server(server_settings) as server:
            gateway_settings = GatewaySettings.load(**beside(server_settings, given, server.address))
            async with running_gateway(gateway_settings) as gateway:
                typer.echo(announcement(server_settings, server.address, gateway.url))
                await first_of(stop.wait(), server.failure(), gateway.failure())
                typer.echo("stopping")


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


def announcement(server: ServerSettings, address: Address, gateway_url: str) -> str:
    """Where everything is, and what to do next."""
    calling = "" if str(address) == DEFAULT_SERVER else f"FBC_SERVER={_reachable(address)} "
    return "\n".join(
        (
            f"webhooks  {gateway_url}/webhook  (Facebook needs a public HTTPS address in front of it)",
            f"gRPC      {address}  (for CCM)",
            f"data      {_kept_in(server)}",
            f"next, in a second terminal: {calling}facebook-connector channels add PAGE_ID --app-id APP_ID",
            f"then watch what arrives: {calling}facebook-connector tail",
            "Ctrl-C ends it",
        )
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
