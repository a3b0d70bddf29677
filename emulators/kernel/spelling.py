"""Which word was probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, possible: Iterable[str]) -> str:
    """The possible word that was probably meant, or nothing."""
    import difflib

    by_folded = {_folded(known): known for known in possible}
    folded = _folded(word)
    if folded in by_folded:
        return by_folded[folded]
    close = difflib.get_close_matches(folded, list(by_folded), n=1, cutoff=0.6)
    return by_folded[close[0]] if close else ""


def _folded(word: str) -> str:
    return word.casefold().replace("_", " ").replace("-", " ")


def meant(word: str, possible: Iterable[str]) -> str:
    """The sentence that asks for it, with a space before it; or nothing."""
    close = nearest(word, possible)
    return f" Did you mean {close!r}?" if close else ""


def unknown(what: str, word: str, possible: Iterable[str]) -> str:
    """The sentences for a word that nobody knows: what was found, what was probably meant, what is possible."""
    known = list(possible)
    return f"{what} {word!r}.{meant(word, known)} Possible: {', '.join(known) or 'nothing'}."
