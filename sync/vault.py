"""Secrets at rest: encrypted with a key that is kept elsewhere."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from .errors import GiveUp, SyncError

VARIABLE = "STORELAB_SYNC_KEY"


class Vault:
    def __init__(self, key: str | bytes) -> None:
        try:
            self._fernet = Fernet(key)
        except ValueError:
            raise SyncError(f"the key ({VARIABLE} or the key file) is no Fernet key") from None
        self._opened = lru_cache(maxsize=256)(self._decrypted)  # each webhook asks for its connection's

    @classmethod
    def opened(cls, key_file: Path | None) -> Vault:
        """The key of the environment, else of the file (made with mode 600), else one for this process only."""
        if given := os.environ.get(VARIABLE):
            return cls(given)
        if key_file is None:
            return cls(Fernet.generate_key())
        try:
            key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            if os.name == "posix" and key_file.stat().st_mode & 0o077:
                raise SyncError(f"{key_file} can be read by others: chmod 600 it, or make a new key") from None
            return cls(key_file.read_bytes().strip())
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key())
        return cls(key_file.read_bytes())

    def sealed(self, secrets: Mapping[str, Any]) -> str:
        return self._fernet.encrypt(json.dumps(dict(secrets)).encode()).decode()

    def unsealed(self, text: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._opened(text))
        return found

    def _decrypted(self, text: str) -> bytes:
        try:
            return self._fernet.decrypt(text.encode())
        except InvalidToken:
            raise GiveUp("the stored secrets were sealed with another key: connect again") from None
