"""One rule, three clouds: what rules on rights and what proves them say of rows as each connector makes them.

Where a cloud does not tell something, its rows lack it, and the rule must say so.
"""

from __future__ import annotations

from typing import Any

from tests.assess.clouds import CASE, azure, listed, outcomes, path, shown, told
from tests.connectors.azure.gathering import gathered as of_azure

# IAM-10: old and unused credentials.

VAULT = "resourceGroups/rg-app/providers/Microsoft.KeyVault/vaults"
STORAGE = ("azure.keyvault", "azure.storage.accounts")


def test_iam_10_of_azure_secrets_of_a_vault() -> None:
    with azure() as tenant:
        now = int(tenant.now.timestamp())
    day = 86400
    cases: list[CASE] = [
        ({}, "pass"),
        ({"created": now - 91 * day}, "deviation"),
        # A tag that changed is no new secret.
        ({"created": now - 91 * day, "updated": now}, "deviation"),
        ({"created": now - 91 * day, "enabled": False}, "not_applicable"),
        ({"created": now - 91 * day, "exp": now - day}, "not_applicable"),
        ({"created": None}, "cannot_tell"),
        ({"enabled": None}, "cannot_tell"),
    ]
    with azure(cases) as tenant:
        for number, (changed, _) in enumerate(cases):
            (mailer, _) = listed(tenant, number, f"{VAULT}/kv{number}/secrets")
            mailer["properties"]["attributes"].update(changed)
        gathered = of_azure(tenant, *STORAGE)
        found = told("IAM-10", gathered)
    items = [f"{path(number)}/{VAULT}/kv{number}/secrets/mailer" for number in range(len(cases))]
    assert outcomes(found, items) == [outcome for _, outcome in cases]
    rows = [row for one in gathered for row in one.table("credential") if row["credential_id"].endswith("/secrets/web")]
    assert {(row["kind"], row["owner"]) for row in rows} == {("certificate", "platform")}


def test_iam_10_of_azure_keys_of_a_storage_account() -> None:
    old = {"key1": "2026-11-20T12:00:00Z", "key2": "2025-01-01T12:00:00Z"}
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({}, "pass", "pass"),
        ({"keyCreationTime": old}, "pass", "deviation"),
        ({"keyCreationTime": old, "allowSharedKeyAccess": None}, "pass", "deviation"),
        ({"keyCreationTime": old, "allowSharedKeyAccess": False}, "not_applicable", "not_applicable"),
        # Azure does not know it of accounts that are old.
        ({"keyCreationTime": None}, "cannot_tell", "cannot_tell"),
        ({"keyCreationTime": {"key1": None, "key2": None}}, "cannot_tell", "cannot_tell"),
    ]
    with azure(cases) as tenant:
        for number, (changed, *_) in enumerate(cases):
            shown(tenant, number, f"/stlogs{number}").update(changed)
        found = told("IAM-10", of_azure(tenant, *STORAGE))
    for number, (changed, first, second) in enumerate(cases):
        assert outcomes(found, [f"/stlogs{number} key1", f"/stlogs{number} key2"]) == [first, second], changed


def test_iam_10_of_azure_a_vault_whose_secrets_are_refused_leaves_nothing_told() -> None:
    with azure() as tenant:
        tenant.refused.add(f"{path(0)}/{VAULT}/kv0/secrets".lower())
        found = told("IAM-10", of_azure(tenant, *STORAGE))
    assert {outcome for outcome, _ in found.values()} == {"cannot_tell"}
    assert "denied" in found[f"the whole of azure {path(0)[15:]}"][1]
