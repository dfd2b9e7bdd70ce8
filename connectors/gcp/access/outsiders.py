"""Whom IAM policies let in from outside the organisation, as far as a member's own name says it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.records import Trust
from connectors.gcp.operations import ORGANISATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from connectors.gcp.source import GcpSource

_PROGRAMS = ".gserviceaccount.com"
_NUMBER = re.compile(r"(?:service-|bq-|project-)?(?P<number>[0-9]+)(?:-compute)?")
"""Google's own program for one project: `service-NUMBER@…`, `NUMBER@cloudbuild…`, `NUMBER-compute@developer…`."""
_AGENTS = frozenset(
    {
        "bigquery-encryption", "cloud-filer", "cloud-memcache-sa", "cloud-ml.google.com", "cloud-redis", "cloud-tpu",
        "cloudcomposer-accounts", "compute-system", "container-engine-robot", "containerregistry",
        "dataflow-service-producer-prod", "dataproc-accounts", "dlp-api", "endpoints-portal", "firebase-rules",
        "gae-api-prod.google.com", "gcf-admin-robot", "genomics-api.google.com", "gs-project-accounts",
        "remotebuildexecution", "serverless-robot-prod", "service-consumer-management", "service-networking",
        "sourcerepo-service-accounts", "storage-transfer-service",
    }
)  # fmt: skip
"""Google's projects in which its own programs are, which nobody else can put any into; also those in `gcp-sa-…`."""
_CLUSTERS = ".svc.id.goog"
"""How the programs in a project's clusters are called: `PROJECT.svc.id.goog[NAMESPACE/NAME]`."""
_ANYBODYS = frozenset({"gmail.com", "googlemail.com", "googlegroups.com"})
"""Domains in which anybody may have an address."""
_POOL = re.compile(r".*/(?P<kind>workloadIdentityPools|workforcePools)/(?P<pool>[^/]+)/(?P<who>.+)")
_HOLDERS = ("//cloudresourcemanager.googleapis.com/", "//iam.googleapis.com/")
"""Of what else is open to everyone, other evidence tells: storage, networks."""


class Home(NamedTuple):
    """What is the organisation's own."""

    domain: str | None
    """The main domain of the customer that the organisation belongs to; None where it is not seen."""
    projects: frozenset[str]
    """Their ids and numbers."""
    whole: bool
    """Whether these are all projects there are, and not those of one folder."""


class _Outsider(NamedTuple):
    kind: str
    account: str | None
    external: bool | None
    condition: str | None = None


def home(source: GcpSource) -> Home:
    """Google calls an organisation by the main domain of its customer; other domains it may have are not told."""
    found = [one for _, units in source.each((ORGANISATIONS,), source.put_on_record) for one in units]
    domain = next((one.title.lower() for one in found if one.name == source.root), None)
    known = source.known()
    projects = {part for one in known.values() for part in (one.id, one.name.removeprefix("projects/"))}
    return Home(domain, frozenset(projects), bool(known) and source.root.startswith("organizations/"))


def trusts(policy: Answer, own: Home) -> Iterator[Trust]:
    """One trust for each role that a policy gives to somebody who is or may be outside."""
    resource = policy["resource"]
    for index, binding in enumerate((policy.get("policy") or {}).get("bindings") or ()):
        for member in binding.get("members") or ():
            found = _outsider(member, own, resource)
            if found is not None:
                yield Trust(
                    key=f"trust {resource.removeprefix('//')} {index} {binding['role']} {member}",
                    seen=[policy],
                    role=f"{binding['role']} on {resource.removeprefix('//')}",
                    principal=member,
                    principal_kind=found.kind,
                    account=found.account,
                    external=found.external,
                    condition=found.condition or _condition(binding),
                )


def _outsider(member: str, own: Home, resource: str) -> _Outsider | None:
    kind, _, who = member.partition(":")
    if member in {"allUsers", "allAuthenticatedUsers"}:
        return _Outsider("anyone", None, external=True) if resource.startswith(_HOLDERS) else None
    if kind in {"principal", "principalSet"}:
        return _federated(member)
    if kind == "serviceAccount":
        return _program(who.lower(), own)
    if kind in {"user", "group", "domain"}:
        domain = who.lower().rpartition("@")[2]
        known = True if domain in _ANYBODYS else None
        return None if domain == own.domain else _Outsider("account", domain, known)
    return None


def _federated(member: str) -> _Outsider:
    found = _POOL.fullmatch(member)
    if found is None:
        return _Outsider("federated", None, None, f"all of {member}")
    limits = f"all of {found['pool']}" if found["who"] == "*" else f"{found['pool']}: {found['who']}"
    return _Outsider("federated", found["pool"], None, limits)


def _program(address: str, own: Home) -> _Outsider | None:
    """A service account of another project; None for one of ours, and for a program of Google's that is of none."""
    local, _, domain = address.partition("@")
    number = _NUMBER.fullmatch(local)
    if _CLUSTERS in address:
        project: str | None = address.partition(_CLUSTERS)[0]
    elif not domain.endswith(_PROGRAMS):
        return _Outsider("account", None, None)
    elif domain.endswith(f".iam{_PROGRAMS}") and not _is_agents(domain):
        # A project of a domain of its own is `DOMAIN:NAME`, and its programs are at `NAME.DOMAIN.iam…`.
        name, _, of_domain = domain.removesuffix(f".iam{_PROGRAMS}").partition(".")
        project = f"{of_domain}:{name}" if of_domain else name
        if project not in own.projects and number and number["number"] in own.projects:
            # Called as Google calls its own for one of our projects, and at a place that we do not know of.
            return _Outsider("account", project, None)
    else:
        project = local if domain == f"appspot{_PROGRAMS}" else number["number"] if number else None
    if project is None or project in own.projects:
        return None
    return _Outsider("account", project, True if own.whole else None)


def _is_agents(domain: str) -> bool:
    place = domain.removesuffix(f".iam{_PROGRAMS}")
    return place in _AGENTS or place.startswith("gcp-sa-")


def _condition(binding: Mapping[str, Any]) -> str | None:
    return (binding.get("condition") or {}).get("expression") or None
