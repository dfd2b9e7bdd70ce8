"""One rule, three clouds: what rules on TLS, changes, restores and scope say of rows as each connector makes them.

Where a cloud does not tell something, its rows lack it, and the rule must say so.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collector.records import Approval, RestoreTest, ScopeDecision
from tests.assess.clouds import CASE, FIRST, SECOND, azure, google, listed, outcomes, path, project, shown, told
from tests.connectors.azure.gathering import gathered as of_azure
from tests.connectors.gcp.gathering import gathered as of_google
from tests.doubles.arm.ids import subscription_id
from tests.doubles.gcp.estate import written

if TYPE_CHECKING:
    from datetime import datetime


# IAM-17: what speaks without TLS, or with an old one.


def test_iam_17_of_google_load_balancers() -> None:
    compute = "https://www.googleapis.com/compute/v1/projects"
    here, elsewhere = f"{compute}/{FIRST}/global", f"{compute}/another/global"
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("Https", {"urlMap": f"{here}/urlMaps/web", "sslPolicy": f"{here}/sslPolicies/modern"}, "pass"),
        ("Https", {"urlMap": f"{here}/urlMaps/web"}, "deviation"),
        ("Https", {"urlMap": f"{here}/urlMaps/web", "sslPolicy": f"{elsewhere}/sslPolicies/x"}, "cannot_tell"),
        ("Http", {"urlMap": f"{here}/urlMaps/web"}, "deviation"),
        ("Http", {"urlMap": f"{elsewhere}/urlMaps/x"}, "cannot_tell"),
        ("Http", {"urlMap": f"{here}/urlMaps/redirect"}, "pass"),
    ]
    with google() as double:
        for number, (kind, data, _) in enumerate(cases):
            full = f"compute.googleapis.com/projects/{FIRST}/global/target{kind}Proxies/case{number}"
            first = double.estate.projects[0]
            double.estate.add(f"compute.googleapis.com/Target{kind}Proxy", full, first, {"name": "case", **data})
        found = told("IAM-17", of_google(double, "gcp.edge.tls", "gcp.sql.instances"))
    items = [f"/target{kind}Proxies/case{number}" for number, (kind, _, _) in enumerate(cases)]
    assert outcomes(found, items) == [outcome for _, _, outcome in cases]


def test_iam_17_of_google_databases() -> None:
    # Which versions of TLS a database takes Google does not tell.
    cases = [("ALLOW_UNENCRYPTED_AND_ENCRYPTED", "deviation"), ("ENCRYPTED_ONLY", "cannot_tell"), (None, "cannot_tell")]
    with google(range(6)) as double:
        for number, (mode, _) in enumerate(cases):
            instance = double.estate.asset(f"{project(2 * number)}/instances/main").data
            instance["settings"]["userLabels"] = {"environment": "prod"}
            instance["settings"]["ipConfiguration"]["sslMode"] = mode
        found = told("IAM-17", of_google(double, "gcp.edge.tls", "gcp.sql.instances"))
    items = [f"{project(2 * number)}/instances/main" for number in range(3)]
    assert outcomes(found, items) == [outcome for _, outcome in cases]


def test_iam_17_of_azure() -> None:
    cases: list[tuple[str, str, Any, str]] = [
        ("servers/sql{}", "minimalTlsVersion", "1.3", "pass"),
        ("servers/sql{}", "minimalTlsVersion", "1.1", "deviation"),
        ("servers/sql{}", "minimalTlsVersion", "None", "deviation"),
        ("servers/sql{}", "minimalTlsVersion", None, "cannot_tell"),
        ("storageAccounts/stold{}", "minimumTlsVersion", "TLS1_1", "deviation"),
        ("storageAccounts/stold{}", "minimumTlsVersion", None, "cannot_tell"),
        ("storageAccounts/stold{}", "supportsHttpsTrafficOnly", False, "deviation"),
        ("storageAccounts/stold{}", "supportsHttpsTrafficOnly", None, "cannot_tell"),
        ("sites/app{}", "httpsOnly", True, "pass"),
        ("sites/app{}", "httpsOnly", False, "deviation"),
        ("sites/app{}", "httpsOnly", None, "cannot_tell"),
    ]
    names = [f"/{name.format(number)}" for number, (name, *_) in enumerate(cases)]
    with azure(cases) as tenant:
        for number, (_, field, word, _) in enumerate(cases):
            shown(tenant, number, names[number])[field] = word
        found = told("IAM-17", of_azure(tenant, "azure.sql.servers", "azure.storage.accounts", "azure.web.tls"))
    assert outcomes(found, names) == [outcome for *_, outcome in cases]
    # What a server asks for holds for its databases.
    assert outcomes(found, [f"/sql{number}/databases/orders" for number in (0, 1, 3)]) == [
        "pass",
        "deviation",
        "cannot_tell",
    ]


# CHG-06: development and production apart.


def test_chg_06_of_google() -> None:
    cases: list[tuple[str, dict[str, str], str, str]] = [
        ("prod", {}, "pass", "pass"),
        ("prod", {"environment": "dev"}, "pass", "deviation"),
        ("dev", {"environment": "prod"}, "pass", "deviation"),
        # Whatever it is called, it is not production.
        ("dev", {"environment": "Staging"}, "pass", "pass"),
        ("prod", {"environment": "live"}, "pass", "pass"),
        ("", {}, "deviation", "cannot_tell"),
    ]
    with google(cases) as double:
        for number, (environment, labels, *_) in enumerate(cases):
            double.estate.projects[number] = replace(double.estate.projects[number], environment=environment)
            for one in double.estate.assets:
                if one.project and one.project.id == project(number):
                    one.labels = labels if one.name.endswith("-data") else {}
        found = told("CHG-06", of_google(double, "gcp.org.projects", "gcp.asset.inventory"))
    items = [f"unit {project(number)}" for number in range(len(cases))]
    assert [found[one][0] for one in items] == [outcome for _, _, outcome, _ in cases]
    assert [found[f"what is in {one}"][0] for one in items] == [outcome for *_, outcome in cases]
    assert (
        f"1 as something else, such as storage.googleapis.com/{SECOND}-data." in found[f"what is in unit {SECOND}"][1]
    )
    # What waits to be deleted is not in use.
    assert found[f"unit {project(len(cases))}"][0] == "not_applicable"
    assert found[f"what is in unit {project(len(cases))}"][0] == "not_applicable"


def test_chg_06_of_azure() -> None:
    cases: list[tuple[dict[str, str], dict[str, str], str, str]] = [
        ({"Environment": "production"}, {"Environment": "production"}, "pass", "pass"),
        ({"Environment": "production"}, {"Environment": "test"}, "pass", "deviation"),
        # A resource that says nothing is what its subscription is.
        ({"Environment": "production"}, {}, "pass", "pass"),
        ({}, {}, "deviation", "cannot_tell"),
        # Two kinds in one that says nothing.
        ({}, {"Environment": "test"}, "deviation", "deviation"),
    ]
    with azure(cases) as tenant:
        for number, (of_unit, tags, _, _) in enumerate(cases):
            (unit,) = (
                one for one in tenant.estate.lists["/subscriptions"] if one["subscriptionId"] == path(number)[15:]
            )
            unit["tags"] = of_unit
            (row, *_) = (one for one in tenant.estate.tables["resources"] if one["id"].startswith(path(number)))
            row["tags"] = tags
        found = told("CHG-06", of_azure(tenant, "azure.subscriptions", "azure.resources.inventory"))
    units = [path(number)[15:] for number in range(len(cases))]
    assert [found[f"unit {one}"][0] for one in units] == [outcome for _, _, outcome, _ in cases]
    assert [found[f"what is in unit {one}"][0] for one in units] == [outcome for *_, outcome in cases]


# CHG-07: what people changed by hand.


def ticket(**columns: Any) -> Approval:
    usual: dict[str, Any] = {"approved_by": "grace@northwind.example"}
    return Approval(key=str(columns), seen=(), request_id="t1", **usual | columns)


def test_chg_07_of_google() -> None:
    cases: list[CASE] = [
        ({}, "deviation"),
        ({"status": {"code": 7, "message": "denied"}}, "not_applicable"),
        ({"authenticationInfo": {"principalSubject": "principal://iam.googleapis.com/x/subject/y"}}, "not_applicable"),
        ({"authenticationInfo": {}}, "cannot_tell"),
        ({"resourceName": "projects/explained"}, "pass"),
        # Time is left for a ticket.
        ({"young": True}, "cannot_tell"),
    ]
    with google(cases) as double:
        at = double.estate.now - timedelta(days=8)
        for number, (changed, _) in enumerate(cases):
            entry = double.estate.rows[f"entries projects/{project(number)}"][2]
            entry["timestamp"] = entry["timestamp"] if changed.get("young") else written(at)
            entry["protoPayload"].update({name: word for name, word in changed.items() if name != "young"})
        tickets = [ticket(refers_to=("projects/explained",), approved_at=at)]
        found = told("CHG-07", of_google(double, "gcp.audit.manual_changes"), {"records.change_tickets": tickets})
    items = {
        number: outcome
        for item, (outcome, _) in found.items()
        for number in range(len(cases))
        if item.endswith(f"e{5000 + number}-2")
    }
    assert items == {number: outcome for number, (_, outcome) in enumerate(cases)}


def test_chg_07_of_azure() -> None:
    old = "2026-11-13T12:00:00Z"
    cases: list[CASE] = [
        ({"eventTimestamp": old}, "deviation"),
        ({"eventTimestamp": old, "status": {"value": "Failed"}}, "not_applicable"),
        ({"eventTimestamp": old, "caller": "000000b3-0000-4000-8000-000000000009"}, "not_applicable"),
        ({"eventTimestamp": old, "claims": {"idtyp": "app"}}, "not_applicable"),
        ({"eventTimestamp": old, "caller": None}, "cannot_tell"),
        ({"eventTimestamp": old, "resourceId": "/explained"}, "pass"),
        ({}, "cannot_tell"),
    ]
    with azure(cases) as tenant:
        for number, (changed, _) in enumerate(cases):
            events = listed(tenant, number, "providers/Microsoft.Insights/eventtypes/management/values")
            (ended,) = (one for one in events if one["eventDataId"] == f"event-{number}-001")
            ended.update(changed)
        tickets = [ticket(refers_to=("/explained",), approved_at=tenant.now - timedelta(days=10))]
        found = told("CHG-07", of_azure(tenant, "azure.activity_log"), {"records.change_tickets": tickets})
    items = [f"change event-{number}-001" for number in range(len(cases))]
    assert [found[one][0] for one in items] == [outcome for _, outcome in cases]


# BCP-04: whether what is backed up comes back.


def tried(resource: str, at: datetime) -> RestoreTest:
    return RestoreTest(
        key=resource, seen=(), test_id="t1", resource_id=resource, tested_at=at, restored_ok=True, verified_by="Grace"
    )


def test_bcp_04_of_google() -> None:
    cases: list[CASE] = [
        ({}, "pass"),
        ({"error": {"errors": [{"code": "INTERNAL"}]}}, "deviation"),
        ({"operationType": "RESTORE_VOLUME", "status": "RUNNING"}, "cannot_tell"),
    ]
    store = f"cloudsql.googleapis.com/projects/{FIRST}/instances/main"
    with google(range(6)) as double:
        for number, (changed, _) in enumerate(cases):
            double.estate.rows[f"operations {project(2 * number)}"][0].update({"operationType": "CLONE"} | changed)
        gathered = of_google(double, "gcp.restore_operations")
        restores = {row["test_id"]: row for row in gathered[0].rows}
        critical = {"critical": [store]}
        without = told("BCP-04", gathered, {"records.restore_test": []}, critical)
        test = tried(store, double.estate.now - timedelta(days=20))
        tested = told("BCP-04", gathered, {"records.restore_test": [test]}, critical)
    assert {number: without.get(f"restore op-{2 * number}", ("",))[0] for number in range(3)} == {
        number: outcome for number, (_, outcome) in enumerate(cases)
    }
    # A restore that a cloud shows is no test: nobody vouches for it.
    assert restores["op-0"]["verified_by"] is None
    assert without[f"store {store}"][0] == "deviation"
    assert tested[f"store {store}"][0] == "pass"


def test_bcp_04_of_azure() -> None:
    cases: list[CASE] = [
        ({}, "pass"),
        ({"status": "Failed"}, "deviation"),
        ({"status": "CompletedWithWarnings"}, "pass"),
        ({"status": "Cancelled"}, ""),
        ({"status": "InProgress"}, ""),
    ]
    with azure(cases) as tenant:
        for number, (changed, _) in enumerate(cases):
            (jobs,) = (
                rows
                for at, rows in tenant.estate.lists.items()
                if at.startswith(path(number)) and at.endswith("/backupjobs")
            )
            (restore,) = (one for one in jobs if one["name"] == f"restore-{number}")
            restore["properties"].update(changed)
        gathered = of_azure(tenant, "azure.backup.jobs")
        found = told("BCP-04", gathered, {"records.restore_test": []})
    assert [found.get(f"restore restore-{number}", ("",))[0] for number in range(len(cases))] == [
        outcome for _, outcome in cases
    ]


# GOV-12: what is in scope, and whose it is.


def decided(unit: str, **columns: Any) -> ScopeDecision:
    return ScopeDecision(key=unit, seen=(), unit_id=unit, **columns)


IN_SCOPE: dict[str, Any] = {"decision": "in_scope"}


def test_gov_12_of_google() -> None:
    with google(range(4)) as double:
        for one in double.estate.assets:
            one.labels = {"owner": "platform"}
        read = ("gcp.org.projects", "gcp.asset.inventory")
        none = told("GOV-12", of_google(double, *read))
        register = [decided(project(number), **IN_SCOPE) for number in (0, 1)]
        found = told("GOV-12", of_google(double, *read), {"records.scope_register": register})
        for one in double.estate.assets:
            one.labels = {}
        bare = told("GOV-12", of_google(double, *read), {"records.scope_register": register})
    assert none[f"unit {FIRST}"][0] == "cannot_tell"
    assert [found[f"unit {project(number)}"][0] for number in range(5)] == [
        "pass",
        "pass",
        "deviation",
        "deviation",
        "not_applicable",
    ]
    owners = "owners of production resources"
    assert (found[owners][0], bare[owners][0]) == ("pass", "deviation")


def test_gov_12_of_azure() -> None:
    states = {"Enabled": "deviation", "Warned": "deviation", "Disabled": "deviation", "Deleted": "not_applicable"}
    with azure(states) as tenant:
        for row, state in zip(tenant.estate.lists["/subscriptions"], states, strict=True):
            row["state"] = state
        # What is deleted Resource Graph does not show.
        tenant.hidden.add(subscription_id(3))
        read = ("azure.subscriptions", "azure.resources.inventory")
        register = [decided("another", **IN_SCOPE)]
        found = told("GOV-12", of_azure(tenant, *read), {"records.scope_register": register})
        every = [decided(path(number)[15:], **IN_SCOPE) for number in range(4)]
        whole = told("GOV-12", of_azure(tenant, *read), {"records.scope_register": every})
    units = [f"unit {path(number)[15:]}" for number in range(4)]
    assert [found[one][0] for one in units] == list(states.values())
    assert {whole[one][0] for one in units[:3]} == {"pass"}
    assert found["owners of production resources"][0] == "pass"
