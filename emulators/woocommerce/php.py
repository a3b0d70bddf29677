"""How PHP and WordPress read what was sent: forms, numbers, lists, booleans."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote_plus

Pairs = Iterable[tuple[str, str]]

_NUMBER = re.compile(r"[ \t\n\r\v\f]*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?[ \t\n\r\v\f]*")
_INDEX = re.compile(r"0|-?[1-9]\d{0,17}", re.ASCII)
_LEADING_NUMBER = re.compile(r"[ \t\n\r\v\f]*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
INT_MAX = 2**63 - 1
_DEEPEST = 64


def is_numeric(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int | float) or (isinstance(value, str) and _NUMBER.fullmatch(value) is not None)


def is_less(one: str, other: str) -> bool:
    """`$one < $other` of two texts: as numbers where both are, else letter by letter."""
    if is_numeric(one) and is_numeric(other):
        return float(one) < float(other)
    return one < other


def is_integer(value: Any) -> bool:
    """A number without a fraction, also as text: 7, 2.0, "7"; not "", "1.5", True."""
    if type(value) is int:
        return True
    if not is_numeric(value):
        return False
    number = float(value)
    return not math.isfinite(number) or number == round(number)


def is_boolean(value: Any) -> bool:
    if isinstance(value, str):
        return value.lower() in ("false", "true", "0", "1")
    return isinstance(value, bool) or (type(value) is int and value in (0, 1))


def integer(value: Any) -> int:
    """`(int) $value`: what can be read from the front, 0 for nothing, held between the ends of 64 bits."""
    if type(value) is int and -INT_MAX <= value <= INT_MAX:
        return value
    if isinstance(value, str):
        if found := _LEADING_NUMBER.match(value):
            text = found[0].strip()
            value = float(text) if any(c in text for c in ".eE") else int(text[:4000])
        else:
            return 0
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and abs(value) < 2**63 else 0
    if isinstance(value, list | dict):
        return 1 if value else 0
    return max(-INT_MAX, min(INT_MAX, int(value or 0)))


def number(value: Any) -> float:
    """`(float) $value`."""
    if isinstance(value, str):
        found = _LEADING_NUMBER.match(value)
        return float(found[0]) if found else 0.0
    if isinstance(value, list | dict):
        return 1.0 if value else 0.0
    return float(value or 0)


def decoded(value: Any) -> Any:
    """JSON as PHP keeps it: a number beyond 64 bits is a float."""
    if isinstance(value, dict):
        return {key: decoded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [decoded(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and not -INT_MAX - 1 <= value <= INT_MAX:
        return float(value) if abs(value) < 2**1023 else None
    return value


def is_list(value: Any) -> bool:
    """Whether WordPress takes it for a list: a scalar, which is split, and an object too when its keys are numbers, as
    PHP writes a list that lost a member."""
    return value is not None and not (isinstance(value, dict) and any(not _INDEX.fullmatch(key) for key in value))


def boolean(value: Any) -> bool:
    """WordPress's reading of a boolean: the text "false" and "0" are false, every other text but "" is true."""
    if isinstance(value, str):
        return value.lower() not in ("", "false", "0")
    return bool(value)


def yes(value: Any) -> bool:
    """WooCommerce's own reading of a boolean, where nothing was checked: "yes", "true" and 1 alone are true.
    Source: wc_string_to_bool() of WooCommerce."""
    if isinstance(value, str):
        return value.lower() in ("yes", "true", "1")
    return value is True or (type(value) is int and value == 1)


