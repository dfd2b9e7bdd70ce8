"""What each evidence type says of what is in the double, field by field, in the words that every provider shares."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connectors.gcp.continuity.backups import region
from connectors.gcp.threats.host_scans import fixable
from tests.connectors.gcp.gathering import Gathered, gather, gathered
from tests.doubles.gcp.server import GcpDouble, running_gcp

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def found() -> Iterator[dict[str, Gathered]]:
    with running_gcp() as double:
        yield {one.snapshot.evidence_type: one for one in gathered(double)}


def test_load_balancers(found: dict[str, Gathered]) -> None:
    rows = found["gcp.edge.tls"].by("resource_id", "resource")
    first = "compute.googleapis.com/projects/northwind-{}/global/{}"
    web = {n: rows[first.format(n, "targetHttpsProxies/web")] for n in ("0000", "0004", "0008")}
    assert [(web[n]["min_tls"], web[n]["waf"]) for n in web] == [("1.2", True), ("1.2", False), ("1.0", True)]
    assert rows[first.format("0000", "targetHttpProxies/plain")]["plain_http"] is True
    assert rows[first.format("0000", "targetHttpProxies/redirect")]["plain_http"] is False


def test_certificates_with_their_end_and_the_proxy_that_shows_them(found: dict[str, Gathered]) -> None:
    rows = found["gcp.edge.tls"].by("credential_id", "credential")
    first = "compute.googleapis.com/projects/northwind-{}/global/{}"
    web = {n: rows[first.format(n, "sslCertificates/web")] for n in ("0000", "0004")}
    assert [one["status"] for one in web.values()] == ["failed", "active"], "the first Google could not renew"
    assert {one["principal_id"] for one in web.values()} == {
        first.format(n, "targetHttpsProxies/web") for n in ("0000", "0004")
    }
    own = rows[first.format("0004", "sslCertificates/own")]
    assert (own["kind"], own["status"], own["principal_id"]) == ("certificate", "active", None)
    assert own["created_at"] < web["0004"]["created_at"] < own["expires_at"] < web["0004"]["expires_at"]


def test_disks_are_backed_up_by_schedules_and_by_plans_of_their_machine(found: dict[str, Gathered]) -> None:
    rows = [row for row in found["gcp.backup.plans"].table("backup_plan") if "northwind-0005" in row["resource_id"]]
    planned = [row for row in rows if row["resource_id"].endswith("/vm-0")]
    (one,) = planned
    assert (one["source"], one["frequency_hours"], one["retention_days"]) == ("plan gold", 6, 40)
    assert one["last_backup_at"] is not None
    (nightly, *_) = (
        row for row in found["gcp.backup.plans"].table("backup_plan") if "northwind-0001" in row["resource_id"]
    )
    assert (nightly["source"], nightly["frequency_hours"], nightly["retention_days"]) == ("plan nightly", 24, 35)


def test_databases(found: dict[str, Gathered]) -> None:
    rows = found["gcp.sql.instances"].by("resource_id", "resource")
    one = rows["cloudsql.googleapis.com/projects/northwind-0002/instances/main"]
    assert (one["public"], one["plain_http"], one["key_control"]) == (True, False, "provider")
    assert one["environment"] == "prod"
    assert (one["multi_zone"], one["deletion_protected"], one["part_of"]) == (True, False, None)
    alone = rows["cloudsql.googleapis.com/projects/northwind-0006/instances/main"]
    assert (alone["multi_zone"], alone["deletion_protected"]) == (False, True)


def test_what_google_does_not_say_of_a_database_or_a_bucket_is_unknown(google: GcpDouble) -> None:
    database = google.estate.asset("cloudsql.googleapis.com/projects/northwind-0002/instances/main").data
    database["masterInstanceName"] = "northwind-0002:first"
    for name in ("availabilityType", "deletionProtectionEnabled"):
        del database["settings"][name]
    google.estate.asset("storage.googleapis.com/northwind-0001-data").data["locationType"] = "zone"
    del google.estate.asset("storage.googleapis.com/northwind-0002-data").data["locationType"]
    row = gather(google, "gcp.sql.instances").by("resource_id", "resource")[
        "cloudsql.googleapis.com/projects/northwind-0002/instances/main"
    ]
    assert (row["multi_zone"], row["deletion_protected"]) == (None, None)
    assert row["part_of"] == "northwind-0002:first"
    buckets = gather(google, "gcp.storage.buckets").by("resource_id", "resource")
    told = [buckets[f"northwind-000{n}-data"]["multi_zone"] for n in range(3)]
    assert told == [True, False, None]


def test_service_accounts_and_the_keys_that_somebody_holds(found: dict[str, Gathered]) -> None:
    snapshot = found["gcp.iam.service_accounts"]
    assert {row["kind"] for row in snapshot.table("account")} == {"service"}
    assert len(snapshot.table("account")) == 12
    assert {row["status"] for row in snapshot.table("account")} == {"active", "disabled"}
    keys = snapshot.table("credential")
    assert len(keys) == 6, "keys that Google manages are not in the list"
    assert all(row["last_used_at"] and row["expires_at"] is None for row in keys)
    assert {row["principal_id"] for row in keys} <= {row["account_id"] for row in snapshot.table("account")}


def test_sinks_and_stores(found: dict[str, Gathered]) -> None:
    snapshot = found["gcp.audit.config"]
    sources = snapshot.by("source", "log_source")
    sink = sources["logging.googleapis.com/organizations/100/sinks/everything"]
    assert (sink["kind"], sink["covers"], sink["enabled"]) == ("admin_activity", "organisation", True)
    assert sink["destination"] == "storage.googleapis.com/northwind-0000-data"
    stores = snapshot.by("store", "log_store")
    required = stores["logging.googleapis.com/projects/northwind-0003/locations/global/buckets/_Required"]
    assert (required["kind"], required["immutable"], required["retention_days"]) == ("audit_trail", True, 400)
    default = stores["logging.googleapis.com/projects/northwind-0003/locations/global/buckets/_Default"]
    assert (default["kind"], default["immutable"], default["retention_days"]) == ("log_bucket", False, 30)


@pytest.mark.parametrize(
    ("changed", "kind", "everywhere"),
    [
        ({"filter": ""}, "admin_activity", True),
        ({"filter": 'NOT logName:"cloudaudit.googleapis.com"'}, "sink", True),
        ({"filter": "severity>=ERROR"}, "sink", True),
        ({"exclusions": [{"name": "x", "filter": "true"}]}, "sink", True),
        ({"disabled": True}, "sink", True),
        ({"includeChildren": False}, "admin_activity", False),
    ],
)
def test_a_sink_counts_for_no_more_than_it_carries(
    google: GcpDouble, changed: dict[str, object], kind: str, everywhere: object
) -> None:
    google.estate.asset("/sinks/everything").data.update(changed)
    sink = gather(google, "gcp.audit.config").by("source", "log_source")[
        "logging.googleapis.com/organizations/100/sinks/everything"
    ]
    assert (sink["kind"], sink["all_regions"]) == (kind, everywhere)


def test_alert_policies_are_followed_to_their_channels(google: GcpDouble) -> None:
    google.estate.rows["notificationChannels northwind-0001"][0]["verificationStatus"] = "UNVERIFIED"
    google.estate.rows["notificationChannels northwind-0002"][0]["enabled"] = False
    rows = gather(google, "gcp.alerting.rules").rows
    assert {row["event_class"] for row in rows} == {"identity", "policy"}
    confirmed = {row["rule"].rpartition(" ")[2]: row["destination_confirmed"] for row in rows}
    told = [confirmed[f"northwind-000{n}"] for n in (1, 2, 3)]
    assert told == [False, False, True]
    assert {row["enabled"] for row in rows if row["rule"].endswith(("0000", "0005"))} == {False}


def test_a_channel_that_could_not_be_read_is_not_known_to_work(google: GcpDouble) -> None:
    google.off = {("monitoring", "northwind-0001")}
    snapshot = gather(google, "gcp.alerting.rules")
    assert snapshot.causes == ["not_configured"]
    told = {row["rule"].rpartition(" ")[2]: row["destination_confirmed"] for row in snapshot.rows}
    assert (told["northwind-0001"], told["northwind-0002"]) == (None, True)


def test_policy_changes_are_one_row_for_each_member(found: dict[str, Gathered]) -> None:
    rows = found["gcp.audit.iam_events"].rows
    granted = [row for row in rows if row["action"] == "role_granted"]
    assert len(granted) == 12
    assert {(row["actor"], row["actor_kind"], row["granted"]) for row in granted} == {
        ("ada@northwind.example", "human", "roles/owner")
    }
    assert "new3@northwind.example" in {row["target"] for row in granted}
    others = [row for row in rows if row["action"] != "role_granted"]
    assert {row["actor_kind"] for row in others} == {"service"}


def test_changes_by_people_are_those_that_no_service_account_made(found: dict[str, Gathered]) -> None:
    rows = found["gcp.audit.manual_changes"].rows
    assert {row["actor"] for row in rows} == {"ada@northwind.example"}
    assert {row["action"] for row in rows} == {"SetIamPolicy", "v1.compute.firewalls.insert"}


def test_an_entry_that_comes_twice_counts_once(google: GcpDouble) -> None:
    rows = google.estate.rows["entries projects/northwind-0000"]
    google.estate.rows["entries folders/201"] += rows
    snapshot = gather(google, "gcp.audit.manual_changes")
    assert len({row["event_id"] for row in snapshot.rows}) == len(snapshot.rows) == 24


def test_threats_are_alerts_and_other_findings_are_findings(found: dict[str, Gathered]) -> None:
    snapshot = found["gcp.scc.findings"]
    assert len(snapshot.table("alert")) == 4
    assert len(snapshot.table("finding")) == 8
    assert {row["status"] for row in snapshot.table("alert")} == {"acknowledged", "closed", "open"}
    muted = [row for row in snapshot.table("alert") if row["owner"]]
    assert {row["status"] for row in muted} == {"acknowledged"}


def test_runs_restores_and_rollouts(found: dict[str, Gathered]) -> None:
    runs = found["gcp.jobs.runs"].table("job_run")
    assert {row["status"] for row in runs} == {"success", "failure"}
    restores = found["gcp.restore_operations"].table("restore_test")
    assert {(row["restored_ok"], row["rto_actual"]) for row in restores} == {(True, "144 min")}
    rollouts = [row for row in found["gcp.deploys"].table("deployment") if row["environment"] == "prod"]
    assert {row["status"] for row in rollouts} == {"success", "failure"}


def test_workflows_and_what_a_schedule_calls(found: dict[str, Gathered]) -> None:
    runs = found["gcp.jobs.runs"].table("job_run")
    flows = {row["within"]: row for row in runs if row["process"] == "settling"}
    assert {unit: row["status"] for unit, row in flows.items()} == {
        "northwind-0000": "success", "northwind-0005": "failure", "northwind-0010": "success",
    }  # fmt: skip
    assert all(row["started_at"] < row["ended_at"] for row in flows.values())
    called = {row["within"]: row for row in runs if (row["process"] or "").endswith("/jobs/hourly")}
    assert [called[f"northwind-{n}"]["status"] for n in ("0000", "0005")] == ["success", "failure"]
    assert {row["trigger"] for row in called.values()} == {"0 * * * * Etc/UTC"}


def test_builds_of_the_window_with_their_commit(found: dict[str, Gathered]) -> None:
    rows = found["gcp.deploys"].table("job_run")
    builds = {row["within"]: row for row in rows if row["trigger"] == "trigger"}
    assert {row["job_run_id"] for row in builds.values()} == {"b0", "b5", "b10"}, "an older one is in no window"
    assert [builds[f"northwind-{n}"]["status"] for n in ("0000", "0005")] == ["success", "failure"]
    assert {(row["sha"], row["process"]) for row in builds.values()} == {("c0ffee", "t1")}
    assert builds["northwind-0005"]["actor"] == "build@northwind-0005.iam.gserviceaccount.com"


def test_builds_by_hand_where_there_is_no_trigger(found: dict[str, Gathered]) -> None:
    rows = found["gcp.deploys"].table("job_run")
    by_hand = {row["within"]: row for row in rows if row["trigger"] != "trigger"}
    assert {(unit, row["job_run_id"]) for unit, row in by_hand.items()} == {
        ("northwind-0000", "h0"), ("northwind-0010", "h10"),
    }  # fmt: skip
    assert {(row["trigger"], row["process"], row["sha"]) for row in by_hand.values()} == {("manual", "build", None)}


def test_a_build_that_the_inventory_knows_and_its_place_does_not_list_does_not_tie(google: GcpDouble) -> None:
    google.estate.rows["builds northwind-0000 global"].clear()
    snapshot = gather(google, "gcp.deploys").snapshot
    assert [(total.expected, total.found) for total in snapshot.totals if not total.ties] == [(5, 4)]
    assert not snapshot.complete


def test_a_build_of_another_window_leads_to_no_place(google: GcpDouble) -> None:
    for one in google.estate.assets:
        if one.type == "cloudbuild.googleapis.com/Build":
            one.created -= timedelta(days=40)
    gathered(google, "gcp.deploys")
    assert not [one for one in google.called if "/locations/global/builds" in one.path]


def test_patch_jobs(found: dict[str, Gathered]) -> None:
    jobs = {row["within"]: row for row in found["gcp.vuln.hosts"].table("job_run")}
    assert [jobs[f"northwind-{n}"]["status"] for n in ("0000", "0005")] == ["success", "failure"]
    assert {(row["process"], row["trigger"]) for row in jobs.values()} == {("monthly", "schedule")}


@pytest.mark.parametrize(
    ("service", "evidence"),
    [
        ("cloudbuild", "gcp.deploys"),
        ("workflowexecutions", "gcp.jobs.runs"),
        ("cloudscheduler", "gcp.jobs.runs"),
        ("osconfig", "gcp.vuln.hosts"),
    ],
)
def test_what_is_off_in_one_project_is_a_gap_that_names_it(google: GcpDouble, service: str, evidence: str) -> None:
    google.off.add((service, "northwind-0005"))
    (snapshot,) = gathered(google, evidence)
    assert not snapshot.snapshot.complete
    assert {gap.cause.value for gap in snapshot.snapshot.gaps} == {"not_configured"}
    assert all("northwind-0005" in str(gap) for gap in snapshot.snapshot.gaps)
    assert any(row["within"] == "northwind-0000" for row in snapshot.rows)


def test_weaknesses_uptime_networks_and_models(found: dict[str, Gathered]) -> None:
    assert {row["severity"] for row in found["gcp.vuln.images"].rows} == {"critical"}
    assert {row["kind"] for row in found["gcp.vuln.hosts"].table("vulnerability")} == {"host"}
    assert found["gcp.availability.monitors"].rows[0]["state"] == "enabled"
    flows = found["gcp.network.flow_logs"].rows
    assert sum(row["enabled"] is False for row in flows) == 3
    assert found["gcp.ai.systems"].rows[0]["kind"] == "model"


def test_each_running_machine_is_scanned_or_not(google: GcpDouble) -> None:
    zone = "northwind-0000 europe-west1-b"
    google.estate.rows[f"reports {zone}"].pop(0)
    stopped = dict(google.estate.rows[f"instances {zone}"][0], status="TERMINATED", id="4711", name="off")
    stopped["selfLink"] = stopped["selfLink"].replace("vm-0", "off")
    google.estate.rows[f"instances {zone}"].append(stopped)
    found = gather(google, "gcp.vuln.hosts")
    assert found.snapshot.complete
    scanners = found.by("asset_id", "scanner")
    machine = "compute.googleapis.com/projects/northwind-000{}/zones/europe-west1-b/instances/{}"
    bare, seen = scanners[machine.format(0, "vm-0")], scanners[machine.format(1, "vm-0")]
    assert (bare["state"], bare["scanned_at"], bare["environment"]) == ("absent", None, "prod")
    assert (seen["state"], seen["kind"], bool(seen["scanned_at"])) == ("enabled", "host", True)
    assert machine.format(0, "off") not in scanners
    weak = found.table("vulnerability")
    assert {row["asset_id"] for row in weak} <= scanners.keys()
    assert {row["fix_available"] for row in weak} == {True}


def test_without_its_reports_a_machine_is_neither_scanned_nor_not(google: GcpDouble) -> None:
    google.off = {("osconfig", "northwind-0001")}
    found = gather(google, "gcp.vuln.hosts")
    assert set(found.causes) == {"not_configured"}
    states = {row["asset_id"].split("/")[2]: row["state"] for row in found.table("scanner")}
    assert (states["northwind-0001"], states["northwind-0000"]) == (None, "enabled")


def test_a_running_machine_that_its_zone_does_not_list_does_not_tie(google: GcpDouble) -> None:
    google.estate.rows["instances northwind-0000 europe-west1-b"].pop(0)
    found = gather(google, "gcp.vuln.hosts")
    assert [total.name for total in found.snapshot.totals if not total.ties] == [
        "running machines in the inventory = listed"
    ]
    # What was found on it is kept, by the number that its report has.
    assert [row for row in found.table("vulnerability") if row["asset_id"].startswith("projects/")]


@pytest.mark.parametrize(
    ("weakness", "expected"),
    [
        ({"items": [{"installedInventoryItemId": "1", "availableInventoryItemId": "2"}]}, True),
        ({"items": [{"installedInventoryItemId": "1"}, {"upstreamFix": "KB1"}]}, True),
        ({"items": [{"fixedCpeUri": "cpe:/o:x"}]}, True),
        ({"items": [{"installedInventoryItemId": "1", "availableInventoryItemId": ""}]}, False),
        ({"items": []}, None),
        ({}, None),
    ],
)
def test_whether_there_is_a_fix(*, weakness: dict[str, Any], expected: bool | None) -> None:
    assert fixable(weakness) is expected


def test_an_inventory_row_has_the_words_of_its_project(found: dict[str, Gathered]) -> None:
    rows = found["gcp.asset.inventory"].by("asset_id", "asset")
    bucket = rows["storage.googleapis.com/northwind-0004-data"]
    assert (bucket["environment"], bucket["data_class"], bucket["place"]) == ("dev", "confidential", "northwind-0004")


def test_aq_06_every_row_says_which_project_it_is_of(found: dict[str, Gathered]) -> None:
    """By what Google's own names and the double's projects say, apart from how the connector tells it."""
    projects = {row["unit_id"] for row in found["gcp.org.projects"].rows}
    of_all = {"organizations/100"}
    for one in found.values():
        for row in one.rows:
            named = {unit for unit in projects if unit in row["source_id"]}
            assert {row["within"]} <= (projects | of_all), row
            assert not named or row["within"] in named, row
    told = {row["within"] for row in found["gcp.storage.buckets"].rows}
    assert told == projects, "a bucket's name has no project in it, and its row has"
    wide = [row for one in found.values() for row in one.rows if row["within"] in of_all]
    of_folders = {row["source_id"] for row in wide if "organizations/100" not in row["source_id"]}
    assert of_folders == {
        f"cloudresourcemanager.googleapis.com/Folder //cloudresourcemanager.googleapis.com/folders/{number}"
        for number in (201, 202, 203)
    }


def test_the_inventory_is_itself_what_records_configuration(found: dict[str, Gathered]) -> None:
    (one,) = found["gcp.asset.inventory"].table("log_source")
    assert one["source"] == "cloudasset.googleapis.com/organizations/100"
    assert (one["kind"], one["enabled"], one["events"]) == ("configuration_history", True, ["*"])


def test_an_inventory_that_holds_nothing_shows_no_recorder(google: GcpDouble) -> None:
    google.estate.assets.clear()
    (one,) = gather(google, "gcp.asset.inventory").rows
    assert one["enabled"] is None


def test_vaults_are_locked_from_the_time_that_their_lock_names(found: dict[str, Gathered]) -> None:
    stores = found["gcp.backup.plans"].by("store", "backup_store")
    here = "backupdr.googleapis.com/projects/northwind-0005/locations/europe-west1/backupVaults/"
    assert {name.removeprefix(here): row["locked"] for name, row in stores.items()} == {
        "main": True,
        "later": False,
        "loose": False,
    }
    assert {(row["encrypted"], row["min_retention_days"], row["environment"]) for row in stores.values()} == {
        (True, 40, "prod")
    }
    (planned,) = (row for row in found["gcp.backup.plans"].table("backup_plan") if row["destination"])
    assert (planned["destination"], planned["copied_to"]) == (f"{here}main", [])


def test_where_else_a_backup_lies(google: GcpDouble) -> None:
    google.estate.asset("northwind-0002/global/snapshots/vm-0-s").data["storageLocations"] = ["europe-west1"]
    google.estate.asset("northwind-0007/global/snapshots/vm-0-s").data.pop("storageLocations")
    google.estate.asset("northwind-0008/global/snapshots/vm-0-s").data.pop("autoCreated")
    google.estate.asset("northwind-0003/regions/europe-west1/resourcePolicies/nightly").data[
        "snapshotSchedulePolicy"
    ].pop("snapshotProperties")
    rows = {
        row["resource_id"].split("/")[2].removeprefix("northwind-"): (row["copied_to"], bool(row["copied_at"]))
        for row in gather(google, "gcp.backup.plans").table("backup_plan")
        if row["resource_id"].endswith("/vm-0")
    }
    assert rows["0000"] == (["eu"], False), "as its schedule says; there is no snapshot yet"
    assert rows["0001"] == (["eu"], True)
    assert rows["0002"] == ([], False), "in its own region alone"
    assert rows["0003"] == (None, False)
    assert rows["0007"] == (None, False)
    assert rows["0008"] == (["eu"], False), "a snapshot by hand says nothing of the next; its schedule does"


def test_databases_are_backed_up_elsewhere_unless_in_their_own_region(google: GcpDouble) -> None:
    full = "cloudsql.googleapis.com/projects/northwind-{}/instances/main"
    for name, location in (("0002", "europe-west1"), ("0006", None)):
        google.estate.asset(full.format(name)).data["settings"]["backupConfiguration"]["location"] = location
    rows = gather(google, "gcp.sql.instances").by("resource_id", "backup_plan")
    told = [rows[full.format(name)]["copied_to"] for name in ("0000", "0002", "0006")]
    assert told == [["eu"], [], None]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("p/zones/europe-west1-b/disks/d", "europe-west1"),
        ("p/zones/us-central1-ai1a/disks/d", "us-central1"),
        ("p/regions/europe-west4/disks/d", "europe-west4"),
    ],
)
def test_the_region_of_a_disk(path: str, expected: str) -> None:
    assert region(path) == expected
