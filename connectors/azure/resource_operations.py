"""The operations for what Resource Graph does not have: parts of a resource, settings of a subscription, happenings."""

from __future__ import annotations

from collector.source.rest.api import Operation
from collector.source.rest.paging import Token
from connectors.azure.listing import listed, single

_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}/providers"
_ACCOUNT = f"{_GROUP}/Microsoft.Storage/storageAccounts/{{account}}"
_SERVER = f"{_GROUP}/Microsoft.Sql/servers/{{server}}"
_VAULT = f"{_GROUP}/Microsoft.RecoveryServices/vaults/{{vault}}"
_KEY_VAULT = f"{_GROUP}/Microsoft.KeyVault/vaults/{{vault}}"

CONTAINERS = f"GET {_ACCOUNT}/blobServices/default/containers"
BLOB_SERVICE = f"GET {_ACCOUNT}/blobServices/default"
IMMUTABILITY = f"GET {_ACCOUNT}/blobServices/default/containers/{{container}}/immutabilityPolicies/default"
FIREWALL_RULES = f"GET {_SERVER}/firewallRules"
PROTECTORS = f"GET {_SERVER}/encryptionProtector"
DATABASE_ENCRYPTION = f"GET {_SERVER}/databases/{{database}}/transparentDataEncryption"
SHORT_TERM = f"GET {_SERVER}/databases/{{database}}/backupShortTermRetentionPolicies/default"
KEYS = f"GET {_KEY_VAULT}/keys"
KEY = f"GET {_KEY_VAULT}/keys/{{key}}"
SECRETS = f"GET {_KEY_VAULT}/secrets"
DIAGNOSTIC_SETTINGS = f"GET {_SUBSCRIPTION}/providers/Microsoft.Insights/diagnosticSettings"
PRICINGS = f"GET {_SUBSCRIPTION}/providers/Microsoft.Security/pricings"
SECURITY_CONTACTS = f"GET {_SUBSCRIPTION}/providers/Microsoft.Security/securityContacts"
SECURITY_ALERTS = f"GET {_SUBSCRIPTION}/providers/Microsoft.Security/alerts"
ALERTS = f"GET {_SUBSCRIPTION}/providers/Microsoft.AlertsManagement/alerts"
PROTECTED_ITEMS = f"GET {_VAULT}/backupProtectedItems"
BACKUP_POLICIES = f"GET {_VAULT}/backupPolicies"
BACKUP_JOBS = f"GET {_VAULT}/backupJobs"
MODELS = f"GET {_GROUP}/Microsoft.CognitiveServices/accounts/{{account}}/deployments"
PIPELINE_QUERY = f"{_GROUP}/Microsoft.DataFactory/factories/{{factory}}/queryPipelineRuns"
PIPELINE_RUNS = f"POST {PIPELINE_QUERY}"
WORKFLOW_RUNS = f"GET {_GROUP}/Microsoft.Logic/workflows/{{workflow}}/runs"
SITE_CONFIG = f"GET {_GROUP}/Microsoft.Web/sites/{{site}}/config/web"

_STORAGE, _SQL, _RECOVERY = "2021-06-01", "2021-05-01-preview", "2021-08-01"
_BLOBS = "Microsoft.Storage/storageAccounts/blobServices"
_FACTORIES = "Microsoft.DataFactory/factories"
_VAULTS = "Microsoft.RecoveryServices/Vaults"

RESOURCE = (
    listed(CONTAINERS, f"{_BLOBS}/containers/read", _STORAGE),
    single(BLOB_SERVICE, f"{_BLOBS}/read", _STORAGE),
    single(IMMUTABILITY, f"{_BLOBS}/containers/immutabilityPolicies/read", _STORAGE),
    listed(FIREWALL_RULES, "Microsoft.Sql/servers/firewallRules/read", _SQL),
    listed(PROTECTORS, "Microsoft.Sql/servers/encryptionProtector/read", _SQL),
    listed(DATABASE_ENCRYPTION, "Microsoft.Sql/servers/databases/transparentDataEncryption/read", _SQL, key="/name"),
    single(SHORT_TERM, "Microsoft.Sql/servers/databases/backupShortTermRetentionPolicies/read", _SQL),
    listed(KEYS, "Microsoft.KeyVault/vaults/keys/read", "2023-07-01"),
    single(KEY, "Microsoft.KeyVault/vaults/keys/read", "2023-07-01"),
    # What a secret is, this never tells: that is an action of the vault itself.
    listed(SECRETS, "Microsoft.KeyVault/vaults/secrets/read", "2023-07-01"),
    listed(DIAGNOSTIC_SETTINGS, "Microsoft.Insights/DiagnosticSettings/Read", "2021-05-01-preview", pages=None),
    listed(PRICINGS, "Microsoft.Security/pricings/read", "2018-06-01", key="/name", pages=None),
    listed(SECURITY_CONTACTS, "Microsoft.Security/securityContacts/read", "2023-12-01-preview"),
    listed(SECURITY_ALERTS, "Microsoft.Security/alerts/read", "2021-01-01"),
    listed(ALERTS, "Microsoft.AlertsManagement/alerts/read", "2019-03-01"),
    listed(PROTECTED_ITEMS, f"{_VAULTS}/backupProtectedItems/read", _RECOVERY),
    listed(BACKUP_POLICIES, f"{_VAULTS}/backupPolicies/read", _RECOVERY),
    listed(BACKUP_JOBS, f"{_VAULTS}/backupJobs/read", _RECOVERY),
    listed(MODELS, "Microsoft.CognitiveServices/accounts/deployments/read", "2023-05-01"),
    Operation(
        PIPELINE_RUNS,
        # To send the question is a right of its own, besides the one to read what it finds.
        needs=f"{_FACTORIES}/querypipelineruns/action, {_FACTORIES}/querypipelineruns/read",
        items="/value",
        key="/runId",
        pages=Token(parameter="continuationToken", at="/continuationToken"),
        query={"api-version": "2018-06-01"},
    ),
    listed(WORKFLOW_RUNS, "Microsoft.Logic/workflows/runs/read", "2016-06-01", key="/name"),
    single(SITE_CONFIG, "Microsoft.Web/sites/config/Read", "2021-02-01"),
)
