from __future__ import annotations

import pytest

from cim_messenger.outbound import MediaKind, PartKind
from facebook_connector.sending.media import KIND_OF_TYPE, MediaFailedError, ascii_name, kind_to_send


def test_what_messenger_shows_by_itself_is_this_and_nothing_else() -> None:
    shown = {kind.value: sorted(name for name, of in KIND_OF_TYPE.items() if of is kind) for kind in MediaKind}
    assert shown == {
        "image": ["image/gif", "image/jpeg", "image/png"],
        "video": ["video/3gpp", "video/mp4"],
        "audio": ["audio/aac", "audio/amr", "audio/mp4", "audio/mpeg", "audio/ogg"],
        "file": [],
    }


@pytest.mark.parametrize("mime_type", ["image/webp", "audio/wav", "video/quicktime", "application/pdf", ""])
def test_everything_else_goes_as_a_file(mime_type: str) -> None:
    assert kind_to_send(mime_type, PartKind.MEDIA, as_file=False) is MediaKind.FILE


def test_what_facebook_found_to_be_of_another_type_goes_as_a_file() -> None:
    assert kind_to_send("image/png", PartKind.MEDIA, as_file=True) is MediaKind.FILE


def test_among_images_every_image_is_one() -> None:
    assert kind_to_send("image/webp", PartKind.IMAGES, as_file=False) is MediaKind.IMAGE


def test_among_images_nothing_else_can_stand() -> None:
    with pytest.raises(MediaFailedError) as raised:
        kind_to_send("application/pdf", PartKind.IMAGES, as_file=False)
    assert (raised.value.final, raised.value.failure.reason) == (True, "MEDIA_REJECTED")


@pytest.mark.parametrize(
    ("name", "ascii_only"),
    [
        ("invoice 7.pdf", "invoice 7.pdf"),
        ("Rechnung März.pdf", "Rechnung Marz.pdf"),
        ("отчёт.pdf", "file.pdf"),
        ("отчёт 2026.pdf", "2026.pdf"),
        ("请看.图片", "file"),
        ("../../etc/passwd", "passwd"),
        ('a"b\r\nc;d.txt', "a_b_c_d.txt"),
        ("", "file"),
        ("no ending", "no ending"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
    ],
)
def test_a_name_is_said_in_ascii(name: str, ascii_only: str) -> None:
    assert ascii_name(name) == ascii_only
    assert ascii_name(ascii_name(name)) == ascii_only
