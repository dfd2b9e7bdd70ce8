"""Amazon Inspector: what is scanned, what was found, and what became of it; and what two controls make of that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.assess.clouds import told
from tests.assess.sealed import CONTROLS
from tests.connectors.aws.conftest import gathered
from tests.doubles.aws.clients import Account
from tests.doubles.aws.supplement.inspector2 import COVERED, FOUND, STATUS

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble

COVERAGE, FINDINGS, MACHINES = "aws.inspector.coverage", "aws.inspector.findings", "aws.ec2.exposure"
HUB, EU = "aws.securityhub.findings", "eu-central-1"


class Healthy:
    """What production has where nothing was changed; each is read once."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._read: dict[str, list[Gathered]] = {}

    def besides(self, *others: str) -> list[Gathered]:
        """All that LOG-07 reads of AWS, but these types."""
        wanted = [name for name in CONTROLS["LOG-07"].evidence if name.startswith("aws.") and name not in others]
        return [one for name in wanted for one in self.of(name)]

    def of(self, evidence: str) -> list[Gathered]:
        if evidence not in self._read:
            self._read[evidence] = gathered(evidence, only=self._account)
        return self._read[evidence]


@pytest.fixture(scope="module")
def healthy(manifest: dict[str, Any]) -> Healthy:  # read inside a test, where the environment leads to the double
    return Healthy(manifest["accounts"]["northwind-prod"])


def covered(prod: str, name: str, reason: str, **more: Any) -> dict[str, Any]:
    status = {"statusCode": "INACTIVE", "reason": reason}
    kind = "AWS_EC2_INSTANCE" if name.startswith("i-") else "AWS_ECR_CONTAINER_IMAGE"
    one = {"resourceType": kind, "resourceId": name, "accountId": prod, "scanType": "PACKAGE", "scanStatus": status}
    return one | more


def planted(manifest: dict[str, Any], control: str) -> set[str]:
    """In production."""
    account = manifest["accounts"]["northwind-prod"]
    return {place["item"] for place in manifest["deviations"][control] if place["account"] == account}


@pytest.fixture
def prod(manifest: dict[str, Any]) -> str:
    account: str = manifest["accounts"]["northwind-prod"]
    return account


def only(found: list[Gathered]) -> Gathered:
    (one,) = found
    return one


def test_every_region_says_whether_it_is_on(gather: Gather, manifest: dict[str, Any]) -> None:
    for one in gather(COVERAGE):
        assert one.snapshot.complete, one.snapshot.gaps
        states = {row["source_id"]: row["state"] for row in one.table("monitor")}
        scans = ("ec2", "ecr", "lambda", "lambdaCode")
        assert set(states) == {f"{region} {scan}" for region in manifest["regions"] for scan in scans}
        on = {f"{EU} {scan}" for scan in ("ec2", "ecr", "lambda")}
        assert {name for name, state in states.items() if state == "enabled"} == on
        assert {state for name, state in states.items() if name not in on} == {"disabled"}
    for one in gather(FINDINGS):
        assert one.snapshot.complete, one.snapshot.gaps
        states = {row["covers"]: row["state"] for row in one.table("monitor")}
        assert states == dict.fromkeys(manifest["regions"], "disabled") | {EU: "enabled"}


def test_where_it_is_off_nothing_else_is_asked(gather: Gather, aws: AwsDouble) -> None:
    aws.clear_requests()
    gather(FINDINGS)
    asked = [one for one in aws.requests() if one["service"] == "inspector2"]
    assert {one["region"] for one in asked if one["operation"] != "BatchGetAccountStatus"} == {EU}


def test_a_host_is_scanned_or_not_or_unknown_to_it(gather: Gather, prod: str, manifest: dict[str, Any]) -> None:
    found = only(gather(COVERAGE, only=prod))
    hosts = {row["asset_id"]: row for row in found.table("scanner") if row["kind"] == "host"}
    assert sorted(str(row["state"]) for row in hosts.values()) == ["absent", "disabled", "enabled"]
    assert {row["resource_id"] for row in only(gather(MACHINES, only=prod)).rows if row["type"] == "instance"} == (
        set(hosts)
    )
    wrong = {f"host {name}" for name, row in hosts.items() if row["state"] != "enabled"}
    assert wrong == {item for item in planted(manifest, "LOG-07") if item.startswith("host ")}
    assert {row["environment"] for row in hosts.values()} == {"production"}
    (scanned,) = (row for row in hosts.values() if row["state"] == "enabled")
    assert scanned["scanned_at"]
    assert all(row["origins"] for row in hosts.values())


