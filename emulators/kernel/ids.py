"""Ids and secrets: seeded, growing, never reused. The same seed and the same calls give the same ones."""

from __future__ import annotations

import hashlib
import hmac
import string
from random import Random

from .store import Store

_LETTERS_AND_DIGITS = string.ascii_letters + string.digits


class Ids:
    """The ids of one world. Counters are kept in the store, so that a snapshot carries them."""

    def __init__(self, store: Store, seed: str) -> None:
        self._store, self._seed = store, seed.encode()

    def next(self, kind: str, count: int = 1) -> int:
        """The next number of this kind, from 1. With `count`, that many are taken and the first is returned."""
        return self._store.sequences.take(kind, count) - count + 1

    def start(self, kind: str, at: int) -> None:
        """The next number of this kind is at least `at`."""
        sequences = self._store.sequences
        sequences.set(kind, max(sequences.last(kind), at - 1))

    def taken(self, kind: str) -> int:
        """How many numbers of this kind were given, or rather: the last one; 0 before the first."""
        return self._store.sequences.last(kind)

    def dice(self, *about: object) -> Random:
        """A chance of its own: what it draws follows from the world's seed and these words, whatever was drawn
        elsewhere before."""
        digest = hmac.digest(self._seed, ".".join(map(str, about)).encode(), hashlib.sha256)
        return Random(int.from_bytes(digest[:8], "big"))  # noqa: S311 (believable, not secret)

    def hex(self, length: int) -> str:
        """That many hexadecimal digits."""
        return "".join(f"{byte:02x}" for byte in self._bytes((length + 1) // 2))[:length]

    def token(self, length: int, alphabet: str = _LETTERS_AND_DIGITS) -> str:
        """That many characters of the alphabet."""
        big = int.from_bytes(self._bytes(length + 8), "big")
        characters = []
        for _ in range(length):
            big, index = divmod(big, len(alphabet))
            characters.append(alphabet[index])
        return "".join(characters)

    def number(self, low: int, high: int) -> int:
        """A number by chance, both ends included."""
        return low + int.from_bytes(self._bytes(8), "big") % (high - low + 1)

    def _bytes(self, length: int) -> bytes:
        draw = self.next("chance")
        out = b""
        block = 0
        while len(out) < length:
            out += hmac.digest(self._seed, f"{draw}.{block}".encode(), hashlib.sha256)
            block += 1
        return out[:length]
