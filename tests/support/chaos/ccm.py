"""The contact centre's side as a process of its own, to be killed: `python -m tests.support.chaos.ccm SETTING`."""

from __future__ import annotations

import asyncio
import sys

from tests.support.chaos.client_consumer import ClientConsumer
from tests.support.chaos.consumer import Setting
from tests.support.chaos.stub_consumer import StubConsumer

KINDS: dict[str, type[ClientConsumer | StubConsumer]] = {"client": ClientConsumer, "stub": StubConsumer}


def main() -> None:
    """Consumes as the setting on the command line says."""
    setting = Setting.read(sys.argv[1])
    asyncio.run(KINDS[setting.kind](setting).run())


if __name__ == "__main__":
    main()
