from __future__ import annotations

import json
from pathlib import Path

import pytest

from connector_cli.backup_files import FORMAT, MANIFEST, Manifest, copy_media, draft_of
from connector_cli.failures import Failure

WHOLE = Manifest(
    format=FORMAT,
    release="0.1.0",
    schema="0004",
    installation_id="i",
    created_ms=5,
    database_sha256="0",
    media_files=0,
    media_bytes=0,
    media_missing=0,
    key_ids=["k1"],
    with_key=False,
)


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    WHOLE.write(tmp_path)
    assert Manifest.read(tmp_path) == WHOLE


def test_a_backup_of_a_newer_form_is_refused_with_the_release_that_reads_it(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(json.dumps({"format": FORMAT + 1, "release": "9.0.0", "new": 1}))
    with pytest.raises(Failure, match=r"made by release 9\.0\.0"):
        Manifest.read(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1, "release": "0.1.0"}', "\udcff"])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text, errors="surrogateescape")
    with pytest.raises(Failure, match="holds no backup"):
        Manifest.read(tmp_path)


def test_media_are_copied_by_name_and_missing_ones_counted(tmp_path: Path) -> None:
    (tmp_path / "media" / "ab").mkdir(parents=True)
    (tmp_path / "media" / "ab" / "abc").write_bytes(b"12345")
    (tmp_path / "media" / "ab" / "forgotten").write_bytes(b"123")
    counts = copy_media(tmp_path / "media", tmp_path / "copy", ["ab/abc", "cd/gone"])
    assert counts == (1, 5, 1)
    assert [path.name for path in (tmp_path / "copy" / "ab").iterdir()] == ["abc"]


def test_what_exists_is_never_a_target(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="exists already"):
        draft_of(tmp_path)
    draft = draft_of(tmp_path / "new")
    assert draft.is_dir()
    assert not (tmp_path / "new").exists()
