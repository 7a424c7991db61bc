from __future__ import annotations

import re
from pathlib import Path

import pytest

from ccm_bridge.settings import BridgeSettings
from facebook_connector.settings import ServerSettings
from facebook_gateway.settings import GatewaySettings
from service_runtime.settings import PREFIX

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
ROWS = [line.split("|")[1:4] for line in README.splitlines() if line.startswith("| `FBC_")]
DEFAULTS = {name: default.strip() for names, default, _ in ROWS for name in re.findall(r"`(FBC_\w+)`", names)}
ONLY_OF_COMMANDS = {"FBC_TOKEN", "FBC_PAGE_ACCESS_TOKEN", "FBC_APP_SECRET", "FBC_VERIFY_TOKEN"}


def variables(settings: type[ServerSettings | GatewaySettings | BridgeSettings]) -> dict[str, object]:
    return {f"{PREFIX}{name.upper()}": field.default for name, field in settings.model_fields.items()}


SETTINGS = variables(ServerSettings) | variables(GatewaySettings) | variables(BridgeSettings)


def test_settings_table_names_every_setting_and_no_other() -> None:
    assert set(DEFAULTS) - ONLY_OF_COMMANDS == set(SETTINGS)


@pytest.mark.parametrize("settings", [ServerSettings, GatewaySettings, BridgeSettings])
def test_settings_table_names_the_aliases(settings: type[ServerSettings | GatewaySettings | BridgeSettings]) -> None:
    for field, alias in settings.aliases.items():
        assert field in settings.model_fields
        assert f"| `{PREFIX}{field.upper()}` (also `{alias}`) |" in README


@pytest.mark.parametrize("name", sorted(name for name, shown in DEFAULTS.items() if re.fullmatch(r"`\S+`", shown)))
def test_settings_table_shows_the_true_default(name: str) -> None:
    default = SETTINGS[name]

    assert DEFAULTS[name].strip("`") == (str(default).lower() if isinstance(default, bool) else str(default))


@pytest.mark.parametrize(
    "document", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").glob("*.md")), ids=lambda p: p.name
)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text())

    assert not [target for target in targets if not (document.parent / target).exists()]
