"""Certificates of one's own: made once, also by sandboxes that start side by side."""

from __future__ import annotations

import ssl
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cryptography import x509

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


def test_another_host_has_certificates_of_its_own_which_hold_on_loopback_too(tmp_path: Path) -> None:
    alone, named, numbered = (certificates(tmp_path, host) for host in ("0.0.0.0", "lab.example", "192.0.2.7"))

    assert alone.chain == tmp_path / "server.pem"
    assert names(alone.chain) == {"localhost", "127.0.0.1", "::1"}
    assert names(named.chain) == {"localhost", "127.0.0.1", "::1", "lab.example"}
    assert names(numbered.chain) == {"localhost", "127.0.0.1", "::1", "192.0.2.7"}


def names(chain: Path) -> set[str]:
    found = x509.load_pem_x509_certificate(chain.read_bytes()).extensions
    return {str(name.value) for name in found.get_extension_for_class(x509.SubjectAlternativeName).value}
