"""`facebook-connector channels pull`: takes the settings that Unified Admin holds, as the bridge does at its start."""

# ruff: noqa: PLC0415 # heavy packages: `--help` is to answer at once
from __future__ import annotations

import asyncio
import json as json_text
from typing import TYPE_CHECKING, Annotated

import typer

from connector_cli.channel_options import Json
from connector_cli.connecting import connected
from connector_cli.failures import Failure, failing_on, needing
from connector_cli.printing import print_table, visible

if TYPE_CHECKING:
    from ccm_bridge.configuration.channels import Outcome
    from ccm_bridge.settings import BridgeSettings

HEADER = ("PAGE", "ATTRIBUTE", "RESULT", "WHY")


def pull(
    pages: Annotated[list[str] | None, typer.Argument(metavar="[PAGE_ID]...", help="Ids of Facebook Pages.")] = None,
    *,
    json: Json = False,
) -> None:
    """Takes the settings of pages from CCM, and says what became of each.

    Without a page: of all channels, and of the pages of FBC_BRIDGE_PAGES. A
    page that has no channel gets one. What CCM does not name, or hides behind
    asterisks, stays as it is; no value is shown.

    Example: CCM_URL=http://ef-cx-ccm-svc:8081 facebook-connector channels pull 104792690000001

    Exit status 0: all were taken. 1: CCM did not tell, or does not know a page.

    Settings: FBC_CCM_URL (or CCM_URL), FBC_CCM_TIMEOUT,
    FBC_CCM_TENANT_HEADER, FBC_CCM_TENANT, FBC_BRIDGE_PAGES,
    FBC_BRIDGE_ALLOW_UNSIGNED, FBC_SERVER, FBC_TOKEN (role operator),
    FBC_SERVER_CA.
    """
    with needing("gateway"):
        from ccm_bridge.configuration.answers import taken
        from ccm_bridge.settings import BridgeSettings
        from service_runtime import logs
        from service_runtime.settings import SettingsError
    with failing_on(SettingsError):
        settings = BridgeSettings.load()
    if not settings.ccm_url:
        raise Failure("FBC_CCM_URL (or CCM_URL): says where CCM is")
    # What the bridge logs, this command prints.
    logs.configure("CRITICAL")
    outcomes, problems = asyncio.run(_pulled(settings, pages or []))
    if json:
        typer.echo(json_text.dumps(taken(outcomes), ensure_ascii=False))
    else:
        _show(outcomes)
    for problem in problems:
        typer.echo(visible(problem), err=True)
    if problems:
        raise typer.Exit(1)


async def _pulled(settings: BridgeSettings, pages: list[str]) -> tuple[list[Outcome], list[str]]:
    """What was taken, and what was not."""
    from ccm_bridge.ccm import Ccm
    from ccm_bridge.configuration.ccm import CcmError
    from ccm_bridge.configuration.channels import ConfiguredChannels
    from ccm_bridge.configuration.pulling import Puller

    outcomes: list[Outcome] = []
    problems: list[str] = []
    async with connected("channels") as client, Ccm(settings) as ccm:
        channels = ConfiguredChannels(client.connection, allow_unsigned=settings.bridge_allow_unsigned)
        puller = Puller(ccm, channels, pages=settings.pages)
        known = await puller.pages()
        for page in pages or known:
            try:
                outcome = await puller.pull(page, known.get(page, ""))
            except CcmError as error:
                problems.append(f"{page}: {error}")
                continue
            if outcome is None:
                problems.append(f"{page}: CCM has no channel with this Service Identifier")
            else:
                outcomes.append(outcome)
    return outcomes, problems


def _show(outcomes: list[Outcome]) -> None:
    verdicts = [(outcome.plan.page_id, each) for outcome in outcomes for each in outcome.plan.verdicts]
    if verdicts:
        rows = [(page, each.key, each.reading.fate.value, each.reading.detail) for page, each in verdicts]
        print_table(HEADER, rows)
    for outcome in outcomes:
        resumed = ", and sends again" if outcome.resumed else ""
        typer.echo(f"channel {outcome.plan.page_id} is {outcome.change.value}{resumed}")
        for lack in outcome.plan.to_do:
            typer.echo(f"to do for {outcome.plan.page_id}: {lack}")
    if not outcomes:
        typer.echo("nothing was taken from CCM")
