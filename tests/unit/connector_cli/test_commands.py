from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import typer
from typer.testing import CliRunner

from ccm_bridge.settings import BridgeSettings
from connector_cli.commands import app
from connector_cli.main import SERVICES
from tests.unit.connector_cli.support import ROOT

HEAVY = ("grpc", "google.protobuf", "sqlalchemy", "starlette", "uvicorn", "httpx", "pydantic", "structlog", "alembic")


EXTRAS = {
    "gateway": {"httptools", "pydantic_settings", "starlette", "structlog", "uvicorn"},
    "server": {"aiohttp", "alembic", "asyncpg", "cryptography", "grpc_channelz", "obstore", "regex", "sqlalchemy"},
    "sandbox": {"httpx", "orjson", "starlette", "uvicorn"},
}
"""Packages that the extras bring along."""


def names(group: typer.Typer = app, prefix: str = "") -> Iterator[str]:
    for command in group.registered_commands:
        function = command.callback
        assert function is not None
        yield prefix + (command.name or function.__name__.replace("_", "-"))
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from names(inner.typer_instance, f"{prefix}{inner.name} ")


def help_of(command: str) -> str:
    result = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    return result.output


def run_python(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | variables
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, env=environment
    )


def test_all_commands_promised_are_there() -> None:
    channels = {
        f"channels {name}" for name in ("add", "list", "show", "update", "remove", "subscribe", "check", "pull")
    }
    channels |= {f"channels menu {name}" for name in ("show", "set", "clear")}
    letters = {f"dead-letters {name}" for name in ("list", "show", "redrive", "discard")}
    operations = {f"subscriptions {name}" for name in ("list", "create", "delete")} | letters | {"replay"}
    everyday = {"up", "server", "gateway", "bridge", "sandbox", "migrate", "version", "tail", "send"}
    everyday |= {f"messages {name}" for name in ("show", "retry", "cancel", "resolve")}
    upkeep = {f"quarantine {name}" for name in ("list", "show", "retranslate")}
    upkeep |= {"erase", "audit", "stats", "backup", "restore"}

    assert everyday | channels | operations | upkeep <= set(names())


@pytest.mark.parametrize("command", [name for name in names() if name not in {"version", "demo"}])
def test_help_has_an_example_and_says_which_settings_count(command: str) -> None:
    told = help_of(command)

    assert f"facebook-connector {command}" in told.partition("Example: ")[2]
    assert "Settings: " in told


@pytest.mark.parametrize("command", sorted(set(names()) - {"version", "demo"}))
def test_help_names_only_settings_that_the_readme_explains(command: str) -> None:
    secrets = {"FBC_PAGE_ACCESS_TOKEN", "FBC_APP_SECRET", "FBC_VERIFY_TOKEN"}
    explained = set(re.findall(r"FBC_[A-Z_]+", (ROOT / "README.md").read_text()))

    assert set(re.findall(r"FBC_[A-Z_]+", help_of(command))) <= explained | secrets


def test_help_names_every_setting_of_the_bridge() -> None:
    settings = {f"FBC_{name.upper()}" for name in BridgeSettings.model_fields}

    assert settings | {"CCM_URL"} <= set(re.findall(r"(?:FBC_)?[A-Z]+_[A-Z_]+", help_of("bridge")))


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from connector_cli.main import main; sys.argv = ['facebook-connector', '--help']\n"
        "try: main()\n"
        "except SystemExit: print(*sys.modules, file=sys.stderr)"
    )

    loaded = set(run_python(code).stderr.split())

    assert "typer" in loaded
    assert not loaded & set(HEAVY)


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_service_loads_nothing_that_serves_people_at_a_terminal(service: str) -> None:
    code = (
        f"import sys; from connector_cli.main import main; sys.argv = ['facebook-connector', '{service}']\n"
        "try: main()\n"
        "except SystemExit as ended: print(ended, file=sys.stderr); print(*sys.modules)"
    )
    ended = run_python(code, FBC_LOG_LEVEL="LOUD")
    loaded = set(ended.stdout.split())

    assert "FBC_LOG_LEVEL" in ended.stderr  # so far it came: everything is imported
    assert "service_runtime.logs" in loaded
    assert not loaded & {"connector_cli.commands", "typer", "rich", "pygments", "httpx", "httpcore", "alembic"}


def test_a_service_with_an_option_that_it_does_not_have_is_not_understood() -> None:
    ended = run_python("import sys; from connector_cli.main import main; sys.argv[1:] = ['server', '--fast']; main()")

    assert ended.returncode == 2
    assert "--fast" in ended.stderr


def test_without_typer_it_says_what_to_install() -> None:
    ended = run_python("import sys; sys.modules['typer'] = None; from connector_cli.main import main; main()")

    assert ended.returncode == 1
    assert ended.stderr == "facebook-connector: typer is not installed: run pip install 'facebook-connector[cli]'\n"


def test_a_command_whose_extra_is_missing_says_what_to_install() -> None:
    ended = run_python(
        "import sys; sys.modules['uvicorn'] = None; from connector_cli.main import main\n"
        "sys.argv = ['facebook-connector', 'sandbox']; main()"
    )

    assert ended.returncode == 1
    assert ended.stderr == (
        "facebook-connector: uvicorn is not installed: run pip install 'facebook-connector[cli,sandbox]'\n"
    )


def test_the_commands_that_call_a_server_need_no_other_extra() -> None:
    beyond = {name for extra in ("gateway", "server", "sandbox") for name in EXTRAS[extra]}
    code = f"import sys\nfor name in {sorted(beyond)}: sys.modules[name] = None\n"
    code += "from connector_cli import channel_calls, channel_views, commands, message_lines"

    ended = run_python(code)

    assert ended.stderr == ""


def test_a_command_that_is_not_understood_ends_with_2() -> None:
    assert CliRunner().invoke(app, ["nonsense"]).exit_code == 2


def test_version_names_the_protos_and_what_they_run_on() -> None:
    told = CliRunner().invoke(app, ["version"]).output

    assert re.search(r"facebook-connector +\d+\.\d+", told)
    assert "expertflow.connector.v1" in told
    assert re.search(r"python +3\.\d+", told)
    assert re.search(r"grpcio +1\.\d+", told)
