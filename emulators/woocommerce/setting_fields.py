"""Fields of a form: how shipping methods and payment gateways show what can be set, and take what was sent.

Source: WooCommerce 10.5.0, recorded 2026-11-21. What each field is for is said in our own words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from ..kernel import dataclass
from . import php, texts
from .errors import WooError, critical


@dataclass(frozen=True)
class Field:
    """`options`: what can be chosen, by value; groups of them for a multiselect."""

    id: str
    label: str
    type: str = "text"
    default: str = ""
    description: str = ""
    placeholder: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


def refused() -> WooError:
    return WooError("rest_setting_value_invalid", "An invalid setting value was passed.")


def rendered(fields: Sequence[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    """All fields by their ids. A default that PHP finds empty ("0") is shown as ""."""
    return {f.id: _rendered(f, values.get(f.id, f.default)) for f in fields}


def _rendered(field: Field, value: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": field.id,
        "label": field.label,
        "description": field.description,
        "type": field.type,
        "value": value,
        "default": "" if field.default == "0" else field.default,
        "tip": field.description,
        "placeholder": field.placeholder,
    }
    if field.options:
        body["options"] = dict(field.options)
    return body


def written(fields: Sequence[Field], values: Mapping[str, Any], sent: Any) -> dict[str, Any]:
    """The values after some were sent; null leaves a value as it is, unknown names are ignored.

    Errors: 400 rest_setting_value_invalid, and then nothing is changed.
    """
    after = dict(values)
    for known in fields:
        if isinstance(sent, Mapping) and sent.get(known.id) is not None:
            after[known.id] = accepted(known.type, sent[known.id], _choices(known.options), known.default)
    return after


def _choices(options: Mapping[str, Any]) -> list[str]:
    flat: list[str] = []
    for value, label in options.items():
        flat += _choices(label) if isinstance(label, Mapping) else [value]
    return flat


def accepted(kind: str, sent: Any, choices: Sequence[str], default: Any) -> Any:
    """The value to keep, or a refusal: what is chosen from a list must be in it; PHP dies of a list as a text.

    An empty checkbox falls back to its default, of a multiselect what is not on the list is left out.
    """
    if kind == "multiselect":
        if not sent:
            return []
        if not isinstance(sent, list):
            raise refused()
        return [text for v in sent if not isinstance(v, list | dict) and (text := php.text(v)) in choices]
    if kind == "checkbox":
        return _ticked(sent, default)
    if isinstance(sent, list | dict):
        raise critical()
    if kind in ("select", "radio"):
        if php.text(sent) not in choices:
            raise refused()
        return php.text(sent)
    return texts.allowed_html(php.text(sent).replace("\\", "").strip())


def _ticked(sent: Any, default: Any) -> Any:
    if sent in ("yes", "no"):
        return sent
    if not sent or sent == "0":
        return default
    if sent is True:
        return True  # to PHP it is "yes", and so it is told; what is kept of it is another question
    raise refused()
