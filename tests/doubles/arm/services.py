"""Networks, sites, models, pipelines, monitors and rules."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.arm.ids import text

if TYPE_CHECKING:
    from tests.doubles.arm.estate import Place


SECRET = "PLANTED-SECRET"  # noqa: S105 - that must be in nothing that is kept


def lay(place: Place) -> None:
    _network(place)
    _sites(place)
    _models(place)
    _pipelines(place)
    _monitoring(place)


def _rule(
    name: str, priority: int, port: str, access: str = "Allow", source: str = "*", protocol: str = "Tcp"
) -> dict[str, Any]:
    return {
        "name": name,
        "properties": {
            "protocol": protocol,
            "sourceAddressPrefix": source,
            "destinationAddressPrefix": "*",
            "sourcePortRange": "*",
            "destinationPortRange": port,
            "access": access,
            "priority": priority,
            "direction": "Inbound",
        },
    }


def _network(place: Place) -> None:
    kind = "Microsoft.Network/networkSecurityGroups"
    # What is denied to everyone before it is allowed stays shut.
    rules = [_rule("no-ssh", 100, "22", "Deny", protocol="*"), _rule("all-ssh", 200, "22"), _rule("web", 300, "443")]
    made = f"{place.path}/resourceGroups/rg-app/providers/{kind}/nsg{place.index}"
    if place.plant("desktop port open", made):
        rules.append(_rule("desktop", 400, "3380-3400", source="Internet"))
    rules.append(_rule("office", 500, "3389", source="203.0.113.0/24"))
    place.resource(
        kind, f"nsg{place.index}", {"securityRules": rules, "defaultSecurityRules": [], "subnets": [{"id": "s"}]}
    )
    place.resource(
        "Microsoft.Network/publicIPAddresses",
        f"ip{place.index}",
        {"ipAddress": "203.0.113.99", "ipConfiguration": {"id": "nic"}, "publicIPAllocationMethod": "Static"},
    )
    place.resource(
        "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies",
        f"waf{place.index}",
        {"policySettings": {"state": "Enabled", "mode": "Prevention"}, "applicationGateways": [{"id": "gateway"}]},
    )
    network = place.resource("Microsoft.Network/virtualNetworks", f"vnet{place.index}", {"subnets": []})
    place.resource(
        "Microsoft.Network/networkWatchers/flowLogs",
        f"watcher{place.index}/flow",
        {"enabled": True, "targetResourceId": network, "storageId": "/x"},
    )


def _sites(place: Place) -> None:
    name = f"app{place.index}"
    made = f"{place.path}/resourceGroups/rg-app/providers/Microsoft.Web/sites/{name}"
    plain = place.plant("site without TLS", made)
    place.resource("Microsoft.Web/sites", name, {"httpsOnly": not plain, "clientCertEnabled": False, "enabled": True})
    place.single(f"{made}/config/web", {"id": made, "name": name, "properties": {"minTlsVersion": "1.2"}})


def _models(place: Place) -> None:
    account = place.resource(
        "Microsoft.CognitiveServices/accounts", f"ai{place.index}", {"publicNetworkAccess": "Disabled"}, kind="OpenAI"
    )
    known = {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-08-06"}}
    place.list(f"{account}/deployments", [{"id": f"{account}/deployments/chat", "name": "chat", "properties": known}])


def _pipelines(place: Place) -> None:
    factory = place.resource("Microsoft.DataFactory/factories", f"adf{place.index}", {"provisioningState": "Succeeded"})
    at = place.now - timedelta(hours=5)
    run = {
        "runId": f"run-{place.index}",
        "pipelineName": "nightly",
        "invokedBy": {"name": "daily trigger"},
        "runStart": text(at),
        "runEnd": text(at + timedelta(minutes=9)),
        "status": "Succeeded",
    }
    place.list(f"{factory}/queryPipelineRuns", [run])
    workflow = place.resource(
        "Microsoft.Logic/workflows", f"logic{place.index}", {"state": "Enabled", "definition": {"password": SECRET}}
    )
    known = {"startTime": text(at), "endTime": text(at), "status": "Failed", "trigger": {"name": "manual"}}
    place.list(f"{workflow}/runs", [{"id": f"{workflow}/runs/1", "name": "1", "properties": known}])


def _monitoring(place: Place) -> None:
    group = place.resource(
        "microsoft.insights/actionGroups",
        f"ag{place.index}",
        {
            "enabled": True,
            "emailReceivers": [{"name": "on duty", "emailAddress": "x@example.com", "status": "Enabled"}],
            "smsReceivers": [],
            "webhookReceivers": [{"name": "chat", "serviceUri": f"https://hooks.example/{SECRET}"}],
        },
    )
    for name, operation in (
        ("roles", "Microsoft.Authorization/roleAssignments/write"),
        ("policies", "Microsoft.Authorization/policyAssignments/write"),
        ("networks", "Microsoft.Network/networkSecurityGroups/write"),
        ("keys", "Microsoft.KeyVault/vaults/delete"),
        ("logging", "Microsoft.Insights/diagnosticSettings/delete"),
    ):
        silent = name == "keys" and place.plant("rule tells nobody", f"rule {name}")
        condition = [{"field": "category", "equals": "Administrative"}, {"field": "operationName", "equals": operation}]
        made = place.resource(
            "microsoft.insights/activityLogAlerts",
            f"{name}-{place.index}",
            {
                "scopes": [place.path],
                "enabled": True,
                "condition": {"allOf": condition},
                "actions": {"actionGroups": [] if silent else [{"actionGroupId": group.lower()}]},
            },
        )
        if silent:
            place.estate.planted["rule tells nobody"][:] = [f"rule {made}", "class key"]
    place.resource(
        "microsoft.insights/metricAlerts",
        f"load-{place.index}",
        {"enabled": True, "severity": 2, "scopes": [place.path], "actions": [{"actionGroupId": group}]},
    )
    place.resource("microsoft.insights/webtests", f"ping{place.index}", {"Enabled": True, "Frequency": 300})
    place.resource(
        "microsoft.insights/autoscalesettings", f"scale{place.index}", {"enabled": True, "targetResourceUri": "/x"}
    )
    short = f"{place.path}/resourceGroups/rg-app/providers/Microsoft.OperationalInsights/workspaces/law{place.index}"
    brief = place.plant("workspace kept a month", f"store {short.lower()}")
    place.resource(
        "Microsoft.OperationalInsights/workspaces", f"law{place.index}", {"retentionInDays": 30 if brief else 400}
    )
