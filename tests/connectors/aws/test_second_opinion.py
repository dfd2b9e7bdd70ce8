"""The unchanged connector against another emulator: what fits moto alone shows here, and what ministack lacks is a gap.

Its accounts have no organisation to speak of, so one account is read. Events are named "POST.iam" there, jobs are all
of today, and 31 regions are enabled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.connectors.aws.conftest import Gathered, gathered
from tests.doubles.aws.clients import HOME_REGION, Account
from tests.doubles.aws.ministack import ACCOUNT, running_ministack

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

ELSEWHERE = "us-east-1"
REGIONS = 31
TABLE = f"arn:aws:dynamodb:{HOME_REGION}:{ACCOUNT}:table/sessions"


class Seeded(NamedTuple):
    """What is there to be found."""

    account: Account
    environment: dict[str, str]
    keys: dict[str, str]
    secrets: dict[str, str]
    jobs: frozenset[str]


@pytest.fixture(scope="module")
def ministack() -> Iterator[Seeded]:
    with running_ministack() as double:
        double.seed()
        account = Account.management(double.endpoint, ACCOUNT)
        keys = {region: _key(account, region) for region in (HOME_REGION, ELSEWHERE)}
        secrets = {region: _secret(account, region) for region in (HOME_REGION, ELSEWHERE)}
        recorder = {"name": "default", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/config"}
        config = account.client("config")
        config.put_configuration_recorder(ConfigurationRecorder=recorder)
        config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "nw-logs"})
        config.start_configuration_recorder(ConfigurationRecorderName="default")
        listed = account.client("backup").list_backup_jobs()["BackupJobs"]
        yield Seeded(account, double.environment, keys, secrets, frozenset(job["BackupJobId"] for job in listed))


def _key(account: Account, region: str) -> str:
    kms = account.client("kms", region)
    arn = str(kms.create_key(Description="rotated")["KeyMetadata"]["Arn"])
    kms.enable_key_rotation(KeyId=arn)
    kms.create_alias(AliasName="alias/nw/rotated", TargetKeyId=arn)
    return arn


def _secret(account: Account, region: str) -> str:
    secrets = account.client("secretsmanager", region)
    made = secrets.create_secret(Name="nw/token", SecretString="x", Tags=[{"Key": "Owner", "Value": "ann"}])
    return str(made["ARN"])


@pytest.fixture
def read(ministack: Seeded, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in ministack.environment.items():
        monkeypatch.setenv(name, value)

    def one(evidence: str) -> Gathered:
        (found,) = gathered(evidence, role="", attempts=1)
        return found

    return one


def test_events_of_identities(read: Any) -> None:
    found = read("aws.cloudtrail.iam_events")
    assert found.snapshot.complete, found.snapshot.gaps
    # Two users, two passwords, a key, a policy and the rules for passwords, all asked for in the home region.
    assert len(found.rows) == 7
    assert {row["action"] for row in found.rows} == {"iam:POST.iam"}
    assert len({row["event_id"] for row in found.rows}) == 7
    assert all(row["outcome"] == "success" and row["at"] for row in found.rows)


def test_a_service_whose_events_ministack_names_rightly_stays_out(read: Any, ministack: Seeded) -> None:
    looked_up = {"AttributeKey": "EventName", "AttributeValue": "CreateKey"}
    trail = ministack.account.client("cloudtrail")
    assert trail.lookup_events(LookupAttributes=[looked_up])["Events"], "it records, and filters"
    assert "kms" not in {row["action"].split(":")[0] for row in read("aws.cloudtrail.iam_events").rows}


def test_no_root_use_and_no_sign_in(read: Any) -> None:
    found = read("aws.cloudtrail.root_and_console")
    assert found.snapshot.complete, found.snapshot.gaps
    assert found.rows == []
    # Three lookups in each region, and who we are and which regions there are.
    assert found.snapshot.exchanges.count == 3 * REGIONS + 2


def test_backup_jobs(read: Any, ministack: Seeded) -> None:
    found = read("aws.backup.jobs")
    assert found.snapshot.complete, found.snapshot.gaps
    assert {row["job_id"] for row in found.rows} == ministack.jobs
    assert len(ministack.jobs) == 3
    assert {row["resource_id"] for row in found.rows} == {TABLE}
    assert {row["state"] for row in found.rows} <= {"success", "running"}


def test_backup_plans(read: Any) -> None:
    found = read("aws.backup.plans")
    assert found.snapshot.complete, found.snapshot.gaps
    (row,) = found.rows
    assert (row["resource_id"], row["source"]) == (TABLE, "plan nightly")
    vault = f"arn:aws:backup:{HOME_REGION}:{ACCOUNT}:backup-vault:nw-vault"
    assert (row["frequency_hours"], row["retention_days"], row["destination"]) == (24, 35, vault)


def test_backup_vaults(read: Any) -> None:
    found = read("aws.backup.vaults")
    assert found.snapshot.complete, found.snapshot.gaps
    assert [row["store"].rpartition(":")[2] for row in found.rows] == ["nw-vault"]


def test_trails(read: Any) -> None:
    found = read("aws.cloudtrail.trails")
    assert found.snapshot.complete, found.snapshot.gaps
    (row,) = found.rows
    assert row["source"].endswith(":trail/own-trail")
    assert (row["destination"], row["all_regions"], row["covers"]) == ("nw-logs", True, "account")


def test_configuration_recorders(read: Any) -> None:
    found = read("aws.config.recorder")
    assert found.snapshot.complete, found.snapshot.gaps
    enabled = {row["place"]: row["enabled"] for row in found.rows}
    assert len(enabled) == REGIONS
    assert {place for place, on in enabled.items() if on} == {HOME_REGION}
    (there,) = (row for row in found.rows if row["place"] == HOME_REGION)
    assert there["destination"] == "nw-logs"


def test_keys(read: Any, ministack: Seeded) -> None:
    found = read("aws.kms.keys")
    assert found.snapshot.complete, found.snapshot.gaps
    rows = {row["key_id"]: row for row in found.rows}
    assert len(rows) == 3
    for arn in ministack.keys.values():
        assert rows[arn]["aliases"] == ["alias/nw/rotated"]
        assert (rows[arn]["rotation_supported"], rows[arn]["rotation_on"]) == (True, True)
    (other,) = (row for arn, row in rows.items() if arn not in ministack.keys.values())
    assert (other["state"], other["manager"], other["rotation_on"]) == ("enabled", "customer", False)


def test_secrets(read: Any, ministack: Seeded) -> None:
    found = read("aws.secrets.rotation")
    assert found.snapshot.complete, found.snapshot.gaps
    assert {row["credential_id"] for row in found.rows} == set(ministack.secrets.values())
    assert {(row["owner"], row["status"], row["rotated_at"]) for row in found.rows} == {("ann", "active", None)}


def test_the_one_account(read: Any) -> None:
    found = read("aws.org.accounts")
    assert found.snapshot.complete, found.snapshot.gaps
    assert [row["unit_id"] for row in found.rows] == [ACCOUNT]


def test_users_and_what_they_hold(read: Any) -> None:
    """ministack leaves AWS's own policies out of the answer: then nobody knows what such a policy allows."""
    found = read("aws.iam.authorization_details")
    assert {row["name"] for row in found.table("account")} == {"anna.keller", "ben.ortiz"}
    (grant,) = found.table("access_grant")
    assert grant["role"] == "AdministratorAccess"
    assert grant["privileged"] is None
    assert {row["name"]: row["privileged"] for row in found.table("account")} == {
        "anna.keller": False,
        "ben.ortiz": None,
    }
    assert found.causes == ["truncated"]
    assert all(total.ties for total in found.snapshot.totals)