def words(value: Any) -> list[Any]:
    """A list as WordPress takes it: a list as it is, a scalar split at commas and white space."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return list(value.values())
    if value is None:
        return []
    return [word for word in re.split(r"[\s,]+", text(value)) if word]


def ids(value: Any) -> list[int]:
    """A list of ids: absolute, each once; what is no number is 0."""
    return list(dict.fromkeys(min(abs(integer(word)), INT_MAX) for word in words(value)))


def text(value: Any) -> str:
    """`(string) $value`."""
    if isinstance(value, str):
        return value
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, list | dict):
        return "Array"
    return str(value)


def _float_text(value: float) -> str:
    """With fourteen digits at most: 0.1, 1234567.89, 1.0E+20. Source: PHP manual, `precision`."""
    text = f"{value:.14G}"
    digits, exponential, exponent = text.partition("E")
    if not exponential:
        return text
    return f"{digits if '.' in digits else f'{digits}.0'}E{int(exponent):+d}"


def is_json(kind: str) -> bool:
    """Whether WordPress reads a body of this type as JSON. Source: wp_is_json_media_type() of WordPress 6.9."""
    return kind == "application/json" or _JSON.fullmatch(kind) is not None


_JSON = re.compile(r"application/(.+\+)?json(\+oembed)?")


def form(body: bytes) -> dict[str, Any]:
    """The fields of a form-encoded body."""
    return nested(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace"))


def multipart(body: bytes, content_type: str) -> dict[str, Any]:
    """The fields of a multipart form; files in it are not looked at."""
    from email.parser import BytesParser
    from email.policy import HTTP

    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    pairs = []
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str) and part.get_filename() is None:
            payload = part.get_payload(decode=True)
            pairs.append((name, payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""))
    return nested(pairs)


def nested(pairs: Pairs) -> dict[str, Any]:
    """Fields as PHP nests them: `a[]=1`, `a[0]=1`, `a[b][c]=1`; a later plain `a=1` replaces what was there. What has
    no name, or one that begins with "[", is no field.

    Lists whose keys are all numbers come out as lists.
    """
    out: dict[Any, Any] = {}
    bracketed = False
    for given, value in pairs:
        name = given.lstrip(" ")
        if not name or name[0] == "[":
            continue
        bracket = name.find("[")
        if bracket < 0 or "]" not in name[bracket:]:
            out[_top(name)] = value
            continue
        bracketed = True
        keys = re.match(r"(?:\[[^\]]*\])+", name[bracket:])
        path = [_top(name[:bracket]), *(re.findall(r"\[([^\]]*)\]", keys[0]) if keys else [])][:_DEEPEST]
        _put(out, path, value)
    return {k: _listed(v) for k, v in out.items()} if bracketed else out


def _top(name: str) -> str:
    return name.replace(".", "_").replace(" ", "_").replace("[", "_")


def _put(node: dict[Any, Any], path: list[str], value: str) -> None:
    for at, raw in enumerate(path):
        key: Any = raw
        if at and raw == "":
            key = max((k for k in node if isinstance(k, int)), default=-1) + 1
        elif at and _INDEX.fullmatch(raw):
            key = int(raw)
        if at == len(path) - 1:
            node[key] = value
            return
        inner = node.get(key)
        if not isinstance(inner, dict):
            inner = node[key] = {}
        node = inner


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {k: _listed(v) for k, v in value.items()}
    if all(isinstance(k, int) for k in inner):
        return list(inner.values())
    return {str(k): v for k, v in inner.items()}


def query(values: Mapping[str, Any]) -> str:
    """A query string as WordPress builds links from what came in: it is written without encoding, read again, and
    only then encoded. So "+" becomes a space, false and null vanish, true is 1, and empty values lose their "="."""
    written: list[tuple[str, str]] = []
    for key, value in values.items():
        if value is not False:
            _write(written, str(key), value)
    raw = "&".join(f"{key}={value}" if value else key for key, value in written)
    if _PLAIN.fullmatch(raw):
        return raw
    encoded = ((quote_plus(key), quote_plus(value)) for key, value in parse_qsl(raw, keep_blank_values=True))
    return "&".join(f"{key}={value}" if value else key for key, value in encoded)


_PLAIN = re.compile(r"[A-Za-z0-9_.=&-]*")


def _write(written: list[tuple[str, str]], key: str, value: Any) -> None:
    if isinstance(value, dict | list):
        for inner, item in value.items() if isinstance(value, dict) else enumerate(value):
            _write(written, f"{key}[{inner}]", item)
    elif value is not None:
        written.append((key, "0" if value is False else text(value)))
