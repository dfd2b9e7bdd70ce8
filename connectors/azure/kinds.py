"""The kinds of resources that are read, each group by one query to Resource Graph."""

from __future__ import annotations

from connectors.azure.graph import Kinds

INVENTORY = Kinds(
    title="resources",
    types=(),
    reads=("*/read",),
    columns="id, name, type, subscriptionId, location, tags",
)
STORAGE = Kinds(
    title="storage accounts",
    types=("microsoft.storage/storageaccounts",),
    reads=("Microsoft.Storage/storageAccounts/read",),
)
NETWORK = Kinds(
    title="network rules and public addresses",
    types=(
        "microsoft.network/networksecuritygroups",
        "microsoft.network/publicipaddresses",
        "microsoft.network/applicationgatewaywebapplicationfirewallpolicies",
    ),
    reads=(
        "Microsoft.Network/networkSecurityGroups/read",
        "Microsoft.Network/publicIPAddresses/read",
        "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies/read",
    ),
)
SQL = Kinds(
    title="SQL servers and databases",
    types=("microsoft.sql/servers", "microsoft.sql/servers/databases"),
    reads=("Microsoft.Sql/servers/read", "Microsoft.Sql/servers/databases/read"),
)
COMPUTE = Kinds(
    title="disks and virtual machines",
    types=("microsoft.compute/disks", "microsoft.compute/virtualmachines"),
    reads=("Microsoft.Compute/disks/read", "Microsoft.Compute/virtualMachines/read"),
)
KEY_VAULTS = Kinds(title="key vaults", types=("microsoft.keyvault/vaults",), reads=("Microsoft.KeyVault/vaults/read",))
RECOVERY_VAULTS = Kinds(
    title="recovery vaults",
    types=("microsoft.recoveryservices/vaults",),
    reads=("Microsoft.RecoveryServices/vaults/read",),
)
WORKSPACES = Kinds(
    title="log workspaces",
    types=("microsoft.operationalinsights/workspaces",),
    reads=("Microsoft.OperationalInsights/workspaces/read",),
)
ALERTING = Kinds(
    title="alert rules and action groups",
    types=(
        "microsoft.insights/activitylogalerts",
        "microsoft.insights/metricalerts",
        "microsoft.insights/actiongroups",
    ),
    reads=(
        "Microsoft.Insights/ActivityLogAlerts/Read",
        "Microsoft.Insights/MetricAlerts/Read",
        "Microsoft.Insights/ActionGroups/Read",
    ),
)
FLOW_LOGS = Kinds(
    title="networks and flow logs",
    types=("microsoft.network/networkwatchers/flowlogs", "microsoft.network/virtualnetworks"),
    reads=("Microsoft.Network/networkWatchers/flowLogs/read", "Microsoft.Network/virtualNetworks/read"),
)
MONITORS = Kinds(
    title="availability tests and scaling",
    types=("microsoft.insights/webtests", "microsoft.insights/autoscalesettings"),
    reads=("Microsoft.Insights/WebTests/Read", "Microsoft.Insights/AutoscaleSettings/Read"),
)
SITES = Kinds(title="web sites", types=("microsoft.web/sites",), reads=("Microsoft.Web/sites/Read",))
AI = Kinds(
    title="AI accounts",
    types=("microsoft.cognitiveservices/accounts",),
    reads=("Microsoft.CognitiveServices/accounts/read",),
)
JOBS = Kinds(
    title="data factories and workflows",
    types=("microsoft.datafactory/factories", "microsoft.logic/workflows"),
    reads=("Microsoft.DataFactory/factories/read", "Microsoft.Logic/workflows/read"),
    # How a workflow is written may hold a secret, and is no evidence.
    columns="id, name, type, subscriptionId, location, tags",
)
POLICY_STATES = Kinds(
    title="policy states",
    types=("microsoft.policyinsights/policystates",),
    reads=("Microsoft.PolicyInsights/policyStates/read",),
    table="PolicyResources",
    columns="id, name, type, subscriptionId, properties",
    tied=False,
)
ASSESSMENTS = Kinds(
    title="security assessments",
    types=("microsoft.security/assessments/subassessments",),
    reads=("Microsoft.Security/assessments/subAssessments/read",),
    table="SecurityResources",
    columns="id, name, type, subscriptionId, properties",
    tied=False,
)
DELEGATIONS = Kinds(
    title="delegations to other tenants",
    types=("microsoft.managedservices/registrationassignments", "microsoft.managedservices/registrationdefinitions"),
    reads=(
        "Microsoft.ManagedServices/registrationAssignments/read",
        "Microsoft.ManagedServices/registrationDefinitions/read",
    ),
    table="ManagedServicesResources",
    columns="id, name, type, subscriptionId, properties",
    tied=False,
)
ALL = (
    INVENTORY, STORAGE, NETWORK, SQL, COMPUTE, KEY_VAULTS, RECOVERY_VAULTS, WORKSPACES, ALERTING, FLOW_LOGS, MONITORS,
    SITES, AI, JOBS, POLICY_STATES, ASSESSMENTS, DELEGATIONS,
)  # fmt: skip
