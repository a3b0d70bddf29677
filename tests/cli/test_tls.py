"""Certificates of one's own: made once, also by sandboxes that start side by side."""

from __future__ import annotations

import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from storelab.tls import certificates


def test_sandboxes_that_start_side_by_side_share_one_authority(tmp_path: Path) -> None:
    def started(_: int) -> bytes:
        found = certificates(tmp_path / "tls")
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(found.chain, found.key)
        return found.authority.read_bytes()

    with ThreadPoolExecutor(8) as pool:
        authorities = set(pool.map(started, range(16)))

    assert len(authorities) == 1


def test_the_key_is_nobody_elses(tmp_path: Path) -> None:
    assert certificates(tmp_path).key.stat().st_mode & 0o077 == 0
