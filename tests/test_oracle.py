"""The whole estate, collected end to end: everything that was seeded wrong is found, and nothing of it passes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector import trace
from collector.archive import pack
from collector.archive.local import LocalStore
from collector.assess.controls import load_controls
from collector.model import Verdict
from tests.cli.oracle import SNAPSHOTS, oracle_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cli.oracle import Archive, Oracle

pytestmark = pytest.mark.first

# Those that a snapshot of AWS has evidence for.
CONTROLS = tuple(one.id for one in load_controls() if any(name.startswith("aws.") for name in one.evidence))
ACROSS = {one.id for one in load_controls() if one.header.across}
NOT_READ = {
    "VEN-06": "unused trust: no control is written for it",
}


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    return oracle_of(tmp_path_factory)


@dataclass(frozen=True)
class Sought:
    """Where the product says something of one seeded deviation, and what it must say."""

    control: str
    account: str
    pattern: str
    """Found in `item | because` of one outcome and no other."""
    verdict: Verdict = Verdict.DEVIATION


def sought(oracle: Oracle, control: str, seeded: dict[str, str]) -> Sought | None:  # noqa: C901, PLR0911, PLR0912 - a table
    """Product and manifest mostly use the same names; where they do not, or decide otherwise, it is said here."""
    account, item, region = seeded["account"], seeded["item"], seeded["region"]
    match control, item:
        case "BCP-01", "weekly":
            # The control judges stores, and no store is in this plan: nothing could be wrong or right about it.
            return None
        case "BCP-02", _:
            resource, _, slot = item.partition("@")
            at = datetime.fromisoformat(slot)
            if seeded["why"] == "did not run":
                return Sought(
                    control, account, rf"^slot of {resource} after {at - timedelta(days=1):%Y-%m-%d %H:%M} \|"
                )
            return Sought(control, account, rf"^job \S+ \| {resource}, {at:%Y-%m-%d %H:%M}: ")
        case "BCP-04", _:
            # Every item of it rests on the tests that people wrote down, which no provider has.
            return Sought(control, account, rf"^(test|restore) {item} \|", Verdict.CANNOT_TELL)
        case "BCP-07", _:
            return Sought(control, account, rf"^{seeded['why']} of \S+[:/]{item}(/\w+)? \|")
        case "CHG-06", _:
            return Sought(control, account, rf"^what is in unit {account} \| .*:{item}\.")
        case "CHG-07", _:
            # No list of tickets is uploaded here, and what none explains cannot be told without it.
            return Sought(control, account, rf"^change \S+ \| .*:{item} on ", Verdict.CANNOT_TELL)
        case "GOV-12", "owners":
            return Sought(control, account, r"^owners of production resources \| 0 of ")
        case "IAM-02", "ben.ortiz":
            # The catalogue has the factor of each person under IAM-01; IAM-02 is about the rules that force it.
            return Sought("IAM-01", account, rf"^arn:aws:iam::{account}:user/ben\.ortiz \|")
        case "IAM-03", "<root_account>":
            part = "access keys" if "key" in seeded["why"] else "second factor"
            return Sought(control, account, rf"^root: {part} \|")
        case "IAM-03", "root":
            # Decision of IAM-03: whether a ticket explains the use is not in this evidence.
            return Sought(
                control, account, r"^use of root \S+ \| Root was used: signin:ConsoleLogin", Verdict.CANNOT_TELL
            )
        case "IAM-04", "eve.martin" if region != "global":
            # Decision of IAM-04, as below. Identity Center is one platform, read where it is run: by management.
            grants = rf" {account} \S+ \S+ \| {item}, AdministratorAccess on {account}: privileged, held by a person"
            return Sought(control, oracle.account("management"), grants, Verdict.CANNOT_TELL)
        case "IAM-04", _:
            # Decision of IAM-04: each privileged grant is listed; its justification is not in this evidence.
            pattern = rf"^arn:aws:iam::{account}:(user|role)/{re.escape(item)} \S+/AdministratorAccess direct \|"
            return Sought(control, account, pattern, Verdict.CANNOT_TELL)
        case "IAM-10", "carla.nunes" | "dmitri.volkov":
            return Sought(control, account, rf":user/{re.escape(item)}/access_key_1 \|")
        case "IAM-16", "EBS encryption by default":
            return Sought(control, account, rf"^ebs_encryption_by_default {region} \|")
        case "LOG-01", "prod-own":
            # Decision of LOG-01: the organisation's trail covers the account, so the one that is off is only shown.
            return Sought(control, account, r":trail/prod-own \| Switched off", Verdict.NOT_APPLICABLE)
        case "LOG-02", "former-trail":
            # Decision of LOG-02: what explains a deletion is not in this evidence.
            deleted = rf"^deletion \S+ \| .*:DeleteTrail of {item} on "
            return Sought(control, account, deleted, Verdict.CANNOT_TELL)
        case "LOG-06", "detector":
            return Sought(control, account, rf"^threat detection in {region} \|")
        case "LOG-09", "configuration recorder":
            return Sought(control, account, rf"^configuration recorder in {region} \|")
        case "VEN-05", "partner-subnets":
            return Sought(control, account, r":resource-share/\S+ trusts nobody yet \|")
        case "VEN-05", _ if item.startswith("arn:"):
            return Sought(control, account, rf"^access from outside to {re.escape(item)} \|")
        case "VEN-05", _:
            return Sought(control, account, rf":role/{re.escape(item)} trusts \S+ \|")
    # By name, or by the end of an ARN; the name of a secret gets six characters more.
    return Sought(control, account, rf"(^|[ :/]){re.escape(item)}(-\w{{6}})? \|")


ALARMS_BESIDES = (
    ("CHG-06", r"^unit \d{12} \| It carries no environment"),
    ("BCP-01", r":(cluster:payments|db:catalogue-db) \| Backed up by automated .* kept (14|7) days"),
    ("BCP-01", r":file-system/fs-\w+ \| Nothing backs it up"),
    (
        "BCP-03",
        r"^copy of \S+:(table/\w+|file-system/fs-\w+|db:reports-db) \| (Nothing backs it up|Backed up by .*, and)",
    ),
    ("BCP-07", r"^(zones|deletion) of \S+:cluster:payments \|"),
    ("BCP-07", r"^deletion of \S+:table/\w+ \| table: Not protected"),
    ("BCP-02", r"^success rate of the window \| 55 of 58 "),
    ("IAM-04", r"^number of permanent administrators \| 16 people"),
    ("IAM-10", r":root/access_key_1 \|"),
    ("LOG-09", r"^configuration recorder in \S+ \| It is not there"),
    ("IAM-16", r"^ebs_encryption_by_default \S+ \| New stores are not encrypted"),
)
"""Deviations that follow from what was seeded for another reason, and so are not in the manifest."""


def seeded_deviations(oracle: Oracle) -> Iterator[tuple[str, dict[str, str], Sought]]:
    for control, places in oracle.manifest["deviations"].items():
        if control in CONTROLS:
            for place in places:
                if (one := sought(oracle, control, place)) is not None:
                    yield control, place, one


def said(one: dict[str, Any]) -> str:
    return f"{one['item']} | {one['because']}"


def test_everything_planned_was_read_whole(oracle: Oracle) -> None:
    assert oracle.first.code == 0, oracle.first.text
    (run,) = oracle.once.of_kind("run")
    assert (run["outcome"], run["expected"], run["collected"], run["gaps"]) == ("ok", SNAPSHOTS, SNAPSHOTS, [])
    evidence = oracle.once.of_kind("evidence")
    assert len(evidence) == SNAPSHOTS
    assert all(body["complete"] and not body["gaps"] for body in evidence)
    assert {body["unit"] for body in evidence} == set(oracle.manifest["accounts"].values())
    assert f"{SNAPSHOTS} of {SNAPSHOTS} snapshots complete" in oracle.first.out


def test_every_control_was_judged_in_every_account(oracle: Oracle) -> None:
    judged = oracle.once.of_kind("outcome")
    assert tuple(sorted(body["control"] for body in judged)) == tuple(sorted(CONTROLS))
    for body in judged:
        units = {line["unit"] for line in trace.lines(oracle.once.reader, body["outcomes"])}
        if body["control"] in ACROSS:  # its items belong together, wherever they are
            assert None in units, body["control"]
            continue
        assert units == set(oracle.manifest["accounts"].values()), body["control"]


def test_every_seeded_deviation_is_said_of_its_item(oracle: Oracle) -> None:
    """Exactly one item stands for it, with that verdict: so none of them is a pass."""
    wrong = []
    for control, place, one in seeded_deviations(oracle):
        found = [
            line
            for line in oracle.once.outcomes(one.control)
            if line["unit"] == one.account and re.search(one.pattern, said(line))
        ]
        if [line["outcome"] for line in found] != [one.verdict.value]:
            wrong.append((control, place, one, [(line["outcome"], said(line)) for line in found]))
    assert not wrong


def test_every_seeded_deviation_cites_rows_that_are_sealed(oracle: Oracle) -> None:
    known = {row["row_id"] for body in oracle.once.of_kind("evidence") for row in records(oracle.once, body)}
    for control in CONTROLS:
        for line in oracle.once.outcomes(control):
            assert set(line["rows"]) <= known
            if line["outcome"] == Verdict.DEVIATION:
                assert line["rows"], said(line)


def test_no_seeded_deviation_is_forgotten_by_this_test(oracle: Oracle) -> None:
    assert set(oracle.manifest["deviations"]) <= {*CONTROLS, *NOT_READ}


def test_the_empty_plan_makes_no_store_pass(oracle: Oracle) -> None:
    assert not [said(line) for line in oracle.once.outcomes("BCP-01") if "plan weekly" in line["because"]]


def test_there_is_no_alarm_without_a_reason(oracle: Oracle) -> None:
    expected = defaultdict(list)
    for _, _, one in seeded_deviations(oracle):
        expected[one.control, one.account].append(one.pattern)
    besides = defaultdict(list)
    for control, pattern in ALARMS_BESIDES:
        besides[control].append(pattern)
    unexplained = [
        (control, said(line))
        for control in CONTROLS
        for line in oracle.once.outcomes(control)
        if line["outcome"] == Verdict.DEVIATION
        and not any(re.search(one, said(line)) for one in expected[control, line["unit"]] + besides[control])
    ]
    assert not unexplained


def of(**fields: str) -> Callable[[dict[str, Any]], bool]:
    return lambda row: all(row.get(name) == value for name, value in fields.items())


def with_part(field: str, part: str) -> Callable[[dict[str, Any]], bool]:
    return lambda row: part in row[field]


COUNTED: dict[str, tuple[str, Callable[[dict[str, Any]], bool]]] = {
    "accessanalyzer.analyzers": (
        "aws.access_analyzer.findings",
        lambda row: row["table"] == "monitor" and row["state"] != "absent",
    ),
    "accessanalyzer.findings": ("aws.access_analyzer.findings", of(table="finding")),
    "acm.certificates": ("aws.edge.tls", of(kind="certificate")),
    "backup.jobs": ("aws.backup.jobs", of()),
    "cloudfront.distributions": ("aws.edge.tls", of(type="distribution")),
    "autoscaling.groups": ("aws.resilience", of(type="scaling_group")),
    "backup.restores": ("aws.backup.restore_jobs", of()),
    "backup.vaults": ("aws.backup.vaults", of()),
    "cloudtrail.trails": ("aws.cloudtrail.trails", of()),
    "config.recorders": ("aws.config.recorder", lambda row: row["enabled"] is not None and bool(row["destination"])),
    "dynamodb.tables": ("aws.encryption.at_rest", of(type="table")),
    "ec2.flow_logs": ("aws.network.flow_logs", lambda row: row["source"].startswith("fl-")),
    "ec2.instances": ("aws.ec2.exposure", of(type="instance")),
    "ec2.volumes": ("aws.encryption.at_rest", of(type="volume")),
    "ecr.repositories": ("aws.ecr.scanning", of(kind="images")),
    "efs.file_systems": ("aws.encryption.at_rest", of(type="file_system")),
    "elbv2.listeners": ("aws.edge.tls", lambda row: ":listener/" in (row.get("resource_id") or "")),
    "elbv2.load_balancers": ("aws.resilience", of(type="load_balancer")),
    "guardduty.detectors": ("aws.guardduty.coverage", lambda row: row["state"] != "absent"),
    "iam.access_keys": (
        "aws.iam.credential_report",
        lambda row: "/access_key" in row["source_id"] and ":user/" in row["source_id"],
    ),
    "iam.roles": (
        "aws.iam.authorization_details",
        lambda row: row["table"] == "account" and ":role/" in row["account_id"],
    ),
    "iam.users": ("aws.iam.credential_report", lambda row: row["table"] == "account" and row["kind"] != "root"),
    "identitystore.users": ("aws.sso.assignments", of(table="account")),
    "inspector2.covered": (
        "aws.inspector.coverage",
        lambda row: row["table"] == "scanner" and row["state"] != "absent",
    ),
    "inspector2.findings": ("aws.inspector.findings", of(table="vulnerability")),
    "kms.customer_keys": ("aws.kms.keys", of(manager="customer")),
    "logs.groups": ("aws.logs.retention", of(kind="log_group")),
    "organizations.accounts": ("aws.org.accounts", of()),
    "rds.clusters": ("aws.encryption.at_rest", of(type="db_cluster")),
    "rds.instances": ("aws.encryption.at_rest", of(type="db_instance")),
    "route53resolver.query_logs": ("aws.network.flow_logs", of(kind="dns_query")),
    "route53.checks": ("aws.availability.monitors", of(kind="uptime")),
    "s3.buckets": ("aws.s3.public_access", of(type="bucket")),
    "secretsmanager.secrets": ("aws.secrets.rotation", of(kind="secret")),
    "securityhub.findings": ("aws.securityhub.findings", of(table="finding")),
    "ssm.nodes": ("aws.ssm.patch", lambda row: row["managed"] is True),
}
"""What the manifest counts, and the records that are the same things."""

EVENTS = {
    "ConsoleLogin": "aws.cloudtrail.root_and_console",
    "AddUserToGroup": "aws.cloudtrail.iam_events",
    "AttachRolePolicy": "aws.cloudtrail.iam_events",
    "AttachUserPolicy": "aws.cloudtrail.iam_events",
    "CreateAccessKey": "aws.cloudtrail.iam_events",
    "CreateUser": "aws.cloudtrail.iam_events",
    "DeleteUser": "aws.cloudtrail.iam_events",
}


def seeded_counts(oracle: Oracle) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {account: Counter() for account in oracle.manifest["accounts"].values()}
    for place, kinds in oracle.manifest["counts"].items():
        counts[place.partition("/")[0]].update(kinds)
    return counts


@pytest.mark.parametrize("kind", sorted(COUNTED))
def test_as_many_were_collected_as_were_seeded(oracle: Oracle, kind: str) -> None:
    evidence, wanted = COUNTED[kind]
    for account, counts in seeded_counts(oracle).items():
        # A trail of the organisation is in the list of every member.
        shared = kind == "cloudtrail.trails" and account != oracle.account("management")
        found = sum(wanted(row) for row in oracle.once.rows(evidence, account))
        assert found == counts[kind] + shared, (account, kind)


def test_as_many_users_and_roles_in_every_list_of_them(oracle: Oracle) -> None:
    for account, counts in seeded_counts(oracle).items():
        details = Counter(
            "roles" if ":role/" in row["account_id"] else "users"
            for row in oracle.once.rows("aws.iam.authorization_details", account)
            if row["table"] == "account"
        )
        assert details == Counter(users=counts["iam.users"], roles=counts["iam.roles"])
        trusted = {row["role"] for row in oracle.once.rows("aws.iam.role_trusts", account) if ":role/" in row["role"]}
        assert len(trusted) == counts["iam.roles"]


def test_every_seeded_event_was_collected_once_and_none_from_before_the_window(oracle: Oracle) -> None:
    for account, counts in seeded_counts(oracle).items():
        for evidence in set(EVENTS.values()):
            found = Counter(row["action"].partition(":")[2] for row in oracle.once.rows(evidence, account))
            names = [name for name, kind in EVENTS.items() if kind == evidence]
            assert found == Counter({name: n for name in names if (n := counts[f"cloudtrail.events.{name}"])})


def test_backup_jobs_keep_how_they_ended(oracle: Oracle) -> None:
    prod = oracle.account("northwind-prod")
    found = Counter(row["state"] for row in oracle.once.rows("aws.backup.jobs", prod))
    counts = seeded_counts(oracle)[prod]
    assert found["success"] + found["issues"] == counts["backup.jobs.COMPLETED"]
    assert found["failed"] == counts["backup.jobs.FAILED"] + counts["backup.jobs.EXPIRED"]
    assert found["issues"] == 1


def records(archive: Archive, body: dict[str, Any]) -> list[dict[str, Any]]:
    return trace.lines(archive.reader, body["records"])


ALWAYS_NEW = {
    "aws.iam.authorization_details": "it says when each role was last used, and taking our own is a use",
    "aws.iam.credential_report": "each row carries the moment the report was made",
    "aws.cloudtrail.trails": "moto says that a trail has delivered just now",
    "aws.backup.plans": "point-in-time recovery can always go back to five minutes ago",
}


def test_a_second_collection_stores_what_did_not_change_once(oracle: Oracle) -> None:
    assert oracle.second.code == 0, oracle.second.text
    first, second = (
        {(body["type"], body["unit"]): body for body in oracle.twice.of_kind("evidence") if body["run"] == run["run"]}
        for run in oracle.twice.of_kind("run")
    )
    assert first.keys() == second.keys()
    unchanged = {
        place
        for place, body in first.items()
        if body["type_kind"] == "configuration" and body["type"] not in ALWAYS_NEW
    }
    assert len(unchanged) > 30
    assert [place for place in unchanged if first[place]["records"] != second[place]["records"]] == []
    # Nothing was stored by not looking: each was read again, at another time.
    assert all(first[place]["exchanges"] != second[place]["exchanges"] for place in unchanged)


def test_a_second_collection_adds_less_than_the_first_and_the_archive_is_sound(oracle: Oracle) -> None:
    """Half of its bytes are one answer, which differs each time (see above) and is long."""
    assert size(oracle.twice) - size(oracle.once) < 0.8 * size(oracle.once)
    before, after = contents(oracle.once), contents(oracle.twice)
    assert before < after
    assert len(after - before) < len(before) / 2
    checked = oracle.twice.program("verify")
    assert checked.code == 0, checked.text
    assert "5 commits" in checked.out
    assert f" {len(after)} contents" in checked.out
    assert "sound" in checked.out


def size(archive: Archive) -> int:
    return sum(path.stat().st_size for path in archive.path.rglob("*") if path.is_file())


def contents(archive: Archive) -> set[str]:
    """Every content there is, whether or not anything cites it."""
    store = LocalStore(archive.path)
    return {digest for key in store.list("packs/") for digest in pack.index_of(store, key)}


def test_identical_reads_are_made_once_for_each_account(oracle: Oracle) -> None:
    shared = {"ec2:DescribeRegions", "s3:ListBuckets", "iam:GetAccountSummary"}
    made: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for one in oracle.requests:
        made[f"{one['service']}:{one['operation']}", one["account"]].append(one["count"])
    for account in oracle.manifest["accounts"].values():
        assert {name: made[name, account] for name in shared} == {name: [1] for name in shared}


def test_nothing_else_was_asked_twice(oracle: Oracle) -> None:
    home = oracle.account("management")
    again = {
        (f"{one['service']}:{one['operation']}", one["account"]): one["count"]
        for one in oracle.requests
        if one["count"] > 1 and one["operation"] != "GenerateCredentialReport"  # asked until it is made
    }
    # Signing in, and finding the accounts before anything is on disk, are reads of their own.
    assert again == {("sts:GetCallerIdentity", home): 2, ("organizations:ListAccounts", home): 2}


def test_regions_that_are_not_enabled_are_never_asked_and_are_no_gap(oracle: Oracle) -> None:
    assert {one["region"] for one in oracle.requests} == set(oracle.manifest["regions"])
    for body in oracle.once.of_kind("evidence"):
        for exchange in trace.lines(oracle.once.reader, body["exchanges"]):
            assert exchange["place"] in oracle.manifest["regions"]
    off = oracle.once.reader.content(answer_of(oracle.once, "ec2:DescribeRegions")).decode()
    assert "ap-east-1" in off
    assert "not-opted-in" in off


def answer_of(archive: Archive, operation: str) -> str:
    for body in archive.of_kind("evidence"):
        for exchange in trace.lines(archive.reader, body["exchanges"]):
            if exchange["operation"] == operation:
                return str(exchange["body"])
    raise AssertionError(operation)


SECRETS = (b"nw-4711", b"loopback-only", b"Loopback-0nly-!")
"""An external id in a role's trust policy, the key to the double, and everyone's password."""


def test_no_secret_is_in_the_archive_and_a_token_stands_for_it(oracle: Oracle) -> None:
    found = [oracle.once.reader.content(digest) for digest in contents(oracle.once)]
    leaves = [str(leaf.body).encode() for leaf in oracle.once.leaves]
    for content in found + leaves:
        assert not [secret for secret in SECRETS if secret in content], content[:200]
    assert any(b"ExternalId" in content and b"redacted:" in content for content in found)
    for account in oracle.manifest["accounts"].values():
        for trust in oracle.once.rows("aws.iam.role_trusts", account):
            if "vendor-monitoring" in trust["role"]:
                assert "redacted:" in trust["condition"]
                return
    raise AssertionError("the role with the external id was not collected")
