"""Patterns of contracts. A pact file may come from anybody, and Python's own engine tries a pattern such as `(a+)+b`
for as long as it takes."""

from __future__ import annotations

from functools import lru_cache

import jsonschema_rs

from storelab.emulators.kernel.errors import LabError


def fits(pattern: str, text: str) -> bool:
    """Whether the whole of a text is as a pattern wants it. Errors: a pattern that is none; one that was given up,
    after about a tenth of a second."""
    wrong = next(_compiled(pattern).iter_errors(text), None)
    if wrong is None or isinstance(wrong.kind, jsonschema_rs.ValidationErrorKind.Pattern):
        return wrong is None
    raise LabError(f"the pattern {_shown(pattern)} takes too long; write it without a repetition in a repetition")


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> jsonschema_rs.Draft202012Validator:
    """Linear where the pattern allows it; where it looks around or back, so many steps and no more."""
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": f"^(?:{pattern})$"})
    except jsonschema_rs.ValidationError:
        raise LabError(f"{_shown(pattern)} is no pattern that can be matched here") from None


def _shown(pattern: str) -> str:
    return repr(pattern if len(pattern) <= 80 else pattern[:77] + "...")
