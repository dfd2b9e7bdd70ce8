"""Organization with its SAML identities, accounts, the viewer, and what is left of the quota."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.doubles.github.graphql.registry import Asked, failing, field, paged, plainly
from tests.doubles.github.rest.people import node_id

if TYPE_CHECKING:
    from tests.doubles.github.estate.nouns import Organisation, Person
    from tests.doubles.github.graphql.registry import Connection


@field("Query", "organization")
def by_login(asked: Asked, _source: None, arguments: dict[str, Any]) -> Organisation:
    login = arguments["login"]
    if login.lower() != asked.world.org.login:
        raise failing("NOT_FOUND", f"Could not resolve to an Organization with the login of '{login}'.")
    return asked.world.org


@field("Query", "viewer")
def viewer(asked: Asked, _source: None, _arguments: dict[str, Any]) -> Person:
    return asked.world.org.with_role("admin")[0]


@field("Query", "rateLimit")
def rate_limit(asked: Asked, _source: None, _arguments: dict[str, Any]) -> dict[str, Any]:
    caller = asked.request.caller
    bucket = asked.world.limits.bucket(f"{caller.kind} {caller.name}" if caller else "", "graphql")
    told = {name: getattr(bucket, name) for name in ("limit", "used", "remaining")}
    reset = f"{datetime.fromtimestamp(bucket.reset, UTC):%Y-%m-%dT%H:%M:%SZ}"
    return told | {"cost": asked.cost, "nodeCount": asked.nodes, "resetAt": reset}


@field("Organization", "samlIdentityProvider")
def saml(asked: Asked, org: Organisation, _arguments: dict[str, Any]) -> Organisation | None:
    """Enterprise Cloud alone has it; elsewhere there is none."""
    return org if asked.world.org.plan == "enterprise" else None


@field("OrganizationIdentityProvider", "externalIdentities")
def identities(_asked: Asked, org: Organisation, arguments: dict[str, Any]) -> Connection:
    people = [one for one in org.with_role("admin", "member") if one.saml_name_id]
    return paged(people, arguments)


@field("Organization", "repositories")
def repositories(asked: Asked, org: Organisation, arguments: dict[str, Any]) -> Connection:
    return paged([one for one in org.repos.values() if asked.world.sees(one, asked.request.caller)], arguments)


@field("Organization", "membersWithRole")
def members(_asked: Asked, org: Organisation, arguments: dict[str, Any]) -> Connection:
    return paged(org.with_role("admin", "member"), arguments)


for _name in ("limit", "used", "remaining", "cost", "nodeCount", "resetAt"):
    plainly("RateLimit", **{_name: lambda one, name=_name: one[name]})
plainly(
    "Organization",
    id=lambda org: node_id("Organization", org.id),
    databaseId=lambda org: org.id,
    login=lambda org: org.login,
    name=lambda org: org.name,
)
plainly(
    "OrganizationIdentityProvider",
    id=lambda org: node_id("SAML", org.id),
    ssoUrl=lambda _: "https://sso.northwind.example/",
    issuer=lambda _: "https://sso.northwind.example/saml",
)
plainly(
    "ExternalIdentity",
    id=lambda one: node_id("ExternalIdentity", one.id),
    guid=lambda one: f"guid-{one.id}",
    user=lambda one: one,
    samlIdentity=lambda one: one,
    scimIdentity=lambda one: one,
)
plainly("ExternalIdentitySamlAttributes", nameId=lambda one: one.saml_name_id, username=lambda one: one.saml_name_id)
plainly("ExternalIdentityScimAttributes", username=lambda one: one.saml_name_id)
for _kind in ("User", "Bot"):
    plainly(
        _kind,
        id=lambda one: node_id(one.kind, one.id),
        databaseId=lambda one: one.id,
        login=lambda one: one.login,
        url=lambda one: f"https://github.com/{one.login}",
    )
plainly("User", name=lambda one: one.name, email=lambda one: one.email)
