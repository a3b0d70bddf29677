"""Text as WordPress keeps and shows it: slugs, allowed HTML, paragraphs.

Source: WooCommerce 10.5.0 on WordPress 6.9.7, recorded 2026-11-21.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote, unquote

from . import markup, php
from .php import text as php_text

__all__ = [
    "address",
    "allowed_html",
    "folded",
    "one_line",
    "paragraphs",
    "php_text",
    "plain",
    "slashed",
    "slug",
    "slugged",
    "taxonomy",
    "unaccented",
    "unslashed",
    "with_slashes",
    "without_tags",
]

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_SCRIPT = re.compile(r"<(script|style)\b", re.I)
_SCRIPT_ENDS = {name: re.compile(rf"</{name}\s*>", re.I) for name in ("script", "style")}
_BARE_AMPERSAND = re.compile(r"&(?!(?:[a-zA-Z][a-zA-Z0-9]{1,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)")
_BREAK = re.compile(r"(?<!<br />)(?:(?<![ \t])|(?<=<br />[ \t]))[ \t]*\n")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_OCTET = re.compile("%[a-fA-F0-9]{2}")
_OPEN_END = re.compile(r"<[^<>]*(?=<|\Z)")
_SPACES = re.compile(r"[\r\n\t ]+")
_WIDE_ENTITY = re.compile(r"&(?:nbsp|#160|ndash|#8211|mdash|#8212);")
_ENTITY = re.compile(r"&[^;&\s]+;")
_WIDE = re.compile("[\u00a0\u2010-\u2015/.]")
_NOT_IN_SLUG = re.compile(r"[^ _\-a-z0-9]")
_GAP = re.compile(r"[\s-]+")

_BLOCKS = (
    "table|thead|tfoot|caption|col|colgroup|tbody|tr|td|th|div|dl|dd|dt|ul|ol|li|pre|form|map|area|blockquote|"
    "address|p|h[1-6]|hr|fieldset|legend|section|article|aside|hgroup|header|footer|nav|figure|figcaption|details|"
    "menu|summary"
)
_BLOCK_OPEN = re.compile(rf"(?<!\s)\s*(<(?:{_BLOCKS})\b[^<>]*>)", re.I)
_BLOCK_CLOSE = re.compile(rf"(</(?:{_BLOCKS})>)\s*", re.I)
_STARTS_WITH_BLOCK = re.compile(rf"</?(?:{_BLOCKS})\b", re.I)

_LIGATURES = str.maketrans(
    {"ß": "s", "Ĳ": "IJ", "ĳ": "ij", "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "Ø": "O", "ø": "o", "Đ": "D", "đ": "d",
     "Ð": "D", "ð": "d", "Ł": "L", "ł": "l", "Þ": "TH", "þ": "th", "ı": "i", "Ħ": "H", "ħ": "h", "Ŧ": "T", "ŧ": "t",
     "Ŀ": "L", "ŀ": "l", "ĸ": "k", "ŉ": "n", "Ŋ": "N", "ŋ": "n", "ſ": "s", "ª": "a", "º": "o", "€": "E", "£": ""}
)  # fmt: skip


# What may come from anybody is looked through once: a search for an end that is not there is not begun again at each
# place where one could be missing.


def without_tags(text: str) -> str:
    return _TAG.sub("", _without_comments(_without_scripts(text))) if "<" in text else text


def _without_comments(text: str) -> str:
    kept, at = [], 0
    while (begins := text.find("<!--", at)) >= 0 and (ends := text.find("-->", begins + 4)) >= 0:
        kept.append(text[at:begins])
        at = ends + 3
    return "".join((*kept, text[at:]))


def _without_scripts(text: str) -> str:
    """Nor what is in them. One that does not end stays."""
    kept, at, look = [], 0, 0
    endless: set[str] = set()
    while found := _SCRIPT.search(text, look):
        look, name = found.end(), found[1].lower()
        if name in endless:
            continue
        inside = text.find(">", look)
        end = _SCRIPT_ENDS[name].search(text, inside + 1) if inside >= 0 else None
        if end is None:
            endless.add(name)
        else:
            kept.append(text[at : found.start()])
            at = look = end.end()
    return "".join((*kept, text[at:]))


def plain(value: object) -> str:
    """One line without markup and without "%20" and the like: how names of terms, SKUs and so on are kept.
    Source: sanitize_text_field() of WordPress."""
    text = one_line(value)
    return re.sub(" +", " ", _without_octets(text)).strip() if _OCTET.search(text) else text


def one_line(value: object) -> str:
    """One line without markup: how codes of coupons are kept."""
    text = php.text(value)
    if "<" in text or not text.isprintable():
        text = without_tags(_open_ended(_CONTROLS.sub("", text)))
    return _SPACES.sub(" ", text).strip()


def _without_octets(text: str) -> str:
    """Without "%20", also where one is left only when another went: "%%2020"."""
    kept: list[str] = []
    for letter in text:
        kept.append(letter)
        if len(kept) > 2 and kept[-3] == "%" and _OCTET.fullmatch("".join(kept[-3:])):
            del kept[-3:]
    return "".join(kept)


def _open_ended(text: str) -> str:
    """A "<" that no ">" ends begins no tag: it and what follows is text. Source: wp_pre_kses_less_than()."""
    return _OPEN_END.sub(_shown, text)


def _shown(found: re.Match[str]) -> str:
    text = _BARE_AMPERSAND.sub("&amp;", found[0])
    return text.replace("<", "&lt;").replace('"', "&quot;").replace("'", "&#039;")


def escaped(text: str) -> str:
    """As WordPress keeps names of terms and people: "Axis & Allies" is "Axis &amp; Allies"; quotes stay."""
    return _BARE_AMPERSAND.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")


def allowed_html(value: object) -> str:
    """Markup that an author may write; other tags go, what they enclosed stays; bare ampersands are escaped, and
    backslashes go. Source: wp_filter_post_kses() of WordPress."""
    return with_slashes(unslashed(php.text(value)))


def with_slashes(value: object) -> str:
    """The same where backslashes stay. Source: wp_kses_post() of WordPress."""
    text = _CONTROLS.sub("", php.text(value))
    return markup.kept(_open_ended(text) if "<" in text else text)


def folded(text: str) -> str:
    """What a text is compared and found by: neither case nor accents count, as in the collation of the database."""
    if text.isascii():
        return text.casefold()
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if unicodedata.category(c) != "Mn")


def address(value: object) -> str:
    """An address as it is kept: without what none may hold, with http where it says nothing, and none at all for a
    scheme that runs code. Source: esc_url_raw() of WordPress."""
    text = php.text(value).lstrip().replace(" ", "%20")
    text = _NOT_IN_ADDRESS.sub("", text).replace(";//", "://")
    if not text:
        return ""
    if ":" not in text and text[0] not in "/#?" and not _PHP_FILE.match(text):
        text = f"http://{text}"
    scheme = "" if text[0] == "/" else text.partition(":")[0].lower() if ":" in text else ""
    return text if scheme in _ADDRESS_SCHEMES or re.search(r"[/?#]", scheme) else ""


_NOT_IN_ADDRESS = re.compile(r"[^A-Za-z0-9\-~+_.?#=!&;,/:%@$|*'()\[\]\x80-\U0010ffff]")
_PHP_FILE = re.compile(r"[a-z0-9-]+?\.php", re.IGNORECASE)
_ADDRESS_SCHEMES = frozenset(
    (
        "", "http", "https", "ftp", "ftps", "mailto", "news", "irc", "irc6", "ircs", "gopher", "nntp", "feed", "telnet",
        "mms", "rtsp", "sms", "svn", "tel", "fax", "xmpp", "webcal", "urn",
    )
)  # fmt: skip


def unslashed(text: str) -> str:
    """Without the backslashes that WordPress takes for its own where it keeps what nobody has slashed before.
    Source: wp_unslash() of WordPress."""
    return _SLASHED.sub(r"\1", text) if "\\" in text else text


_SLASHED = re.compile(r"\\(.?)", re.DOTALL)


def slashed(text: str) -> str:
    """addslashes() of PHP."""
    return re.sub(r"(['\"\\])", r"\\\1", text)


def unaccented(text: str) -> str:
    """Latin letters without their accents; other scripts stay as they are."""
    if text.isascii():
        return text
    letters = []
    for letter in text.translate(_LIGATURES):
        code = ord(letter)
        if 0xC0 <= code <= 0x24F or 0x1E00 <= code <= 0x1EFF:
            letter = "".join(c for c in unicodedata.normalize("NFD", letter) if not unicodedata.combining(c))
        letters.append(letter)
    return "".join(letters)


def slugged(text: str) -> str:
    """The readable slug of a title: "Tést — <b>x</b>" becomes "test-x". Letters of other scripts are kept."""
    text = php.text(text)
    text = unaccented(without_tags(text)).lower()
    text = _WIDE.sub("-", text).replace("×", "x")
    if "&" in text:
        text = _ENTITY.sub("", _WIDE_ENTITY.sub("-", text))
    if text.isascii():
        text = _NOT_IN_SLUG.sub("", text)
    else:
        text = "".join(c for c in text if c in " _-" or (c.isascii() and c.isalnum()) or _is_letter(c))
    return _GAP.sub("-", text).strip("-")


def _is_letter(letter: str) -> bool:
    return not letter.isascii() and unicodedata.category(letter)[0] in "LNMS"


_OCTETS = re.compile(r"(?:%[89a-fA-F][0-9a-fA-F])+")


def _letters(found: re.Match[str]) -> str:
    """What was encoded before stays what it is."""
    return unquote(found[0], errors="ignore")


@lru_cache(maxsize=1024)
def slug(text: str, limit: int = 200) -> str:
    """The slug as it is kept and put into links: other scripts percent-encoded in lower case."""
    readable = slugged(_OCTETS.sub(_letters, text) if "%" in text else text)
    if readable.isascii():
        return readable[:limit].strip("-")
    encoded = ""
    for letter in readable:
        piece = letter if letter.isascii() else quote(letter).lower()
        if len(encoded) + len(piece) > limit:
            break
        encoded += piece
    return encoded.strip("-")


def taxonomy(text: str) -> str:
    """The slug of a shared attribute: as any slug, but with letters of other scripts as they are.
    Source: wc_sanitize_taxonomy_name() of WooCommerce."""
    return unquote(slug(unquote(text)))


def paragraphs(text: str) -> str:
    """What a reader sees: blank lines part paragraphs, single line ends become breaks."""
    if not text.strip():
        return ""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "<" in text:
        text = _BLOCK_CLOSE.sub(r"\1\n\n", _BLOCK_OPEN.sub(r"\n\n\1", text))
    out = []
    for piece in re.split(r"\n\s*\n", text):
        piece = piece.strip("\n ")
        if not piece:
            continue
        if _STARTS_WITH_BLOCK.match(piece):
            out.append((_BREAK.sub("<br />\n", piece) if piece[:2] == "<p" else piece) + "\n")
        else:
            out.append("<p>" + _BREAK.sub("<br />\n", piece) + "</p>\n")
    return "".join(out)