def test_what_an_administrator_sees_of_others_is_not_its_own(gather: Gather, manifest: dict[str, Any]) -> None:
    for evidence, table in ((COVERAGE, "scanner"), (FINDINGS, "vulnerability")):
        assert only(gather(evidence, only=manifest["management"])).table(table) == []


def test_an_image_that_nobody_runs_needs_no_watch(gather: Gather, aws: AwsDouble, healthy: Healthy, prod: str) -> None:
    cases: list[tuple[str, int | None, str | None]] = [
        ("SCAN_ELIGIBILITY_EXPIRED", 0, "not_applicable"),
        ("SCAN_ELIGIBILITY_EXPIRED", 2, "disabled"),
        ("SCAN_ELIGIBILITY_EXPIRED", None, None),
        ("IMAGE_ARCHIVED", 0, "not_applicable"),
        ("SCAN_FREQUENCY_SCAN_ON_PUSH", 0, "disabled"),
        ("UNSUPPORTED_MEDIA_TYPE", 1, "disabled"),
    ]
    names = [f"arn:aws:ecr:{EU}:{prod}:repository/nw/more/sha256:{number:064x}" for number in range(len(cases))]
    used = [{} if of is None else {"resourceMetadata": {"ecrImage": {"inUseCount": of}}} for _, of, _ in cases]
    items = [covered(prod, name, reason, **of) for name, (reason, _, _), of in zip(names, cases, used, strict=True)]
    items.append(covered(prod, "i-0123456789abcdef0", "EC2_INSTANCE_STOPPED"))
    with aws.seeded_besides(COVERED, prod, EU, items):
        found = gather(COVERAGE, only=prod)
    rows = {row["asset_id"]: row for row in only(found).table("scanner")}
    outcomes = told("LOG-07", [*found, *healthy.besides(COVERAGE)])
    for name, (reason, _, state) in zip(names, cases, strict=True):
        row = rows[name]
        unused = "; no container uses it" if state == "not_applicable" else ""
        assert (row["kind"], row["state"], row["because"]) == ("image", state, f"Amazon Inspector: {reason}{unused}.")
        expected = {"disabled": "deviation", None: "cannot_tell"}.get(state, "not_applicable")
        assert outcomes[f"image {name}"][0] == expected, reason
    # Nor does a host that is stopped.
    assert outcomes["host i-0123456789abcdef0"][0] == "not_applicable"
    assert "patches of i-0123456789abcdef0" not in outcomes


def test_where_scans_of_instances_are_off_each_of_them_says_so(
    gather: Gather, aws: AwsDouble, healthy: Healthy, prod: str
) -> None:
    with aws.seeded_besides(STATUS, prod, EU, [{"ec2": "DISABLED", "ecr": "DISABLED", "lambda": "DISABLED"}]):
        found = gather(COVERAGE, only=prod)
    rows = only(found).table("scanner")
    assert [(row["kind"], row["state"]) for row in rows] == [("host", "disabled")] * 3
    assert {row["because"] for row in rows} == {"Amazon Inspector's scan of instances is off."}
    outcomes = told("LOG-07", [*found, *healthy.besides(COVERAGE)])
    assert {outcomes[f"host {row['asset_id']}"][0] for row in rows} == {"deviation"}


