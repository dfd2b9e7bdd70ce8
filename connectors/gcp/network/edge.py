"""Load balancers that speak HTTP to the internet: their oldest TLS, and the firewall before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import Credential, Resource
from connectors.gcp import gcp
from connectors.gcp.inventory import assets
from connectors.gcp.kinds import bulk
from connectors.gcp.labels import labels
from connectors.gcp.network.certificates import of_load_balancer, of_manager

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from connectors.gcp.inventory import Asset
    from connectors.gcp.source import GcpSource

_C = "compute.googleapis.com/"
HTTPS, HTTP, TLS = f"{_C}TargetHttpsProxy", f"{_C}TargetHttpProxy", f"{_C}SslPolicy"
MAP, BACKEND, REGIONAL = f"{_C}UrlMap", f"{_C}BackendService", f"{_C}RegionBackendService"
CERTIFICATE, SECURE = f"{_C}SslCertificate", f"{_C}TargetSslProxy"
MANAGED = "certificatemanager.googleapis.com/Certificate"
_INSIDE = frozenset({"INTERNAL", "INTERNAL_MANAGED", "INTERNAL_SELF_MANAGED"})
_DEFAULT = "1.0"
"""What Google's own policy accepts, where a proxy names none."""


@gcp.evidence(
    "gcp.edge.tls",
    yields=(Resource, Credential),
    needs=bulk(HTTPS, HTTP, TLS, MAP, BACKEND, REGIONAL, CERTIFICATE, SECURE, MANAGED),
)
def edges(source: GcpSource) -> Iterator[Resource | Credential]:
    """TLS policy, certificates, Cloud Armor.

    Every proxy of a load balancer that ends HTTPS or HTTP (type `load_balancer`), those inside a network included.
    `min_tls` is the floor of its SSL policy; a proxy without one has Google's default, which accepts TLS 1.0. A proxy
    for HTTP has `plain_http`, unless all it does is to lead to HTTPS (`redirect`). `waf` is whether each backend
    service that its map leads to has a policy of Cloud Armor; what the rules of that policy are is not looked into. A
    map that leads to a bucket alone has none to have, and is unknown.

    Every certificate of a load balancer and every one that Certificate Manager keeps (`certificate`), with the day on
    which it expires and what uses it (the proxy that shows it, an entry of a certificate map); nothing, where Google
    names nothing. One that Google issues and renews itself is `active` where Google says so, `failed` where it could
    not, and unknown while Google is at work on it.

    Whole when proxies, policies, maps, backend services and certificates were read to their end and tie with a second
    search.
    """
    kinds = (HTTPS, HTTP, TLS, MAP, BACKEND, REGIONAL, CERTIFICATE, SECURE, MANAGED)
    found, known = assets(source, *kinds), source.known()
    index = {one.name: one for kind in (TLS, MAP, BACKEND, REGIONAL) for one in found[kind] or ()}
    for one in (*(found[HTTPS] or ()), *(found[HTTP] or ())):
        chain = index.get(_name(one.data.get("urlMap")))
        services = _services(chain.data if chain else {}, index)
        policy = index.get(_name(one.data.get("sslPolicy")))
        secure = one in (found[HTTPS] or ())
        project = known.get(one.project)
        yield Resource(
            key=one.name,
            seen=[one.seen, *(part.seen for part in (chain, policy, *(services or ())) if part)],
            resource_id=one.name,
            type="load_balancer",
            public=_faces_out(services),
            min_tls=_floor(one.data, policy) if secure else "redirect" if _leads_to_https(chain) else None,
            plain_http=None if not secure and chain is None else not secure and not _leads_to_https(chain),
            waf=_guarded(services),
            **labels(source.settings, None, project),
        )
    proxies = (*(found[HTTPS] or ()), *(found[SECURE] or ()))
    shown = {_name(link): one for one in proxies for link in one.data.get("sslCertificates") or ()}
    for one in found[CERTIFICATE] or ():
        yield of_load_balancer(one, shown.get(one.name))
    yield from map(of_manager, found[MANAGED] or ())


def _floor(proxy: Mapping[str, Any], policy: Asset | None) -> str | None:
    if not proxy.get("sslPolicy"):
        return _DEFAULT if proxy else None
    floor = policy.data.get("minTlsVersion") if policy else None
    return floor.removeprefix("TLS_").replace("_", ".") if floor else None


def _leads_to_https(chain: Asset | None) -> bool:
    redirect = (chain.data.get("defaultUrlRedirect") or {}) if chain else {}
    return bool(redirect.get("httpsRedirect")) and not (chain and chain.data.get("pathMatchers"))


def _services(chain: Mapping[str, Any], index: Mapping[str, Asset]) -> Sequence[Asset] | None:
    """The backend services that a map leads to; None where one of them is not known."""
    links = {chain.get("defaultService")}
    for matcher in chain.get("pathMatchers") or ():
        links |= {matcher.get("defaultService")}
        links |= {rule.get("service") for rule in matcher.get("pathRules") or ()}
        links |= {rule.get("service") for rule in matcher.get("routeRules") or ()}
    names = {_name(one) for one in links if one and "/backendBuckets/" not in one}
    return [index[one] for one in sorted(names)] if names and names <= set(index) else None


def _faces_out(services: Sequence[Asset] | None) -> bool | None:
    return None if services is None else any(_facing(services))


def _guarded(services: Sequence[Asset] | None) -> bool | None:
    facing = _facing(services or ())
    return all(one.data.get("securityPolicy") for one in facing) if facing else None


def _facing(services: Sequence[Asset]) -> Sequence[Asset]:
    return [one for one in services if one.data.get("loadBalancingScheme") not in _INSIDE]


def _name(link: str | None) -> str:
    """What a link leads to, as the inventory names it."""
    return f"{_C}projects/{(link or '').rpartition('/projects/')[2]}"
