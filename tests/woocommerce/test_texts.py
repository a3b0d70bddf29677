"""Text as WordPress keeps and shows it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, strategies as st

from storelab.emulators.woocommerce.texts import (
    allowed_html,
    paragraphs,
    plain,
    slug,
    slugged,
    unaccented,
    without_tags,
)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Prod 01", "prod-01"),
        ("My Slug!", "my-slug"),
        ("manage_noqty", "manage_noqty"),
        ("Sho es", "sho-es"),
        ('Тест — ü 😀 <b>x</b> &amp; "q"', "%d1%82%d0%b5%d1%81%d1%82-u-%f0%9f%98%80-x-q"),
        ("Été à la plage", "ete-a-la-plage"),
        ("Straße 1/2", "strase-1-2"),  # in German alone it is "ss"
        ("a\nb\tc d", "abc-d"),
        ("a.b", "a-b"),
        ("Мій", "%d0%bc%d1%96%d0%b9"),
        ("  ", ""),
    ],
)
def test_the_slug_of_a_title(title: str, expected: str) -> None:
    assert slug(title) == expected


@given(st.text())
def test_a_slug_is_its_own_slug_and_never_too_long(text: str) -> None:
    readable = slugged(text)

    assert slugged(readable) == readable
    assert len(slug(text)) <= 200
    assert slug(text).isascii()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("line <script>alert(1)</script><b>ok</b>", "line alert(1)<b>ok</b>"),
        ("a & b &amp; c", "a &amp; b &amp; c"),
        ("1 < 2", "1 &lt; 2"),
        ("C:\\path \\\\host it's", "C:path \\host it's"),
        ("a<b & <i>c</i>", "a&lt;b &amp; <i>c</i>"),
        ('<a href="javascript:x()" onclick="y()">z</a>', '<a href="x()">z</a>'),
        ("<!-- x -->y", "<!-- x -->y"),
        ("<br/><br   >x > y", "<br /><br>x &gt; y"),
        ("<a  href = x class='y' foo=bar>z</a >", "<a href=\"x\" class='y'>z</a>"),
        ('<img src=a.jpg srcset="a 1x" data-a=1 data-a=2 />', '<img src="a.jpg" data-a="1" />'),
        ('<a href="data:javascript:x" href="y">z</a><custom>t</custom>', '<a href="x">z</a>t'),
        ("&foo; &copy; &#39; &#x0041; &#99999999;", "&amp;foo; &copy; &#039; &#x41; &amp;#99999999;"),
        (True, "1"),
        (None, ""),
    ],
)
def test_markup_that_authors_may_not_write_goes(sent: object, kept: str) -> None:
    assert allowed_html(sent) == kept


@given(st.text(st.characters(exclude_characters="\\", exclude_categories=["Cs"])))
def test_keeping_text_again_changes_nothing(text: str) -> None:
    assert allowed_html(allowed_html(text)) == allowed_html(text)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("  SP ACE  ", "SP ACE"),
        ("<b>q</b>&1", "q&1"),
        ("a\n\tb", "a b"),
        (12, "12"),
        (False, ""),
        ("A%20B", "AB"),
        ("50%", "50%"),
        ("x %%2020 y", "x y"),
        ("a<b", "a&lt;b"),
        ("a<b>c", "ac"),
    ],
)
def test_a_line_has_no_markup(sent: object, kept: str) -> None:
    assert plain(sent) == kept


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("", ""),
        ("a", "<p>a</p>\n"),
        ("a\nb", "<p>a<br />\nb</p>\n"),
        ("a\n\nb <b>c</b>", "<p>a</p>\n<p>b <b>c</b></p>\n"),
        ("<p>a</p>", "<p>a</p>\n"),
        ("<ul><li>a</li></ul>after", "<ul>\n<li>a</li>\n</ul>\n<p>after</p>\n"),
        ("a\r\n\r\nb", "<p>a</p>\n<p>b</p>\n"),
    ],
)
def test_blank_lines_part_paragraphs(written: str, shown: str) -> None:
    assert paragraphs(written) == shown


def test_only_latin_letters_lose_their_accents() -> None:
    assert unaccented("Łódź й ї") == "Lodz й ї"


@pytest.mark.parametrize(
    "part",
    [
        "<!--",
        "<script",
        "<script>",
        "<style>",
        "<p ",
        "</",
        "&",
        " ",
        "<a",
        " \n",
        "\n\n",
        "<br /> ",
        "<script></style>",
    ],
)
def test_a_text_takes_no_longer_than_it_is_long(part: str) -> None:
    text = part * (100_000 // len(part))
    started = time.process_time()

    for made in (allowed_html, paragraphs, without_tags, plain, slugged):
        made(text)
        made(f"<a{text}>")

    assert time.process_time() - started < 5  # what grows with the square of the length takes minutes


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("a<script>b</script>c<SCRIPT x>d</script >e", "ace"),
        ("a<style>b</script>c</style>d", "ad"),
        ("a<script>b", "ab"),
        ("a<style>b<script>c</script>d", "abd"),
        ("a<!-- b -->c<!-- d", "ac<!-- d"),
    ],
)
def test_what_is_no_text_goes_with_its_tags(text: str, rest: str) -> None:
    assert without_tags(text) == rest
