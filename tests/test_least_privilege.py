"""The printed policy is enough, is no more than enough, and names actions that AWS knows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from collector import canonical
from collector.archive import bucket_policy
from collector.archive.access import Kept
from collector.archive.places import Bucket
from collector.archive.s3 import S3Store
from collector.cli.options import outside
from collector.collect import collect
from collector.connector import Surroundings
from collector.engine.pool import Pool
from collector.plan import plan, shared_needs
from collector.redact import Redactor
from collector.registry import load
from connectors.aws.settings import AwsSettings
from tests.doubles.aws.clients import Account
from tests.doubles.aws.estate.organisation import trust
from tests.doubles.aws.permits import action_for, actions_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.connector import EvidenceType
    from collector.model import Snapshot
    from tests.conftest import Estate

DEPLOY = Path(__file__).parents[1] / "deploy" / "aws"
MEMBERS = ("northwind-prod", "northwind-data")
USER, POLICY, ROLE = "collector", "read", "LeastPrivilege"
READS = ("BatchGet", "Describe", "Get", "List", "Lookup")
QUERIES = {"config:SelectResourceConfig"}
"""AWS files it under "read"; its word is that of the query's language."""
WRITES_NOTHING_OF_YOURS = {"iam:GenerateCredentialReport"}
"""AWS writes its own report anew."""
NOT_A_PERMISSION = {"sts:GetCallerIdentity", "sts:AssumeRole"}
"""Anyone may ask who they are; and taking the role is the identity's own permission, in a file of its own."""
REMOVED = (
    "elasticfilesystem:DescribeFileSystems",
    "iam:GetAccountSummary",
    "kms:ListAliases",
    "s3:GetAccountPublicAccessBlock",
    "s3:GetEncryptionConfiguration",
    "s3:ListAllMyBuckets",
    "sso:ListInstances",
    "tag:GetResources",
)
"""Names that differ from their operation's, and permissions that several evidence types share."""


UNASKED = {"tag:GetResources": {"aws.backup.plans", "aws.resilience"}}
"""The management account has no table to be backed up and no load balancer."""
NOTHING = {"Effect": "Allow", "Action": "none:Nothing", "Resource": "*"}


def declared() -> dict[str, EvidenceType]:
    found, broken = load(["aws"])
    assert not broken, broken
    return dict(found["aws"].types)


def printed() -> dict[str, Any]:
    found, _ = load(["aws"])
    return dict(found["aws"].policy(declared().values()))


def actions() -> list[str]:
    (statement,) = printed()["Statement"]
    listed: list[str] = statement["Action"]
    return listed


def action(operation: str) -> str:
    service, _, name = operation.partition(":")
    return action_for(service, name)


class Collected(NamedTuple):
    """Every snapshot of a run over all evidence types."""

    snapshots: list[Snapshot]

    @property
    def incomplete(self) -> set[str]:
        return {one.evidence_type for one in self.snapshots if not one.complete}

    @property
    def gaps(self) -> list[tuple[str, str, str]]:
        return [(one.evidence_type, gap.cause.value, gap.subject) for one in self.snapshots for gap in one.gaps]


def everything(**settings: Any) -> Collected:
    """All evidence types, read side by side as a run reads them."""
    found, _ = load(["aws"])
    types = list(declared().values())
    own: dict[str, Any] = {"attempts": 1, "timeout_seconds": 20}

    def clock() -> datetime:
        return datetime.now(UTC)

    with Pool(8) as pool:
        around = Surroundings(clock, pool, canonical.digest, Redactor(b"k" * 32), shared_needs(types))
        connection = found["aws"].sign_in(AwsSettings(**(own | settings)), outside())(around)
        try:
            tasks = plan(types, connection.scopes(), {"aws": connection.home()}, clock())
            return Collected(collect(tasks, {"aws": connection}, pool, canonical.digest, clock, lambda *_: None))
        finally:
            connection.close()


