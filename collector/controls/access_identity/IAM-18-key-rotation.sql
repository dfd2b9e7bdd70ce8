/*
id = "IAM-18"
title = "Keys are managed and rotated"
statement = "Encryption keys rotate on schedule, are not about to be deleted, and their use is limited to named roles."
criteria = ["CC6.1"]
frequency = "continuous"
nature = "automated"
severity = "medium"
deviation_unit = "one unrotated key"
evidence = ["aws.kms.keys", "gcp.kms.keys", "azure.keyvault"]
decisions = [
  "Keys that the provider manages are the provider's to rotate. Of keys that the source cannot rotate (asymmetric, imported), only deletion and policy are judged.",
  "A key about to be deleted is a deviation whether or not something still uses it: data may be lost, and use is not in this evidence.",
  "A disabled key encrypts nothing, so its rotation is not judged; who may use it is, since enabling it takes one call.",
  "Where keys lie in vaults, a vault from which they can be purged for good is a deviation, whatever its keys are for.",
]

[maps]
iso27001_2022 = ["A.8.24"]
hipaa = ["164.312(a)(2)(iv)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.days]
default = 365
unit = "days"
meaning = "The longest time between two rotations."
*/

WITH judged AS (
    SELECT
        *,
        CASE
            WHEN manager = 'provider'
                THEN {outcome: 'not_applicable', because: 'Managed by the provider.'}
            WHEN manager IS NULL OR manager <> 'customer'
                THEN {outcome: 'cannot_tell', because: 'Who manages the key is not given.'}
            WHEN state = 'pending_deletion'
                THEN {outcome: 'deviation', because: concat(
                    'About to be deleted', strftime(delete_at, ' on %Y-%m-%d'), '.')}
            WHEN policy_open
                THEN {outcome: 'deviation', because: 'Its policy lets everyone use it.'}
            WHEN state = 'enabled' AND rotation_supported AND NOT rotation_on
                THEN {outcome: 'deviation', because: 'Rotation is off.'}
            WHEN state = 'enabled' AND rotation_supported AND rotation_on AND rotation_days > getvariable('days')
                THEN {outcome: 'deviation', because: concat(
                    'Rotates every ', rotation_days, ' days; at most ', getvariable('days'), ' are allowed.')}
            WHEN state IS NULL
                THEN {outcome: 'cannot_tell', because: 'The state of the key is not given.'}
            WHEN policy_open IS NULL
                THEN {outcome: 'cannot_tell', because: 'Who may use the key is not given.'}
            WHEN state <> 'enabled'
                THEN {outcome: 'not_applicable', because: concat('The key is ', replace(state, '_', ' '), '.')}
            WHEN rotation_supported IS NULL OR (rotation_supported AND rotation_on IS NULL)
                THEN {outcome: 'cannot_tell', because: 'Whether the key rotates is not given.'}
            WHEN NOT rotation_supported
                THEN {outcome: 'not_applicable', because: 'This kind of key cannot be rotated by its source.'}
            WHEN rotation_days IS NULL
                THEN {outcome: 'cannot_tell', because: 'Rotation is on; how often is not given.'}
            ELSE {outcome: 'pass', because: concat('Rotates every ', rotation_days, ' days.')}
        END AS verdict
    FROM key
),

vault_judged AS (
    SELECT
        provider,
        scope_unit,
        concat(name, ' ', applies_to) AS item,
        CASE value
            WHEN 'true' THEN {outcome: 'pass', because: 'What is deleted in the vault cannot be purged.'}
            WHEN 'false' THEN {outcome: 'deviation', because: 'What is deleted in the vault can be purged for good.'}
            ELSE {outcome: 'cannot_tell', because: 'Whether what is deleted in the vault can be purged is not given.'}
        END AS verdict,
        row_id
    FROM setting
    WHERE name = 'vault.purge_protection'
),

item AS (
    SELECT provider, scope_unit, key_id AS item, verdict, row_id FROM judged
    UNION ALL
    SELECT provider, scope_unit, item, verdict, row_id FROM vault_judged
)

SELECT
    provider,
    scope_unit,
    item,
    verdict.outcome AS outcome,
    verdict.because AS because,
    [row_id] AS rows
FROM item;
