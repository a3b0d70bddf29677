"""Titles as WordPress shows them to readers: with typographic quotes and dashes, and a word for what is not for all.

Only what occurs in names is done, as whole words: no quotes within quotes, no shortened words ("'tis").
Source: wptexturize(), get_the_title() of WordPress 6.
"""

from __future__ import annotations

import re

_BEFORE = r"(?:^|(?<=[\s(\[{\-\u00a0]))"
_RULES = (
    (re.compile(r"---"), "&#8212;"),
    (re.compile(r"(?:^|(?<=\s))--(?=\s|$)"), "&#8212;"),
    (re.compile(r"(?<!xn)--"), "&#8211;"),
    (re.compile(r"(?:^|(?<=\s))-(?=\s|$)"), "&#8211;"),
    (re.compile(r"\.\.\."), "&#8230;"),
    (re.compile(r"``"), "&#8220;"),
    (re.compile(r"''"), "&#8221;"),
    (re.compile(r" \(tm\)"), " &#8482;"),
    (re.compile(r"'(?=\d\d(?:$|[.,:;!?)}\-\]\s]))"), "&#8217;"),
    (re.compile(_BEFORE + '"'), "&#8220;"),
    (re.compile(_BEFORE + "'"), "&#8216;"),
    (re.compile(r'(?<=\d)"'), "&#8243;"),
    (re.compile(r"(?<=\d)'(?!\w)"), "&#8242;"),
    (re.compile('"'), "&#8221;"),
    (re.compile("'"), "&#8217;"),
    (re.compile(r"\b((?!0x)\d[\d.,]*)x(\d[\d.,]*)\b"), r"\1&#215;\2"),
    (re.compile(r"&(?!#(?:\d+|x[a-f0-9]+);|[a-z1-4]{1,8};)", re.IGNORECASE), "&#038;"),
)


def texturized(title: str) -> str:
    if title.isalnum():
        return title
    for pattern, written in _RULES:
        title = pattern.sub(written, title)
    return title.strip()


def shown(title: str, status: str = "publish", password: str = "") -> str:
    """The title of a product where somebody else speaks of it."""
    before = "Protected: " if password else "Private: " if status == "private" else ""
    return before + texturized(title)
