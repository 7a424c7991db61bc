from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated"


def base_requirement(name: str) -> Requirement:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return next(r for r in map(Requirement, project["dependencies"]) if r.name == name)


def lower_bound(requirement: Requirement) -> Version:
    return next(Version(s.version) for s in requirement.specifier if s.operator == ">=")


def test_grpcio_lower_bound_is_what_the_generated_code_asks_for() -> None:
    stubs = [path.read_text() for path in GENERATED.rglob("*_pb2_grpc.py")]
    asked = {match for text in stubs for match in re.findall(r"GRPC_GENERATED_VERSION = '([\d.]+)'", text)}

    assert asked == {str(lower_bound(base_requirement("grpcio")))}
    assert asked == {version("grpcio-tools")}


def test_protobuf_lower_bound_is_what_the_generated_code_asks_for() -> None:
    stubs = [path.read_text() for path in GENERATED.rglob("*_pb2.py")]
    asked = {match for text in stubs for match in re.findall(r"# Protobuf Python Version: ([\d.]+)", text)}

    assert asked == {str(lower_bound(base_requirement("protobuf")))}


def test_editable_install_imports_the_stubs_from_the_source_tree() -> None:
    assert import_from("expertflow.cim.v1.message_pb2", []).is_relative_to(GENERATED)


def test_wheel_imports_the_stubs_and_holds_every_package(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path)

    for module in ("expertflow.cim.v1.message_pb2", "connector_client", "facebook_connector", "facebook_gateway"):
        assert import_from(module, [wheel]).is_relative_to(wheel)
    assert not (wheel / "expertflow" / "__init__.py").exists(), "expertflow must stay a namespace"
    assert (wheel / "expertflow" / "cim" / "v1" / "py.typed").exists()


def build_wheel(folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    unpacked = folder / "unpacked"
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(built), str(unpacked)], check=True)
    return unpacked


def import_from(module: str, path: list[Path]) -> Path:
    code = f"import sys; sys.path[:0] = {[str(p) for p in path]!r}; import {module} as m; print(m.__file__)"
    answer = subprocess.run([sys.executable, "-c", code], cwd="/", check=True, capture_output=True, text=True)
    return Path(answer.stdout.strip())


@pytest.mark.parametrize("lock", ["runtime.txt", "dev.txt"])
def test_lock_has_hashes_and_no_index_address(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()

    assert not re.search(r"^\s*(-i|-f|--index-url|--extra-index-url|--find-links)", text, re.MULTILINE)
    pinned = re.findall(r"^[a-z0-9][^\s=]*==\S+ \\$", text, re.MULTILINE)
    assert len(pinned) > 20
    assert len(pinned) == len(re.findall(r"^[a-z0-9][^\s#]*==", text, re.MULTILINE)), "every pin carries hashes"
