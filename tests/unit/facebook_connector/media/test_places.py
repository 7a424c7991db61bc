from __future__ import annotations

from pathlib import Path

import pytest

from facebook_connector.media.folder import open_media_store
from facebook_connector.media.keep import KeepError
from facebook_connector.media.places import MediaPlaces


async def test_what_a_file_engine_has_cannot_be_read_without_its_address(tmp_path: Path) -> None:
    places = MediaPlaces(own=open_media_store("", tmp_path))

    with pytest.raises(KeepError, match="FBC_FILE_ENGINE_URL"):
        [chunk async for chunk in places.get("file-engine:1_a.pdf", 0, 1)]


async def test_and_holds_up_no_deletion(tmp_path: Path) -> None:
    await MediaPlaces(own=open_media_store("", tmp_path)).delete("file-engine:1_a.pdf")
