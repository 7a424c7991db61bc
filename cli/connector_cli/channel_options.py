"""The options of `channels add` and `channels update`, and what they mean for a channel. Nothing is called here."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from connector_cli.failures import Failure

if TYPE_CHECKING:
    from connector_cli.channel_secrets import SecretValues
    from expertflow.connector.v1.channel_pb2 import Channel
    from expertflow.connector.v1.channel_service_pb2 import UpdateChannelRequest

Page: TypeAlias = Annotated[str, typer.Argument(metavar="PAGE_ID", help="Id of the Facebook Page, in digits.")]
AppId: TypeAlias = Annotated[str | None, typer.Option(help="Id of the Facebook app, in digits.")]
Tenant: TypeAlias = Annotated[str | None, typer.Option(help="Tenant of the channel.  default: expertflow")]
GraphVersion: TypeAlias = Annotated[str | None, typer.Option(help="Version of the Graph API, such as v25.0.")]
HumanAgent: TypeAlias = Annotated[
    bool | None,
    typer.Option("--human-agent/--no-human-agent", help="The app has Facebook's Human Agent feature (7-day window)."),
]
AllowCustom: TypeAlias = Annotated[
    bool | None, typer.Option("--allow-custom/--no-allow-custom", help="CUSTOM bodies go out as raw messages.")
]
AllowUnsigned: TypeAlias = Annotated[
    bool | None,
    typer.Option(
        "--allow-unsigned/--no-allow-unsigned",
        help="Takes unsigned webhooks while there is no app secret: anybody can forge messages then.",
    ),
]
EditedMarker: TypeAlias = Annotated[str | None, typer.Option(help="Stands before the new text of an edited message.")]
DefaultPrompt: TypeAlias = Annotated[str | None, typer.Option(help="Text for buttons that come without one.")]
WantedFields: TypeAlias = Annotated[
    str | None,
    typer.Option(help="Webhook fields to subscribe, comma separated.  default: all that the connector understands"),
]
SecretsFrom: TypeAlias = Annotated[
    str,
    typer.Option(metavar="FILE", help="Reads the secrets as lines VARIABLE=value from this file; - is stdin."),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Prints JSON with the names of the API.")]

SettingValue: TypeAlias = str | bool
RESETTABLE = (
    "tenant_id",
    "app_id",
    "graph_version",
    "human_agent_enabled",
    "allow_custom",
    "allow_unsigned",
    "edited_marker",
    "default_prompt",
    "wanted_fields",
    "secrets.page_access_token",
    "secrets.app_secrets",
    "secrets.verify_token",
)
"""What a mask may name: a named and empty field returns to its default, a secret is removed."""


def given(**settings: SettingValue | None) -> dict[str, SettingValue]:
    """Only those that stood on the command line."""
    return {name: value for name, value in settings.items() if value is not None}


def channel_of(page_id: str, settings: Mapping[str, SettingValue]) -> Channel:
    """The channel with these settings, named as in the API; `wanted_fields` is one comma separated text."""
    from expertflow.connector.v1.channel_pb2 import Channel

    channel = Channel(page_id=page_id)
    for name, value in settings.items():
        if name == "wanted_fields":
            channel.wanted_fields.extend(field.strip() for field in str(value).split(",") if field.strip())
        else:
            setattr(channel, name, value)
    return channel


def update_of(
    page_id: str, settings: Mapping[str, SettingValue], secrets: SecretValues, reset: Sequence[str]
) -> UpdateChannelRequest:
    """The call that changes exactly what is given and returns `reset` to its default. Raises `Failure` if it cannot.

    An empty text returns a setting to its default too, but for `edited_marker`, where it means no marker.
    """
    from connector_cli.channel_secrets import as_message
    from expertflow.connector.v1.channel_service_pb2 import UpdateChannelRequest

    changed = [*settings, *(f"secrets.{kind.field}" for kind in secrets)]
    if unknown := sorted(set(reset) - set(RESETTABLE)):
        raise Failure(f"--reset {unknown[0]}: must be one of {', '.join(RESETTABLE)}")
    if both := sorted(set(reset) & set(changed)):
        raise Failure(f"--reset {both[0]}: it is given a value as well")
    if not changed and not reset:
        raise Failure("nothing to change: name a setting, a secret or --reset; see `channels update --help`")
    request = UpdateChannelRequest(channel=channel_of(page_id, settings), secrets=as_message(secrets))
    request.update_mask.paths.extend([*changed, *reset])
    return request
