"""The ways peers turn ignorance into green, over Google Cloud: each injected at the wire, and nothing passes by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.gcp.gathering import Gathered, gather, gathered
from tests.connectors.github.judging import judged
from tests.doubles.gcp.server import error
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from tests.doubles.gcp.server import GcpDouble

BUCKETS, EXPOSURE, SQL, KEYS = "gcp.storage.buckets", "gcp.compute.exposure", "gcp.sql.instances", "gcp.kms.keys"
RUNS, ALERTS = "gcp.sql.backup_runs", "gcp.alerting.alerts"
DENIED = error(403, "PERMISSION_DENIED", "The caller does not have permission")
MISSING = error(404, "NOT_FOUND", "Not Found")
SLOW = error(429, "RESOURCE_EXHAUSTED", "Quota exceeded", "RATE_LIMIT_EXCEEDED")
BUCKET, FIREWALL = "storage.googleapis.com/Bucket", "compute.googleapis.com/Firewall"


def outcomes(found: list[Gathered], control: str) -> dict[str, str]:
    return {one.item: one.outcome for one in judged(found, control)[control]}


def subjects(found: Gathered) -> str:
    return " ".join(gap.subject for gap in found.snapshot.gaps)


@pytest.mark.parametrize("refused", [DENIED, Given(200, b""), Given(200, {"assets": {}}), Given(200, b"<html>")])
def test_false_pass_01_gcp_a_list_that_is_refused_or_broken_is_no_empty_list(google: GcpDouble, refused: Given) -> None:
    google.answers.append((BUCKET, refused))
    found = gather(google, BUCKETS, judged=False)
    assert not found.snapshot.complete
    assert found.rows == []
    assert set(found.causes) == {"denied" if refused is DENIED else "truncated"}
    assert set(outcomes([found], "IAM-15").values()) == {"cannot_tell"}


def test_false_pass_02_gcp_what_one_child_refuses_stays_in_the_population(google: GcpDouble) -> None:
    google.answers.append(("/compute/v1/projects/northwind-0000/zones", DENIED))
    found = gather(google, EXPOSURE)
    assert found.causes == ["denied"]
    assert "project=northwind-0000" in subjects(found)
    machines = {name for name in found.by("resource_id", "resource") if "/instances/" in name}
    expected = {one.name.removeprefix("//") for one in google.estate.assets if one.type.endswith("/Instance")}
    assert machines == {name for name in expected if name.startswith("compute.")}
    told = outcomes([found], "IAM-14")
    refused = {name for name in machines if "/northwind-0000/" in name}
    assert refused
    assert set(told.values()) == {"cannot_tell"}, "a gap leaves nothing of the organisation told"
    rules = [row for row in found.rows if row["type"] == "security_group"]
    assert len(rules) == sum(one.type == FIREWALL for one in google.estate.assets)


def test_false_pass_05_gcp_one_denial_leaves_every_other_evidence_alone(google: GcpDouble) -> None:
    google.answers.append(("searchAllIamPolicies", DENIED))
    found = {one.snapshot.evidence_type: one for one in gathered(google)}
    assert {name for name, one in found.items() if not one.snapshot.complete} == {"gcp.iam.policies"}
    assert len(found) == 27


def test_false_pass_06_gcp_an_organisation_that_cannot_be_entered_is_its_own_gap(google: GcpDouble) -> None:
    roots = ("organizations/100", "organizations/999")
    ours, theirs = gathered(google, BUCKETS, settings={"roots": roots})
    assert ours.snapshot.complete
    assert str(theirs.snapshot.scope) == "gcp organizations/999"
    assert set(theirs.causes) == {"denied"}
    assert not theirs.snapshot.complete


def test_false_pass_07_gcp_throttled_to_the_end_is_a_gap(google: GcpDouble) -> None:
    google.answers.append((FIREWALL, SLOW))
    found = gather(google, EXPOSURE)
    assert set(found.causes) == {"throttled"}
    assert not any(row["type"] == "security_group" for row in found.rows)
    assert "cannot_tell" in outcomes([found], "IAM-14").values()


def test_false_pass_07_gcp_throttled_now_and_then_loses_nothing(google: GcpDouble) -> None:
    whole = gather(google, BUCKETS)
    google.quota = 3
    again = gather(google, BUCKETS, settings={"attempts": 6})
    assert again.snapshot.complete
    assert [row["resource_id"] for row in again.rows] == [row["resource_id"] for row in whole.rows]
    assert any(one["attempts"] > 1 for one in again.exchanges)


def test_false_pass_12_gcp_an_api_that_is_off_in_a_project_is_a_gap_that_names_it(google: GcpDouble) -> None:
    google.off = {("sqladmin", "northwind-0002"), ("monitoring", "northwind-0003")}
    runs, alerts = gathered(google, RUNS, ALERTS)
    for found, project in ((runs, "northwind-0002"), (alerts, "northwind-0003")):
        assert found.causes == ["not_configured"]
        assert f"project={project}" in subjects(found)
        assert found.rows, "the other projects are read"
        assert not found.snapshot.complete
    assert "cannot_tell" in outcomes([runs], "BCP-02").values()


def test_false_pass_12_gcp_the_inventory_that_is_off_is_a_gap_and_no_failure(google: GcpDouble) -> None:
    google.off = {("cloudasset", "*")}
    found = {one.snapshot.evidence_type: one for one in gathered(google)}
    assert found["gcp.scc.findings"].snapshot.complete
    lost = [one for one in found.values() if not one.snapshot.complete]
    assert {cause for one in lost for cause in one.causes} == {"not_configured"}
    for control in ("IAM-14", "IAM-15", "IAM-18"):
        assert "pass" not in outcomes(list(found.values()), control).values()


def test_false_pass_12_gcp_what_is_not_collected_cannot_be_told(google: GcpDouble) -> None:
    found = gathered(google, "gcp.scc.findings")
    assert set(outcomes(found, "IAM-15").values()) <= {"cannot_tell"}


def test_false_pass_16_gcp_without_its_reports_no_machine_counts_as_scanned(google: GcpDouble) -> None:
    google.answers.append(("/vulnerabilityReports", MISSING))
    found = gather(google, "gcp.vuln.hosts")
    assert not found.snapshot.complete
    assert {row["state"] for row in found.table("scanner")} == {None}
    for control in ("LOG-07", "LOG-08"):
        assert set(outcomes([found], control).values()) == {"cannot_tell"}


def test_false_pass_02_gcp_a_machine_that_nothing_scans_stays_in_the_population(google: GcpDouble) -> None:
    google.estate.rows["reports northwind-0000 europe-west1-b"].pop(0)
    found, images = gathered(google, "gcp.vuln.hosts", "gcp.vuln.images")
    bare = "host compute.googleapis.com/projects/northwind-0000/zones/europe-west1-b/instances/vm-0"
    assert found.snapshot.complete
    assert outcomes([found], "LOG-07")[bare] == "deviation"
    told = outcomes([found, images], "LOG-08")
    assert told[bare] == "cannot_tell"
    assert "pass" in told.values(), "the others are judged all the same"


@pytest.mark.parametrize("evidence", [RUNS, "gcp.restore_operations", "gcp.vuln.images"])
def test_false_pass_16_gcp_a_404_is_not_none(google: GcpDouble, evidence: str) -> None:
    places = {RUNS: "/backupRuns", "gcp.restore_operations": "/operations", "gcp.vuln.images": "/occurrences"}
    google.answers.append((places[evidence], MISSING))
    found = gather(google, evidence)
    assert set(found.causes) == {"denied"}
    assert not found.snapshot.complete


def test_false_pass_17_gcp_a_field_that_is_missing_is_neither_true_nor_false(google: GcpDouble) -> None:
    bucket = google.estate.asset("storage.googleapis.com/northwind-0000-data")
    del bucket.data["iamConfiguration"]
    database = google.estate.asset("/northwind-0000/instances/main")
    database.data["settings"] = {}
    key = google.estate.asset("/northwind-0002/locations/europe-west1/keyRings/main/cryptoKeys/data")
    del key.data["purpose"]
    buckets, instances, keys, exposure = gathered(google, BUCKETS, SQL, KEYS, EXPOSURE)
    del exposure
    assert outcomes([buckets], "IAM-15")["northwind-0000-data"] == "cannot_tell"
    assert outcomes([instances], "IAM-14")[database.name.removeprefix("//")] == "cannot_tell"
    assert outcomes([instances], "BCP-01")[database.name.removeprefix("//")] == "cannot_tell"
    assert outcomes([keys], "IAM-18")[key.name.removeprefix("//")] == "cannot_tell"


def test_false_pass_17_gcp_a_resource_of_which_only_the_name_is_given_is_unknown(google: GcpDouble) -> None:
    """What the role may not read, the inventory may leave out of the resource."""
    for one in google.estate.assets:
        one.data = {}
    found = gathered(google, BUCKETS, SQL, KEYS, EXPOSURE, "gcp.edge.tls", "gcp.iam.service_accounts")
    for control in ("IAM-15", "IAM-18"):
        assert "pass" not in outcomes(found, control).values()
    told = outcomes(found, "IAM-14")
    known = {told[item] for item in told if "/instances/main" in item or "/firewalls/" in item}
    assert known == {"cannot_tell", "not_applicable"}


@pytest.mark.parametrize("lost", ["listed", "found"])
def test_false_pass_21_gcp_what_one_index_leaves_out_does_not_tie(google: GcpDouble, lost: str) -> None:
    setattr(google.estate.asset("storage.googleapis.com/northwind-0000-data"), lost, False)
    found = gather(google, BUCKETS)
    assert [total.name for total in found.snapshot.totals if not total.ties]
    assert not found.snapshot.complete
