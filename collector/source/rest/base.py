"""The one address under which everything is read. What points elsewhere is never followed, so no token can go there."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import unquote

import httpx

from collector.errors import CollectorError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PORTS = {"https": 443, "http": 80}


class StrayError(CollectorError):
    """A link or redirect that leads away from the address that was configured."""


class Base:
    """A scheme, host, port and path prefix: `https://api.github.com`, `https://git.example.com/api/v3`."""

    def __init__(self, url: str) -> None:
        """UsageError when it is no such address, or would send tokens in clear text over a network."""
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise UsageError(f"{url!r} is no address: {error}") from error
        if parsed.userinfo or parsed.query or parsed.fragment or not parsed.host:
            raise UsageError("an address must be scheme, host and path alone: no user, password, query or fragment")
        if parsed.scheme != "https" and not (parsed.scheme == "http" and _loopback(parsed.host)):
            raise UsageError(f"{url}: must begin with https://, or the token could be read on its way")
        self._url = parsed
        self._prefix = parsed.path.rstrip("/")

    @property
    def place(self) -> str:
        """The host, with its port where it is an unusual one."""
        return self._url.netloc.decode()

    def __str__(self) -> str:
        return str(self._url)

    def at(self, path: str, query: Mapping[str, object]) -> httpx.URL:
        """The address of a path below the prefix; parameters that are None are left out, lists are repeated."""
        sent = [
            (name, _text(one))
            for name, value in query.items()
            for one in (value if isinstance(value, list | tuple) else [value])
            if one is not None
        ]
        return self._pinned(httpx.URL(f"{self._origin}{self._prefix}{path}", params=sent or None))

    def follow(self, target: str, current: httpx.URL) -> httpx.URL:
        """The address that a link on the page at `current` leads to; StrayError when it leads away from here."""
        try:
            return self._pinned(current.join(target))
        except (httpx.InvalidURL, ValueError) as error:
            raise StrayError(f"an address that cannot be read ({type(error).__name__})") from error

    @property
    def _origin(self) -> str:
        return f"{self._url.scheme}://{self.place}"

    def _pinned(self, url: httpx.URL) -> httpx.URL:
        # Only the host is named in errors: what a stranger puts behind it need not be kept.
        if _origin(url) != _origin(self._url) or url.userinfo:
            raise StrayError(f"{url.scheme}://{url.host or '(no host)'} is not {self._origin}")
        path = url.raw_path.decode().partition("?")[0]
        if not f"{path}/".startswith(f"{self._prefix}/"):
            raise StrayError(f"its path is not below {self._prefix}")
        if any(part in {".", ".."} for part in unquote(unquote(path)).replace("\\", "/").split("/")):
            raise StrayError("its path climbs")
        return url


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host.lower().rstrip("."), url.port or _PORTS.get(url.scheme)


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _text(value: object) -> str | None:
    """A parameter as APIs write it."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
