from __future__ import annotations

from facebook_connector.profiles.rests import Rests
from tests.support.channels import sending_channel


def test_a_page_rests_until_then_and_no_other_page() -> None:
    rests = Rests()
    rests.begin(sending_channel(), 1_000)

    assert rests.until_ms(sending_channel(), 999) == 1_000
    assert rests.until_ms(sending_channel(page_id="2"), 999) is None
    assert rests.until_ms(sending_channel(), 1_000) is None


def test_a_change_of_the_channel_ends_its_rest() -> None:
    rests = Rests()
    rests.begin(sending_channel(), 1_000)

    assert rests.until_ms(sending_channel(etag="b"), 0) is None
    assert rests.until_ms(sending_channel(), 0) is None