def test_alarms_whom_they_tell_and_when_they_fired(read: Any, ministack: Seeded) -> None:
    topics, alarms = ministack.account.client("sns"), ministack.account.client("cloudwatch")
    topic = topics.create_topic(Name="on-call")["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="email", Endpoint="on-call@northwind.example")
    usual: dict[str, Any] = {"Namespace": "AWS/RDS", "MetricName": "CPUUtilization", "Statistic": "Average"}
    usual |= {"Period": 60, "EvaluationPeriods": 1, "Threshold": 90.0, "ComparisonOperator": "GreaterThanThreshold"}
    alarms.put_metric_alarm(AlarmName="slow", AlarmActions=[topic], ActionsEnabled=True, **usual)
    events = ministack.account.client("events")
    events.put_rule(Name="keys", EventPattern='{"source": ["aws.kms"]}', State="ENABLED")
    events.put_targets(Rule="keys", Targets=[{"Id": "1", "Arn": topic}])
    for state in ("ALARM", "OK"):
        alarms.set_alarm_state(AlarmName="slow", StateValue=state, StateReason="tried")
    rules, fired = read("aws.alerting.rules"), read("aws.alerting.history")
    assert rules.snapshot.complete, rules.snapshot.gaps
    assert {row["rule"]: (row["event_class"], row["destination_confirmed"]) for row in rules.rows} == {
        "keys": ("key", True),
        "slow": ("metric", True),
    }
    assert fired.snapshot.complete, fired.snapshot.gaps
    assert [(row["source"], row["kind"], row["status"]) for row in fired.rows] == [("slow", "MetricAlarm", "closed")]


def test_what_expires_by_itself(read: Any, ministack: Seeded) -> None:
    s3, dynamodb = ministack.account.client("s3"), ministack.account.client("dynamodb")
    keep, name = {"NoncurrentDays": 30, "NewerNoncurrentVersions": 3}, "nw-logs"
    rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 400}}
    rules = [rule | {"NoncurrentVersionExpiration": keep}]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    dynamodb.update_time_to_live(
        TableName="sessions", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ends"}
    )
    found = read("aws.data.lifecycle")
    assert found.snapshot.complete, found.snapshot.gaps
    rows = {row["source_id"]: row for row in found.rows}
    expiry, versions = (rows[f"bucket {name} old: {deed}"] for deed in ("expiry", "noncurrent versions"))
    assert (expiry["after_days"], expiry["condition"], expiry["enabled"]) == (400, "prefix logs/", True)
    newest = "prefix logs/; all but the 3 newest of an object's noncurrent versions"
    assert (versions["after_days"], versions["condition"]) == (30, newest)
    assert (rows[TABLE]["action"], rows[TABLE]["condition"]) == ("delete", "at the time in attribute ends")
    (other,) = (row for row in found.rows if row["store"] != name and not row["store"].startswith("arn:"))
    assert (other["action"], other["keeps_forever"]) == ("none", True)


@pytest.mark.parametrize(
    ("evidence", "operation", "gaps", "rows"),
    [
        ("aws.guardduty.coverage", "guardduty:ListDetectors", REGIONS, 0),
        ("aws.sso.assignments", "sso-admin:ListInstances", REGIONS, 0),
        ("aws.s3.public_access", "s3control:GetPublicAccessBlock", 1, 2),
        ("aws.iam.account_summary", "iam:ListOrganizationsFeatures", 1, 16),
    ],
)
def test_what_ministack_lacks_is_a_gap(read: Any, evidence: str, operation: str, gaps: int, rows: int) -> None:
    found = read(evidence)
    assert not found.snapshot.complete
    assert [gap.subject.split(" ")[0] for gap in found.snapshot.gaps] == [operation] * gaps
    assert "defect" not in found.causes
    assert len(found.rows) == rows
