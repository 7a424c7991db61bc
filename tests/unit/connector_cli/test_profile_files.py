from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from connector_cli.failures import Failure
from connector_cli.menus import set_profile
from connector_cli.printing import print_json
from connector_cli.profile_files import PROPERTIES, read_profile, removal_of, update_of
from expertflow.connector.v1.channel_pb2 import MessengerProfile
from tests.support.messenger_profiles import full_profile

PAGE_ID = "104792690000001"


def written(folder: Path, text: str, name: str = "menu.json") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def test_every_property_of_the_contract_can_stand_in_a_file() -> None:
    assert set(PROPERTIES) == set(MessengerProfile.DESCRIPTOR.fields_by_name)


def test_what_show_prints_set_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_json(full_profile())
    name = written(tmp_path, capsys.readouterr().out)
    request = update_of(PAGE_ID, name, read_profile(name))
    assert (request.page_id, request.profile) == (PAGE_ID, full_profile())
    assert set(request.update_mask.paths) == set(PROPERTIES)


def test_the_example_of_the_help_is_a_profile(tmp_path: Path) -> None:
    example = re.search(r"(?ms)^    \x08\n(.*?)\n\n", set_profile.__doc__ or "")
    assert example is not None
    name = written(tmp_path, example.group(1), "menu.toml")
    request = update_of(PAGE_ID, name, read_profile(name))
    assert set(request.update_mask.paths) == set(PROPERTIES)
    assert request.profile.persistent_menus[0].items[1].url == "https://shop.example"


def test_only_what_stands_there_changes_and_empty_means_delete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"persistent_menus": []})))
    request = update_of(PAGE_ID, "-", read_profile("-"))
    assert (list(request.update_mask.paths), request.profile) == (["persistent_menus"], MessengerProfile())


@pytest.mark.parametrize(
    ("text", "name", "complaint"),
    [
        ("{", "menu.json", "is no JSON"),
        ("greetings = ", "menu.toml", "is no TOML"),
        ("[]", "menu.json", "must be an object"),
        ("{}", "menu.json", "must be an object"),
        ('{"menu": []}', "menu.json", "'menu' is no property"),
        ('{"greetings": [{"language": "de"}]}', "menu.json", "language"),
        ('{"greetings": "Hello"}', "menu.json", "greetings"),
    ],
)
def test_what_is_no_profile_is_refused_with_the_files_name(
    tmp_path: Path, text: str, name: str, complaint: str
) -> None:
    path = written(tmp_path, text, name)
    with pytest.raises(Failure, match=re.escape(complaint)) as raised:
        update_of(PAGE_ID, path, read_profile(path))
    assert str(raised.value).startswith(f"{path}: ")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="cannot be read"):
        read_profile(str(tmp_path / "none.json"))


def test_everything_or_what_is_named_is_deleted() -> None:
    assert tuple(removal_of(PAGE_ID, []).update_mask.paths) == PROPERTIES
    request = removal_of(PAGE_ID, ["greetings"])
    assert (list(request.update_mask.paths), request.profile) == (["greetings"], MessengerProfile())
    with pytest.raises(Failure, match="'menu' is no property"):
        removal_of(PAGE_ID, ["menu"])
