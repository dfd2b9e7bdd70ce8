"""Signing in to Google Cloud in each way, and what is found there: organisations, folders, projects in every state."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from google.auth import iam
from google.auth.compute_engine import _metadata
from google.oauth2 import credentials as user

from collector.errors import UsageError
from connectors.gcp.settings import GcpSettings
from tests.connectors.gcp.gathering import connector, gather, gathered
from tests.doubles.gcp.lists import PERMISSIONS
from tests.doubles.gcp.server import error
from tests.doubles.gcp.tokens import ACCOUNT, PERSON, READER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.gcp.server import GcpDouble

PROJECTS, SINKS = "gcp.org.projects", "gcp.audit.config"


def test_projects_of_every_state_are_found_with_the_folders_they_hang_in(google: GcpDouble) -> None:
    found = gather(google, PROJECTS)
    assert str(found.snapshot.scope) == "gcp organizations/100"
    assert found.snapshot.scope.name == "northwind.example"
    assert found.snapshot.caller == ACCOUNT
    units = found.by("unit_id", "scope_unit")
    assert set(units) == {one.id for one in google.estate.projects}
    assert {row["status"] for row in units.values()} == {"active", "delete_requested"}
    assert units["northwind-0002"]["parent"] == "northwind.example/unit 2/unit 3"
    assert units["northwind-0002"]["joined_at"] == "2025-01-01T00:00:00.123456Z"


def test_the_packages_requests_are_on_record_page_by_page_like_all_others(google: GcpDouble) -> None:
    """google-cloud-resource-manager finds the projects; each page that it asked for is an exchange with its body."""
    google.most = 5
    found = gather(google, PROJECTS)
    assert found.snapshot.complete
    searched = [one for one in found.exchanges if one["operation"] == "GET /v3/projects:search"]
    active = [one for one in searched if one["parameters"].get("query") == "state:ACTIVE"]
    assert [one["page"] for one in active] == [1, 2, 3]
    assert {one["caller"] for one in found.exchanges if "search" in one["operation"]} == {ACCOUNT}
    assert all(one["status"] == 200 and one["body"] in found.kept for one in searched)
    row = found.by("unit_id", "scope_unit")["northwind-0009"]
    assert row["origins"][0][1:] == [2, "/projects/4"]


def test_a_page_that_the_package_cannot_have_is_a_gap_and_no_short_list(google: GcpDouble) -> None:
    whole = gathered(google, PROJECTS, "gcp.alerting.alerts")
    assert all(one.snapshot.complete for one in whole)
    google.most = 5
    google.answers.append(("10 ", error(403, "PERMISSION_DENIED", "no")))
    for found in gathered(google, PROJECTS, "gcp.alerting.alerts"):
        assert "denied" in found.causes
        assert found.rows == []


def test_a_folder_or_a_project_is_read_alone_where_it_is_named(google: GcpDouble) -> None:
    roots = ("folders/202", "projects/northwind-0004")
    folder, project = gathered(google, "gcp.storage.buckets", settings={"roots": roots})
    assert {row["resource_id"] for row in project.rows} == {"northwind-0004-data", "northwind-0004-shut"}
    # The third folder hangs in the second; the inventory of the double knows its own projects alone.
    assert "northwind-0001-data" in folder.by("resource_id", "resource")
    assert "northwind-0000-data" not in folder.by("resource_id", "resource")


def test_without_an_organisation_each_project_is_a_scope(google: GcpDouble) -> None:
    google.manifest["no_organisation"] = True
    found = gathered(google, SINKS)
    assert {str(one.snapshot.scope) for one in found} == {
        f"gcp projects/{one.id}" for one in google.estate.projects if one.active
    }


def test_a_project_that_is_excluded_is_asked_nothing_and_needs_a_reason(google: GcpDouble) -> None:
    excluded = {"northwind-0002": "sandbox of a partner", "northwind-0004": ""}
    runs, projects = gathered(google, "gcp.sql.backup_runs", PROJECTS, settings={"excluded_projects": excluded})
    assert not any("northwind-0002" in one.path for one in google.called)
    assert runs.snapshot.complete
    (broken,) = (total for total in projects.snapshot.totals if not total.ties)
    assert (broken.expected, broken.found) == (11, 10)


def test_the_quota_of_the_named_project_is_used(google: GcpDouble) -> None:
    gather(google, PROJECTS, settings={"quota_project": "audit-tools"})
    assert {one.quota_project for one in google.called} == {"audit-tools"}


def test_a_person_signs_in_with_what_gcloud_left(
    google: GcpDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user, "_GOOGLE_OAUTH2_TOKEN_ENDPOINT", f"{google.url}/token")
    place = tmp_path / ".config" / "gcloud"
    place.mkdir(parents=True)
    google.tokens.person_file(place / "application_default_credentials.json")
    found = gather(google, PROJECTS, settings={"credentials_file": ""}, environment={"HOME": str(tmp_path)})
    assert found.snapshot.caller == PERSON


def test_a_workload_signs_in_as_a_service_account_without_a_key(google: GcpDouble, tmp_path: Path) -> None:
    file = google.tokens.federation_file(tmp_path, reads_as=READER)
    found = gather(google, PROJECTS, settings={"credentials_file": file})
    assert found.snapshot.caller == READER
    assert found.snapshot.complete


def test_a_workload_without_a_service_account_is_known_by_its_own_name(google: GcpDouble, tmp_path: Path) -> None:
    file = google.tokens.federation_file(tmp_path)
    with pytest.raises(UsageError, match="did not say who we are"):
        gather(google, PROJECTS, settings={"credentials_file": file})
    found = gather(google, PROJECTS, settings={"credentials_file": file, "principal": "principal://pool/ci"})
    assert found.snapshot.caller == "principal://pool/ci"
    assert found.snapshot.complete


def test_an_identity_may_read_as_another(google: GcpDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = f"{google.url}/v1/projects/-/serviceAccounts/{{}}:generateAccessToken"
    monkeypatch.setattr(iam, "_IAM_ENDPOINT", endpoint)
    found = gather(google, PROJECTS, settings={"service_account": READER})
    assert found.snapshot.caller == READER
    google.tokens.denied = True
    with pytest.raises(UsageError, match="could not be asked who we are"):
        gather(google, PROJECTS, settings={"service_account": READER})


def test_a_machine_in_googles_cloud_signs_in_as_itself(google: GcpDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_metadata, "_GCE_METADATA_HOST", google.url.removeprefix("http://"))
    found = gather(google, PROJECTS, settings={"credentials_file": ""})
    assert found.snapshot.caller == ACCOUNT


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"credentials_file": "/nowhere/key.json"}, "cannot be read"),
        ({"credentials_file": __file__}, "is no JSON"),
    ],
)
def test_credentials_that_cannot_be_used_are_bad_input(google: GcpDouble, settings: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        gather(google, PROJECTS, settings=settings)


@pytest.mark.parametrize("root", ["100", "organizations/x", "folders/", "projects/"])
def test_what_is_read_must_be_written_as_google_does(root: str) -> None:
    with pytest.raises(ValueError, match="is neither"):
        GcpSettings(roots=(root,))


def test_an_identity_that_sees_nothing_is_bad_input(google: GcpDouble) -> None:
    google.manifest["no_organisation"] = True
    google.estate.projects.clear()
    with pytest.raises(UsageError, match="neither an organisation nor a project"):
        gather(google, PROJECTS)


def test_the_role_that_is_printed_is_enough_and_nothing_in_it_is_unused(google: GcpDouble) -> None:
    gcp = connector()
    role = set(gcp.policy(gcp.types.values())["includedPermissions"])
    google.granted = set(role)
    found = gathered(google)
    assert [str(gap) for one in found for gap in one.snapshot.gaps] == []
    used = {name for one in google.called for name in one.permissions}
    # Google asks for the second of these where a list hangs on the first, and for the last to count quotas.
    also = {
        "resourcemanager.folders.list",
        "resourcemanager.projects.list",
        "cloudsql.instances.list",
        "serviceusage.services.use",
    }
    assert role - used == also
    of_a_single_project = {"securitycenter.projects.sources.findings.list"}
    known = {one.partition(" ")[0] for one in PERMISSIONS}
    assert {one.method.partition(" ")[0] for one in google.called} == known - of_a_single_project


def test_the_role_only_reads() -> None:
    gcp = connector()
    policy = gcp.policy(gcp.types.values())
    writing = ("create", "delete", "update", "set", "insert", "patch", "access", "write", "actAs")
    verbs = {one.rpartition(".")[2] for one in policy["includedPermissions"]}
    assert not any(verb.startswith(writing) for verb in verbs)
    assert policy["services"] == sorted(policy["services"])
    some = gcp.policy([gcp.types[PROJECTS]])
    assert "cloudsql.backupRuns.list" not in some["includedPermissions"]


def test_a_probe_asks_one_page_of_each_call_and_one_project(google: GcpDouble) -> None:
    google.most = 2
    found = gathered(google, probe=True)
    assert [str(gap) for one in found for gap in one.snapshot.gaps] == []
    made = [one.method for one in google.called if not one.method.startswith(("cloudasset", "cloudresourcemanager"))]
    # Restores and backup runs, the two readers of the log and the newest entry share a call; the rest has its own.
    assert len(made) <= 20
    assert set(made) >= {"monitoring.projects.alerts.list", "compute.instances.list", "sql.backupRuns.list"}


def test_googles_package_is_loaded_only_when_the_hierarchy_is_read() -> None:
    """It brings gRPC, which costs half a second and memory; who collects from elsewhere must not pay for it."""
    program = (
        "import sys; from collector.registry import load; found, broken = load(['gcp']); assert not broken; "
        "print(len(found['gcp'].types), [name for name in ('google.auth', 'grpc', 'requests') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 - our own program
    assert done.stdout.strip() == "27 []"
