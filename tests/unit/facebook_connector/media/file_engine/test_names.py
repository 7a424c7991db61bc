from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facebook_connector.media.file_engine.names import FileEngineLinks, plain_name, shown_name, tag_of

TAKEN = re.compile(r"[A-Za-z0-9_-]{1,80}(\.[A-Za-z0-9]{1,10})?")
LINKS = FileEngineLinks(url="http://ef-cx-file-engine-svc:8080", public_url="https://cx.example.com/file-engine")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("box.jpg", "box.jpg"),
        ("Rechnung März 2026.pdf", "Rechnung_Marz_2026.pdf"),
        ("a.b.c.tar", "a_b_c.tar"),
        ("Счёт.pdf", "file.pdf"),
        ("  ../../etc/passwd ", "etc_passwd"),
        ("50% & more (1).docx", "50_more_1.docx"),
        (".htaccess", "file.htaccess"),
        ("readme", "readme"),
        ("no_ending", "no_ending"),
        ("odd.", "odd"),
        ("", "file"),
        (f"{'x' * 300}.{'y' * 300}", "x" * 80),
        ("Offer v1.2 final", "Offer_v1_2_final"),
    ],
)
def test_a_name_is_made_one_that_is_taken(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@given(st.text())
def test_every_name_becomes_one_that_is_taken(name: str) -> None:
    assert TAKEN.fullmatch(plain_name(name))


def test_a_medium_has_one_tag_and_another_one_another() -> None:
    assert tag_of("m1") == tag_of("m1")
    assert tag_of("m1") != tag_of("m2")
    assert re.fullmatch(r"[0-9a-f]{24}", tag_of("m1"))


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("48216_invoice.pdf", "invoice.pdf"),
        ("6a0f4d00e4b0a1b2c3d4e5aa_invoice.pdf", "invoice.pdf"),
        (f"{tag_of('m1')}_a_b.pdf", "a_b.pdf"),
        ("holiday_2026.jpg", "holiday_2026.jpg"),
        ("invoice.pdf", "invoice.pdf"),
        ("12345_", "12345_"),
        ("1_2_3.pdf", "2_3.pdf"),
    ],
)
def test_a_file_is_shown_without_its_tag(stored: str, shown: str) -> None:
    assert shown_name(stored) == shown


@given(st.text(min_size=1))
def test_a_link_leads_back_to_its_name(stored: str) -> None:
    assert LINKS.name_in(LINKS.link(stored)) == stored


def test_a_link_is_what_browsers_open() -> None:
    assert LINKS.link("48213_my box.jpg") == (
        "https://cx.example.com/file-engine/api/downloadFileStream?filename=48213_my%20box.jpg"
    )


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://ef-cx-file-engine-svc:8080/api/downloadFileStream?filename=1_a.pdf", "1_a.pdf"),
        ("https://CX.example.com:443/file-engine/api/downloadFileStream?filename=1_a%20b.pdf", "1_a b.pdf"),
        ("http://cx.example.com/file-engine/api/downloadFileStream?x=1&filename=1_a.pdf", "1_a.pdf"),
        ("https://cx.example.com/api/downloadFileStream?filename=1_a.pdf", ""),
        ("https://cx.example.com.evil.example/file-engine/api/downloadFileStream?filename=1_a.pdf", ""),
        ("https://evil.example/file-engine/api/downloadFileStream?filename=1_a.pdf", ""),
        ("https://cx.example.com/file-engine/api/downloadFileStream", ""),
        ("https://cx.example.com/file-engine/api/uploadFileStream?filename=1_a.pdf", ""),
        ("https://[broken/api/downloadFileStream?filename=1_a.pdf", ""),
        ("", ""),
    ],
)
def test_a_link_of_the_file_engine_is_known_under_both_addresses(url: str, name: str) -> None:
    assert LINKS.name_in(url) == name
