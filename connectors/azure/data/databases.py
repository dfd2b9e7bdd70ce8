"""Azure SQL: who can reach servers, and whether databases are encrypted."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from collector.answer import UNSEEN
from collector.records import Resource
from connectors.azure import azure
from connectors.azure.graph import of_type, resources
from connectors.azure.kinds import SQL
from connectors.azure.labels import labels, parts, properties
from connectors.azure.resource_operations import DATABASE_ENCRYPTION, FIREWALL_RULES, PROTECTORS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from connectors.azure.source import AzureSource

_SERVERS, _DATABASES = SQL.types
_SYSTEM = "master"
_WIDEST = 2**24
"""A rule for more addresses than these is one for the world."""
_KEY_TYPES = {"ServiceManaged": "provider", "AzureKeyVault": "customer"}


@azure.evidence(
    "azure.sql.servers", yields=Resource, needs=[*SQL.needs, FIREWALL_RULES, PROTECTORS, DATABASE_ENCRYPTION]
)
def servers(source: AzureSource) -> Iterator[Resource]:
    """SQL TLS, exposure, TDE, zones.

    Population: every logical SQL server of the subscription and every database on it but `master`, which the provider
    keeps. A server is public when its public endpoint is on and a firewall rule lets in more than 16 million
    addresses; its databases are as public as it is. Of a server it is told whether all its databases are encrypted,
    and who controls the key; of a database whether it is spread over zones. Azure protects a database from deletion by
    locks on it or above it, which are not read.

    Complete when Resource Graph and the subscription's own list have the same servers and databases. What of a server
    could not be read is null, and a gap names the call.

    Not in it: managed instances, and databases that customers run on machines of their own.
    """
    rows = resources(source, SQL)
    listed = databases(rows)
    found = source.each(listed, lambda one: _first(source, DATABASE_ENCRYPTION, one))
    states = {row["id"].lower(): (row, answer) for row, answer in found}
    for server, (rules, protector) in source.each(of_type(rows, _SERVERS), lambda one: _server(source, one)):
        own = [pair for name, pair in states.items() if name.startswith(f"{server['id'].lower()}/")]
        known = properties(server)
        control = _KEY_TYPES.get(str(properties(protector).get("serverKeyType")))
        public = _public(known.get("publicNetworkAccess"), rules)
        floor = known.get("minimalTlsVersion")
        shared: dict[str, Any] = {
            "key_control": control,
            "public": public,
            "min_tls": "none" if floor == "None" else floor,
        }
        yield Resource(
            key=server["id"],
            seen=[server, protector, *(rules or ())],
            resource_id=server["id"],
            type="db_server",
            encrypted=_all([_encrypted(answer) for _, answer in own]),
            **shared,
            **labels(source, server),
        )
        for row, answer in own:
            yield Resource(
                key=row["id"],
                seen=[row, answer, server, protector],
                resource_id=row["id"],
                type="db_database",
                encrypted=_encrypted(answer),
                multi_zone=properties(row).get("zoneRedundant"),
                **shared,
                **labels(source, row),
            )


def databases(rows: list[Answer]) -> list[Answer]:
    """The databases among them, without `master`."""
    return [one for one in of_type(rows, _DATABASES) if one["name"].lower() != _SYSTEM]


def _server(source: AzureSource, row: Answer) -> tuple[list[Answer] | None, Answer]:
    """Its firewall rules, None where they cannot be read; and what its key is."""
    read = [found for _, found in source.each([row], lambda one: list(source.list(FIREWALL_RULES, **database_of(one))))]
    return (read[0] if read else None), _first(source, PROTECTORS, row)


def _first(source: AzureSource, operation: str, row: Answer) -> Answer:
    """The one item of a list that has one; UNSEEN and a gap where it cannot be read."""
    found = [
        one
        for _, listed in source.each([row], lambda it: list(source.list(operation, **database_of(it))))
        for one in listed
    ]
    return found[0] if found else UNSEEN


def database_of(row: Answer) -> dict[str, str]:
    """The names by which operations ask for a server, and for a database of it."""
    names = parts(row["id"])
    database = {"database": names["databases"]} if "databases" in names else {}
    return {"group": names["resourcegroups"], "server": names["servers"], **database}


def _encrypted(answer: Answer) -> bool | None:
    state = properties(answer).get("state") or properties(answer).get("status")
    return {"Enabled": True, "Disabled": False}.get(str(state))


def _all(states: list[bool | None]) -> bool | None:
    """Whether all of them are; one that is not settles it."""
    return False if False in states else None if None in states else True


def _public(access: str | None, rules: list[Answer] | None) -> bool | None:
    if access == "Disabled":
        return False
    if rules is None:
        return None
    return any(_wide(one) for one in rules) and (True if access == "Enabled" else None)


def _wide(rule: Answer) -> bool:
    known = properties(rule)
    first, last = known.get("startIpAddress"), known.get("endIpAddress")
    return first is not None and last is not None and int(IPv4Address(last)) - int(IPv4Address(first)) > _WIDEST
