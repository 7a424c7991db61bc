from __future__ import annotations

import pytest

from cim_messenger.inbound.links import file_name, link_from, web_address


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("https://shop.example.com/a?b=1#c", "https://shop.example.com/a?b=1#c"),
        (" http://shop.example.com ", "http://shop.example.com"),
        ("/reel/17/", "https://www.facebook.com/reel/17/"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2Fb&h=AT", "https://a.example/b"),
        ("https://lm.facebook.com/l.php?u=https%3A%2F%2Fa.example%2F%3Ffbclid%3DX", "https://a.example/"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2F%3Ffbclid%3DX%26b%3D1", "https://a.example/?b=1"),
        (
            "https://l.facebook.com/l.php?u=javascript%3Aalert(1)",
            "https://l.facebook.com/l.php?u=javascript%3Aalert(1)",
        ),
        (
            "https://l.facebook.com/other?u=https%3A%2F%2Fa.example",
            "https://l.facebook.com/other?u=https%3A%2F%2Fa.example",
        ),
        ("javascript:alert(1)", ""),
        ("//cdn.example/x", ""),
        ("https://", ""),
        ("https://[", ""),
        ("https://a b", ""),
        ("ftp://a.example", ""),
        ("My Documents/offer.doc", ""),
        ("", ""),
    ],
)
def test_what_a_link_leads_to(address: str, url: str) -> None:
    assert link_from(address, "").url == url


@pytest.mark.parametrize(
    ("text", "whole", "part"),
    [
        ("https://www.example.com/a", True, True),
        ("example.com/a/", True, True),
        ("HTTP://EXAMPLE.com/a", True, True),
        ("The title", True, False),
        ("see example.com/a now", False, True),
        ("see example.com", False, False),
        ("something else", False, False),
    ],
)
def test_whether_a_text_says_a_link(text: str, whole: bool, part: bool) -> None:
    link = link_from("https://www.example.com/a", "The title")

    assert link.is_all_of(text) is whole
    assert link.stands_in(text) is part


def test_a_link_without_an_address_stands_in_no_text() -> None:
    assert not link_from("", "x").stands_in("anything")
    assert not link_from("https://www.", "x").stands_in("anything")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://x.example/a/b.pdf?oe=1", "b.pdf"),
        ("https://x.example/M%C3%A4rz%20%2B1.pdf", "März +1.pdf"),
        ("https://x.example/a%2Fb.pdf", "a/b.pdf"),
        ("https://x.example/%ff%00.pdf", "\ufffd\ufffd.pdf"),
        ("https://x.example/a/", ""),
        ("https://x.example", ""),
        ("https://[", ""),
    ],
)
def test_the_name_in_a_link(address: str, name: str) -> None:
    assert file_name(address) == name


def test_a_web_address_has_a_scheme_and_a_host() -> None:
    assert web_address("https://x.example") == "https://x.example"
    assert web_address("x.example") == ""