def test_a_host_that_is_stopped_is_neither_scanned_nor_patched(
    gather: Gather, aws: AwsDouble, prod: str, manifest: dict[str, Any]
) -> None:
    """One that Inspector does not list, and one that Systems Manager does not."""
    ec2 = Account.management(aws.endpoint).member(prod, manifest["role"]).client("ec2")
    whole = only(gather(COVERAGE, only=prod)).table("scanner")
    (unlisted,) = (row["asset_id"] for row in whole if row["state"] == "absent")
    (unmanaged,) = (row["asset_id"] for row in only(gather("aws.ssm.patch", only=prod)).rows if not row["managed"])
    ec2.stop_instances(InstanceIds=[unlisted, unmanaged])
    try:
        found = {row["asset_id"]: row for row in only(gather(COVERAGE, only=prod)).table("scanner")}
        patched = {row["asset_id"] for row in only(gather("aws.ssm.patch", only=prod)).rows}
    finally:
        ec2.start_instances(InstanceIds=[unlisted, unmanaged])
    assert (found[unlisted]["state"], found[unlisted]["because"]) == ("not_applicable", "It does not run.")
    assert unmanaged not in patched
    assert unlisted in patched, "Systems Manager lists it"


def test_lists_are_read_to_their_end(gather: Gather, aws: AwsDouble, prod: str) -> None:
    whole = {evidence: only(gather(evidence, only=prod)).rows for evidence in (COVERAGE, FINDINGS)}
    for operation in ("ListCoverage", "ListFindings"):
        aws.fault(match={"service": "inspector2", "operation": operation}, page_size=2)
    for evidence, rows in whole.items():
        found = only(gather(evidence, only=prod))
        assert found.snapshot.complete
        assert [row["row_id"] for row in found.rows] == [row["row_id"] for row in rows]
    aws.fault("deny", match={"service": "inspector2", "operation": "ListFindings", "contains": "nextToken"})
    found = only(gather(FINDINGS, only=prod))
    assert found.causes == ["denied"]
    assert len(found.table("vulnerability")) == 2


def test_a_host_is_not_absent_where_the_list_could_not_be_read(
    gather: Gather, aws: AwsDouble, healthy: Healthy, prod: str
) -> None:
    healthy.besides(COVERAGE)
    aws.fault("throttle", match={"service": "inspector2", "operation": "ListCoverage"})
    found = gather(COVERAGE, only=prod)
    assert only(found).causes == ["throttled"]
    assert {row["state"] for row in only(found).table("scanner")} == {None}
    outcomes = told("LOG-07", [*found, *healthy.besides(COVERAGE)])
    assert {verdict for verdict, _ in outcomes.values()} == {"cannot_tell"}


def test_an_account_that_is_refused_in_the_answer_is_a_gap(gather: Gather, aws: AwsDouble, prod: str) -> None:
    failed = f'{{"accounts": [], "failedAccounts": [{{"accountId": "{prod}", "errorCode": "ACCESS_DENIED"}}]}}'
    match = {"service": "inspector2", "operation": "BatchGetAccountStatus", "region": EU}
    aws.fault("replace_body", match=match, body=failed, headers={"Content-Type": "application/json"})
    found = only(gather(COVERAGE, only=prod))
    assert found.causes == ["denied"]
    assert {row["state"] for row in found.table("monitor") if row["covers"] == EU} == {None}


def test_findings_as_they_were_seeded(gather: Gather, prod: str, manifest: dict[str, Any]) -> None:
    rows = only(gather(FINDINGS, only=prod)).table("vulnerability")
    assert len(rows) == manifest["counts"][f"{prod}/{EU}"]["inspector2.findings"]
    by = {row["title"]: row for row in rows}
    assert {title: (row["kind"], row["severity"], row["status"]) for title, row in by.items()} == {
        "CVE-2026-0001": ("host", "critical", "open"),
        "CVE-2026-0002": ("host", "high", "open"),
        "CVE-2026-0003": ("image", "critical", "fixed"),
        "CVE-2026-0004": ("host", "high", "fixed"),
        "CVE-2026-0005": ("image", "medium", "dismissed"),
        "CVE-2026-0006": ("image", "critical", None),
        "CVE-2026-0007": ("image", None, "open"),
        "finding 8": ("network", "medium", "open"),
    }
    assert {title for title, row in by.items() if row["fixed_at"]} == {"CVE-2026-0003", "CVE-2026-0004"}
    fixed = by["CVE-2026-0003"]
    between = datetime.fromisoformat(fixed["fixed_at"]) - datetime.fromisoformat(fixed["first_seen_at"])
    assert between == timedelta(days=5)


