"""Which ports a firewall rule opens to the whole internet."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ANYWHERE = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))
_WITH_PORTS = frozenset({"tcp", "udp", "sctp", "6", "17", "132"})
_ALL = "all"


def anywhere(ranges: Iterable[str]) -> bool:
    """Whether these ranges together are all of IPv4 or all of IPv6."""
    known = [ip_network(one, strict=False) for one in ranges]
    four = collapse_addresses(one for one in known if isinstance(one, IPv4Network))
    six = collapse_addresses(one for one in known if isinstance(one, IPv6Network))
    return any(one in _ANYWHERE for found in (four, six) for one in found)


def ports(allowed: Iterable[Mapping[str, Any]], named: str = "ports") -> tuple[str, ...]:
    """The ports of what is allowed, in order: `22`, `8000-8080`, `all`. Protocols without ports do not count."""
    found: set[str] = set()
    for one in allowed:
        # The inventory writes this field in another way than the service itself.
        protocol = str(one.get("IPProtocol") or one.get("ipProtocol") or "").lower()
        if protocol == _ALL:
            found.add(_ALL)
        elif protocol in _WITH_PORTS:
            found |= set(one.get(named) or ("0-65535",))
    return tuple(sorted(found, key=lambda one: (one != _ALL, int(one.partition("-")[0]) if one != _ALL else 0)))


def of_rule(rule: Mapping[str, Any]) -> tuple[str, ...]:
    """The ports that a rule of a network opens to the whole internet."""
    if rule.get("disabled") or rule.get("direction") == "EGRESS" or rule.get("denied"):
        return ()
    narrowed = rule.get("sourceTags") or rule.get("sourceServiceAccounts")
    ranges = rule.get("sourceRanges") or ()
    # A rule that names no source at all is open to everyone.
    return ports(rule.get("allowed") or ()) if anywhere(ranges) or not (ranges or narrowed) else ()


def of_policy(policy: Mapping[str, Any]) -> tuple[str, ...]:
    """The ports that a firewall policy opens to the whole internet; what goes to other rules opens nothing."""
    found: set[str] = set()
    for rule in policy.get("rules") or ():
        match = rule.get("match") or {}
        if rule.get("disabled") or rule.get("direction") == "EGRESS" or rule.get("action") != "allow":
            continue
        if anywhere(match.get("srcIpRanges") or ()):
            found |= set(ports(match.get("layer4Configs") or ()))
    return tuple(sorted(found, key=lambda one: (one != _ALL, int(one.partition("-")[0]) if one != _ALL else 0)))
