"""S3: which buckets the world can reach, and how the buckets that hold audit logs are protected."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.answer import UNSEEN
from collector.records import Resource
from connectors.aws import aws
from connectors.aws.tags import GET_RESOURCES, labels, tagged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

NO_BLOCK = "NoSuchPublicAccessBlockConfiguration"
_EVERYONE = {
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
}


class Exposure(NamedTuple):
    """What was read of one bucket; `UNSEEN` also for what the answers before it made superfluous."""

    block: Answer = UNSEEN
    policy: Answer = UNSEEN
    acl: Answer = UNSEEN


@aws.evidence(
    "aws.s3.public_access",
    yields=Resource,
    needs=[
        "s3:ListBuckets",
        "s3control:GetPublicAccessBlock",
        "s3:GetPublicAccessBlock",
        "s3:GetBucketPolicyStatus",
        "s3:GetBucketAcl",
        GET_RESOURCES,
    ],
)
def public_access(source: AwsSource) -> Iterator[Resource]:
    """Buckets and whether the public can reach them.

    Population: every general purpose bucket that S3 lists for the account, in all regions; one row each.

    A bucket is public when its policy is public by S3's own reckoning (PolicyStatus.IsPublic) and no public access
    block restricts such policies, or when its access list names everyone or every AWS customer and no block ignores
    such lists. Blocks of the account and of the bucket count alike. Where a block already settles the question, the
    policy and the access list are not asked for. Where a needed part could not be read and the others do not decide,
    `public` is null and a gap names the call; the bucket stays in the population.

    Complete when the last page of the list was read and there are as many rows as buckets listed. Environment, class
    and owner are the bucket's tags, as AWS's tagging index has them; the index may lag behind by minutes.

    Not looked into: single objects' access lists (no call lists them), access points, directory and table buckets,
    pre-signed links.
    """
    account = account_block(source)
    buckets = list(listed(source))
    tags = tagged(source, sorted({region_of(source, bucket) for bucket in buckets}))
    rows = 0
    for bucket, found in source.each(buckets, lambda one: _exposure(source, one, account)):
        region, arn = region_of(source, bucket), f"arn:{partition(source)}:s3:::{bucket['Name']}"
        rows += 1
        yield Resource(
            key=bucket["Name"],
            seen=[bucket, account, *found, *tags[region].seen(arn)],
            resource_id=bucket["Name"],
            type="bucket",
            public=is_public(account, found),
            **labels(source, tags[region].tags(arn)),
        )
    source.total("buckets listed = buckets looked into", expected=len(buckets), found=rows)


def listed(source: AwsSource) -> Iterator[Answer]:
    """The account's buckets; only with a page size does S3 say each one's region."""
    return source.list("s3", "ListBuckets", "Buckets", MaxBuckets=1000)


def region_of(source: AwsSource, bucket: Answer) -> str:
    """Where to ask about a bucket; S3 itself redirects from a wrong place."""
    return bucket.get("BucketRegion") or source.place


def partition(source: AwsSource) -> str:
    """The part of AWS that the account is in: `aws`, `aws-cn`, `aws-us-gov`."""
    return source.caller.split(":")[1]


def account_block(source: AwsSource) -> Answer:
    """The account's own public access block; absent when none was ever set."""
    return source.look(
        "s3control",
        "GetPublicAccessBlock",
        "PublicAccessBlockConfiguration",
        absent=(NO_BLOCK,),
        AccountId=source.account,
    )


def bucket_block(source: AwsSource, bucket: Answer) -> Answer:
    """A bucket's public access block; absent when it has none."""
    return source.at(region_of(source, bucket)).look(
        "s3", "GetPublicAccessBlock", "PublicAccessBlockConfiguration", absent=(NO_BLOCK,), Bucket=bucket["Name"]
    )


def _exposure(source: AwsSource, bucket: Answer, account: Answer) -> Exposure:
    if shut(account) is True:
        return Exposure()
    block = bucket_block(source, bucket)
    if shut(account, block) is True:
        return Exposure(block)
    there, name = source.at(region_of(source, bucket)), bucket["Name"]
    return Exposure(
        block,
        there.look("s3", "GetBucketPolicyStatus", "PolicyStatus", absent=("NoSuchBucketPolicy",), Bucket=name),
        there.look("s3", "GetBucketAcl", "Grants", Bucket=name),
    )


def is_public(account: Answer, bucket: Exposure) -> bool | None:
    """Whether the public gets in by either door; None when that cannot be told from what was read."""
    blocks = (account, bucket.block)
    by_policy = opens(
        bucket.policy.tell(lambda policy: (policy.get("PolicyStatus") or {}).get("IsPublic", _absent(policy))),
        *(says(block, "RestrictPublicBuckets") for block in blocks),
    )
    by_list = opens(
        bucket.acl.tell(
            lambda acl: any((grant.get("Grantee") or {}).get("URI") in _EVERYONE for grant in acl["Grants"])
        ),
        *(says(block, "IgnorePublicAcls") for block in blocks),
    )
    return _any(by_policy, by_list)


def opens(public: bool | None, *blocked: bool | None) -> bool | None:  # noqa: FBT001 - three-valued, not a flag
    """Whether a door is open: it is a public one, and nothing blocks it. Each part may be unknown."""
    if public is False or True in blocked:
        return False
    return None if public is None or None in blocked else True


def shut(*blocks: Answer) -> bool | None:
    """Whether the blocks together shut both doors, whatever policies and access lists say."""
    lists = _any(*(says(block, "IgnorePublicAcls") for block in blocks))
    policies = _any(*(says(block, "RestrictPublicBuckets") for block in blocks))
    if False in (lists, policies):
        return False
    return True if lists and policies else None


def says(block: Answer, name: str) -> bool | None:
    """One setting of a public access block; where there is no block, nothing is blocked."""
    return block.tell(lambda one: (one.get("PublicAccessBlockConfiguration") or {}).get(name, _absent(one)))


def _absent(answer: Answer) -> bool | None:
    """False where the source said that there is none; None where it left the field out."""
    return False if answer.absent else None


def _any(*parts: bool | None) -> bool | None:
    if True in parts:
        return True
    return None if None in parts else False
