"""One rule, three clouds: what rules on logs and alerts say of rows as each connector's own normaliser makes them.

Where a cloud does not tell something, its rows lack it, and the rule must say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.assess.clouds import CASE, FIRST, SECOND, azure, ending, google, listed, outcomes, path, project, shown, told
from tests.connectors.azure.gathering import gathered as of_azure
from tests.connectors.gcp.gathering import gathered as of_google

if TYPE_CHECKING:
    from tests.doubles.gcp.server import GcpDouble


# LOG-03: how long logs are kept.


def test_log_03_of_google_log_buckets() -> None:
    cases: list[CASE] = [({}, "deviation"), ({"retentionDays": 400}, "pass"), ({"retentionDays": None}, "deviation")]
    with google(cases) as double:
        for number, (changed, _) in enumerate(cases):
            double.estate.asset(f"{project(number)}/locations/global/buckets/_Default").data.update(changed)
        found = told("LOG-03", of_google(double, "gcp.audit.config"))
    buckets = [f"{project(number)}/locations/global/buckets/_Default" for number in range(len(cases))]
    assert outcomes(found, buckets) == [outcome for _, outcome in cases]
    assert ending(found, f"{FIRST}/locations/global/buckets/_Required") == "pass"
    # Nothing says how long a storage bucket without a policy keeps what sinks write to it.
    assert ending(found, f"storage.googleapis.com/{FIRST}-data") == "cannot_tell"


def test_log_03_of_google_storage_buckets_that_logs_go_to() -> None:
    cases = [(30, "deviation"), (400, "pass")]
    with google(cases) as double:
        for number, (days, _) in enumerate(cases):
            name = f"{project(number)}-data"
            policy = {"retentionPeriod": str(days * 86400), "isLocked": True}
            double.estate.asset(name).data["retentionPolicy"] = policy
            sink = {"name": name, "destination": f"storage.googleapis.com/{name}", "filter": ""}
            double.estate.add("logging.googleapis.com/LogSink", f"logging.googleapis.com/{name}", None, sink)
        found = told("LOG-03", of_google(double, "gcp.audit.config"))
    assert outcomes(found, [f"store storage.googleapis.com/{project(number)}-data" for number in (0, 1)]) == [
        outcome for _, outcome in cases
    ]


def test_log_03_of_azure() -> None:
    cases = [(30, "deviation"), (730, "pass"), (None, "cannot_tell")]
    with azure(cases) as tenant:
        for number, (days, _) in enumerate(cases):
            shown(tenant, number, f"workspaces/law{number}")["retentionInDays"] = days
        found = told("LOG-03", of_azure(tenant, "azure.diagnostics", "azure.storage.immutability"))
    assert outcomes(found, [f"/workspaces/law{number}" for number in range(3)]) == [outcome for _, outcome in cases]
    containers = {outcome for item, (outcome, _) in found.items() if item.endswith("/insights-activity-logs")}
    assert containers == {"pass"}


# LOG-04: what raises an alert.


def alerting(double: GcpDouble) -> dict[str, tuple[str, str]]:
    return told("LOG-04", of_google(double, "gcp.alerting.rules", "gcp.org.projects"))


def policies(double: GcpDouble) -> list[dict[str, Any]]:
    """The alert policies of all projects, switched on."""
    found = [one.data for one in double.estate.assets if one.type == "monitoring.googleapis.com/AlertPolicy"]
    for one in found:
        one["enabled"] = True
    return found


def test_log_04_of_google_a_rule_that_waits_for_two_classes_is_one_item() -> None:
    with google() as double:
        policies(double)
        found = alerting(double)
    assert ending(found, f"rule monitoring.googleapis.com/projects/{SECOND}/alertPolicies/1") == "pass"
    assert found["class identity"] == found["class policy"] == ("pass", "Raised by a rule in each of 2 units.")
    assert found["class key"] == ("deviation", "No rule that is on tells anybody of such an event.")


def test_log_04_of_google_two_projects_may_give_their_rules_one_name() -> None:
    with google() as double:
        for one in policies(double):
            one["displayName"] = "IAM changes"
        double.estate.rows[f"notificationChannels {SECOND}"][0]["enabled"] = False
        rules = {item: outcome for item, (outcome, _) in alerting(double).items() if item.startswith("rule ")}
    assert len(rules) == 3
    silent = [item for item, outcome in rules.items() if outcome == "deviation"]
    assert silent == [f"rule monitoring.googleapis.com/projects/{SECOND}/alertPolicies/1"]


def test_log_04_of_google_the_rule_of_one_project_is_none_of_another() -> None:
    with google() as double:
        # The last project waits to be deleted: it needs none.
        _, second, last = policies(double)
        second["enabled"] = last["enabled"] = False
        outcome, because = alerting(double)["class identity"]
    assert outcome == "cannot_tell"
    assert because.startswith("1 of 2 units have a rule of their own;")
    assert SECOND in because


def test_log_04_of_google_of_a_metric_over_a_log_bucket_it_is_not_known_what_it_sees() -> None:
    with google() as double:
        policies(double)
        metric = double.estate.asset(f"{SECOND}/metrics/iam")
        metric.data["bucketName"] = f"projects/{SECOND}/locations/global/buckets/central"
        assert alerting(double)["class identity"][0] == "cannot_tell"


def test_log_04_of_azure() -> None:
    group, other = "/resourceGroups/rg-app", {"actionGroups": [{"actionGroupId": "/subscriptions/another/x"}]}
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({}, "pass", "pass"),
        ({"enabled": False}, "not_applicable", "deviation"),
        ({"enabled": None}, "cannot_tell", "cannot_tell"),
        ({"actions": {"actionGroups": []}}, "deviation", "deviation"),
        ({"actions": other}, "cannot_tell", "cannot_tell"),
        ({"scopes": [group]}, "pass", "cannot_tell"),
        ({"scopes": [group, ""]}, "pass", "pass"),
        ({"scopes": None}, "pass", "cannot_tell"),
        ({"condition": {"allOf": [{"field": "category", "equals": "Administrative"}]}}, "pass", "cannot_tell"),
    ]
    with azure(cases) as tenant:
        for number, (changed, _, _) in enumerate(cases):
            scopes = [f"{path(number)}{one}" for one in changed.get("scopes") or ()]
            shown(tenant, number, f"/keys-{number}").update(changed | ({"scopes": scopes} if scopes else {}))
        gathered = of_azure(tenant, "azure.alerting.rules")
    for number, (changed, outcome, of_class) in enumerate(cases):
        (mine,) = (one for one in gathered if path(number).endswith(one.snapshot.scope.unit_id))
        found = told("LOG-04", [mine])
        assert (ending(found, f"/keys-{number}"), found["class key"][0]) == (outcome, of_class), changed
        assert found["class network"] == ("pass", f"Raised by networks-{number}.")


# LOG-05: whether alerts are acknowledged.


def test_log_05_of_google_nobody_is_said_to_have_left_or_taken_up_an_alert() -> None:
    unclosed = "It is not closed; whether somebody took it up is not given."
    closed = "It is closed; when it was taken up is not given."
    unknown = "Its severity, its time or its state is not given."
    cases = [
        ("CRITICAL", "OPEN", ("cannot_tell", unclosed)),
        ("CRITICAL", "CLOSED", ("cannot_tell", closed)),
        ("ERROR", "CLOSED", ("cannot_tell", closed)),
        ("WARNING", "OPEN", ("not_applicable", "Of severity WARNING.")),
        ("SEVERITY_UNSPECIFIED", "OPEN", ("cannot_tell", unknown)),
        (None, "OPEN", ("cannot_tell", unknown)),
        ("CRITICAL", "STATE_UNSPECIFIED", ("cannot_tell", unknown)),
    ]
    with google(cases) as double:
        for number, (severity, state, _) in enumerate(cases):
            one = double.estate.rows[f"alerts {project(number)}"][0]
            one["state"], one["policy"] = state, one["policy"] | ({"severity": severity} if severity else {})
        found = told("LOG-05", of_google(double, "gcp.alerting.alerts"))
    assert [found[f"alert projects/{project(number)}/alerts/{number}"] for number in range(len(cases))] == [
        expected for _, _, expected in cases
    ]


def test_log_05_of_azure() -> None:
    cases: list[CASE] = [
        ({}, "pass"),
        ({"alertState": "Closed"}, "pass"),
        ({"alertState": "New"}, "deviation"),
        ({"alertState": None}, "cannot_tell"),
        ({"lastModifiedDateTime": "2026-11-22T12:00:00Z"}, "cannot_tell"),
        ({"lastModifiedDateTime": None}, "cannot_tell"),
        ({"severity": "Sev3"}, "not_applicable"),
        ({"severity": "Sev9"}, "cannot_tell"),
        ({"severity": None}, "cannot_tell"),
    ]
    alerts = "providers/Microsoft.AlertsManagement/alerts"
    with azure(cases) as tenant:
        for number, (changed, _) in enumerate(cases):
            listed(tenant, number, alerts)[0]["properties"]["essentials"].update(changed)
        found = told("LOG-05", of_azure(tenant, "azure.alerting.alerts"))
    items = [f"{path(number)}/{alerts}/0" for number in range(len(cases))]
    assert outcomes(found, items) == [outcome for _, outcome in cases]


# LOG-06: whether anything looks for threats.


WATCHED = ("gcp.scc.findings", "gcp.scc.services", "gcp.org.projects")


def test_log_06_of_google_each_project_by_its_own_state() -> None:
    cases = [("ENABLED", "pass"), ("DISABLED", "deviation"), ("INGEST_ONLY", "deviation"), (None, "cannot_tell")]
    with google(cases) as double:
        for number, (state, _) in enumerate(cases):
            double.estate.rows[f"watchers {project(number)}"][0]["effectiveEnablementState"] = state
        # One of which the service is not named at all, and no alert helps.
        double.judging = False
        found = told("LOG-06", of_google(double, *WATCHED))
        double.estate.rows[f"watchers {FIRST}"].clear()
        bare = told("LOG-06", of_google(double, *WATCHED))
    items = [f"threat detection in {project(number)}" for number in range(len(cases))]
    assert [found[item][0] for item in items] == [outcome for _, outcome in cases]
    assert bare[items[0]] == ("cannot_tell", "The state of threat detection is not given.")
    assert found.keys() == bare.keys() == {*items}, "what waits to be deleted is not asked"


def test_log_06_of_google_a_new_project_has_time_to_be_covered() -> None:
    with google([1, 2]) as double:
        for number in (0, 1):
            double.estate.rows[f"watchers {project(number)}"][0]["effectiveEnablementState"] = "DISABLED"
        double.estate.made[FIRST] = double.estate.ago(hours=3)
        found = told("LOG-06", of_google(double, *WATCHED))
    assert found[f"threat detection in {FIRST}"][0] == "not_applicable"
    assert found[f"threat detection in {SECOND}"][0] == "deviation"


def test_log_06_of_google_of_one_project_read_by_itself() -> None:
    with google([1]) as double:
        found = told("LOG-06", of_google(double, *WATCHED, settings={"roots": (f"projects/{FIRST}",)}))
    assert found[f"threat detection in {FIRST}"][0] == "pass"


def test_log_06_of_azure() -> None:
    cases = [("Standard", "pass"), ("Free", "deviation"), ("Unheard", "cannot_tell"), (None, "cannot_tell")]
    with azure(cases) as tenant:
        for number, (tier, _) in enumerate(cases):
            for plan in listed(tenant, number, "providers/Microsoft.Security/pricings"):
                if plan["name"] == "VirtualMachines":
                    plan["properties"]["pricingTier"] = tier
        gathered = of_azure(tenant, "azure.defender.plans")
    for one, (_, outcome) in zip(sorted(gathered, key=lambda one: one.snapshot.scope.unit_id), cases, strict=True):
        assert told("LOG-06", [one])["threat detection in VirtualMachines"][0] == outcome


# INC-05: what became of threat alerts.


def test_inc_05_of_google() -> None:
    unknown = "Its severity, its time or its state is not given."
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"state": "INACTIVE"}, "cannot_tell", "It is closed; with which result is not given."),
        ({"mute": "UNMUTED"}, "deviation", "and still open"),
        ({"mute": "MUTED"}, "deviation", "and still acknowledged"),
        ({"state": "STATE_UNSPECIFIED"}, "cannot_tell", unknown),
        ({"severity": "LOW"}, "not_applicable", "Of severity low."),
        ({"severity": "SEVERITY_UNSPECIFIED"}, "cannot_tell", unknown),
    ]
    with google(cases) as double:
        for number, (changed, _, _) in enumerate(cases):
            finding = double.estate.rows["findings"][number]["finding"]
            finding.update({"findingClass": "THREAT", "state": "ACTIVE"} | changed)
        found = told("INC-05", of_google(double, "gcp.scc.findings"))
    for number, (changed, outcome, because) in enumerate(cases):
        verdict, why = found[f"alert organizations/100/sources/1/findings/f{number}"]
        assert (verdict, because in why) == (outcome, True), (changed, why)


def test_inc_05_of_azure() -> None:
    cases: list[tuple[dict[str, Any], str, str]] = [
        # Azure does not tell when an alert was dismissed or resolved.
        ({}, "cannot_tell", "Closed as dismissed; when is not given."),
        ({"status": "Resolved"}, "cannot_tell", "Closed as resolved; when is not given."),
        ({"status": "Active"}, "deviation", "and still open"),
        ({"status": "InProgress"}, "deviation", "and still acknowledged"),
        ({"status": "Active", "startTimeUtc": "2026-11-23T06:00:00Z"}, "pass", "inside the limit"),
        ({"status": "Unheard"}, "cannot_tell", "its state is not given"),
        ({"severity": "Informational"}, "not_applicable", "Of severity Informational."),
        ({"severity": None}, "cannot_tell", "Its severity"),
    ]
    with azure(cases) as tenant:
        for number, (changed, _, _) in enumerate(cases):
            listed(tenant, number, "providers/Microsoft.Security/alerts")[0]["properties"].update(changed)
        found = told("INC-05", of_azure(tenant, "azure.defender.alerts"))
    for number, (changed, outcome, because) in enumerate(cases):
        verdict, why = found[f"alert {path(number)}/providers/Microsoft.Security/locations/westeurope/alerts/0"]
        assert (verdict, because in why) == (outcome, True), (changed, why)
