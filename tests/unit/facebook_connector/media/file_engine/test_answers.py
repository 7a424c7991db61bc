from __future__ import annotations

import pytest

from facebook_connector.media.file_engine.answers import LOGIN_ASKED, Uploaded, Verdict, cause, read_upload, verdict


@pytest.mark.parametrize("status", range(100, 600))
def test_every_status_has_a_verdict_and_only_a_success_takes_a_file(status: int) -> None:
    assert (verdict(status) is Verdict.TAKEN) == (status in {200, 201})


@pytest.mark.parametrize("status", [400, 404, 415, 422, 500, 501])
def test_a_refusal_leaves_open_whose_fault_it_is(status: int) -> None:
    assert verdict(status) is Verdict.DOUBTFUL


@pytest.mark.parametrize("status", [204, 302, 401, 403, 429, 502, 503, 504])
def test_who_is_not_let_in_says_nothing_of_the_file(status: int) -> None:
    assert verdict(status) is Verdict.AWAY


def test_a_body_that_is_too_large_is() -> None:
    assert verdict(413) is Verdict.TOO_LARGE


@pytest.mark.parametrize("status", range(100, 600))
def test_a_token_is_spoken_of_where_one_is_asked_for(status: int) -> None:
    assert ("FBC_FILE_ENGINE_TOKEN" in cause(status)) == (status in LOGIN_ASKED)
    assert str(status) in cause(status)


@pytest.mark.parametrize(("size", "read"), [("77", 77), ("77112", 77_112), ('"77112"', 77_112), ("null", None)])
def test_a_size_may_be_a_number_or_a_text(size: str, read: int | None) -> None:
    answer = '{"message":"ok","etag":"e","name":"1_a.pdf","type":"application/pdf","size":%s}' % size  # noqa: UP031
    assert read_upload(answer.encode()) == Uploaded(name="1_a.pdf", mime_type="application/pdf", size=read)


@pytest.mark.parametrize("size", ["7.5", '"7 MB"', "-1", "true", "[]", '"²"'])
def test_what_is_no_size_is_none(size: str) -> None:
    assert read_upload(b'{"name":"1_a.pdf","size":%s}' % size.encode()) == Uploaded(
        name="1_a.pdf", mime_type="", size=None
    )


@pytest.mark.parametrize("body", [b"", b"<html>log in</html>", b"[]", b"{}", b'{"name":""}', b'{"name":7}', b"\xff"])
def test_an_answer_without_a_name_is_none(body: bytes) -> None:
    assert read_upload(body) is None


def test_what_is_no_media_type_is_left_out() -> None:
    assert read_upload(b'{"name":"a","type":"unknown"}') == Uploaded(name="a", mime_type="", size=None)
