"""`facebook-connector server`, `gateway`, `bridge` and `migrate`: the parts one by one, for more than one machine."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

import asyncio

from connector_cli.failures import Failure, failing_on, needing
from service_runtime.interpreter import loading


def server() -> None:
    """Runs the gRPC server that CCM and the gateways connect to.

    Keeps every message in an embedded database under FBC_DATA_DIR, or in the
    PostgreSQL of FBC_DATABASE_URL (run `facebook-connector migrate` first).
    Ends on Ctrl-C or SIGTERM after what is in flight is finished.

    Example: FBC_LISTEN=127.0.0.1:50052 facebook-connector server

    Settings: FBC_LISTEN, FBC_DATA_DIR, FBC_DATABASE_URL, FBC_SECRET_KEYS,
    FBC_CCM_TOKENS, FBC_GATEWAY_TOKENS, FBC_OPERATOR_TOKENS,
    FBC_TLS_CERTIFICATE, FBC_TLS_KEY, FBC_GRAPH_URL, FBC_MEDIA_URL,
    FBC_MEDIA_STORE, FBC_MEDIA_RETENTION, FBC_MEDIA_WORKERS, FBC_MEDIA_HOSTS,
    FBC_MEDIA_ORIGINS, FBC_OUTBOUND_MEDIA_ORIGINS, FBC_FILE_ENGINE_URL (or
    FILE_ENGINE_URL), FBC_FILE_ENGINE_PUBLIC_URL, FBC_FILE_ENGINE_MAX_BYTES,
    FBC_FILE_ENGINE_TOKEN, FBC_FILE_ENGINE_CA, FBC_TEXT_LIMIT,
    FBC_METRICS_LISTEN, FBC_LOG_LEVEL; and as the gateway's, to know our own
    media links, to translate stored webhooks anew and to sign delivery
    notifications: FBC_PUBLIC_BASE_URL, FBC_SENDER_ID, FBC_SENDER_NAME,
    FBC_REACTIONS_AS_TEXT.

    Beyond loopback it needs TLS and tokens.
    """
    with needing("server"), loading():
        from facebook_connector.app import run
        from facebook_connector.settings import ServerSettings
        from service_runtime.settings import SettingsError
    with failing_on(SettingsError):
        run(ServerSettings.load())


def gateway() -> None:
    """Runs the gateway that takes Facebook's webhooks and hands them to the server.

    Webhooks come to /webhook or /webhook/PAGE_ID, also under
    FBC_WEBHOOK_PREFIX. It keeps nothing: without the server it answers 503,
    and Facebook sends the webhook again. Any number may run in parallel.

    With FBC_CCM_URL (or CCM_URL) it also runs the bridge to a CCM that speaks
    REST; `facebook-connector bridge --help` says how that is set up.

    Example: FBC_SERVER=127.0.0.1:50052 facebook-connector gateway

    Settings: FBC_GATEWAY_LISTEN, FBC_GATEWAY_TLS_CERTIFICATE,
    FBC_GATEWAY_TLS_KEY, FBC_GATEWAY_PLAIN_HTTP, FBC_WEBHOOK_PREFIX,
    FBC_SERVER, FBC_SERVER_TOKEN, FBC_SERVER_CA, FBC_MAX_BODY_BYTES,
    FBC_INGEST_QUEUE_BYTES, FBC_PUBLIC_BASE_URL, FBC_SENDER_ID,
    FBC_SENDER_NAME, FBC_REACTIONS_AS_TEXT, FBC_GATEWAY_METRICS_LISTEN,
    FBC_LOG_LEVEL; and those of `bridge`.
    """
    with needing("gateway"), loading():
        from ccm_bridge.settings import BridgeSettings
        from connector_cli import edge
        from facebook_gateway.app import run
        from facebook_gateway.settings import GatewaySettings
        from service_runtime.settings import SettingsError
    with failing_on(SettingsError):
        settings, bridge_settings = GatewaySettings.load(), BridgeSettings.load()
        if bridge_settings.ccm_url:
            edge.run(settings, bridge_settings)
        else:
            run(settings)


def bridge() -> None:
    """Runs the bridge to a CCM that speaks REST and CIM JSON.

    Posts every message of customers to CCM's /message/receive, in order per
    conversation and until CCM takes it. Takes CCM's own messages at
    /cim-messages, and the settings of channels at /connector-configurations;
    at the start it also asks CCM for them. It is a client of the server and
    keeps nothing. `gateway` and `up` run it too where FBC_CCM_URL is set;
    alone it runs on machines of its own, any number side by side.

    Example: FBC_CCM_URL=http://ef-cx-ccm-svc:8081 facebook-connector bridge

    Settings: FBC_CCM_URL (or CCM_URL), FBC_CCM_TIMEOUT, FBC_CCM_REJECTING,
    FBC_CCM_REASON_CODES, FBC_CCM_TENANT_HEADER, FBC_CCM_TENANT,
    FBC_BRIDGE_LISTEN, FBC_BRIDGE_TOKEN, FBC_BRIDGE_OPEN, FBC_BRIDGE_PREFIX,
    FBC_BRIDGE_MAX_BODY_BYTES, FBC_BRIDGE_METRICS_LISTEN,
    FBC_BRIDGE_SUBSCRIPTION, FBC_BRIDGE_KINDS, FBC_BRIDGE_PARALLEL,
    FBC_BRIDGE_REACTIONS_AS_TEXT, FBC_BRIDGE_CONTEXT, FBC_BRIDGE_PAGES,
    FBC_BRIDGE_ALLOW_UNSIGNED, FBC_SERVER, FBC_SERVER_CA,
    FBC_BRIDGE_SERVER_TOKEN, FBC_BRIDGE_OPERATOR_TOKEN, FBC_LOG_LEVEL.
    """
    with needing("gateway"), loading():
        from ccm_bridge.app import run
        from ccm_bridge.settings import BridgeSettings
        from service_runtime.settings import SettingsError
    with failing_on(SettingsError):
        run(BridgeSettings.load())


def migrate() -> None:
    """Brings the database to the schema of this release.

    An embedded database is migrated whenever its server starts. PostgreSQL is
    migrated by this command alone: run it before you start a new release. It
    does nothing to a current database.

    Example: FBC_DATABASE_URL=postgresql://fbc@db/fbc facebook-connector migrate
    (with FBC_SECRET_KEYS set, as for the server)

    Settings: FBC_DATABASE_URL, FBC_SECRET_KEYS, FBC_DATA_DIR.
    """
    with needing("server"):
        import typer

        from facebook_connector.settings import ServerSettings
        from facebook_connector.store import database, errors
        from facebook_connector.store import migrate as migrations
        from service_runtime.settings import SettingsError

    async def migrated(url: str) -> str:
        async with database.open_database(url) as opened:
            return await migrations.migrate(opened)

    with failing_on(SettingsError):
        settings = ServerSettings.load()
    try:
        revision = asyncio.run(migrated(settings.database))
    except errors.StoreError as error:
        name = "FBC_DATABASE_URL" if settings.database_url.get_secret_value() else "FBC_DATA_DIR"
        raise Failure(f"{name}: {error}") from error
    typer.echo(f"the database has schema {revision}")
