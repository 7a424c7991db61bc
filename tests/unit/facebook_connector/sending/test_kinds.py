from __future__ import annotations

from cim_messenger.outbound import PartKind
from facebook_connector.sending.kinds import HANDLING, Bucket
from facebook_connector.sending.pace import PER_SECOND


def test_every_kind_of_part_has_a_handling() -> None:
    assert HANDLING.keys() == set(PartKind)


def test_every_bucket_has_a_rate() -> None:
    assert PER_SECOND == {Bucket.TEXT: 300, Bucket.MEDIA: 10, Bucket.UPLOAD: 10}


def test_only_approved_templates_are_free_of_the_window() -> None:
    assert [kind for kind in PartKind if not HANDLING[kind].needs_window] == [PartKind.UTILITY]


def test_only_kinds_that_name_media_are_uploaded_for() -> None:
    assert {kind for kind in PartKind if HANDLING[kind].uploads} == {PartKind.MEDIA, PartKind.IMAGES}
