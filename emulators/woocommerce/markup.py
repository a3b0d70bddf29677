"""Markup that an author may write in a description or a name: which tags and attributes stay, and how they are kept.

Source: wp_kses_post() of WordPress 6.1, asked; attributes for screen readers are those of 6.9. Declarations of `style`
are not looked at.
"""

from __future__ import annotations

import re
from html.entities import name2codepoint


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EVERYWHERE = _words(
    "aria-controls aria-current aria-describedby aria-details aria-expanded aria-hidden aria-label aria-labelledby "
    "aria-live class dir hidden id lang role style title xml:lang"
)
_COLUMN, _CELL = "align char charoff span valign width", (
    "abbr align axis bgcolor char charoff colspan headers height nowrap rowspan scope valign width"
)  # fmt: skip
_OWN = {
    "a": "href rel rev name target download", "area": "alt coords href nohref shape target",
    "audio": "autoplay controls loop muted preload src", "blockquote": "cite", "button": "disabled name type value",
    "col": _COLUMN, "colgroup": _COLUMN, "del": "datetime", "details": "align open", "font": "color face size",
    "hr": "align noshade size width",
    "img": "alt align border height hspace loading longdesc vspace src usemap width", "ins": "datetime cite",
    "label": "for", "li": "align value", "map": "name", "menu": "type", "object": "data type",
    "ol": "start type reversed", "pre": "width", "q": "cite",
    "table": "align bgcolor border cellpadding cellspacing rules summary width", "td": _CELL, "th": _CELL,
    "textarea": "cols rows disabled name readonly", "tr": "align bgcolor char charoff valign",
    "track": "default kind label src srclang", "ul": "type",
    "video": "autoplay controls height loop muted playsinline poster preload src width",
    **dict.fromkeys(("tbody", "tfoot", "thead"), "align char charoff valign"),
    **dict.fromkeys(
        _words(
            "article aside caption div figure figcaption footer h1 h2 h3 h4 h5 h6 header legend main nav p "
            "section span summary"
        ),
        "align",
    ),
}  # fmt: skip
_BARE = (
    "abbr acronym address b bdo big br cite code dd dfn dl dt em fieldset hgroup i kbd mark rb rp rt rtc ruby s samp "
    "small strike strong sub sup title tt u var"
)
TAGS = {tag: _EVERYWHERE | _words(own) for tag, own in (_OWN | dict.fromkeys(_words(_BARE), "")).items()}
_ADDRESSES = _words(
    "action archive background cite classid codebase data formaction href icon longdesc manifest poster profile src "
    "usemap xmlns"
)
_SCHEMES = _words(
    "http https ftp ftps mailto news irc irc6 ircs gopher nntp feed telnet mms rtsp sms svn tel fax xmpp webcal urn"
)
_NAMES = frozenset((*name2codepoint, "apos"))

_PARTS = re.compile(r"(<!--.*?(?:-->|\Z))|(<[^>]*(?:>|\Z)|>)", re.DOTALL)
_TAG = re.compile(r"<\s*(/?)\s*([a-zA-Z0-9-]+)([^>]*)>?")
_ATTRIBUTE = re.compile(r"""([_a-zA-Z][-_a-zA-Z0-9:.]*)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"']+))?""")
_SCHEME = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9+.-]*)\s*:")
_DATA = re.compile(r"data-[a-z0-9_-]+")
_AMPERSAND = re.compile(r"&(?:([a-zA-Z][a-zA-Z0-9]{0,31});|#(\d{1,7});|#[xX]([0-9a-fA-F]{1,6});)?")


def kept(text: str) -> str:
    """The text with the markup that may stay."""
    return _PARTS.sub(_part, entities(text)) if "<" in text or ">" in text else entities(text)


def entities(text: str) -> str:
    """Ampersands that begin no entity are escaped, and numbers of entities have three digits at least."""
    return _AMPERSAND.sub(_entity, text) if "&" in text else text


def _entity(found: re.Match[str]) -> str:
    name, number, digits = found.groups()
    if name and name in _NAMES:
        return found[0]
    if number and int(number) < 0x110000:
        return f"&#{number.lstrip('0').rjust(3, '0')};"
    if digits and int(digits, 16) < 0x110000:
        return f"&#x{digits.lstrip('0')};"
    return f"&amp;{found[0][1:]}"


def _part(found: re.Match[str]) -> str:
    if found[1] is not None:
        inside = kept(found[1].removeprefix("<!--").removesuffix("-->").replace("<!--", ""))
        inside = re.sub("--+", "-", inside).removesuffix("-")
        return f"<!--{inside}-->" if inside else ""
    if found[2] == ">":
        return "&gt;"
    tag = _TAG.fullmatch(found[2])
    allowed = TAGS.get(tag[2].lower()) if tag else None
    if tag is None or allowed is None:
        return ""
    return f"</{tag[2]}>" if tag[1] else f"<{tag[2]}{_attributes(tag[3], allowed)}>"


def _attributes(text: str, allowed: frozenset[str]) -> str:
    written: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(text):
        known = name.lower()
        if name in written or not (known in allowed or _DATA.fullmatch(known)):
            continue
        quote = "'" if value[:1] == "'" else '"'
        bare = value[1:-1] if value[:1] in ("'", '"') else value
        at = 0
        while known in _ADDRESSES and (scheme := _SCHEME.match(bare, at)) and scheme[1].lower() not in _SCHEMES:
            at = scheme.end()
        written[name] = f" {name}={quote}{bare[at:]}{quote}" if value else f" {name}"
    return "".join(written.values()) + (" /" if text.rstrip().endswith("/") else "")
