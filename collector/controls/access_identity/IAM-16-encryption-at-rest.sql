/*
id = "IAM-16"
title = "Data at rest is encrypted"
statement = "Every production data store, disk, backup and log store is encrypted; confidential stores use keys the company controls."
criteria = ["CC6.1", "CC6.7", "C1.1"]
frequency = "continuous"
nature = "automated"
severity = "high"
deviation_unit = "one unencrypted store, per day"
evidence = [
  "aws.encryption.at_rest", "gcp.storage.buckets", "gcp.sql.instances", "azure.storage.accounts", "azure.sql.servers",
  "azure.compute.disks",
]
decisions = [
  "A store counts as production unless it is explicitly marked as something else: a forgotten mark must not take it out of the audit.",
  "Whose key it must be is judged where the store carries a class; which unmarked stores hold confidential data is not in this evidence.",
  "That new disks are encrypted by default is judged too: it is what protects a store that comes and goes between two collections.",
]

[maps]
iso27001_2022 = ["A.8.24", "A.5.33"]
hipaa = ["164.312(a)(2)(iv)"]
gdpr = ["Art. 32"]
eu_ai_act = []

[parameters.non_production]
default = ["dev", "development", "test", "testing", "staging", "sandbox", "qa"]
unit = "environment names"
meaning = "The environments that are not production."

[parameters.confidential]
default = ["confidential", "restricted", "secret"]
unit = "classes of data"
meaning = "The classes whose stores must use a key that the company controls."

[[unseen]]
part = "stores that hold confidential data without being marked so use a key that the company controls"
needs = ["records.data_inventory"]
*/

WITH store_judged AS (
    SELECT
        provider,
        scope_unit,
        resource_id AS item,
        type,
        row_id,
        list_contains(getvariable('non_production'), lower(environment)) AS elsewhere,
        list_contains(getvariable('confidential'), lower(data_class)) AS is_confidential,
        CASE
            WHEN elsewhere
                THEN {outcome: 'not_applicable', because: concat('Marked as ', environment, '.')}
            WHEN encrypted IS NULL
                THEN {outcome: 'cannot_tell', because: 'Whether it is encrypted is not given.'}
            WHEN NOT encrypted
                THEN {outcome: 'deviation', because: 'Not encrypted.'}
            WHEN is_confidential AND key_control IS NULL
                THEN {outcome: 'cannot_tell', because: concat(
                    'Encrypted; its data is ', data_class, ', and who controls the key is not given.')}
            WHEN is_confidential AND key_control <> 'customer'
                THEN {outcome: 'deviation', because: concat(
                    'Its data is ', data_class, ', and the ', key_control, ' controls the key.')}
            ELSE {outcome: 'pass', because: concat('Encrypted', ', key controlled by the ' || key_control, '.')}
        END AS verdict
    FROM resource
),

default_judged AS (
    SELECT
        provider,
        scope_unit,
        concat(name, ' ', applies_to) AS item,
        CASE value
            WHEN 'true' THEN {outcome: 'pass', because: 'New stores are encrypted by default.'}
            WHEN 'false' THEN {outcome: 'deviation', because: 'New stores are not encrypted by default.'}
            ELSE {outcome: 'cannot_tell', because: 'Whether new stores are encrypted by default is not given.'}
        END AS verdict,
        row_id
    FROM setting
    WHERE name LIKE '%encryption_by_default'
),

judged AS (
    SELECT provider, scope_unit, item, type, verdict, row_id FROM store_judged
    UNION ALL
    SELECT provider, scope_unit, item, NULL, verdict, row_id FROM default_judged
)

SELECT
    provider,
    scope_unit,
    item,
    verdict.outcome AS outcome,
    concat(type || ': ', verdict.because) AS because,
    [row_id] AS rows
FROM judged;
