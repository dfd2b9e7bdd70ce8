"""Which proxy leads to a host, by the variables that every tool reads (`HTTPS_PROXY`, `NO_PROXY`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def proxy_for(scheme: str, host: str, environment: Mapping[str, str]) -> str | None:
    """The proxy's address; None when the host is asked directly.

    Lower case goes first. `HTTP_PROXY` in upper case is not believed: behind CGI anyone could set it by a header.
    """
    proxies = {name.lower(): value for name, value in environment.items() if name.lower().endswith("_proxy") and value}
    proxies |= {name: value for name, value in environment.items() if name.endswith("_proxy") and value}
    if not environment.get("http_proxy"):
        proxies.pop("http_proxy", None)
    if _direct(host.lower(), proxies.get("no_proxy", "")):
        return None
    proxy = proxies.get(f"{scheme}_proxy") or proxies.get("all_proxy")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


def _direct(host: str, exempted: str) -> bool:
    """Whether `NO_PROXY` names the host, a domain it is in, or everything."""
    names = [name.strip().lower().lstrip(".") for name in exempted.split(",")]
    return "*" in names or any(host == name or host.endswith(f".{name}") for name in names if name)
