"""The settings of each e-mail that the store sends.

Source: WooCommerce 10.5.0: its groups were recorded, what is in them follows the same release's settings pages.
"""

from __future__ import annotations

from .setting_list import GROUPS, Known

_TO_SHOP = frozenset({"new_order", "cancelled_order", "failed_order"})
_WITHOUT_SWITCH = frozenset({"customer_invoice"})
_TWO_TEXTS = {"customer_invoice": ("", "_paid"), "customer_refunded_order": ("_full", "_partial")}
_KINDS = {"_full": "Full refund ", "_partial": "Partial refund ", "_paid": " (paid)"}
_COPIES = (("cc", "Cc(s)"), ("bcc", "Bcc(s)"))


def _of(email: str) -> list[Known]:
    out = []
    if email not in _WITHOUT_SWITCH:
        out.append(Known("enabled", "Enable/Disable", "checkbox", "yes", tip=False))
    if email in _TO_SHOP:
        out.append(Known("recipient", "Recipient(s)", "text"))
    for text, label in (("subject", "Subject"), ("heading", "Email heading")):
        for kind in _TWO_TEXTS.get(email, ("",)):
            out.append(Known(text + kind, _labelled(label, _KINDS.get(kind, "")), "text"))
    out.append(Known("additional_content", "Additional content", "textarea"))
    out.append(Known("email_type", "Email type", "select", "html", ("plain", "html", "multipart")))
    out += [Known(id, label, "text", with_feature="email_improvements") for id, label in _COPIES]
    return out


def _labelled(label: str, kind: str) -> str:
    return label + kind if not kind or kind.startswith(" ") else kind + label.lower()


ALL = tuple(known.within(group) for group, _, parent in GROUPS if parent == "email" for known in _of(group[6:]))
