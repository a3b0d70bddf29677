"""Certificates for `--tls`: a certificate authority of one's own, made at first use and kept."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from storelab.emulators.kernel.errors import LabError


@dataclass(frozen=True)
class Certificates:
    """Files in PEM. `authority` is what clients are told to trust."""

    authority: Path
    chain: Path
    key: Path


def own_folder() -> Path:
    """Where a user's own things are kept: certificates, and the key of the sync's secrets."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "storelab"


LOCAL: tuple[str, ...] = ("localhost", "127.0.0.1", "::1")


def certificates(folder: Path, host: str = "") -> Certificates:
    """The certificates in the folder, made there if they are not. They are for this machine's loopback; those that are
    for another `host` as well lie in a folder of its name."""
    names = LOCAL
    if host not in ("", "0.0.0.0", "::", *LOCAL):  # noqa: S104
        folder, names = folder / host.replace(":", "_"), (*LOCAL, host)
    found = Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    try:
        if not _there(found):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with _alone(folder):
                if not _there(found):  # another sandbox may have made them meanwhile
                    _make(found, names)
    except OSError as bad:
        raise LabError(f"cannot keep certificates in {folder}: {bad.strerror or bad}") from None
    return found


def _there(found: Certificates) -> bool:
    return all(path.exists() for path in (found.authority, found.chain, found.key))


def _make(found: Certificates, names: tuple[str, ...]) -> None:
    """The chain comes last, and whole: with it there is everything."""
    import trustme

    authority = trustme.CA(organization_name="storelab")
    leaf = authority.issue_cert(*names)
    authority.cert_pem.write_to_path(str(found.authority))
    _write_secret(found.key, leaf.private_key_pem.bytes())
    unfinished = found.chain.with_suffix(".new")
    unfinished.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    unfinished.replace(found.chain)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Sandboxes that start side by side make one authority, not several."""
    with (folder / "lock").open("w") as file:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write_secret(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
