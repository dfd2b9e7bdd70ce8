"""Who can write or delete in a bucket: told by moto's S3 and IAM, and by answers in S3's own wire format."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from collector.archive import bucket_policy
from collector.archive.places import Bucket, bucket_at
from collector.archive.principals import CHANGES, Power, Principal, Principals, Stops
from collector.archive.s3 import S3Store
from collector.archive.s3_statements import told as told_by
from collector.archive.worm import State

from .clouds import place_in
from .wire import Answer, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .buckets import Server

NOW = datetime(2026, 11, 1, tzinfo=UTC)
BUCKET = Bucket("b", "archive/", None, None)
ACCOUNT = "123456789012"
NEXT = Answer(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>")


@pytest.fixture
def aws(moto: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """AWS as boto3 finds it by itself: IAM and STS beside S3."""
    moto.use(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto.endpoint)
    return moto


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def on_aws(url: str) -> S3Store:
    bucket = bucket_at(url)
    return S3Store(Bucket(bucket.name, bucket.prefix, "us-east-1", None), 30, lambda: NOW)


def by(found: Principals, beginning: str) -> list[Principal]:
    return [one for one in found.named if one.known_from.startswith(beginning)]


def test_the_policy_is_told_statement_by_statement(aws: Server) -> None:
    """What `collector init` prints, shown as it stands, and beside it whom somebody let in."""
    url = aws.bucket(locked=True)
    bucket = bucket_at(url)
    whole, objects = f"arn:aws:s3:::{bucket.name}", f"arn:aws:s3:::{bucket.name}/*"
    robot = "arn:aws:iam::210987654321:role/robot"
    within = {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}
    letting: list[dict[str, Any]] = [
        {"Sid": "In", "Effect": "Allow", "Principal": {"AWS": robot}, "Action": "s3:*", "Resource": [whole, objects]},
        {"Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "s3:PutObject", "Resource": objects,
         "Condition": within},
        {"Effect": "Allow", "Principal": "*", "Action": ["s3:Get*", "s3:List*"], "Resource": [whole, objects]},
        {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject",
         "Resource": f"{whole}/elsewhere/*"},
        {"Effect": "Deny", "NotPrincipal": {"AWS": [robot]}, "Action": "s3:DeleteObject*", "Resource": objects},
    ]  # fmt: skip
    document = bucket_policy.document([*bucket_policy.denials(bucket, 30), *letting])
    aws.client.put_bucket_policy(Bucket=bucket.name, Policy=json.dumps(document))
    found = by(on_aws(url).principals(), "bucket policy")
    assert [(one.name, one.denied, one.may) for one in found] == [
        ("everyone (*)", True, {Power.DELETE}),
        ("everyone (*)", True, {Power.PUT, Power.OVERWRITE}),
        ("everyone (*)", True, {Power.PUT, Power.OVERWRITE, Power.LOCK}),
        ("everyone (*)", True, {Power.DELETE, Power.LOCK}),
        (robot, False, frozenset(Power)),
        ("210987654321: whom account 210987654321 lets", False, {Power.PUT, Power.OVERWRITE}),
        (f"everyone but {robot}", True, {Power.DELETE}),
    ], "who may only read, or put elsewhere in the bucket, is nobody who can change the archive"
    assert [one.known_from for one in found][4:6] == ["bucket policy, statement In", "bucket policy"]
    assert json.loads(found[5].condition) == within
    assert json.loads(found[1].condition) == {"Null": {"s3:if-none-match": "true"}}
    assert json.loads(found[4].on) == {"Action": "s3:*", "Resource": [whole, objects]}


def test_the_access_list_counts_unless_it_is_switched_off(aws: Server) -> None:
    url = aws.bucket(locked=True)
    name = bucket_at(url).name
    owner = aws.client.get_bucket_acl(Bucket=name)["Owner"]
    everyone = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    grants = [{"Grantee": everyone, "Permission": right} for right in ("READ", "WRITE")]
    grants.append({"Grantee": {"Type": "CanonicalUser", "ID": owner["ID"]}, "Permission": "FULL_CONTROL"})
    aws.client.put_bucket_acl(Bucket=name, AccessControlPolicy={"Grants": grants, "Owner": owner})
    found = by(on_aws(url).principals(), "bucket access list")
    assert {(one.name, one.may, one.on) for one in found} == {
        (everyone["URI"], CHANGES, "grant WRITE"),
        (
            f"the account that owns the bucket (canonical user {owner['ID']})",
            CHANGES | {Power.RIGHTS},
            "grant FULL_CONTROL",
        ),
    }
    assert "no ownership controls, so it counts" in found[0].known_from
    for rule, counts in (("ObjectWriter", True), ("BucketOwnerEnforced", False)):
        aws.client.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": rule}]})
        assert bool(by(on_aws(url).principals(), "bucket access list")) is counts


@pytest.fixture
def iam(aws: Server) -> Iterator[Any]:
    client = boto3.client("iam", region_name="us-east-1", endpoint_url=aws.endpoint)
    yield client
    client.remove_user_from_group(GroupName="keepers", UserName="ada")
    client.delete_group_policy(GroupName="keepers", PolicyName="keep")
    client.delete_group(GroupName="keepers")
    client.delete_user_policy(UserName="ada", PolicyName="read")
    client.delete_user(UserName="ada")
    everything = f"arn:aws:iam::{ACCOUNT}:policy/everything"
    client.detach_role_policy(RoleName="admin", PolicyArn=everything)
    client.delete_role(RoleName="admin")
    client.delete_policy(PolicyArn=everything)


def allowing(actions: str, resource: str) -> str:
    return json.dumps(bucket_policy.document([{"Effect": "Allow", "Action": actions, "Resource": resource}]))


def test_the_identities_of_the_buckets_own_account(aws: Server, iam: Any) -> None:
    url = aws.bucket(locked=True)
    name = bucket_at(url).name
    iam.create_user(UserName="ada")
    iam.put_user_policy(UserName="ada", PolicyName="read", PolicyDocument=allowing("s3:Get*", "*"))
    iam.create_group(GroupName="keepers")
    document = allowing("s3:DeleteObject", f"arn:aws:s3:::{name}/*")
    iam.put_group_policy(GroupName="keepers", PolicyName="keep", PolicyDocument=document)
    iam.add_user_to_group(GroupName="keepers", UserName="ada")
    iam.create_role(RoleName="admin", AssumeRolePolicyDocument=json.dumps({"Statement": []}))
    made = iam.create_policy(PolicyName="everything", PolicyDocument=allowing("*", "*"))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="admin", PolicyArn=made)
    found = on_aws(url).principals()
    assert [(one.name, one.may, one.known_from) for one in by(found, "IAM policy")] == [
        (f"user arn:aws:iam::{ACCOUNT}:user/ada", {Power.DELETE}, "IAM policy keep (inline) by group keepers"),
        (f"role arn:aws:iam::{ACCOUNT}:role/admin", frozenset(Power), "IAM policy everything"),
    ]
    assert not [one for one in found.untold if "cannot be told from the bucket" in one]
    assert any(one.startswith(f"the root user of account {ACCOUNT} may") for one in found.untold)
    assert any("who may act as one of those named" in one for one in found.untold)
    elsewhere = on_aws(aws.bucket(locked=True)).principals()
    assert [one.name for one in by(elsewhere, "IAM policy")] == [f"role arn:aws:iam::{ACCOUNT}:role/admin"]


def test_a_key_that_somebody_could_take_away_is_named(aws: Server) -> None:
    url = aws.bucket(locked=True)
    assert not any("encrypted with the key" in one for one in on_aws(url).principals().untold)
    key = "arn:aws:kms:us-east-1:123456789012:key/1"
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    aws.client.put_bucket_encryption(
        Bucket=bucket_at(url).name,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
    )
    told = next(one for one in on_aws(url).principals().untold if "encrypted with the key" in one)
    assert told.startswith(f"the objects are encrypted with the key {key}: who can disable or destroy that")


def test_a_lock_hides_nothing_and_keeps_the_version(aws: Server) -> None:
    found = on_aws(aws.bucket(locked=True)).principals()
    assert {power: one.stops for power, one in found.under(State.LOCKED).items()} == {
        Power.PUT: Stops.NO,
        Power.OVERWRITE: Stops.PARTLY,
        Power.DELETE: Stops.PARTLY,
        Power.LOCK: Stops.PARTLY,
        Power.RIGHTS: Stops.NO,
    }


@pytest.mark.parametrize(
    ("part", "answer", "said"),
    [
        ("policy", NEXT, "could not be read: DENIED s3:GetBucketPolicy (GetBucketPolicy of s3://b/archive was refused"),
        ("policy", Answer(200, "<html>"), "GetBucketPolicy of s3://b/archive was answered by no policy"),
        ("policy", Answer(200, '{"Statement": ["x"]}'), "was answered by no policy; it takes s3:GetBucketPolicy"),
        ("ownershipControls", NEXT, "could not be read: DENIED s3:GetBucketOwnershipControls"),
        (
            "ownershipControls",
            Answer(200, ""),
            "GetBucketOwnershipControls of s3://b/archive was answered by something",
        ),
        ("acl", NEXT, "could not be read: DENIED s3:GetBucketAcl"),
        ("ownershipControls", Answer(200, "<html>"), "GetBucketOwnershipControls of s3://b/archive"),
        ("acl", Answer(200, "<html>"), "GetBucketAcl of s3://b/archive"),
        ("encryption", NEXT, "could not be read: DENIED s3:GetEncryptionConfiguration"),
        ("encryption", Answer(200, ""), "GetBucketEncryption of s3://b/archive was answered by something else"),
        ("acl", Answer(200, ""), "GetBucketAcl of s3://b/archive was answered by something else"),
    ],
)
@pytest.mark.usefixtures("aws")
def test_what_cannot_be_read_is_said_and_nobody_is_left_out_for_it(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, part: str, answer: Answer, said: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", wire.endpoint)
    missing = "<Error><Code>{}</Code></Error>"
    grantee = (
        '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>o</ID></Grantee>'
    )
    grant = f"<Grant>{grantee}<Permission>FULL_CONTROL</Permission></Grant>"
    access = f"<Owner><ID>o</ID></Owner><AccessControlList>{grant}</AccessControlList>"
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    wire.always = {
        "[?&]policy": Answer(200, json.dumps({"Statement": statement})),
        "[?&]ownershipControls": Answer(404, missing.format("OwnershipControlsNotFoundError")),
        "[?&]acl": Answer(200, f"<AccessControlPolicy>{access}</AccessControlPolicy>"),
        "[?&]versioning": NEXT,
        "[?&]encryption": Answer(404, missing.format("ServerSideEncryptionConfigurationNotFoundError")),
    } | {f"[?&]{part}": answer}
    found = S3Store(Bucket("b", "archive/", "us-east-1", None), 30, lambda: NOW).principals()
    assert any(said in one for one in found.untold), found.untold
    assert len(by(found, "bucket policy")) == (part != "policy")
    assert len(by(found, "bucket access list")) == (part != "acl")
    assert any(
        one.startswith(
            "cannot be told from the bucket: identities of account that owns the bucket with any of s3:PutObj"
        )
        for one in found.untold
    )


def test_a_bucket_of_another_account_hides_who_may(wire: Wire, aws: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same question is answered without the condition that the bucket is ours, and refused with it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", wire.endpoint)
    wire.always = {"[?&](policy|ownershipControls|acl|encryption)\\b": NEXT}
    wire.answers = [Answer(200, "<VersioningConfiguration/>"), NEXT]
    found = S3Store(Bucket("b", "archive/", "us-east-1", None), 30, lambda: NOW).principals()
    assert f"the bucket belongs to another account than {ACCOUNT}, which the collector is signed in to" in found.untold
    (first, second) = (headers for _, headers, _ in wire.asked)
    assert "x-amz-expected-bucket-owner" not in first
    assert second["x-amz-expected-bucket-owner"] == ACCOUNT
    assert found.named == ()
    assert aws.endpoint


LIST = "<{0}><{0}Result><IsTruncated>{1}</IsTruncated>{2}</{0}Result></{0}>"
EMPTY = "".join(f"<{name}/>" for name in ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"))


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([NEXT], "could not be read: DENIED iam:GetAccountAuthorizationDetails"),
        ([Answer(200, "")] * 5, "could not be read: GetAccountAuthorizationDetails failed: Unable to parse response"),
        ([Answer(200, "<a><b/></a>")], "GetAccountAuthorizationDetails was answered by something else"),
        (
            [Answer(200, LIST.format("GetAccountAuthorizationDetails", "true", f"{EMPTY}<Marker>m</Marker>"))] * 2,
            "was answered by a list without an end",
        ),
        (
            [
                Answer(
                    200,
                    LIST.format(
                        "GetAccountAuthorizationDetails",
                        "false",
                        EMPTY.replace(
                            "<UserDetailList/>",
                            "<UserDetailList><member><Arn>arn:u</Arn><GroupList><member>g</member></GroupList></member>"
                            "</UserDetailList>",
                        ),
                    ),
                )
            ],
            "names no group g, which arn:u is in",
        ),
    ],
)
def test_identities_that_cannot_be_listed_are_never_nobody(
    wire: Wire, aws: Server, monkeypatch: pytest.MonkeyPatch, answers: list[Answer], said: str
) -> None:
    url = aws.bucket(locked=True)
    monkeypatch.setenv("AWS_ENDPOINT_URL_IAM", wire.endpoint)
    wire.answers = [*answers]
    found = on_aws(url).principals()
    assert by(found, "IAM policy") == []
    assert any(said in one for one in found.untold), found.untold
    beginning = f"cannot be told from the bucket: identities of account {ACCOUNT} with any of s3:PutObject"
    assert any(one.startswith(beginning) for one in found.untold)


def test_a_server_of_ones_own_is_asked_for_its_users(moto: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    moto.use(monkeypatch)
    found = place_in(moto.bucket(locked=False)).principals()
    assert any(f"users of {moto.endpoint} and what it lets them do" in one for one in found.untold)


@pytest.mark.parametrize(
    ("resource", "counts"),
    [
        ("arn:aws:s3:::b", False),  # no object is named so
        ("arn:aws:s3:::b/*", True),
        ("arn:aws:s3:::b/archive/log/*", True),
        ("arn:aws:s3:::b/arch", False),
        ("arn:aws:s3:::b/arch*", True),
        ("arn:aws:s3:::b/${aws:username}/*", True),
        ("arn:aws:s3:::b2/*", False),
        ("arn:aws:s3:::b/other/*", False),
        ("arn:aws:s3:::*", True),
        ("arn:aws-cn:s3:::b/*", True),
        ("arn:aws:s3:eu-west-1:123456789012:accesspoint/x/object/*", True),
        ("arn:aws:sqs:eu-west-1:123456789012:queue", False),
        ("arn:aws:*", True),
        ("*", True),
    ],
)
def test_what_a_statement_is_about(resource: str, *, counts: bool) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": resource}
    assert bool([*told_by(statement, BUCKET, "x")]) is counts
    assert [*told_by({**statement, "NotResource": resource, "Resource": None}, BUCKET, "x")]


def test_an_action_on_buckets_is_nothing_on_objects() -> None:
    of_bucket, of_objects = frozenset({Power.LOCK, Power.RIGHTS, Power.DELETE}), frozenset(Power)
    for resource, may in (("b", of_bucket), ("b/*", of_objects)):
        statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{resource}"}
        assert [one.may for one in told_by(statement, BUCKET, "x")] == [may]
    lifecycle = {"Effect": "Allow", "Principal": "*", "Action": "s3:PutLifecycleConfiguration"}
    assert not [*told_by({**lifecycle, "Resource": "arn:aws:s3:::b/*"}, BUCKET, "x")]
    assert [*told_by({**lifecycle, "Resource": "arn:aws:s3:::b"}, BUCKET, "x")]


def test_all_but_some_actions_and_principals_of_every_kind() -> None:
    principal = {"AWS": ["*", f"arn:aws:iam::{ACCOUNT}:root"], "Federated": "saml", "CanonicalUser": "c0"}
    statement = {"Effect": "Allow", "Principal": principal, "NotAction": ["s3:Put*", "iam:*"], "Resource": "*"}
    found = [*told_by(statement, BUCKET, "x")]
    assert [one.name for one in found] == [
        "everyone (*)",
        f"arn:aws:iam::{ACCOUNT}:root: whom account {ACCOUNT} lets",
        "Federated saml",
        "CanonicalUser c0",
    ]
    assert {one.may for one in found} == {CHANGES | {Power.LOCK, Power.RIGHTS}}


@pytest.mark.parametrize(
    ("action", "resource", "may"),
    [
        ("iam:*", "*", {Power.RIGHTS}),
        ("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/*", {Power.RIGHTS}),
        ("iam:Get*", "*", None),
        ("s3:*", f"arn:aws:iam::{ACCOUNT}:role/*", None),
    ],
)
def test_who_may_give_rights_may_give_them_to_themselves(action: str, resource: str, may: set[Power] | None) -> None:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    found = [*told_by(statement, BUCKET, "x", ["role r"])]
    assert [(one.name, one.may) for one in found] == ([("role r", frozenset(may))] if may else [])
