from __future__ import annotations

import pytest

from messenger_sandbox.media.content import Content
from messenger_sandbox.media.kinds import MEDIA_ROWS
from messenger_sandbox.rules.media import content_fault

PNG, MP4, MP3, PDF = (MEDIA_ROWS[kind].build(b"label") for kind in ("png", "mp4", "mp3", "pdf"))
FITS = None
WRONG = (100, 2018047)


@pytest.mark.parametrize(
    ("kind", "content", "expected"),
    [
        pytest.param("image", Content(data=PNG, mime_type="image/png"), FITS, id="a picture"),
        pytest.param("image", Content(data=PNG), FITS, id="a picture of no declared type"),
        pytest.param(
            "image", Content(data=PNG, mime_type="application/octet-stream"), FITS, id="a picture of any type"
        ),
        pytest.param("image", Content(data=PNG, mime_type="text/html"), WRONG, id="a picture called a page"),
        pytest.param("image", Content(data=PDF, mime_type="image/png"), WRONG, id="a document called a picture"),
        pytest.param("video", Content(data=MP4, mime_type="video/mp4"), FITS, id="a film"),
        pytest.param("video", Content(data=MP3, mime_type="video/mp4"), WRONG, id="a sound as a film"),
        pytest.param("audio", Content(data=MP3, mime_type="audio/mpeg"), FITS, id="a sound"),
        pytest.param("audio", Content(data=MP4, mime_type="audio/mp4"), FITS, id="a sound in a film's container"),
        pytest.param("audio", Content(data=MP4, mime_type="video/mp4"), WRONG, id="a film as a sound"),
        pytest.param("file", Content(data=PDF, mime_type="application/pdf"), FITS, id="a document"),
        pytest.param("file", Content(data=PNG, mime_type="image/png"), FITS, id="a picture as a file"),
        pytest.param("file", Content(data=b""), WRONG, id="nothing"),
        pytest.param("file", Content(data=PDF, name="invoice.pdf"), FITS, id="a plain name"),
        pytest.param("file", Content(data=PDF, name="счёт.pdf"), WRONG, id="a name in Cyrillic"),
    ],
)
def test_type_name_and_content_must_fit(kind: str, content: Content, expected: tuple[int, int] | None) -> None:
    error = content_fault(kind, content, by_url=False)
    assert (None if error is None else (error.code, error.subcode)) == expected


def test_the_limit_of_pictures_by_url_is_not_that_of_others() -> None:
    size = 8_000_001
    picture, film = Content(data=PNG.ljust(size)), Content(data=MP4.ljust(size))
    assert content_fault("image", picture, by_url=False) is None
    assert content_fault("video", film, by_url=True) is None
    too_large = content_fault("image", picture, by_url=True)
    assert too_large is not None
    assert too_large.subcode == 2018109
