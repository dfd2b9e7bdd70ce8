"""The authorities and witnesses that the configuration and the options name, and the way to them."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from collector.archive.timestamp_verify import Authority, load_roots
from collector.archive.verify_time import Trusted
from collector.archive.vouching import Parties
from collector.archive.witness import CosignerKey, Witness
from collector.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.config import ArchiveSettings

_NONCE_BITS = 64


def parties(settings: ArchiveSettings) -> Parties:
    """Who is asked about each run; UsageError when a certificate or key is missing or is none."""
    urls = [*(one.url for one in settings.authorities), *(one.url.rstrip("/") for one in settings.witnesses)]
    return Parties(
        authorities=_authorities(settings),
        witnesses=_witnesses(settings),
        timeout=settings.vouch_seconds,
        nonce=lambda: secrets.randbits(_NONCE_BITS),
        proxy={url: _proxy(url) for url in urls}.get,
    )


def trusted(settings: ArchiveSettings, roots: Sequence[Path] = (), keys: Sequence[str] = ()) -> Trusted:
    """Whom a verification believes: those configured, and those given beside (PEM files, verifier keys)."""
    given = tuple(Authority("", load_roots(path)) for path in roots)
    return Trusted(
        authorities=(*_authorities(settings), *given),
        witnesses=(*(one.key for one in _witnesses(settings)), *(_key(key) for key in keys)),
    )


def _authorities(settings: ArchiveSettings) -> tuple[Authority, ...]:
    return tuple(
        Authority.load(
            one.url,
            Path(one.root_certificates),
            Path(one.signer_certificates) if one.signer_certificates else None,
        )
        for one in settings.authorities
    )


def _witnesses(settings: ArchiveSettings) -> tuple[Witness, ...]:
    return tuple(Witness.load(one.url, one.key) for one in settings.witnesses)


def _key(vkey: str) -> CosignerKey:
    try:
        return CosignerKey.parse(vkey)
    except ValueError as error:
        raise UsageError(f"--witness {vkey}: is no witness's verifier key (name+id+base64): {error}") from error


def _proxy(url: str) -> str | None:
    """The proxy that the environment names for an address (HTTP_PROXY, HTTPS_PROXY, NO_PROXY)."""
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme)
    if not proxy or proxy_bypass(parts.netloc):
        return None
    address = proxy if "://" in proxy else f"http://{proxy}"
    if urlsplit(address).scheme not in {"http", "https"}:
        raise UsageError(
            f"the environment names {urlsplit(address).scheme} as the kind of proxy to {parts.hostname}, and only http "
            f"and https proxies can be used; set {parts.scheme.upper()}_PROXY to one, or name the host in NO_PROXY"
        )
    return address