CLOSED: list[tuple[str | None, str, str | None]] = [
    ("SUCCESSFUL", "ACTIVE", "fixed"),
    ("EC2_INSTANCE_STOPPED", "INACTIVE", "fixed"),
    ("EXCLUDED_BY_TAG", "INACTIVE", None),
    ("UNMANAGED_EC2_INSTANCE", "INACTIVE", None),
    (None, "", "fixed"),
]
"""Why its host is scanned or not (None: Inspector lists it no more), and whether a closed finding was then fixed."""


def test_what_was_closed_because_nobody_scans_it_any_more_was_not_fixed(
    gather: Gather, aws: AwsDouble, healthy: Healthy, prod: str
) -> None:
    listed, closed = [], []
    for number, (reason, code, _) in enumerate(CLOSED):
        host = f"i-{number:017x}"
        if reason:
            listed.append(covered(prod, host, reason, scanStatus={"statusCode": code, "reason": reason}))
        closed.append(finding(prod, number, host))
    with aws.seeded_besides(COVERED, prod, EU, listed), aws.seeded_besides(FOUND, prod, EU, closed):
        found, coverage = gather(FINDINGS, only=prod), gather(COVERAGE, only=prod)
    rows = {row["finding_id"]: row for row in only(found).table("vulnerability")}
    outcomes = told("LOG-08", [*found, *coverage, *healthy.of(HUB)])
    for one, (reason, _, status) in zip(closed, CLOSED, strict=True):
        row = rows[one["findingArn"]]
        assert (row["status"], row["fix_available"]) == (status, True), reason
        assert outcomes[one["findingArn"]][0] == ("pass" if status else "cannot_tell")


def finding(prod: str, number: int, host: str) -> dict[str, Any]:
    then = (datetime.now(UTC) - timedelta(days=2)).isoformat()
    return {
        "findingArn": f"arn:aws:inspector2:{EU}:{prod}:finding/{number + 900:032x}",
        "awsAccountId": prod,
        "type": "PACKAGE_VULNERABILITY",
        "description": "made up",
        "remediation": {},
        "severity": "CRITICAL",
        "status": "CLOSED",
        "fixAvailable": "PARTIAL",
        "resources": [{"type": "AWS_EC2_INSTANCE", "id": host}],
        "packageVulnerabilityDetails": {"vulnerabilityId": "CVE-2026-0099", "source": "NVD"},
        **dict.fromkeys(("firstObservedAt", "lastObservedAt", "updatedAt"), then),
    }


def test_nothing_is_fixed_where_nobody_knows_what_is_scanned(gather: Gather, aws: AwsDouble, prod: str) -> None:
    aws.fault("deny", match={"service": "inspector2", "operation": "ListCoverage"})
    found = only(gather(FINDINGS, only=prod))
    assert found.causes == ["denied"]
    assert "fixed" not in {row["status"] for row in found.table("vulnerability")}


@pytest.mark.usefixtures("aws")
def test_log_07_and_08_of_aws(healthy: Healthy, manifest: dict[str, Any]) -> None:
    found = healthy.besides()
    scanning = told("LOG-07", found)
    wrong = {item for item, (verdict, _) in scanning.items() if verdict == "deviation"}
    assert wrong == planted(manifest, "LOG-07")
    assert {verdict for item, (verdict, _) in scanning.items() if item.startswith("image ")} == {
        "pass", "deviation", "not_applicable",
    }  # fmt: skip
    weak = told("LOG-08", [*healthy.of(COVERAGE), *healthy.of(FINDINGS), *healthy.of(HUB)])
    assert {item for item, (verdict, _) in weak.items() if verdict == "deviation"} == planted(manifest, "LOG-08")
    unknown = {item.split(" ")[0] for item, (verdict, _) in weak.items() if verdict == "cannot_tell"}
    assert {"host", "image"} < unknown
    assert sum(verdict == "pass" for verdict, _ in weak.values()) == 3 + 2
