from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.baselines.frameworks import FrameworksMissingError, installed_frameworks

NPM = """#!/bin/sh
echo "npm error network This is a problem related to network connectivity." >&2
exit 1
"""


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


async def test_without_node_the_frameworks_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(FrameworksMissingError, match="Node and npm are not installed"):
        await installed_frameworks(tmp_path / "node")


async def test_without_a_registry_they_are_missing_and_npm_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "node", "#!/bin/sh\n")
    program(tmp_path / "npm", NPM)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")

    with pytest.raises(FrameworksMissingError, match="npm could not install them: npm error network"):
        await installed_frameworks(tmp_path / "frameworks")


def test_the_lock_names_no_index() -> None:
    lock = Path(__file__).parents[4] / "benchmarks" / "baselines" / "node" / "package-lock.json"

    assert '"resolved"' not in lock.read_text()
