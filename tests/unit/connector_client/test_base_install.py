from __future__ import annotations

import subprocess
import sys

import pytest

SHOWN = "import sys, connector_client; print('\\n'.join(sorted({name.partition('.')[0] for name in sys.modules})))"


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The top-level packages that importing the client loads."""
    return set(subprocess.run([sys.executable, "-c", SHOWN], capture_output=True, text=True, check=True).stdout.split())


def test_the_client_needs_the_base_install_only(loaded: set[str]) -> None:
    beyond = {
        "pydantic",
        "pydantic_settings",
        "structlog",
        "orjson",
        "httpx",
        "starlette",
        "sqlalchemy",
        "typer",
        "rich",
    }

    assert loaded & beyond == set()


def test_the_client_knows_the_protos_and_nothing_else_of_ours(loaded: set[str]) -> None:
    ours = {"cim_messenger", "service_runtime", "facebook_gateway", "facebook_connector", "messenger_sandbox"}

    assert loaded & (ours | {"expertflow"}) == {"expertflow"}
