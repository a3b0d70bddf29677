"""Ids and secrets: seeded, growing, never reused. The same seed and the same calls give the same ones."""

from __future__ import annotations

import hashlib
import hmac
import string
from dataclasses import dataclass
from functools import cache
from random import Random

import sqlalchemy as sa

from .statements import Statement
from .store import Store
from .tables import Table, insert

_LETTERS_AND_DIGITS = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Sequence:
    kind: str
    value: int = 0


SEQUENCES = Table(Sequence, "lab_sequences", key="kind", columns=("value",))


@cache
def _taking(dialect: str) -> Statement:
    """Takes that many numbers of a kind, and tells the last."""
    table, count = SEQUENCES.sql, sa.bindparam("count", type_=sa.BigInteger())
    return Statement(
        insert(table, dialect)
        .values(kind=sa.bindparam("kind"), value=count, rest=sa.literal_column("'{}'"))
        .on_conflict_do_update(index_elements=["kind"], set_={"value": table.c.value + count})
        .returning(table.c.value)
    )


class Ids:
    """The ids of one world. Counters are kept in the store, so that a snapshot carries them."""

    def __init__(self, store: Store, seed: str) -> None:
        self._store, self._seed = store, seed.encode()

    def next(self, kind: str, count: int = 1) -> int:
        """The next number of this kind, from 1. With `count`, that many are taken and the first is returned."""
        ((last,),) = self._store.run(_taking(self._store.dialect), kind=kind, count=count)
        return int(last) - count + 1

    def start(self, kind: str, at: int) -> None:
        """The next number of this kind is at least `at`."""
        sequence = self._store[Sequence].get(kind) or Sequence(kind)
        self._store[Sequence].put(Sequence(kind, max(sequence.value, at - 1)))

    def taken(self, kind: str) -> int:
        """How many numbers of this kind were given, or rather: the last one; 0 before the first."""
        sequence = self._store[Sequence].get(kind)
        return sequence.value if sequence else 0

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
