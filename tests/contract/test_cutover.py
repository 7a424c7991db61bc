"""What the documents and manifests for a cutover promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ccm_bridge.configuration.mapping import TABLE

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
CUTOVER = (ROOT / "docs" / "cutover.md").read_text()
SERVICE = (ROOT / "deploy" / "kubernetes" / "service.yaml").read_text()


def test_the_page_explains_every_attribute_of_unified_admin_and_no_other() -> None:
    section = CUTOVER.partition("| Attribute | Type |")[2].partition("\n\n")[0]

    named = [key for line in section.splitlines()[2:] for key in re.findall(r"`([A-Z_-]+)`", line.split("|")[1])]

    assert sorted(named) == sorted(TABLE)


def test_the_service_has_the_names_by_which_others_find_it() -> None:
    ports = dict(re.findall(r"name: (\S+), port: (\d+),", SERVICE))

    assert "name: cx-channels-facebook-connector-svc" in SERVICE
    assert "http-fb-co-8080" in ports
    assert "8080" in ports.values()


def test_what_ccm_calls_is_not_behind_the_name_that_is_public() -> None:
    targets = {
        name: (port, target)
        for name, port, target in re.findall(r"name: (\S+), port: (\d+), targetPort: (\w+)", SERVICE)
    }

    assert targets["http-fb-co-8080"][1] == "webhooks"
    assert [target for port, target in targets.values() if port == "8080"] == ["ccm"]


@pytest.mark.parametrize(
    "file",
    sorted([*(ROOT / "deploy").rglob("*.yaml"), ROOT / "deploy" / "Dockerfile", ROOT / "docs" / "cutover.md"]),
    ids=lambda p: p.name,
)
def test_every_setting_that_is_named_is_explained(file: Path) -> None:
    known = set(re.findall(r"`(\w+)`", README))

    assert set(re.findall(r"\bFBC_[A-Z_]+", file.read_text())) <= known
