"""Who may do what, anywhere in the organisation."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from collector.records import AccessGrant, Trust
from connectors.gcp import gcp
from connectors.gcp.access.outsiders import home, trusts
from connectors.gcp.inventory import of_type
from connectors.gcp.kinds import CONTAINERS, bulk, policies
from connectors.gcp.operations import SEARCH_POLICIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from connectors.gcp.inventory import Asset
    from connectors.gcp.source import GcpSource

ROLE = "iam.googleapis.com/Role"
_OF_CONTAINERS = "//cloudresourcemanager.googleapis.com/"
_EDITOR = "roles/editor"
_EVERYTHING = frozenset(
    {
        "roles/owner",
        _EDITOR,
        "roles/iam.securityAdmin",
        "roles/resourcemanager.organizationAdmin",
        "roles/resourcemanager.folderAdmin",
        "roles/resourcemanager.folderIamAdmin",
        "roles/resourcemanager.projectIamAdmin",
    }
)
"""Google's own roles that give every right, or every right over who has rights."""
_OVER_IDENTITIES = frozenset(f"resourcemanager.{one}.setIamPolicy" for one in ("organizations", "folders", "projects"))
_KINDS = {
    "user": "human",
    "serviceAccount": "service",
    "group": "group",
    "domain": "domain",
    "principal": "federated",
    "principalSet": "federated",
    "projectOwner": "role",
    "projectEditor": "role",
    "projectViewer": "role",
    "allUsers": "anyone",
    "allAuthenticatedUsers": "anyone",
}
PUBLIC = frozenset({"allUsers", "allAuthenticatedUsers"})


@gcp.evidence(
    "gcp.iam.policies",
    yields=(AccessGrant, Trust),
    needs=[SEARCH_POLICIES, *map(policies, CONTAINERS), *bulk(ROLE)],
)
def grants(source: GcpSource) -> Iterator[AccessGrant | Trust]:
    """Role bindings across the organisation.

    Every member of every binding of every IAM policy that Cloud Asset Inventory finds: of the organisation, its
    folders and projects, and of single resources. `allUsers` and `allAuthenticatedUsers` are of the kind `anyone`.

    A grant is privileged when it is on a project, a folder or the organisation, and gives every right or every right
    over who has rights: Google's basic roles owner and editor, its administrators of IAM, and custom roles that may
    set such a policy; unknown where a custom role could not be read. It is the `widest` where it is on the whole
    organisation, but for editor, which gives no rights. A principal that was deleted can do nothing. A
    binding with a condition counts in full; its condition is in the raw answer. Roles on single service accounts and
    chains of impersonation are listed, and not reckoned. Google says that the inventory may be some 36 hours behind for
    policies: a grant of today may be missing, and one that was taken away still be there.

    And a trust for each of these members who is or may be outside: a service account of a project that is none of the
    organisation's, an address of another domain than its main one (that a further domain is the company's Google does
    not say here), whoever a pool of identities vouches for. Google's own programs are not in it, nor what else than a
    project or a service account is open to everyone.

    Whole when the search was read to its end, and the policies that it finds of the organisation, folders and projects
    are those that the inventory lists of them.
    """
    roles = {_role_name(one): one for one in of_type(source, ROLE)}
    found = list(source.list(SEARCH_POLICIES))
    own = home(source)
    for policy in found:
        yield from _granted(policy, roles, source.root)
        yield from trusts(policy, own)
    for kind, listed in source.each(CONTAINERS, lambda one: list(source.list(policies(one)))):
        names = {one["name"] for one in listed if (one.get("iamPolicy") or {}).get("bindings")}
        # A policy may do no more than to set what is logged.
        granting = [one for one in found if (one.get("policy") or {}).get("bindings")]
        known = {one["resource"] for one in granting if one.get("assetType") == kind}
        source.total(f"policies of {kind}: listed = found", expected=len(known), found=len(known & names))
        source.total(f"policies of {kind}: found = listed", expected=len(names), found=len(known & names))


def _granted(policy: Answer, roles: Mapping[str, Asset], root: str) -> Iterator[AccessGrant]:
    resource = policy["resource"]
    for binding in (policy.get("policy") or {}).get("bindings") or ():
        role, condition = binding["role"], binding.get("condition")
        custom = roles.get(role)
        for member in binding.get("members") or ():
            kind, principal = _principal(member)
            mark = f" {_digest(condition)}" if condition else ""
            yield AccessGrant(
                key=f"{resource.removeprefix('//')} {role} {member}{mark}",
                seen=[policy, *([custom.seen] if custom else [])],
                principal_id=principal,
                principal_kind=kind,
                resource=resource.removeprefix("//"),
                role=role,
                privileged=False if member.startswith("deleted:") else privileged(resource, role, custom),
                widest=False if member.startswith("deleted:") else _widest(root, resource, role, custom),
                written_by="provider" if role.startswith("roles/") else "company",
                via="direct",
            )


def privileged(resource: str, role: str, custom: Asset | None) -> bool | None:
    """Whether a role on a resource gives every right, or every right over who has rights; None when unknown."""
    if not resource.startswith(_OF_CONTAINERS):
        return False
    if role.startswith("roles/"):
        return role in _EVERYTHING
    if custom is None or "includedPermissions" not in custom.data:
        return None
    return not _OVER_IDENTITIES.isdisjoint(custom.data["includedPermissions"])


def _widest(root: str, resource: str, role: str, custom: Asset | None) -> bool | None:
    """Whether it is one over the whole of what is read as one; who may change everything but rights is not such."""
    whole = resource == f"{_OF_CONTAINERS}{root}" or resource.startswith(f"{_OF_CONTAINERS}organizations/")
    return False if not whole or role == _EDITOR else privileged(resource, role, custom)


def members(policy: Mapping[str, Any] | None) -> set[str]:
    """Everybody whom an IAM policy gives anything."""
    return {one for binding in (policy or {}).get("bindings") or () for one in binding.get("members") or ()}


def _principal(member: str) -> tuple[str | None, str]:
    """What kind of member it is, and who."""
    living = member.removeprefix("deleted:")
    kind, _, who = living.partition(":")
    return _KINDS.get(kind), (who.partition("?uid=")[0] if who else member)


def _role_name(role: Asset) -> str:
    """A custom role as bindings name it: `organizations/1/roles/x`."""
    return str(role.data.get("name") or role.name.partition("/")[2])


def _digest(condition: Any) -> str:  # noqa: ANN401 - any JSON value
    return hashlib.sha256(repr(condition).encode()).hexdigest()[:8]