@pytest.fixture
def aws(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> Estate:
    for name, value in estate.double.environment.items():
        monkeypatch.setenv(name, value)
    return estate


class Guarded(NamedTuple):
    """An estate that asks for permission, and whose permissions can be changed."""

    estate: Estate
    iam: Any

    def allow(self, policy: Mapping[str, Any]) -> None:
        self.iam.put_user_policy(UserName=USER, PolicyName=POLICY, PolicyDocument=json.dumps(policy))

    def collect(self) -> Collected:
        """From the management account alone, the others being left out on purpose."""
        others = (self.estate.account(name) for name in MEMBERS)
        return everything(excluded_accounts=dict.fromkeys(others, "not of interest here"))

    def allow_all_but(self, *removed: str) -> None:
        policy = printed()
        (statement,) = policy["Statement"]
        policy["Statement"] = [{**statement, "Action": [one for one in statement["Action"] if one not in removed]}]
        self.allow(policy)


@pytest.fixture
def guarded(aws: Estate, monkeypatch: pytest.MonkeyPatch) -> Iterator[Guarded]:
    """A user that holds the printed policy and nothing else signs in to the management account."""
    iam = Account.management(aws.double.endpoint).client("iam")
    iam.create_user(UserName=USER)
    key = iam.create_access_key(UserName=USER)["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    held = Guarded(aws, iam)
    held.allow_all_but()
    aws.double.guard()
    yield held
    aws.double.guard(on=False)
    iam.delete_access_key(UserName=USER, AccessKeyId=key["AccessKeyId"])
    for name in iam.list_user_policies(UserName=USER)["PolicyNames"]:
        iam.delete_user_policy(UserName=USER, PolicyName=name)
    iam.delete_user(UserName=USER)


@pytest.fixture
def member_roles(aws: Estate) -> Iterator[str]:
    """A role with the printed policy in each member account."""
    management = Account.management(aws.double.endpoint)
    members = [management.member(aws.account(name)) for name in MEMBERS]
    for member in members:
        iam = member.client("iam")
        trusted = {"AWS": f"arn:aws:iam::{management.id}:root"}
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust(trusted))
        iam.put_role_policy(RoleName=ROLE, PolicyName=POLICY, PolicyDocument=json.dumps(printed()))
    yield ROLE
    for member in members:
        member.client("iam").delete_role_policy(RoleName=ROLE, PolicyName=POLICY)
        member.client("iam").delete_role(RoleName=ROLE)


def test_it_has_one_action_for_each_declared_call_and_no_other() -> None:
    needs = {need for evidence in declared().values() for need in evidence.needs}
    needed = set[str]().union(*(actions_for(*need.split(":")) for need in needs))
    shared = {"ec2:DescribeRegions", "organizations:ListAccounts"}
    assert set(actions()) == (needed | shared) - NOT_A_PERMISSION
    assert actions() == sorted(set(actions()))
    (statement,) = printed()["Statement"]
    assert (statement["Effect"], statement["Resource"]) == ("Allow", "*")


def test_it_only_reads() -> None:
    for one in actions():
        assert one.split(":")[1].startswith(READS) or one in QUERIES | WRITES_NOTHING_OF_YOURS, one
        assert "*" not in one, one
    contents = {"s3:GetObject", "secretsmanager:GetSecretValue", "kms:Decrypt", "dynamodb:GetItem", "logs:GetLogEvents"}
    assert contents.isdisjoint(actions())


def test_aws_knows_every_action() -> None:
    """By the list of all IAM actions that cfn-lint brings, which moto's server stands on."""
    package = find_spec("cfnlint")
    assert package is not None
    assert package.origin is not None
    listed = Path(package.origin).parent / "data" / "AdditionalSpecs" / "Policies.json"
    known = json.loads(listed.read_text("utf-8"))
    unknown = [one for one in actions() if one.split(":")[1].lower() not in _names(known, one.split(":")[0])]
    assert unknown == []


def _names(known: Mapping[str, Any], service: str) -> set[str]:
    return {name.lower() for name in known[service]["Actions"]}


@pytest.mark.slow
def test_nothing_else_is_called_and_nothing_is_asked_for_in_vain(aws: Estate) -> None:
    collected = everything(role=aws.manifest["role"])
    assert collected.incomplete == set(), collected.gaps
    seen = {(one["service"], one["operation"]) for one in aws.double.requests()}
    called = set[str]().union(*(actions_for(*one) for one in seen)) - NOT_A_PERMISSION
    assert called - set(actions()) == set(), "called, but not permitted"
    assert set(actions()) - called == set(), "permitted, but never called"


@pytest.mark.slow
def test_it_is_enough_in_the_account_signed_in_to(guarded: Guarded) -> None:
    collected = guarded.collect()
    assert {one.evidence_type for one in collected.snapshots} == set(declared())
    assert collected.incomplete == set(), collected.gaps
    guarded.allow({"Version": "2012-10-17", "Statement": [NOTHING]})
    assert guarded.collect().incomplete == set(declared()), "the double does ask for permission"


@pytest.mark.slow
def test_it_is_enough_in_the_whole_organisation(member_roles: str, guarded: Guarded) -> None:
    """With the permission to enter, which is in deploy/aws; without it, the members are gaps."""
    collected = everything(role=member_roles)
    shut = {one.scope.unit_id for one in collected.snapshots if not one.complete}
    members = {guarded.estate.account(name) for name in MEMBERS}
    assert shut == members
    assert {cause for _, cause, _ in collected.gaps} == {"denied"}
    enter = (DEPLOY / "collector-assume-role.json").read_text("utf-8").replace("EvidenceCollector", member_roles)
    guarded.iam.put_user_policy(UserName=USER, PolicyName="enter", PolicyDocument=enter)
    collected = everything(role=member_roles)
    assert collected.incomplete == set(), collected.gaps


@pytest.mark.slow
@pytest.mark.parametrize("removed", REMOVED)
def test_each_action_is_needed_by_those_that_declare_it_and_no_others(guarded: Guarded, removed: str) -> None:
    guarded.allow_all_but(removed)
    collected = guarded.collect()
    using = {one.id for one in declared().values() if removed in map(action, one.needs)} - UNASKED.get(removed, set())
    assert using
    assert collected.incomplete == using
    assert {cause for _, cause, _ in collected.gaps} == {"denied"}
    assert {action(subject.split(" ")[0]) for _, _, subject in collected.gaps} == {removed}


def test_the_archives_own_policy_shows_who_may_and_which_logs_are_kept_of_it(guarded: Guarded) -> None:
    """With what `collector init` prints for the identity; without the part about that, each says what it takes."""
    bucket = Bucket("northwind-evidence", "archive/", "us-east-1", None)
    owner = Account.management(guarded.estate.double.endpoint).client("s3", bucket.region or "")
    owner.create_bucket(Bucket=bucket.name)
    keeping, watching = bucket_policy.needed(bucket), bucket_policy.watching(bucket)
    everywhere = {"Resource": "*"}  # the double weighs actions alone
    try:
        guarded.allow(bucket_policy.document([one | everywhere for one in (*keeping, *watching)]))
        store = S3Store(bucket, 730, lambda: datetime.now(UTC))
        found = store.access_logs()
        assert [one.kept for one in found] == [Kept.OFF, Kept.OFF], [one.told for one in found]
        assert not [one for one in store.principals().untold if "could not be read" in one]
        guarded.allow(bucket_policy.document([one | everywhere for one in keeping]))
        refused = [one for one in store.principals().untold if "could not be read: DENIED" in one]
        assert [one.split(" ")[5] for one in refused] == [
            "s3:GetEncryptionConfiguration",
            "s3:GetBucketOwnershipControls",
            "s3:GetBucketAcl",
            "iam:GetAccountAuthorizationDetails",
        ]
        server, trails = store.access_logs()
        assert (server.kept, trails.kept) == (Kept.UNKNOWN, Kept.UNKNOWN)
        assert server.told.endswith("it takes s3:GetBucketLogging")
        assert trails.told.endswith("it takes cloudtrail:DescribeTrails")
    finally:
        owner.delete_bucket(Bucket=bucket.name)
