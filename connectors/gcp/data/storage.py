"""Buckets: who can reach them, and what keeps what is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import Resource
from connectors.gcp import gcp
from connectors.gcp.access.bindings import PUBLIC, members
from connectors.gcp.inventory import of_type
from connectors.gcp.kinds import bulk, policies
from connectors.gcp.labels import labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from connectors.gcp.source import GcpSource

BUCKET = "storage.googleapis.com/Bucket"
_REDUNDANT = {"region": True, "dual-region": True, "multi-region": True, "zone": False}
"""Whether a bucket of this type of location is kept in more than one zone."""


@gcp.evidence("gcp.storage.buckets", yields=Resource, needs=[*bulk(BUCKET), policies(BUCKET)])
def buckets(source: GcpSource) -> Iterator[Resource]:
    """Buckets: public access, encryption, retention, versioning.

    Every bucket of every project. A bucket is public when its IAM policy, or where such lists are in force its access
    list, names everyone or everyone with a Google account, unless public access is prevented on it. Where that is not
    settled by what was read, `public` is unknown. That an organisation policy prevents public access is not reckoned:
    a bucket that only such a policy protects shows as public here.

    Google encrypts every object. The key is the company's (`customer`) where the bucket has a default key in Cloud KMS,
    else Google's. A bucket is `multi_zone` unless its location is one zone. Retention and versions are in the raw
    answer.

    Whole when buckets were read to their end and tie with a second search. Access lists of single objects are not
    looked into: no call lists them.
    """
    known = source.known()
    held: dict[str, Answer] | None = None
    for _, found in source.each([BUCKET], lambda one: list(source.list(policies(one)))):
        held = {one["name"].removeprefix("//"): one for one in found}
    for one in of_type(source, BUCKET):
        policy = held.get(one.name) if held else None
        project = known.get(one.project)
        reached = None if held is None else members(policy.get("iamPolicy") if policy else None)
        yield Resource(
            key=one.name,
            seen=[one.seen, *([policy] if policy else []), *([project.seen] if project else [])],
            resource_id=one.name.partition("/")[2],
            type="bucket",
            encrypted=True if one.data else None,
            key_control=key_control(one.data),
            public=public(one.data, reached),
            multi_zone=_REDUNDANT.get(one.data.get("locationType", "")),
            **labels(source.settings, one.data.get("labels"), project),
        )


def key_control(bucket: Mapping[str, Any]) -> str | None:
    """Whose the default key is; None for a bucket of which nothing was given."""
    if not bucket:
        return None
    return "customer" if (bucket.get("encryption") or {}).get("defaultKmsKeyName") else "provider"


def public(bucket: Mapping[str, Any], reached: set[str] | None) -> bool | None:
    """Whether everyone gets in; `reached` are the members of its policy, None where that could not be read."""
    configuration = bucket.get("iamConfiguration")
    if configuration is None:
        return None
    if configuration.get("publicAccessPrevention") == "enforced":
        return False
    by_policy = None if reached is None else not PUBLIC.isdisjoint(reached)
    uniform = (configuration.get("uniformBucketLevelAccess") or {}).get("enabled")
    by_list = False if uniform else _by_list(bucket)
    return True if True in (by_policy, by_list) else None if None in (by_policy, by_list) else False


def _by_list(bucket: Mapping[str, Any]) -> bool | None:
    """Whether the access list of the bucket, or the one that its objects get, names everyone; None when not given."""
    lists = [bucket.get("acl"), bucket.get("defaultObjectAcl")]
    if any((entry.get("entity") in PUBLIC) for one in lists for entry in one or ()):
        return True
    return None if None in lists else False
